// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Refusal} from "../interfaces/IAssembly.sol";
import {IMembership, Member} from "../interfaces/IMembership.sol";
import {IPayRates, PayVoteState} from "../interfaces/IPayRates.sol";
import {Histogram} from "./Histogram.sol";
import {PackedBallots} from "./PackedBallots.sol";
import {PayRoles} from "./PayRoles.sol";
import {SignedDomain} from "./SignedDomain.sol";
import {Signatures} from "./Signatures.sol";

/// @title PayBallots
/// @notice Casting and changing pay ballots, one by one or in signed batches.
///
/// Assumption: at most 65,535 members vote on one rate.
/// @dev Ballots are kept by memberId, so no change of keys doubles one. A lane holds one member's ballot in 32
/// bits: rung (bits 0–7), epoch modulo 256 (8–15), sequence (16–23, 0 = none). Eight lanes a slot: a batch of
/// consecutive memberIds touches few slots, a scattered one more.
abstract contract PayBallots is PayRoles, SignedDomain {
    using Histogram for Histogram.Counts;
    using PackedBallots for bytes;

    uint256 private constant MAX_REASON = 500;
    bytes32 private constant PAY_BALLOT_TYPEHASH = keccak256(
        "PayBallot(uint256 payVoteId,bytes32 content,uint256 rate,uint32 memberId,uint32 epoch,uint32 sequence,string reason)"
    );

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

    /// @dev A pay vote with its ballots.
    struct Poll {
        Vote vote;
        bytes32 content;
        Histogram.Counts counts;
        mapping(uint256 word => uint256 eightLanes) lanes;
    }

    /// @dev One ballot on its way to the count.
    struct Cast {
        uint32 memberId;
        uint8 sequence;
        uint8 rung;
        uint256 rate;
    }

    /// @dev One call that casts: what stays the same over its ballots, and what they change.
    struct Session {
        uint256 payVoteId;
        Vote vote;
        bytes32 head;
        bytes32 content;
        bytes32 domainSeparator;
    }

    // Storage

    IMembership private _roll;
    mapping(uint256 payVoteId => Poll) private _polls;

    // Ballots

    /// @inheritdoc IPayRates
    function castPayBallot(
        uint256 payVoteId,
        uint32 memberId,
        uint256 rate,
        uint8 sequence,
        string calldata reason
    ) external nonReentrant {
        Session memory session = _session(payVoteId);
        (uint8 rung, bool offered) = _rungOf(session.vote, rate);
        if (!offered) revert PayRatesBallotRefused(payVoteId, memberId, Refusal.BadChoice);
        Cast memory cast = Cast({memberId: memberId, sequence: sequence, rung: rung, rate: rate});
        Member memory member = _roll.memberOf(memberId);
        Refusal refusal = _refusal(session, cast, member, bytes(reason).length);
        if (refusal == Refusal.None && member.account != msg.sender) refusal = Refusal.BadSignature;
        if (refusal != Refusal.None) revert PayRatesBallotRefused(payVoteId, memberId, refusal);

        _count(session, cast, member.epoch, reason);
        _close(session);
    }

    /// @inheritdoc IPayRates
    function castPayBallots(uint256 payVoteId, bytes calldata packed) external nonReentrant returns (uint256 counted) {
        Session memory session = _session(payVoteId);
        session.content = _polls[payVoteId].content;
        session.domainSeparator = _domainSeparator();
        uint256[] memory slots = _roll.slotsOf(packed.memberIds({rungs: true}));
        PackedBallots.Entry memory entry;
        for (uint256 i; i < slots.length; ++i) {
            packed.read(entry, true);
            if (_castEntry(session, slots[i], packed, entry)) ++counted;
        }
        _close(session);
    }

    /// @inheritdoc IPayRates
    function payBallotOf(
        uint256 payVoteId,
        uint32 memberId
    ) external view returns (uint256 rate, uint8 epoch, uint8 sequence) {
        Poll storage poll = _poll(payVoteId);
        uint256 lane = _laneOf(poll, memberId);
        if (lane != 0) rate = _rateOn(poll.vote, uint8(lane));
        return (rate, uint8(lane >> 8), uint8(lane >> 16));
    }

    // Views

    /// @inheritdoc IPayRates
    function membership() external view returns (address) {
        return address(_roll);
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

    // Internal

    function _initializeBallots(address membership_) internal {
        _roll = IMembership(membership_);
    }

    function _membership() internal view returns (IMembership) {
        return _roll;
    }

    /// @dev A pay vote to be called.
    function _newPoll(uint256 payVoteId) internal view returns (Poll storage) {
        return _polls[payVoteId];
    }

    /// @dev A pay vote that was called.
    function _poll(uint256 payVoteId) internal view returns (Poll storage poll) {
        poll = _polls[payVoteId];
        if (poll.content == 0) revert PayRatesUnknownPayVote(payVoteId);
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

    function _rateOn(Vote memory vote, uint8 rung) internal pure returns (uint256) {
        return vote.from + uint256(vote.step) * rung;
    }

    // Private

    /// @dev Refuses unless the vote is open. Until `_close`, head and number of ballots are kept in memory.
    function _session(uint256 payVoteId) private view returns (Session memory session) {
        session.vote = _voteIn(PayVoteState.Open, payVoteId);
        session.payVoteId = payVoteId;
        session.head = _headNow();
    }

    function _close(Session memory session) private {
        _polls[session.payVoteId].vote.ballots = session.vote.ballots;
        _setHead(session.head);
    }

    function _castEntry(
        Session memory session,
        uint256 slot,
        bytes calldata packed,
        PackedBallots.Entry memory entry
    ) private returns (bool) {
        Member memory member = _member(slot);
        string calldata reason = string(packed.reason(entry));
        Cast memory cast = Cast({
            memberId: entry.memberId,
            sequence: entry.sequence,
            rung: entry.rung,
            rate: _rateOn(session.vote, entry.rung)
        });
        Refusal refusal = _refusal(session, cast, member, bytes(reason).length);
        if (refusal == Refusal.None) {
            bytes32 digest = _ballotDigest(session, cast, member.epoch, reason);
            bool signed = Signatures.isSignedBy(member.account, digest, packed.signature(entry));
            if (!signed) refusal = Refusal.BadSignature;
        }
        if (refusal != Refusal.None) {
            _skip(session, cast, refusal);
            return false;
        }
        _count(session, cast, member.epoch, reason);
        return true;
    }

    /// @dev Why a ballot cannot be counted, whoever signed it.
    function _refusal(
        Session memory session,
        Cast memory cast,
        Member memory member,
        uint256 reasonLength
    ) private view returns (Refusal) {
        if (reasonLength > MAX_REASON) return Refusal.BadReason;
        if (cast.rung > session.vote.topRung) return Refusal.BadChoice;
        if (member.account == address(0)) return Refusal.UnknownMember;
        if (member.until != 0 || member.since > session.vote.opensAt) return Refusal.NotEligible;
        uint256 lane = _laneOf(_polls[session.payVoteId], cast.memberId);
        return cast.sequence <= _lastSequence(lane, member.epoch) ? Refusal.StaleSequence : Refusal.None;
    }

    /// @dev Puts the ballot into its lane and the histogram, in place of an earlier one, and logs it.
    function _count(Session memory session, Cast memory cast, uint16 epoch, string calldata reason) private {
        Poll storage poll = _polls[session.payVoteId];
        uint256 shift = _shift(cast.memberId);
        uint256 lanes = poll.lanes[cast.memberId >> 3];
        uint256 lane = uint32(lanes >> shift);
        uint256 ballot = cast.rung | (uint256(uint8(epoch)) << 8) | (uint256(cast.sequence) << 16);
        poll.lanes[cast.memberId >> 3] = lanes ^ ((lane ^ ballot) << shift);
        if (lane == 0) poll.counts.add(cast.rung, session.vote.ballots++);
        else poll.counts.move({from: uint8(lane), to: cast.rung});

        session.head = _emit(
            session.head,
            PayBallotCast.selector,
            bytes32(session.payVoteId),
            bytes32(uint256(cast.memberId)),
            abi.encode(cast.rate, cast.sequence, reason)
        );
    }

    function _skip(Session memory session, Cast memory cast, Refusal refusal) private {
        session.head = _emit(
            session.head,
            PayBallotSkipped.selector,
            bytes32(session.payVoteId),
            abi.encode(cast.memberId, cast.sequence, refusal)
        );
    }

    function _ballotDigest(
        Session memory session,
        Cast memory cast,
        uint16 epoch,
        string calldata reason
    ) private pure returns (bytes32) {
        bytes32 structHash = keccak256(
            abi.encode(
                PAY_BALLOT_TYPEHASH,
                session.payVoteId,
                session.content,
                cast.rate,
                cast.memberId,
                epoch,
                cast.sequence,
                keccak256(bytes(reason))
            )
        );
        return _digest(session.domainSeparator, structHash);
    }

    /// @dev The rung of a rate, if the ladder offers it.
    function _rungOf(Vote memory vote, uint256 rate) private pure returns (uint8 rung, bool offered) {
        if (rate < vote.from || rate > _rateOn(vote, vote.topRung)) return (0, false);
        uint256 above = rate - vote.from;
        return (uint8(above / vote.step), above % vote.step == 0);
    }

    function _laneOf(Poll storage poll, uint32 memberId) private view returns (uint256) {
        return uint32(poll.lanes[memberId >> 3] >> _shift(memberId));
    }

    /// @dev A new epoch starts again: what a thief cast with the old key can be undone.
    function _lastSequence(uint256 lane, uint16 epoch) private pure returns (uint256) {
        return uint8(lane >> 8) == uint8(epoch) ? lane >> 16 : 0;
    }

    function _shift(uint32 memberId) private pure returns (uint256) {
        return uint256(memberId & 7) * 32;
    }

    function _member(uint256 slot) private pure returns (Member memory) {
        return
            Member({
                account: address(uint160(slot)),
                since: uint40(slot >> 160),
                until: uint40(slot >> 200),
                epoch: uint16(slot >> 240)
            });
    }
}
