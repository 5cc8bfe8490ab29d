// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Choice, IAssembly, Refusal} from "../../contracts/interfaces/IAssembly.sol";
import {BylawTerms} from "../../contracts/interfaces/ICooperativeFactory.sol";
import {CoopTest} from "./CoopTest.sol";
import {ADA, BEN, CLEO, DAN, Founding} from "./Founding.sol";
import {VM} from "./Vm.sol";

/// @notice An outcome that turns close to the deadline, by a ballot or by a batch; and reasons that are too long.
contract LateSwing is CoopTest {
    uint40 private constant WINDOW = 1 days;
    uint256 private proposalId;
    uint256 private deadline;

    function setUp() public override {
        factory = Founding.factory();
        BylawTerms memory terms = Founding.terms();
        (terms.rules[0].swingWindow, terms.rules[0].swingCap) = (uint24(WINDOW), uint24(WINDOW + 1 hours));
        (terms.rules[0].quorumMin, terms.rules[0].quorumBps) = (1, 0);
        _found(terms, Founding.roles());
        proposalId = _resolve(ADA);
        _open(proposalId);
        deadline = assembly_.proposalDeadline(proposalId);
    }

    function test_a_batch_that_turns_the_outcome_late_moves_the_deadline() external {
        _warp(deadline - 1 hours);
        assembly_.castBallots(proposalId, _entry(ADA, _ballot(ADA, proposalId, Choice.For, 1)));

        _same(assembly_.proposalDeadline(proposalId), _now() + WINDOW, "a window from now");
    }

    function test_the_outcome_that_turns_at_the_edge_of_the_window_moves_nothing() external {
        _warp(deadline - WINDOW);
        VM.recordLogs();
        _vote(ADA, proposalId, Choice.For, 1);

        _same(assembly_.proposalDeadline(proposalId), deadline, "no extension of nothing");
        _same(VM.getRecordedLogs().length, 1, "the ballot alone is logged");
    }

    function test_the_deadline_moves_as_far_as_the_cap_and_stays_there() external {
        _warp(deadline);
        _vote(ADA, proposalId, Choice.For, 1);
        _same(assembly_.proposalDeadline(proposalId), deadline + WINDOW, "a window");
        _warp(deadline + 2 hours);
        _vote(BEN, proposalId, Choice.Against, 1);
        _same(assembly_.proposalDeadline(proposalId), deadline + WINDOW + 1 hours, "the cap");
        _warp(deadline + 3 hours);
        VM.recordLogs();
        _vote(CLEO, proposalId, Choice.For, 1);
        _same(assembly_.proposalDeadline(proposalId), deadline + WINDOW + 1 hours, "no further");
        _same(VM.getRecordedLogs().length, 1, "the ballot alone is logged");
    }

    function test_in_the_extension_nobody_changes_a_ballot_but_who_has_none_may_cast() external {
        _vote(BEN, proposalId, Choice.Against, 1);
        _warp(deadline - 1 hours);
        _vote(ADA, proposalId, Choice.For, 1);
        _vote(CLEO, proposalId, Choice.For, 1);
        _vote(BEN, proposalId, Choice.Abstain, 2);
        _warp(deadline);
        _vote(BEN, proposalId, Choice.Against, 3);

        _warp(deadline + 1);
        bytes memory call = abi.encodeCall(IAssembly.castBallot, (proposalId, 2, Choice.For, 4, ""));
        bytes memory refused = abi.encodeWithSelector(
            IAssembly.AssemblyBallotRefused.selector,
            proposalId,
            2,
            Refusal.AlreadyVoted
        );
        _refused(VM.addr(BEN), address(assembly_), call, refused);
        bytes memory packed = _entry(BEN, _ballot(BEN, proposalId, Choice.For, 4));
        _same(assembly_.castBallots(proposalId, packed), 0, "nor in a batch");
        _vote(DAN, proposalId, Choice.For, 1);
        (uint256 against, uint256 for_, ) = assembly_.proposalVotes(proposalId);
        _same(against, 1, "as it was");
        _same(for_, 3, "and one more");
    }

    function test_a_reason_has_at_most_500_bytes() external {
        VM.expectRevert(
            abi.encodeWithSelector(IAssembly.AssemblyBallotRefused.selector, proposalId, 4, Refusal.BadReason)
        );
        VM.prank(VM.addr(DAN));
        assembly_.castBallot(proposalId, 4, Choice.For, 1, string(new bytes(501)));

        VM.prank(VM.addr(DAN));
        assembly_.castBallot(proposalId, 4, Choice.For, 1, string(new bytes(500)));
        (uint8 support, , uint8 sequence) = assembly_.ballotOf(proposalId, 4);
        _same(support, uint8(Choice.For), "counted");
        _same(sequence, 1, "once");
    }
}
