// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Choice, IAssembly, Refusal} from "../../contracts/interfaces/IAssembly.sol";
import {IMembership} from "../../contracts/interfaces/IMembership.sol";
import {Events} from "./Events.sol";
import {ADA, BEN, CLEO, DAN, EVE, FAY, GUS, HAL} from "./Founding.sol";
import {Ballot} from "./Signing.sol";
import {VM} from "./Vm.sol";

/// @notice Ballots that do not count, each with its reason, cast directly and in a batch.
contract BallotRefusals is Events {
    uint256 private proposalId;

    function setUp() public override {
        super.setUp();
        _takeOrdersAsNew();
        uint256[2] memory keys = [FAY, GUS];
        for (uint256 i; i < 2; ++i) {
            VM.prank(VM.addr(keys[i]));
            membership.applyToJoin("a profile");
        }
        _warp(_now() + 5 days);
        proposalId = _resolve(ADA);
    }

    function test_who_joins_at_the_freeze_may_vote_and_who_joins_after_it_may_not() external {
        uint256 freeze = assembly_.proposalSnapshot(proposalId);
        _warp(freeze);
        _admitNow(FAY);
        _warp(freeze + 1);
        _admitNow(GUS);

        _notCounted(GUS, 7, 1, Refusal.NotEligible);
        _vote(FAY, proposalId, Choice.For, 1);
        _same(assembly_.proposalRoll(proposalId), 6, "the roll at the freeze");
    }

    function test_who_leaves_or_is_suspended_during_the_vote_casts_no_more_and_a_ballot_stands() external {
        _open(proposalId);
        _vote(CLEO, proposalId, Choice.For, 1);
        VM.prank(VM.addr(BEN));
        membership.leaveCooperative();
        VM.startPrank(address(assembly_));
        membership.suspend(3, 1 days);
        membership.expel(4);
        VM.stopPrank();

        _notCounted(BEN, 2, 1, Refusal.NotEligible);
        _notCounted(CLEO, 3, 2, Refusal.NotEligible);
        _notCounted(DAN, 4, 1, Refusal.NotEligible);
        // Back before the deadline, but not since the freeze.
        _warp(_now() + 1 days);
        membership.reinstate(3);
        _notCounted(CLEO, 3, 2, Refusal.NotEligible);
        (, uint256 votesFor, ) = assembly_.proposalVotes(proposalId);
        _same(votesFor, 1, "what was cast in time");
        _same(assembly_.proposalRoll(proposalId), 5, "the roll at the freeze");
    }

    function test_nobody_votes_on_their_own_removal() external {
        bytes memory data = abi.encodeCall(IMembership.expel, (5));
        proposalId = _propose(BEN, _action(address(membership), data), _hashed("why"));
        _open(proposalId);

        _notCounted(EVE, 5, 1, Refusal.PersonConcerned);
        _vote(DAN, proposalId, Choice.Against, 1);
        _same(assembly_.proposalRoll(proposalId), 4, "without the person concerned");
    }

    function test_a_number_that_nobody_has_does_not_vote() external {
        _open(proposalId);
        _notCounted(HAL, 9, 1, Refusal.UnknownMember);
    }

    function test_a_ballot_counts_from_number_one_on_and_only_with_a_higher_one() external {
        _open(proposalId);
        _notCounted(ADA, 1, 0, Refusal.StaleSequence);
        _vote(ADA, proposalId, Choice.For, 2);
        _notCounted(ADA, 1, 1, Refusal.StaleSequence);
        _notCounted(ADA, 1, 2, Refusal.StaleSequence);
        _vote(ADA, proposalId, Choice.For, 3);
    }

    function _admitNow(uint256 key) private {
        VM.prank(address(assembly_));
        membership.admit(VM.addr(key));
    }

    /// @dev A ballot for it, first cast by the key itself, then signed by it and carried.
    function _notCounted(uint256 key, uint32 memberId, uint8 sequence, Refusal why) private {
        bytes memory call = abi.encodeCall(IAssembly.castBallot, (proposalId, memberId, Choice.For, sequence, ""));
        bytes memory refused = abi.encodeWithSelector(
            IAssembly.AssemblyBallotRefused.selector,
            proposalId,
            memberId,
            why
        );
        _refused(VM.addr(key), address(assembly_), call, refused);

        Ballot memory ballot = _ballot(key, proposalId, Choice.For, sequence);
        ballot.memberId = memberId;
        bytes memory packed = _entry(key, ballot);
        VM.recordLogs();
        _same(assembly_.castBallots(proposalId, packed), 0, "in a batch");
        _logged(
            _logs(1)[0],
            address(assembly_),
            "BallotSkipped(uint256,uint32,uint8,uint8)",
            abi.encode(proposalId),
            abi.encode(memberId, sequence, why)
        );
    }
}
