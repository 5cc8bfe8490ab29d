// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Choice, IAssembly, Refusal} from "../../contracts/interfaces/IAssembly.sol";
import {CoopTest} from "./CoopTest.sol";
import {ADA, FAY} from "./Founding.sol";
import {Ballot} from "./Signing.sol";
import {VM} from "./Vm.sol";

/// @notice Sequences, epochs and changed ballots, beside a reference that keeps each member's newest ballot.
contract Ballots is CoopTest {
    struct Newest {
        uint256 key;
        uint8 choice;
        uint8 epoch;
        uint8 sequence;
    }

    uint256 private proposalId;
    Newest[6] private newest;

    function setUp() public override {
        super.setUp();
        proposalId = _resolve(ADA);
        _open(proposalId);
        for (uint256 i; i < 5; ++i) {
            newest[i + 1].key = _voters()[i];
        }
    }

    function testFuzz_the_tally_is_the_sum_of_the_newest_ballots(uint256 seed) external {
        for (uint256 i; i < 24; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            uint32 memberId = uint32(1 + (dice % 5));
            if (dice >> 248 < 20) _newKey(memberId, dice);
            else _castOne(memberId, dice);
            _compare();
        }
    }

    function test_sequence_255_is_the_last_of_an_epoch() external {
        _vote(ADA, proposalId, Choice.For, 255);

        bytes memory again = _entry(ADA, _ballot(ADA, proposalId, Choice.Against, 255));
        _same(assembly_.castBallots(proposalId, again), 0, "255 again");
        _rotate(ADA, FAY);
        bytes memory anew = _entry(FAY, _ballot(FAY, proposalId, Choice.Against, 1));
        _same(assembly_.castBallots(proposalId, anew), 1, "1 of the next epoch");
    }

    function test_a_ballot_signed_before_the_key_was_changed_is_not_counted_after() external {
        Ballot memory ballot = _ballot(ADA, proposalId, Choice.For, 7);
        bytes memory packed = _entry(ADA, ballot);
        _rotate(ADA, FAY);

        _same(assembly_.castBallots(proposalId, packed), 0, "the old key's");
        _same(assembly_.castBallots(proposalId, _entry(FAY, ballot)), 0, "the new key's over the old epoch");
    }

    function testFuzz_nobody_casts_directly_for_another_member(uint256 account, uint32 memberId) external {
        uint256 key = _within(account, 1, type(uint128).max);
        uint32 id = uint32(_within(memberId, 1, 5));
        VM.assume(VM.addr(key) != VM.addr(newest[id].key));

        bytes memory call = abi.encodeCall(IAssembly.castBallot, (proposalId, id, Choice.For, 1, ""));
        bytes memory answer = _refused(
            VM.addr(key),
            address(assembly_),
            call,
            IAssembly.AssemblyBallotRefused.selector
        );
        _same(answer, abi.encodeWithSelector(bytes4(answer), proposalId, id, Refusal.BadSignature), "the refusal");
    }

    function _castOne(uint32 memberId, uint256 dice) private {
        Newest storage last = newest[memberId];
        Ballot memory ballot = _ballot(last.key, proposalId, Choice((dice >> 8) % 3), uint8((dice >> 16) % 7));
        bool counts = ballot.epoch != last.epoch ? ballot.sequence != 0 : ballot.sequence > last.sequence;
        if ((dice >> 24) & 1 == 0) {
            _same(assembly_.castBallots(proposalId, _entry(last.key, ballot)), counts ? 1 : 0, "counted in a batch");
        } else {
            VM.prank(VM.addr(last.key));
            try assembly_.castBallot(proposalId, memberId, Choice(ballot.choice), uint8(ballot.sequence), "") {
                _so(counts, "an older ballot replaced a newer one");
            } catch {
                _so(!counts, "a newer ballot was refused");
            }
        }
        if (!counts) return;
        (last.choice, last.epoch, last.sequence) = (ballot.choice, uint8(ballot.epoch), uint8(ballot.sequence));
    }

    /// @dev At most one change a member: two need two days between them.
    function _newKey(uint32 memberId, uint256 dice) private {
        if (membership.memberOf(memberId).epoch != 0) return;
        uint256 key = _within(dice, 1 << 64, 1 << 200);
        _rotate(newest[memberId].key, key);
        newest[memberId].key = key;
    }

    function _compare() private view {
        uint256[3] memory votes;
        for (uint32 id = 1; id < 6; ++id) {
            Newest memory last = newest[id];
            (uint8 support, uint8 epoch, uint8 sequence) = assembly_.ballotOf(proposalId, id);
            _same(support, last.choice, "the member's choice");
            _same(epoch, last.epoch, "the ballot's epoch");
            _same(sequence, last.sequence, "the ballot's sequence");
            if (last.sequence != 0) ++votes[last.choice];
        }
        (uint256 no, uint256 yes, uint256 abstain) = assembly_.proposalVotes(proposalId);
        _same(no, votes[0], "votes against");
        _same(yes, votes[1], "votes for");
        _same(abstain, votes[2], "abstentions");
    }
}
