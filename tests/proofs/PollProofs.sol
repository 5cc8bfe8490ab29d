// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Poll, Polls} from "../../contracts/modules/Poll.sol";
import {VM} from "../forge/Vm.sol";

/// @title PollProofs
/// @notice What shares one word stays apart: a vote more or less, and a moved deadline, change nothing else of a
/// proposal, whatever the word holds (invariants 1 and 6).
contract PollProofs {
    uint256 private constant MOST = type(uint32).max;

    function check_one_vote_more_changes_one_count_by_one(Poll poll, uint8 choice, uint8 other) external pure {
        VM.assume(choice < 3 && other < 3 && other != choice);
        VM.assume(poll.votes(choice) != MOST);
        Poll after_ = poll.plusVote(choice);

        assert(after_.votes(choice) == poll.votes(choice) + 1);
        assert(after_.votes(other) == poll.votes(other));
        assert(_withoutVotes(after_) == _withoutVotes(poll));
    }

    function check_a_vote_taken_back_leaves_no_trace(Poll poll, uint8 choice) external pure {
        VM.assume(choice < 3 && poll.votes(choice) != MOST);

        assert(Poll.unwrap(poll.plusVote(choice).minusVote(choice)) == Poll.unwrap(poll));
    }

    function check_a_changed_vote_leaves_the_sum_as_it_was(Poll poll, uint8 from, uint8 to) external pure {
        VM.assume(from < 3 && to < 3 && poll.votes(from) != 0 && poll.votes(to) != MOST);
        Poll after_ = poll.minusVote(from).plusVote(to);

        assert(_sum(after_) == _sum(poll));
        assert(_withoutVotes(after_) == _withoutVotes(poll));
    }

    function check_a_moved_deadline_moves_nothing_else(Poll poll, uint24 seconds_) external pure {
        VM.assume(seconds_ <= 14 days);
        Poll after_ = poll.extended(seconds_);

        assert(after_.deadline() == poll.opensAt() + poll.closesAfter() + seconds_);
        assert(_others(after_) == _others(poll));
        assert(after_.closesAfter() == poll.closesAfter());
    }

    /// @dev At most 60 days of voting, 14 of extension and 30 of second call: within the 194 that 24 bits hold.
    function check_a_second_call_moves_the_deadline_and_nothing_else(Poll poll, uint24 delay) external pure {
        VM.assume(poll.closesAfter() <= 60 days && poll.extension() <= 14 days && delay <= 30 days);
        Poll after_ = poll.calledAgain(delay);

        assert(after_.deadline() == poll.deadline() + delay);
        assert(after_.has(Polls.SECOND_CALLED));
        assert(_others(after_) == _others(poll.with(Polls.SECOND_CALLED)));
    }

    function _sum(Poll poll) private pure returns (uint256) {
        return poll.votes(0) + poll.votes(1) + poll.votes(2);
    }

    /// @dev All but the 96 bits of the three counts.
    function _withoutVotes(Poll poll) private pure returns (uint256) {
        return Poll.unwrap(poll) & ~(uint256(type(uint96).max) << 105);
    }

    /// @dev All but the length of the vote and its extension.
    function _others(Poll poll) private pure returns (uint256) {
        return Poll.unwrap(poll) & ~(uint256(0x1fffffffffff) << 40);
    }
}
