// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {VM} from "../forge/Vm.sol";
import {ProvenVote} from "./ProvenVote.sol";

/// @title VotingProofs
/// @notice One member, one vote, cast by nobody else (invariants 1 to 4): ballots on a real instance of three, whoever
/// calls, whatever memberIds, choices, sequences and seconds they name.
contract VotingProofs is ProvenVote {
    function check_a_ballot_counts_only_from_the_members_own_account(
        address caller,
        uint32 memberId,
        uint8 choice,
        uint8 sequence
    ) external {
        VM.assume(choice < 3);
        bool accepted = _cast(caller, memberId, choice, sequence);

        assert(!accepted || (memberId >= 1 && memberId <= ROLL && caller == _account(memberId)));
        assert(_counted() == (accepted ? 1 : 0));
    }

    /// @dev The newest stands, and an older one never replaces a newer one.
    function check_two_ballots_of_a_member_are_one_vote(
        uint8 choice,
        uint8 sequence,
        uint8 choice2,
        uint8 sequence2
    ) external {
        VM.assume(choice < 3 && choice2 < 3);
        bool first = _cast(_account(2), 2, choice, sequence);
        bool second = _cast(_account(2), 2, choice2, sequence2);

        assert(first == (sequence != 0));
        assert(second == (sequence2 > sequence));
        assert(_counted() == (first || second ? 1 : 0));
        if (first || second) assert(_countedOf(second ? choice2 : choice) == 1);
    }

    /// @dev The vote survives a change of keys, and the new key votes in place of the old, not besides it.
    function check_a_new_key_gives_no_second_vote(
        uint8 choice,
        uint8 sequence,
        uint8 choice2,
        uint8 sequence2
    ) external {
        VM.assume(choice < 3 && choice2 < 3);
        address newAccount = address(0xF00FF);
        bool first = _cast(_account(2), 2, choice, sequence);
        VM.prank(address(assembly_));
        membership.recover(2, newAccount);
        bool old = _cast(_account(2), 2, choice2, sequence2);
        bool second = _cast(newAccount, 2, choice2, sequence2);

        assert(!old);
        assert(second == (sequence2 != 0));
        assert(_counted() == (first || second ? 1 : 0));
    }

    /// @dev When all have voted, whatever anybody still casts replaces a vote or is refused.
    function check_the_tally_never_exceeds_the_roll(
        uint8[3] calldata choices,
        address caller,
        uint32 memberId,
        uint8 choice,
        uint8 sequence
    ) external {
        VM.assume(choice < 3);
        for (uint32 id = 1; id <= ROLL; ++id) {
            VM.assume(choices[id - 1] < 3);
            assert(_cast(_account(id), id, choices[id - 1], 1));
        }
        assert(_counted() == ROLL);

        _cast(caller, memberId, choice, sequence);
        assert(_counted() == ROLL);
    }

    function check_who_left_has_no_vote_any_more(address caller, uint8 choice, uint8 sequence) external {
        VM.assume(choice < 3);
        VM.prank(_account(3));
        membership.leaveCooperative();

        assert(!_cast(caller, 3, choice, sequence));
    }

    function check_who_is_suspended_has_no_vote(address caller, uint8 choice, uint8 sequence) external {
        VM.assume(choice < 3);
        VM.prank(address(assembly_));
        membership.suspend(3, 7 days);

        assert(!_cast(caller, 3, choice, sequence));
    }

    function check_who_joins_after_the_freeze_has_no_vote(address caller, uint8 choice, uint8 sequence) external {
        VM.assume(choice < 3);
        address newcomer = address(0xF00FF);
        VM.warp(START);
        VM.prank(newcomer);
        membership.applyToJoin(keccak256("a profile"));
        VM.warp(OPENS_AT + 3 days);
        assert(_admit(newcomer) == 4);

        assert(!_cast(caller, 4, choice, sequence));
    }

    function check_no_ballot_counts_before_or_after_the_vote(uint40 second, uint8 choice) external {
        VM.assume(choice < 3);
        VM.warp(second);
        bool accepted = _cast(_account(2), 2, choice, 1);

        assert(!accepted || (second > OPENS_AT && second <= OPENS_AT + 4 days));
    }
}
