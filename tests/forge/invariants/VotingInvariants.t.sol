// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ProposalInfo, ProposalState} from "../../../contracts/interfaces/IAssembly.sol";
import {CoopInvariants} from "./CoopInvariants.sol";
import {Cast, Motion} from "./Ghost.sol";

/// @title VotingInvariants
/// @notice What must hold of proposals and ballots after any sequence of acts.
contract VotingInvariants is CoopInvariants {
    function invariant_01_a_tally_is_the_sum_of_live_ballots_within_the_frozen_roll() external looking {
        for (uint256 id = 1; id <= handler.motions(); ++id) {
            uint256[3] memory votes = _votes(id);
            (uint256 against, uint256 for_, uint256 abstain) = assembly_.proposalVotes(id);
            _same(against, votes[0], "votes against");
            _same(for_, votes[1], "votes for");
            _same(abstain, votes[2], "abstentions");
            _so(against + for_ + abstain <= assembly_.proposalRoll(id), "no more votes than members");
        }
    }

    function invariant_02_and_04_a_memberId_has_its_newest_ballot_and_no_other() external looking {
        for (uint256 id = 1; id <= handler.motions(); ++id) {
            for (uint32 member = 1; member <= handler.people(); ++member) {
                Cast memory live = handler.castOf(id, member);
                (uint8 support, uint8 epoch, uint8 sequence) = assembly_.ballotOf(id, member);
                _same(sequence, live.sequence, "sequence");
                if (!live.counted) continue;
                _same(support, live.choice, "choice");
                _same(epoch, live.epoch % 64, "epoch");
            }
        }
    }

    function invariant_03_only_eligible_members_present_keys_are_counted() external view {
        _noBreach(3, "a ballot counted, or refused, against the ghost's reading");
    }

    function invariant_05_a_frozen_rule_never_changes() external looking {
        _noBreach(5, "another rule than the one in force was frozen");
        for (uint256 id = 1; id <= handler.motions(); ++id) {
            Motion memory noted = handler.motion(id);
            ProposalInfo memory info = assembly_.proposal(id);
            _same(info.ruleVersion, noted.version, "version");
            bytes32 found = keccak256(abi.encode(bylaws.ruleOf(info.class, info.ruleVersion)));
            _same(found, noted.ruleHash, "contents of the frozen rule");
        }
    }

    function invariant_06_the_denominator_is_the_roll_at_the_freeze() external looking {
        for (uint256 id = 1; id <= handler.motions(); ++id) {
            uint40 opensAt = handler.motion(id).opensAt;
            if (handler.clock() <= opensAt) continue;
            _same(assembly_.proposalRoll(id), handler.sizeAt(opensAt, handler.barred(id)), "frozen roll");
        }
        for (uint256 id = 1; id <= handler.payVotes(); ++id) {
            uint40 opensAt = handler.payOpensAt(id);
            if (handler.clock() > opensAt) _same(payRates.payVoteRoll(id), handler.sizeAt(opensAt, 0), "frozen roll");
        }
    }

    function invariant_07_silence_never_passes_and_a_tie_is_lost() external looking {
        for (uint256 id = 1; id <= handler.motions(); ++id) {
            ProposalState state = assembly_.state(id);
            bool passed = state == ProposalState.Succeeded || state == ProposalState.Queued;
            if (!passed && state != ProposalState.Executed) continue;
            uint256[3] memory votes = _votes(id);
            _so(votes[1] > votes[0], "more for than against");
        }
    }

    function invariant_08_nothing_executes_but_what_was_voted_and_states_never_go_back() external looking {
        _noBreach(8, "something else was executed");
        _so(handler.look(), "a proposal went back");
        for (uint256 id = 1; id <= handler.motions(); ++id) {
            bool executed = assembly_.state(id) == ProposalState.Executed;
            _so(executed == handler.motion(id).executed, "executed as the ghost knows");
        }
        _same(address(assembly_).balance, handler.treasury(), "ether goes only where a vote sent it");
    }

    function invariant_11_removed_members_were_heard_and_their_appeals_decided() external view {
        _noBreach(11, "a removal without notice, delay or confirmation");
    }

    function invariant_12_no_recovery_succeeds_against_an_objection() external looking {
        _noBreach(12, "a recovery was executed against an objection");
        for (uint256 id = 1; id <= handler.motions(); ++id) {
            if (!handler.motion(id).objected) continue;
            _so(assembly_.state(id) == ProposalState.Canceled, "an objection cancels for good");
        }
    }

    function _votes(uint256 id) private view returns (uint256[3] memory votes) {
        for (uint32 member = 1; member <= handler.people(); ++member) {
            Cast memory live = handler.castOf(id, member);
            if (live.counted) ++votes[live.choice];
        }
    }
}
