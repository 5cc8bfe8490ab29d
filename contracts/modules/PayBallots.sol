// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Refusal} from "../interfaces/IAssembly.sol";
import {IPayRates, PayVoteState} from "../interfaces/IPayRates.sol";
import {FreeMemory} from "./FreeMemory.sol";
import {Histogram} from "./Histogram.sol";
import {PackedBallots} from "./PackedBallots.sol";
import {PayVoteBook} from "./PayVoteBook.sol";
import {Words} from "./Words.sol";

/// @title PayBallots
/// @notice Casting and changing pay ballots, one by one or in signed batches.
///
/// Assumption: at most 65,535 members vote on one rate.
/// @dev Ballots are kept by memberId, so no change of keys doubles one. A lane holds one member's ballot in 32
/// bits: rung (bits 0–7), epoch modulo 256 (8–15), sequence (16–23, 0 = none). Eight lanes a slot: a batch of
/// consecutive memberIds touches few slots, a scattered one more.
abstract contract PayBallots is PayVoteBook {
    using Histogram for Histogram.Counts;
    using PackedBallots for bytes;
    using PackedBallots for uint256;
    using Words for bytes;

    uint256 private constant MAX_REASON = 500;
    bytes32 private constant EMPTY_HASH = keccak256("");
    bytes32 private constant PAY_BALLOT_TYPEHASH = keccak256(
        "PayBallot(uint256 payVoteId,bytes32 content,uint256 rate,uint32 memberId,uint32 epoch,uint32 sequence,string reason)"
    );

    /// @dev What a member signs, with its fields as EIP-712 encodes them.
    struct PayBallot {
        bytes32 typeHash;
        uint256 payVoteId;
        bytes32 content;
        uint256 rate;
        uint256 memberId;
        uint256 epoch;
        uint256 sequence;
        bytes32 reasonHash;
    }

    /// @dev PayBallotCast without a reason, as the chronicle hashes it: number of topics, topics, data.
    struct PayBallotLog {
        uint256 topicCount;
        bytes32 topic0;
        uint256 payVoteId;
        uint256 memberId;
        uint256 rate;
        uint256 sequence;
        uint256 reasonAt;
        uint256 reasonLength;
    }

    /// @dev One call that casts. Lanes, chronicle head and number of ballots are kept here until it ends.
    struct Session {
        Vote vote;
        uint256 payVoteId;
        PayBallotLog log;
        /// which eight lanes are in `lanes`
        uint256 word;
        uint256 lanes;
        bytes32 head;
    }

    /// @dev What one entry of a batch says: a member's rate under a number.
    struct Cast {
        uint256 memberId;
        /// the member's record as `slotsOf` gives it
        uint256 member;
        uint256 rung;
        uint256 rate;
        uint256 sequence;
        uint256 lane;
    }

    /// @dev What a batch needs besides; `entry`, `cast` and parts of `ballot` change with each entry.
    struct Batch {
        PayBallot ballot;
        PackedBallots.Entry entry;
        Cast cast;
        bytes32 domainSeparator;
    }

    // Ballots

    /// @inheritdoc IPayRates
    function castPayBallot(
        uint256 payVoteId,
        uint32 memberId,
        uint256 rate,
        uint8 sequence,
        string calldata reason
    ) external nonReentrant {
        Poll storage poll = _poll(payVoteId);
        Session memory session = _open(poll, payVoteId, memberId >> 3);
        (uint256 rung, bool offered) = _rungOf(session.vote, rate);
        if (!offered) revert PayRatesBallotRefused(payVoteId, memberId, Refusal.BadChoice);
        Cast memory cast = Cast({
            memberId: memberId,
            member: _membership().slotOf(memberId),
            rung: rung,
            rate: rate,
            sequence: sequence,
            lane: 0
        });
        Refusal refusal = _refusal(session, cast, bytes(reason).length);
        if (refusal == Refusal.None && address(uint160(cast.member)) != msg.sender) refusal = Refusal.BadSignature;
        if (refusal != Refusal.None) revert PayRatesBallotRefused(payVoteId, memberId, refusal);

        _count(poll, session, cast, reason);
        _close(poll, session);
    }

    /// @inheritdoc IPayRates
    function castPayBallots(uint256 payVoteId, bytes calldata packed) external nonReentrant returns (uint256 counted) {
        bytes memory memberIds = packed.memberIds(PackedBallots.PAY_BALLOT_HEAD);
        Poll storage poll = _poll(payVoteId);
        Session memory session = _open(poll, payVoteId, packed.firstMemberId() >> 3);
        Batch memory batch;
        batch.domainSeparator = _domainSeparator();
        batch.ballot.typeHash = PAY_BALLOT_TYPEHASH;
        batch.ballot.payVoteId = payVoteId;
        batch.ballot.content = poll.content;
        bytes memory members = _membership().slotsOf(memberIds);
        bytes32 free = FreeMemory.start();
        for (uint256 i; i < members.count(); ++i) {
            batch.cast.member = members.get(i);
            if (_castEntry(poll, session, batch, packed)) ++counted;
            FreeMemory.reuse(free);
        }
        _close(poll, session);
    }

    /// @inheritdoc IPayRates
    function payBallotOf(
        uint256 payVoteId,
        uint32 memberId
    ) external view returns (uint256 rate, uint8 epoch, uint8 sequence) {
        Poll storage poll = _poll(payVoteId);
        uint256 lane = uint32(poll.lanes[memberId >> 3] >> _shift(memberId));
        if (lane != 0) rate = _rateOn(poll.vote, uint8(lane));
        return (rate, uint8(lane >> 8), uint8(lane >> 16));
    }

    // Private

    /// @dev Refuses unless the vote is open.
    /// @param word Which eight lanes to begin with.
    function _open(Poll storage poll, uint256 payVoteId, uint256 word) private view returns (Session memory session) {
        session.vote = _voteIn(PayVoteState.Open, payVoteId);
        session.payVoteId = payVoteId;
        (session.word, session.lanes) = (word, poll.lanes[word]);
        session.head = _headNow();
        PayBallotLog memory log = session.log;
        (log.topicCount, log.topic0, log.payVoteId) = (3, PayBallotCast.selector, payVoteId);
        log.reasonAt = 3 * 32;
    }

    function _close(Poll storage poll, Session memory session) private {
        poll.lanes[session.word] = session.lanes;
        poll.vote.ballots = session.vote.ballots;
        _setHead(session.head);
    }

    /// @dev Changes to other lanes; those at hand are written down.
    function _turnTo(Poll storage poll, Session memory session, uint256 word) private {
        poll.lanes[session.word] = session.lanes;
        (session.word, session.lanes) = (word, poll.lanes[word]);
    }

    function _castEntry(
        Poll storage poll,
        Session memory session,
        Batch memory batch,
        bytes calldata packed
    ) private returns (bool) {
        PackedBallots.Entry memory entry = batch.entry;
        Cast memory cast = batch.cast;
        packed.read(entry, PackedBallots.PAY_BALLOT_HEAD);
        _read(session, cast, entry.head);
        if (cast.memberId >> 3 != session.word) _turnTo(poll, session, cast.memberId >> 3);
        string calldata reason = string(packed.reason(entry));
        Refusal refusal = _refusal(session, cast, bytes(reason).length);
        if (refusal == Refusal.None) {
            bytes32 digest = _digest(batch.domainSeparator, _hashOf(batch.ballot, cast, reason));
            if (packed.isSignedBy(entry, address(uint160(cast.member)), digest)) {
                _count(poll, session, cast, reason);
                return true;
            }
            refusal = Refusal.BadSignature;
        }
        _skip(session, cast, refusal);
        return false;
    }

    function _read(Session memory session, Cast memory cast, uint256 head) private pure {
        cast.memberId = head.memberIdOf();
        cast.rung = head.rungOf();
        cast.rate = _rateOn(session.vote, cast.rung);
        cast.sequence = head.sequenceOf();
    }

    /// @dev Why a ballot cannot be counted, whoever signed it; finds its lane.
    function _refusal(Session memory session, Cast memory cast, uint256 reasonLength) private pure returns (Refusal) {
        if (reasonLength > MAX_REASON) return Refusal.BadReason;
        Vote memory vote = session.vote;
        if (cast.rung > vote.topRung) return Refusal.BadChoice;
        uint256 member = cast.member;
        if (member == 0) return Refusal.UnknownMember;
        if (uint40(member >> 200) != 0 || uint40(member >> 160) > vote.opensAt) return Refusal.NotEligible;
        cast.lane = uint32(session.lanes >> _shift(cast.memberId));
        return cast.sequence <= _lastSequence(cast.lane, member >> 240) ? Refusal.StaleSequence : Refusal.None;
    }

    /// @dev The epoch is the member's present one.
    function _hashOf(
        PayBallot memory ballot,
        Cast memory cast,
        string calldata reason
    ) private pure returns (bytes32 structHash) {
        ballot.rate = cast.rate;
        ballot.memberId = cast.memberId;
        ballot.epoch = cast.member >> 240;
        ballot.sequence = cast.sequence;
        ballot.reasonHash = bytes(reason).length == 0 ? EMPTY_HASH : keccak256(bytes(reason));
        assembly ("memory-safe") {
            structHash := keccak256(ballot, 256)
        }
    }

    /// @dev Puts the ballot into its lane and the histogram, in place of an earlier one, and logs it.
    function _count(Poll storage poll, Session memory session, Cast memory cast, string calldata reason) private {
        uint256 lane = cast.lane;
        uint256 newLane = cast.rung | (uint256(uint8(cast.member >> 240)) << 8) | (cast.sequence << 16);
        session.lanes ^= (lane ^ newLane) << _shift(cast.memberId);
        if (lane == 0) poll.counts.add(cast.rung, session.vote.ballots++);
        else if (uint8(lane) != cast.rung) poll.counts.move({from: uint8(lane), to: cast.rung});

        if (bytes(reason).length == 0) {
            PayBallotLog memory log = session.log;
            (log.memberId, log.rate, log.sequence) = (cast.memberId, cast.rate, cast.sequence);
            uint256 place;
            assembly ("memory-safe") {
                place := log
            }
            session.head = _emit3(session.head, place, 4);
        } else {
            session.head = _emit(
                session.head,
                PayBallotCast.selector,
                bytes32(session.payVoteId),
                bytes32(cast.memberId),
                abi.encode(cast.rate, cast.sequence, reason)
            );
        }
    }

    function _skip(Session memory session, Cast memory cast, Refusal refusal) private {
        bytes memory data = abi.encode(cast.memberId, cast.sequence, refusal);
        session.head = _emit(session.head, PayBallotSkipped.selector, bytes32(session.payVoteId), data);
    }

    /// @dev The rung of a rate, if the ladder offers it.
    function _rungOf(Vote memory vote, uint256 rate) private pure returns (uint256 rung, bool offered) {
        if (rate < vote.from || rate > _rateOn(vote, vote.topRung)) return (0, false);
        uint256 above = rate - vote.from;
        return (above / vote.step, above % vote.step == 0);
    }

    /// @dev A new epoch starts again: what a thief cast with the old key can be undone.
    function _lastSequence(uint256 lane, uint256 epoch) private pure returns (uint256) {
        return uint8(lane >> 8) == uint8(epoch) ? lane >> 16 : 0;
    }

    function _shift(uint256 memberId) private pure returns (uint256) {
        return (memberId & 7) << 5;
    }
}
