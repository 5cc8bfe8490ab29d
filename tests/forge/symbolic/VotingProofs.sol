// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Choice} from "../../../contracts/interfaces/IAssembly.sol";
import {VM} from "../Vm.sol";
import {ProvenCoop} from "./ProvenCoop.sol";

/// @title VotingProofs
/// @notice One member, one vote, cast by nobody else (invariants 1 to 4): direct ballots on a real instance of three,
/// whoever calls, whatever memberIds, choices and sequences they name.
contract VotingProofs is ProvenCoop {
    uint256 private _proposalId;

    function setUp() public override {
        super.setUp();
        _proposalId = _openResolution();
    }

    function check_a_ballot_counts_only_for_the_members_own_account(
        address caller,
        uint32 memberId,
        uint8 choice,
        uint8 sequence
    ) external {
        VM.assume(choice < 3);
        bool accepted = _cast(caller, memberId, choice, sequence);

        if (accepted) {
            assert(memberId >= 1 && memberId <= ROLL);
            assert(caller == _account(memberId));
        }
        assert(_counted(_proposalId) == (accepted ? 1 : 0));
    }

    function check_two_ballots_of_a_member_are_one_vote(
        uint8 choice,
        uint8 sequence,
        uint8 choice2,
        uint8 sequence2
    ) external {
        VM.assume(choice < 3 && choice2 < 3);
        bool first = _cast(_account(2), 2, choice, sequence);
        bool second = _cast(_account(2), 2, choice2, sequence2);

        assert(_counted(_proposalId) == (first || second ? 1 : 0));
        // The newest stands, and an older one never replaces a newer one.
        if (first && second) assert(sequence2 > sequence);
        if (first || second) _assertStands(2, second ? choice2 : choice, second ? sequence2 : sequence);
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
        assert(_counted(_proposalId) == (first || second ? 1 : 0));
    }

    /// @dev Four ballots of any members: the fourth must be somebody's second.
    function check_the_tally_never_exceeds_the_roll(uint32[4] calldata memberIds, uint8[4] calldata choices) external {
        uint256 accepted;
        for (uint256 i; i < 4; ++i) {
            VM.assume(choices[i] < 3 && memberIds[i] >= 1 && memberIds[i] <= ROLL);
            if (_cast(_account(memberIds[i]), memberIds[i], choices[i], uint8(i + 1))) ++accepted;
        }

        assert(accepted == 4);
        assert(_counted(_proposalId) <= ROLL);
        assert(_counted(_proposalId) == _distinct(memberIds));
    }

    function _cast(address caller, uint32 memberId, uint8 choice, uint8 sequence) private returns (bool accepted) {
        VM.prank(caller);
        try assembly_.castBallot(_proposalId, memberId, Choice(choice), sequence, "") {
            accepted = true;
        } catch {}
    }

    function _assertStands(uint32 memberId, uint8 choice, uint8 sequence) private view {
        (uint8 support, , uint8 found) = assembly_.ballotOf(_proposalId, memberId);
        assert(support == choice && found == sequence);
        (uint256 against, uint256 for_, uint256 abstain) = assembly_.proposalVotes(_proposalId);
        assert(
            (
                choice == 0
                    ? against
                    : choice == 1
                        ? for_
                        : abstain
            ) == 1
        );
    }

    function _distinct(uint32[4] calldata memberIds) private pure returns (uint256 count) {
        for (uint32 id = 1; id <= ROLL; ++id) {
            bool found;
            for (uint256 i; i < 4; ++i) {
                found = found || memberIds[i] == id;
            }
            if (found) ++count;
        }
    }
}
