// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMembership} from "../interfaces/IMembership.sol";
import {IPayRates, PayVote, PayVoteState} from "../interfaces/IPayRates.sol";
import {Histogram} from "./Histogram.sol";
import {PayRoles} from "./PayRoles.sol";
import {SignedDomain} from "./SignedDomain.sol";

/// @title PayVoteBook
/// @notice Every pay vote with its ballots, and the state that follows from the clock.
abstract contract PayVoteBook is PayRoles, SignedDomain {
    using Histogram for Histogram.Counts;

    /// @dev What is fixed about a pay vote, and what casting and closing change: one slot.
    struct Vote {
        uint8 roleNumber;
        bool closed;
        uint40 opensAt;
        uint40 deadline;
        uint32 ruleVersion;
        uint40 from;
        uint40 step;
        uint8 topRung;
        uint8 presentRung;
        uint32 ballots;
    }

    /// @dev A pay vote with its ballots; PayBallots says how they lie in their lanes.
    struct Poll {
        Vote vote;
        bytes32 content;
        Histogram.Counts counts;
        mapping(uint256 word => uint256 tenLanes) lanes;
    }

    // Storage

    uint32 private _payVoteCount;

    mapping(uint256 payVoteId => Poll) private _polls;

    // Views

    /// @inheritdoc IPayRates
    function membership() external view returns (address) {
        return address(_membership());
    }

    /// @inheritdoc IPayRates
    function payVoteCount() external view returns (uint256) {
        return _payVoteCount;
    }

    /// @inheritdoc IPayRates
    function histogram(uint256 payVoteId) external view returns (uint256[] memory counts) {
        Poll storage poll = _poll(payVoteId);
        counts = new uint256[](uint256(poll.vote.topRung) + 1);
        for (uint256 rung; rung < counts.length; ++rung) {
            counts[rung] = poll.counts.countOf(rung);
        }
    }

    /// @inheritdoc IPayRates
    function payVoteState(uint256 payVoteId) external view returns (PayVoteState) {
        return _state(_poll(payVoteId).vote);
    }

    /// @inheritdoc IPayRates
    function payVote(uint256 payVoteId) external view returns (PayVote memory) {
        Poll storage poll = _poll(payVoteId);
        Vote memory vote = poll.vote;
        return
            PayVote({
                role: _roleName(vote.roleNumber),
                opensAt: vote.opensAt,
                deadline: vote.deadline,
                ruleVersion: vote.ruleVersion,
                from: vote.from,
                step: vote.step,
                rungs: uint16(vote.topRung) + 1,
                presentRung: vote.presentRung,
                ballots: vote.ballots,
                closed: vote.closed,
                content: poll.content
            });
    }

    /// @inheritdoc IPayRates
    function payVoteRoll(uint256 payVoteId) external view returns (uint256) {
        return _membership().rollAt(_poll(payVoteId).vote.opensAt, 0);
    }

    // Internal

    function _membership() internal view returns (IMembership) {
        return IMembership(_addressArgument(AFTER_NAME));
    }

    /// @dev The number of a new pay vote, and where it is to be kept.
    function _newPoll() internal returns (uint256 payVoteId, Poll storage poll) {
        payVoteId = ++_payVoteCount;
        poll = _polls[payVoteId];
    }

    /// @dev A pay vote that was called.
    function _poll(uint256 payVoteId) internal view returns (Poll storage poll) {
        poll = _polls[payVoteId];
        if (poll.vote.opensAt == 0) revert PayRatesUnknownPayVote(payVoteId);
    }

    /// @dev Refuses unless the vote is in that state.
    function _voteIn(PayVoteState expected, uint256 payVoteId) internal view returns (Vote memory vote) {
        vote = _poll(payVoteId).vote;
        PayVoteState state = _state(vote);
        if (state != expected) revert PayRatesUnexpectedState(payVoteId, state, expected);
    }

    function _state(Vote memory vote) internal view returns (PayVoteState) {
        if (vote.closed) return PayVoteState.Closed;
        if (block.timestamp <= vote.opensAt) return PayVoteState.Pending;
        if (block.timestamp <= vote.deadline) return PayVoteState.Open;
        uint256 graceEnds = uint256(vote.deadline) + _rule(vote.ruleVersion).grace;
        return block.timestamp <= graceEnds ? PayVoteState.Counting : PayVoteState.Expired;
    }

    function _rateOn(Vote memory vote, uint256 rung) internal pure returns (uint256) {
        unchecked {
            return vote.from + uint256(vote.step) * rung;
        }
    }
}
