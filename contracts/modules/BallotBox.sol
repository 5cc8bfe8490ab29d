// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Choice, ProposalState, Refusal} from "../interfaces/IAssembly.sol";
import {Rule} from "../interfaces/IBylaws.sol";
import {Lane, Lanes, SixteenLanes} from "./Lanes.sol";
import {MemberRecord} from "./MemberRecord.sol";
import {PackedBallots} from "./PackedBallots.sol";
import {Poll, Polls} from "./Poll.sol";
import {ProposalBook} from "./ProposalBook.sol";

/// @title BallotBox
/// @notice Whether a ballot counts, and what it changes, however it came.
/// @dev Ballots are kept by memberId, so no change of keys doubles a vote. Sixteen lanes are in a slot: a batch of
/// consecutive memberIds touches few slots, a scattered one more. What a ballot says is handed on in one word, the
/// head of an entry in a batch (see PackedBallots).
abstract contract BallotBox is ProposalBook {
    using PackedBallots for uint256;

    uint256 private constant MAX_REASON = 500;

    /// @dev VoteCast without a reason, as the chronicle hashes it: number of topics, topics, data.
    struct VoteLog {
        uint256 topicCount;
        bytes32 topic0;
        address voter;
        uint256 proposalId;
        uint256 support;
        uint256 weight;
        uint256 reasonAt;
        uint256 reasonLength;
    }

    mapping(uint256 proposalId => mapping(uint256 word => SixteenLanes)) internal _lanes;

    // Internal

    /// @dev Refuses unless the vote is open; the first ballot after a missed quorum opens the second call.
    function _open(uint256 proposalId) internal returns (Poll poll) {
        poll = _polls[proposalId];
        if (poll.isRunning()) return poll;

        ProposalState found = state(proposalId);
        if (found != ProposalState.Active) {
            revert AssemblyUnexpectedState(proposalId, found, _mask(ProposalState.Active));
        }
        poll = poll.calledAgain(_ruleOf(poll).secondCallDelay);
        _polls[proposalId] = poll;

        _record(SecondCallOpened.selector, bytes32(proposalId), abi.encode(uint64(poll.deadline())));
    }

    /// @dev The person concerned if they have no vote, otherwise 0.
    function _excluded(uint256 proposalId, Poll poll) internal view returns (uint256) {
        return poll.has(Polls.SUBJECT_EXCLUDED) ? _laters[proposalId].subjectId : 0;
    }

    function _maxReason(Poll poll) internal pure returns (uint256) {
        return _isPersonal(poll.class()) ? 0 : MAX_REASON;
    }

    /// @dev Why a ballot cannot be counted, whoever signed it and whatever its reason.
    function _refusal(
        Poll poll,
        uint256 excluded,
        uint256 ballot,
        MemberRecord record,
        Lane lane,
        uint256 nextSequence
    ) internal view returns (Refusal) {
        if (ballot.choiceOf() > uint8(Choice.Abstain)) return Refusal.BadChoice;
        if (!record.exists()) return Refusal.UnknownMember;
        if (!record.isOnRollSince(poll.opensAt())) return Refusal.NotEligible;
        if (ballot.memberIdOf() == excluded) return Refusal.PersonConcerned;
        if (ballot.sequenceOf() < nextSequence) return Refusal.StaleSequence;
        if (lane.isEmpty()) return Refusal.None;
        return poll.isInExtension() ? Refusal.AlreadyVoted : Refusal.None;
    }

    function _laneAfter(uint256 ballot, MemberRecord record) internal pure returns (Lane) {
        return Lanes.create(ballot.choiceOf(), record.epoch(), ballot.sequenceOf());
    }

    /// @dev The votes with this one, in place of an earlier one.
    function _counted(Poll poll, Lane earlier, uint256 ballot) internal pure returns (Poll) {
        if (!earlier.isEmpty()) poll = poll.minusVote(earlier.choice());
        return poll.plusVote(ballot.choiceOf());
    }

    /// @dev Logs the sequence of a ballot that leaves numbers out.
    function _logSequence(bytes32 head, uint256 proposalId, uint256 ballot) internal returns (bytes32) {
        bytes memory data = abi.encode(ballot.memberIdOf(), ballot.sequenceOf());
        return _emit(head, BallotSequence.selector, bytes32(proposalId), data);
    }

    function _logVote(bytes32 head, VoteLog memory log, string calldata reason) internal returns (bytes32) {
        if (bytes(reason).length != 0) {
            bytes memory data = abi.encode(log.proposalId, log.support, log.weight, reason);
            return _emit(head, VoteCast.selector, _topic(log.voter), data);
        }
        uint256 place;
        assembly ("memory-safe") {
            place := log
        }
        return _emit2(head, place, 5);
    }

    /// @dev Whether the outcome swung is judged once a call: then the vote goes on for longer.
    function _followSwing(uint256 proposalId, Poll before, Poll poll) internal {
        Rule memory rule = _ruleOf(poll);
        bool secondCall = poll.has(Polls.SECOND_CALLED);
        bool passed = _passes(proposalId, before, rule, secondCall);
        if (passed != _passes(proposalId, poll, rule, secondCall)) _extend(proposalId, poll, rule);
    }

    function _extend(uint256 proposalId, Poll poll, Rule memory rule) private {
        // From the planned deadline on, the vote goes on until a window from now, capped.
        uint256 wanted = Math.saturatingSub(block.timestamp - poll.opensAt() + rule.swingWindow, poll.closesAfter());
        uint256 extension = Math.min(wanted, rule.swingCap);
        if (extension <= poll.extension()) return;
        poll = poll.extended(extension);
        _polls[proposalId] = poll;

        _record(ProposalExtended.selector, bytes32(proposalId), abi.encode(uint64(poll.deadline())));
    }
}
