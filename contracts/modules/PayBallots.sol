// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Refusal} from "../interfaces/IAssembly.sol";
import {IPayRates, PayVoteState} from "../interfaces/IPayRates.sol";
import {FreeMemory} from "./FreeMemory.sol";
import {Histogram} from "./Histogram.sol";
import {PackedBallots} from "./PackedBallots.sol";
import {PayVoteBook} from "./PayVoteBook.sol";
import {SignedDomain} from "./SignedDomain.sol";
import {Signatures} from "./Signatures.sol";

/// @title PayBallots
/// @notice Casting and changing pay ballots, one by one or in signed batches.
///
/// Assumption: at most 65,535 members vote on one rate.
/// @dev Ballots are kept by memberId, so no change of keys doubles one. A lane holds one member's ballot in 32
/// bits: rung (bits 0–7), epoch modulo 256 (8–15), sequence (16–23, 0 = none). Eight lanes a slot: a batch of
/// consecutive memberIds touches few slots, a scattered one more.
abstract contract PayBallots is PayVoteBook, SignedDomain {
    using Histogram for Histogram.Counts;
    using PackedBallots for bytes;

    uint256 private constant MAX_REASON = 500;
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

    /// @dev One call that casts. Head and number of ballots are kept here until it ends.
    struct Session {
        Vote vote;
        PayBallot ballot;
        uint256 rung;
        bytes32 head;
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
        Session memory session = _session(payVoteId);
        Poll storage poll = _poll(payVoteId);
        (uint256 rung, bool offered) = _rungOf(session.vote, rate);
        if (!offered) revert PayRatesBallotRefused(payVoteId, memberId, Refusal.BadChoice);
        uint256 member = _memberOf(memberId);
        _take({session: session, memberId: memberId, sequence: sequence, rung: rung, member: member});
        uint256 lanes = poll.lanes[memberId >> 3];
        Refusal refusal = _refusal(session, member, lanes, bytes(reason).length);
        if (refusal == Refusal.None && address(uint160(member)) != msg.sender) refusal = Refusal.BadSignature;
        if (refusal != Refusal.None) revert PayRatesBallotRefused(payVoteId, memberId, refusal);

        _count(poll, session, lanes, reason);
        _close(poll, session);
    }

    /// @inheritdoc IPayRates
    function castPayBallots(uint256 payVoteId, bytes calldata packed) external nonReentrant returns (uint256 counted) {
        Session memory session = _session(payVoteId);
        Poll storage poll = _poll(payVoteId);
        session.domainSeparator = _domainSeparator();
        session.ballot.typeHash = PAY_BALLOT_TYPEHASH;
        session.ballot.content = poll.content;
        uint256[] memory members = _membership().slotsOf(packed.memberIds({rungs: true}));
        PackedBallots.Entry memory entry;
        bytes32 free = FreeMemory.start();
        for (uint256 i; i < members.length; ++i) {
            packed.read(entry, true);
            if (_castEntry(poll, session, members[i], packed, entry)) ++counted;
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
    function _session(uint256 payVoteId) private view returns (Session memory session) {
        session.vote = _voteIn(PayVoteState.Open, payVoteId);
        session.ballot.payVoteId = payVoteId;
        session.head = _headNow();
    }

    /// @dev Takes up one ballot; the epoch is the member's present one.
    function _take(
        Session memory session,
        uint256 memberId,
        uint256 sequence,
        uint256 rung,
        uint256 member
    ) private pure {
        PayBallot memory ballot = session.ballot;
        session.rung = rung;
        ballot.rate = _rateOn(session.vote, rung);
        ballot.memberId = memberId;
        ballot.epoch = member >> 240;
        ballot.sequence = sequence;
    }

    function _close(Poll storage poll, Session memory session) private {
        poll.vote.ballots = session.vote.ballots;
        _setHead(session.head);
    }

    function _castEntry(
        Poll storage poll,
        Session memory session,
        uint256 member,
        bytes calldata packed,
        PackedBallots.Entry memory entry
    ) private returns (bool) {
        _take({session: session, memberId: entry.memberId, sequence: entry.sequence, rung: entry.rung, member: member});
        uint256 lanes = poll.lanes[entry.memberId >> 3];
        string calldata reason = string(packed.reason(entry));
        Refusal refusal = _refusal(session, member, lanes, bytes(reason).length);
        if (refusal == Refusal.None) {
            session.ballot.reasonHash = keccak256(bytes(reason));
            bytes32 digest = _digest(session.domainSeparator, keccak256(abi.encode(session.ballot)));
            bool signed = Signatures.isSignedBy(address(uint160(member)), digest, packed.signature(entry));
            if (!signed) refusal = Refusal.BadSignature;
        }
        if (refusal != Refusal.None) {
            _skip(session, refusal);
            return false;
        }
        _count(poll, session, lanes, reason);
        return true;
    }

    /// @dev Why a ballot cannot be counted, whoever signed it.
    /// @param member The member's record as `slotsOf` gives it.
    function _refusal(
        Session memory session,
        uint256 member,
        uint256 lanes,
        uint256 reasonLength
    ) private pure returns (Refusal) {
        if (reasonLength > MAX_REASON) return Refusal.BadReason;
        if (session.rung > session.vote.topRung) return Refusal.BadChoice;
        if (member == 0) return Refusal.UnknownMember;
        if (uint40(member >> 200) != 0 || uint40(member >> 160) > session.vote.opensAt) return Refusal.NotEligible;
        PayBallot memory ballot = session.ballot;
        uint256 lane = uint32(lanes >> _shift(ballot.memberId));
        return ballot.sequence <= _lastSequence(lane, ballot.epoch) ? Refusal.StaleSequence : Refusal.None;
    }

    /// @dev Puts the ballot into its lane and the histogram, in place of an earlier one, and logs it.
    function _count(Poll storage poll, Session memory session, uint256 lanes, string calldata reason) private {
        PayBallot memory ballot = session.ballot;
        uint256 shift = _shift(ballot.memberId);
        uint256 lane = uint32(lanes >> shift);
        uint256 newLane = session.rung | (uint256(uint8(ballot.epoch)) << 8) | (ballot.sequence << 16);
        poll.lanes[ballot.memberId >> 3] = lanes ^ ((lane ^ newLane) << shift);
        if (lane == 0) poll.counts.add(session.rung, session.vote.ballots++);
        else poll.counts.move({from: uint8(lane), to: session.rung});

        session.head = _emit(
            session.head,
            PayBallotCast.selector,
            bytes32(ballot.payVoteId),
            bytes32(ballot.memberId),
            abi.encode(ballot.rate, ballot.sequence, reason)
        );
    }

    function _skip(Session memory session, Refusal refusal) private {
        session.head = _emit(
            session.head,
            PayBallotSkipped.selector,
            bytes32(session.ballot.payVoteId),
            abi.encode(session.ballot.memberId, session.ballot.sequence, refusal)
        );
    }

    function _memberOf(uint32 memberId) private view returns (uint256 member) {
        uint32[] memory memberIds = new uint32[](1);
        memberIds[0] = memberId;
        return _membership().slotsOf(memberIds)[0];
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
