// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Refusal} from "../interfaces/IAssembly.sol";
import {IPayRates, PayVoteState} from "../interfaces/IPayRates.sol";
import {FreeMemory} from "./FreeMemory.sol";
import {Histogram} from "./Histogram.sol";
import {MemberRecord} from "./MemberRecord.sol";
import {PackedBallots} from "./PackedBallots.sol";
import {PayVoteBook} from "./PayVoteBook.sol";
import {Words} from "./Words.sol";

/// @title PayBallots
/// @notice Casting and changing pay ballots, one by one or in signed batches.
///
/// Assumption: at most 65,535 members vote on one rate.
/// @dev Ballots are kept by memberId, so no change of keys doubles one. A lane holds one member's ballot in 24
/// bits: rung (bits 0–7), epoch modulo 256 (8–15), sequence (16–23, 0 = none). Ten lanes a slot: a batch of
/// consecutive memberIds touches few slots, a scattered one more.
abstract contract PayBallots is PayVoteBook {
    using Histogram for Histogram.Counts;
    using PackedBallots for bytes;
    using PackedBallots for uint256;
    using Words for bytes;

    uint256 private constant MAX_REASON = 500;
    /// @dev Lanes in a word, and their width in bits.
    uint256 private constant LANES = 10;
    uint256 private constant LANE = 24;
    bytes32 private constant EMPTY_HASH = keccak256("");
    bytes32 private constant PAY_BALLOT_TYPEHASH = keccak256(
        "PayBallot(uint256 payVoteId,bytes32 content,uint256 rate,uint32 memberId,uint32 epoch,uint32 sequence,string reason)"
    );

    /// @dev PayBallotCast as the chronicle hashes it: number of topics, topic, data.
    struct CastLog {
        uint256 topicCount;
        bytes32 topic0;
        uint256 ballot;
    }

    /// @dev A ballot: first what is signed, word by word as EIP-712 encodes it.
    struct Ballot {
        bytes32 typeHash;
        uint256 payVoteId;
        bytes32 content;
        uint256 rate;
        uint256 memberId;
        uint256 epoch;
        uint256 sequence;
        bytes32 reasonHash;
        uint256 rung;
        MemberRecord member;
        /// the lane before the ballot
        uint256 lane;
    }

    /// @dev One call that casts. Lanes, counts, number of ballots and chronicle head are kept here until it ends;
    /// `ballot`, `log` and `entry` change with each ballot.
    struct Session {
        uint256 payVoteId;
        uint256 opensAt;
        uint256 from;
        uint256 step;
        uint256 topRung;
        uint256 ballots;
        /// which ten lanes are in `lanes`
        uint256 word;
        uint256 lanes;
        Histogram.AtHand counts;
        bytes32 head;
        Ballot ballot;
        CastLog log;
        PackedBallots.Entry entry;
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
        Session memory session = _open(poll, payVoteId, memberId / LANES);
        Ballot memory ballot = session.ballot;
        (ballot.memberId, ballot.sequence, ballot.rung) = (memberId, sequence, _rungOf(session, rate));
        _complete(session, ballot, MemberRecord.wrap(_membership().slotOf(memberId)));
        Refusal refusal = _refusal(session, ballot, bytes(reason).length);
        if (refusal == Refusal.None && ballot.member.account() != msg.sender) refusal = Refusal.BadSignature;
        if (refusal != Refusal.None) revert PayRatesBallotRefused(payVoteId, memberId, refusal);

        _count(poll, session, ballot, reason);
        _close(poll, session);
    }

    /// @inheritdoc IPayRates
    function castPayBallots(uint256 payVoteId, bytes calldata packed) external nonReentrant returns (uint256 counted) {
        bytes memory memberIds = packed.memberIds(PackedBallots.PAY_BALLOT_HEAD);
        Poll storage poll = _poll(payVoteId);
        Session memory session = _open(poll, payVoteId, packed.firstMemberId() / LANES);
        session.domainSeparator = _domainSeparator();
        Ballot memory ballot = session.ballot;
        (ballot.typeHash, ballot.payVoteId, ballot.content) = (PAY_BALLOT_TYPEHASH, payVoteId, poll.content);
        bytes memory members = _membership().slotsOf(memberIds);
        bytes32 free = FreeMemory.start();
        for (uint256 i; i < members.count(); ++i) {
            if (_castEntry(poll, session, packed, MemberRecord.wrap(members.get(i)))) {
                unchecked {
                    ++counted;
                }
            }
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
        uint256 lane = _laneAt(poll.lanes[memberId / LANES], memberId);
        if (lane != 0) rate = _rateOn(poll.vote, uint8(lane));
        return (rate, uint8(lane >> 8), uint8(lane >> 16));
    }

    // Private

    /// @dev Refuses unless the vote is open.
    /// @param word Which ten lanes to begin with.
    function _open(Poll storage poll, uint256 payVoteId, uint256 word) private view returns (Session memory session) {
        Vote memory vote = _voteIn(PayVoteState.Open, payVoteId);
        session.payVoteId = payVoteId;
        (session.opensAt, session.ballots) = (vote.opensAt, vote.ballots);
        (session.from, session.step, session.topRung) = (vote.from, vote.step, vote.topRung);
        (session.word, session.lanes) = (word, poll.lanes[word]);
        session.counts = Histogram.nothing();
        session.head = _headNow();
        (session.log.topicCount, session.log.topic0) = (1, PayBallotCast.selector);
    }

    function _close(Poll storage poll, Session memory session) private {
        poll.lanes[session.word] = session.lanes;
        poll.counts.putBack(session.counts, session.ballots);
        poll.vote.ballots = uint32(session.ballots);
        _setHead(session.head);
    }

    /// @dev If the member's lane is not at hand, takes the word with it and writes the other one down.
    function _turnTo(Poll storage poll, Session memory session, uint256 memberId) private {
        uint256 word = memberId / LANES;
        if (word == session.word) return;
        poll.lanes[session.word] = session.lanes;
        (session.word, session.lanes) = (word, poll.lanes[word]);
    }

    function _castEntry(
        Poll storage poll,
        Session memory session,
        bytes calldata packed,
        MemberRecord member
    ) private returns (bool) {
        PackedBallots.Entry memory entry = session.entry;
        Ballot memory ballot = session.ballot;
        packed.read(entry, PackedBallots.PAY_BALLOT_HEAD);
        _readHead(ballot, entry.head);
        _complete(session, ballot, member);
        _turnTo(poll, session, ballot.memberId);
        string calldata reason = string(packed.reason(entry));
        Refusal refusal = _refusal(session, ballot, bytes(reason).length);
        if (refusal == Refusal.None) {
            bytes32 digest = _digest(session.domainSeparator, _hashOf(ballot, reason));
            if (packed.isSignedBy(entry, member.account(), digest)) {
                _count(poll, session, ballot, reason);
                return true;
            }
            refusal = Refusal.BadSignature;
        }
        _skip(session, ballot, refusal);
        return false;
    }

    function _readHead(Ballot memory ballot, uint256 head) private pure {
        ballot.memberId = head.memberIdOf();
        ballot.sequence = head.sequenceOf();
        ballot.rung = head.rungOf();
    }

    /// @dev What follows from the rung and from the member's record: the epoch is the present one.
    function _complete(Session memory session, Ballot memory ballot, MemberRecord member) private pure {
        ballot.rate = _rateOn(session, ballot.rung);
        (ballot.member, ballot.epoch) = (member, member.epoch());
    }

    /// @dev Why a ballot cannot be counted, whoever signed it; finds its lane.
    function _refusal(
        Session memory session,
        Ballot memory ballot,
        uint256 reasonLength
    ) private pure returns (Refusal) {
        if (reasonLength > MAX_REASON) return Refusal.BadReason;
        if (ballot.rung > session.topRung) return Refusal.BadChoice;
        if (!ballot.member.exists()) return Refusal.UnknownMember;
        if (!ballot.member.isOnRollSince(session.opensAt)) return Refusal.NotEligible;
        ballot.lane = _laneAt(session.lanes, ballot.memberId);
        if (ballot.sequence <= _lastSequence(ballot.lane, ballot.epoch)) return Refusal.StaleSequence;
        return Refusal.None;
    }

    function _hashOf(Ballot memory ballot, string calldata reason) private pure returns (bytes32 structHash) {
        ballot.reasonHash = bytes(reason).length == 0 ? EMPTY_HASH : keccak256(bytes(reason));
        assembly ("memory-safe") {
            structHash := keccak256(ballot, 256)
        }
    }

    /// @dev Puts the ballot into its lane and the histogram, in place of an earlier one, and logs it.
    function _count(Poll storage poll, Session memory session, Ballot memory ballot, string calldata reason) private {
        uint256 lane = ballot.lane;
        session.lanes ^= _change(ballot);
        if (lane == 0) {
            unchecked {
                ++session.ballots; // whether that is too many, the histogram sees at the end
            }
            poll.counts.add(session.counts, ballot.rung);
        } else {
            poll.counts.move(session.counts, lane & 0xff, ballot.rung);
        }

        uint256 word = _loggedWord(session.payVoteId, ballot);
        if (bytes(reason).length == 0) {
            session.head = _logCast(session.head, session.log, word);
        } else {
            session.head = _emit(session.head, PayBallotCastWithReason.selector, abi.encode(word, reason));
        }
    }

    function _logCast(bytes32 head, CastLog memory log, uint256 word) private returns (bytes32) {
        log.ballot = word;
        uint256 place;
        assembly ("memory-safe") {
            place := log
        }
        return _emit1(head, place, 1);
    }

    /// @dev The ballot as its events have it. No field is wider than its place.
    function _loggedWord(uint256 payVoteId, Ballot memory ballot) private pure returns (uint256) {
        return (payVoteId << 88) | (ballot.memberId << 56) | (ballot.sequence << 48) | ballot.rate;
    }

    function _skip(Session memory session, Ballot memory ballot, Refusal refusal) private {
        bytes memory data = abi.encode(ballot.memberId, ballot.sequence, refusal);
        session.head = _emit(session.head, PayBallotSkipped.selector, bytes32(session.payVoteId), data);
    }

    /// @dev The rung of a rate; one above the highest if the ladder does not offer it.
    function _rungOf(Session memory session, uint256 rate) private pure returns (uint256 rung) {
        rung = rate < session.from ? 0 : (rate - session.from) / session.step;
        if (_rateOn(session, rung) != rate) rung = session.topRung + 1;
    }

    function _rateOn(Session memory session, uint256 rung) private pure returns (uint256) {
        unchecked {
            return session.from + session.step * rung;
        }
    }

    function _laneAt(uint256 lanes, uint256 memberId) private pure returns (uint256) {
        return (lanes >> _shift(memberId)) & ((1 << LANE) - 1);
    }

    /// @dev What turns the word with the member's lane into the one with this ballot, by exclusive or.
    function _change(Ballot memory ballot) private pure returns (uint256) {
        uint256 lane = ballot.rung | (uint256(uint8(ballot.epoch)) << 8) | (ballot.sequence << 16);
        return (ballot.lane ^ lane) << _shift(ballot.memberId);
    }

    /// @dev A new epoch starts again: what a thief cast with the old key can be undone.
    function _lastSequence(uint256 lane, uint256 epoch) private pure returns (uint256) {
        return uint8(lane >> 8) == uint8(epoch) ? lane >> 16 : 0;
    }

    function _shift(uint256 memberId) private pure returns (uint256) {
        unchecked {
            return (memberId % LANES) * LANE;
        }
    }
}
