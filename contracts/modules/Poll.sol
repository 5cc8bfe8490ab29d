// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DecisionClass} from "../interfaces/IBylaws.sol";

/// @dev All of a proposal that casting a ballot needs, in one word, so that a vote reads and writes one slot.
/// From bit 0: opensAt 40, closesAfter 24, extension 21, swingWindow 20, votes against, for, abstaining 32 each,
/// class 3, then one bit each: subject excluded, second call possible, second call open, canceled, executed; then
/// proposerId 32, ruleVersion 15. `closesAfter` is the planned length of the vote (with the second call once that is
/// open), `extension` what a late swing added to it.
type Poll is uint256;

using Polls for Poll global;

/// @title Polls
/// @notice Reads and changes the fields of a Poll. Times in seconds; votes in members.
library Polls {
    uint256 internal constant SUBJECT_EXCLUDED = 1 << 204;
    uint256 internal constant SECOND_CALL_POSSIBLE = 1 << 205;
    uint256 internal constant SECOND_CALLED = 1 << 206;
    uint256 internal constant CANCELED = 1 << 207;
    uint256 internal constant EXECUTED = 1 << 208;

    uint256 private constant CLOSES_AFTER = 40;
    uint256 private constant EXTENSION = 64;
    uint256 private constant SWING_WINDOW = 85;
    /// @dev The counts lie in the order of Choice: against, for, abstain.
    uint256 private constant VOTES = 105;
    uint256 private constant CLASS = 201;
    uint256 private constant PROPOSER = 209;
    uint256 private constant RULE_VERSION = 241;

    /// @notice A vote that is to open at `opensAt_`, without votes or flags. Bylaws bounds every value.
    function create(
        uint40 opensAt_,
        uint24 votingPeriod,
        uint24 swingWindow_,
        DecisionClass class_,
        uint32 proposerId_,
        uint32 ruleVersion_
    ) internal pure returns (Poll) {
        return
            Poll.wrap(
                uint256(opensAt_) |
                    (uint256(votingPeriod) << CLOSES_AFTER) |
                    (uint256(swingWindow_) << SWING_WINDOW) |
                    (uint256(uint8(class_)) << CLASS) |
                    (uint256(proposerId_) << PROPOSER) |
                    (uint256(ruleVersion_) << RULE_VERSION)
            );
    }

    function exists(Poll poll) internal pure returns (bool) {
        return Poll.unwrap(poll) != 0;
    }

    function opensAt(Poll poll) internal pure returns (uint256) {
        return uint40(Poll.unwrap(poll));
    }

    function closesAfter(Poll poll) internal pure returns (uint256) {
        return uint24(Poll.unwrap(poll) >> CLOSES_AFTER);
    }

    function extension(Poll poll) internal pure returns (uint256) {
        return (Poll.unwrap(poll) >> EXTENSION) & 0x1fffff;
    }

    function deadline(Poll poll) internal pure returns (uint256) {
        unchecked {
            return poll.opensAt() + poll.closesAfter() + poll.extension();
        }
    }

    /// @notice Whether ballots are taken now, by the word alone: a second call that is not written down is not seen.
    function isRunning(Poll poll) internal view returns (bool) {
        if (block.timestamp <= poll.opensAt()) return false;
        if (block.timestamp > poll.deadline()) return false;
        return !poll.has(CANCELED | EXECUTED);
    }

    /// @notice Of a vote that runs: whether its planned end has passed.
    function isInExtension(Poll poll) internal view returns (bool) {
        unchecked {
            return block.timestamp - poll.opensAt() > poll.closesAfter();
        }
    }

    /// @notice Of a vote that runs: whether a swing would make it longer from now on.
    function isLate(Poll poll) internal view returns (bool) {
        uint256 window = poll.swingWindow();
        if (window == 0) return false;
        unchecked {
            return block.timestamp - poll.opensAt() + window >= poll.closesAfter();
        }
    }

    function swingWindow(Poll poll) internal pure returns (uint256) {
        return (Poll.unwrap(poll) >> SWING_WINDOW) & 0xfffff;
    }

    /// @notice The votes of one choice, by its number in Choice.
    function votes(Poll poll, uint256 choice) internal pure returns (uint256) {
        return uint32(Poll.unwrap(poll) >> (VOTES + 32 * choice));
    }

    function class(Poll poll) internal pure returns (DecisionClass) {
        return DecisionClass((Poll.unwrap(poll) >> CLASS) & 7);
    }

    function proposerId(Poll poll) internal pure returns (uint32) {
        return uint32(Poll.unwrap(poll) >> PROPOSER);
    }

    function ruleVersion(Poll poll) internal pure returns (uint32) {
        return uint32(Poll.unwrap(poll) >> RULE_VERSION);
    }

    /// @param flag One of the constants above.
    function has(Poll poll, uint256 flag) internal pure returns (bool) {
        return Poll.unwrap(poll) & flag != 0;
    }

    function with(Poll poll, uint256 flag) internal pure returns (Poll) {
        return Poll.wrap(Poll.unwrap(poll) | flag);
    }

    /// @notice One vote more of a choice. No count exceeds the roll, so none carries into the next.
    function plusVote(Poll poll, uint256 choice) internal pure returns (Poll) {
        unchecked {
            return Poll.wrap(Poll.unwrap(poll) + (1 << (VOTES + 32 * choice)));
        }
    }

    /// @notice One vote less of a choice that has one.
    function minusVote(Poll poll, uint256 choice) internal pure returns (Poll) {
        unchecked {
            return Poll.wrap(Poll.unwrap(poll) - (1 << (VOTES + 32 * choice)));
        }
    }

    /// @notice The deadline moved: it is `seconds_` after the planned one.
    function extended(Poll poll, uint256 seconds_) internal pure returns (Poll) {
        uint256 cleared = Poll.unwrap(poll) & ~(uint256(0x1fffff) << EXTENSION);
        return Poll.wrap(cleared | (seconds_ << EXTENSION));
    }

    /// @notice The second call is open: `delay` more from the present deadline on.
    function calledAgain(Poll poll, uint256 delay) internal pure returns (Poll) {
        uint256 length = poll.closesAfter() + poll.extension() + delay;
        uint256 cleared = Poll.unwrap(poll.extended(0)) & ~(uint256(0xffffff) << CLOSES_AFTER);
        return Poll.wrap(cleared | (length << CLOSES_AFTER) | SECOND_CALLED);
    }
}
