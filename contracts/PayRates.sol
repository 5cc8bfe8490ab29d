// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IPayRates, PayRule, PayVoteState, RoleTerms} from "./interfaces/IPayRates.sol";
import {Histogram} from "./modules/Histogram.sol";
import {PayBallots} from "./modules/PayBallots.sol";
import {PayLadder} from "./modules/PayLadder.sol";

/// @title PayRates
/// @notice See IPayRates.
contract PayRates is PayBallots {
    using Histogram for Histogram.Counts;

    uint256 private constant MAX_AHEAD = 14 days;

    /// @dev What the members of a pay vote decide on, as `content` and PayVoteOpened encode it.
    struct Question {
        uint32 ruleVersion;
        uint40 opensAt;
        uint40 deadline;
        uint48 from;
        uint48 step;
        uint16 rungs;
        uint8 presentRung;
    }

    // Start

    /// @dev Locks the implementation.
    constructor() {
        _begin();
    }

    /// @inheritdoc IPayRates
    function initialize(
        address theAssembly,
        bytes3 currency_,
        PayRule calldata rule,
        RoleTerms[] calldata roles_
    ) external nonReentrant {
        _begin();
        _initializeRuleBook(theAssembly, rule);
        _initializeRoles(currency_, roles_);
    }

    // Pay votes

    /// @inheritdoc IPayRates
    function openPayVote(bytes32 role_, uint40 opensAt) external nonReentrant returns (uint256 payVoteId) {
        uint32 openerId = _membership().activeMemberIdOf(msg.sender);
        if (openerId == 0) revert PayRatesNotMember(msg.sender);
        uint256 number = _activeNumber(role_);
        _refuseUnderWay(role_, number);
        _refuseResting(role_, number);
        _refuseOpening(opensAt);

        Poll storage poll;
        (payVoteId, poll) = _newPoll();
        Question memory question = _question(number, opensAt);
        bytes32 content = keccak256(abi.encode(block.chainid, address(this), payVoteId, role_, question));
        (poll.vote, poll.content) = (_voteOn(number, question), content);
        _announce(_role(number), payVoteId, question.deadline);

        _record(PayVoteOpened.selector, bytes32(payVoteId), role_, abi.encode(openerId, question, content));
    }

    /// @inheritdoc IPayRates
    function closePayVote(uint256 payVoteId) external nonReentrant returns (uint256 result) {
        Vote memory vote = _voteIn(PayVoteState.Counting, payVoteId);
        // A vote on a role that was retired meanwhile is void: it can only expire.
        _activeNumber(_roleName(vote.roleNumber));
        uint256 earlier = _earlierVote(vote.roleNumber, payVoteId, vote.deadline);
        if (earlier != 0) revert PayRatesEarlierVoteFirst(payVoteId, earlier);

        uint256 filled = _filled(vote);
        uint256 median = _median(payVoteId, vote, filled);
        (uint256 lowest, uint256 highest) = _bounds(vote.roleNumber);
        result = PayLadder.clamp(median, lowest, highest);
        _poll(payVoteId).vote.closed = true;
        RoleRecord storage record = _role(vote.roleNumber);
        (record.deadline, record.endsAt) = (0, _now());

        _record(PayVoteClosed.selector, bytes32(payVoteId), abi.encode(vote.ballots, filled, median, result));
        if (result != record.rate) _setRate(vote.roleNumber, _roleName(vote.roleNumber), result, payVoteId);
    }

    // Private

    function _refuseResting(bytes32 role_, uint256 number) private view {
        uint256 until = uint256(_role(number).endsAt) + _ruleNow().rest;
        if (block.timestamp < until) revert PayRatesResting(role_, until);
    }

    function _refuseOpening(uint40 opensAt) private view {
        uint256 earliest = block.timestamp + _ruleNow().notice;
        uint256 latest = earliest + MAX_AHEAD;
        if (opensAt < earliest || opensAt > latest) revert PayRatesOpeningOutOfBounds(opensAt, earliest, latest);
    }

    function _question(uint256 number, uint40 opensAt) private view returns (Question memory) {
        RoleRecord storage record = _role(number);
        (uint256 lowest, uint256 highest) = _bounds(number);
        (uint256 from, uint256 rungs, uint256 presentRung) = PayLadder.ladder({
            present: record.rate,
            step: record.step,
            lowest: lowest,
            highest: highest
        });
        return
            Question({
                ruleVersion: _newestRule(),
                opensAt: opensAt,
                deadline: opensAt + _ruleNow().votingPeriod,
                from: uint48(from),
                step: record.step,
                rungs: uint16(rungs),
                presentRung: uint8(presentRung)
            });
    }

    function _voteOn(uint256 number, Question memory question) private pure returns (Vote memory) {
        return
            Vote({
                roleNumber: uint8(number),
                closed: false,
                opensAt: question.opensAt,
                deadline: question.deadline,
                ruleVersion: question.ruleVersion,
                from: uint40(question.from),
                step: uint40(question.step),
                topRung: uint8(question.rungs - 1),
                presentRung: question.presentRung,
                ballots: 0
            });
    }

    /// @dev Lets the role know its newest vote.
    function _announce(RoleRecord storage record, uint256 payVoteId, uint40 deadline) private {
        record.lastPayVote = uint32(payVoteId);
        record.deadline = deadline;
        record.endsAt = deadline + _ruleNow().grace;
    }

    /// @dev Ballots added for the present rate: up to the quorum or the whole roll, then one more if the count
    /// is even. Averaging two middles, voiding below quorum, or adding the last one only after a fill would
    /// each reward misreporting or staying at home.
    function _filled(Vote memory vote) private view returns (uint256 filled) {
        PayRule storage rule = _rule(vote.ruleVersion);
        uint256 roll = _membership().rollAt(vote.opensAt, 0);
        // Never more than there are: absences are filled in, not people who do not exist.
        uint256 quorum = Math.min(Math.max(rule.quorumMin, Math.ceilDiv(roll * rule.quorumBps, 10_000)), roll);
        filled = Math.saturatingSub(rule.fillToRoll ? roll : quorum, vote.ballots);
        if ((vote.ballots + filled) % 2 == 0) ++filled;
    }

    function _median(uint256 payVoteId, Vote memory vote, uint256 filled) private view returns (uint256 rate) {
        uint256 rung = _poll(payVoteId).counts.median({
            ballots: vote.ballots,
            filled: filled,
            fillRung: vote.presentRung
        });
        return _rateOn(vote, rung);
    }
}
