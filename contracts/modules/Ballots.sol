// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Choice, IAssembly, ProposalState, Refusal} from "../interfaces/IAssembly.sol";
import {Rule} from "../interfaces/IBylaws.sol";
import {Member} from "../interfaces/IMembership.sol";
import {PackedBallots} from "./PackedBallots.sol";
import {ProposalBook} from "./ProposalBook.sol";
import {SignedDomain} from "./SignedDomain.sol";
import {Signatures} from "./Signatures.sol";

/// @title Ballots
/// @notice Casting, changing and counting ballots, one by one or in signed batches.
/// @dev Ballots are kept by memberId, so no change of keys doubles a vote. A lane holds one member's ballot in
/// 16 bits: choice + 1 (bits 0–1, 0 = none), epoch modulo 64 (2–7), sequence (8–15). Sixteen lanes a slot:
/// a batch of consecutive memberIds touches few slots, a scattered one more.
abstract contract Ballots is ProposalBook, SignedDomain, ReentrancyGuardTransient {
    using PackedBallots for bytes;

    uint256 private constant MAX_REASON = 500;
    bytes32 private constant BALLOT_TYPEHASH = keccak256(
        "Ballot(uint256 proposalId,bytes32 content,string choice,uint32 memberId,uint32 epoch,uint32 sequence,string reason)"
    );

    /// @dev One ballot on its way to the count.
    struct Cast {
        uint256 proposalId;
        uint32 memberId;
        uint8 choice;
        uint8 sequence;
    }

    /// @dev What stays the same over a batch.
    struct Batch {
        bytes32 domainSeparator;
        bytes32 content;
        bytes32 head;
        bool late;
        bool passedBefore;
    }

    mapping(uint256 proposalId => mapping(uint256 word => uint256 sixteenLanes)) private _lanes;

    /// @inheritdoc IAssembly
    function castBallot(
        uint256 proposalId,
        uint32 memberId,
        Choice choice,
        uint8 sequence,
        string calldata reason
    ) external nonReentrant {
        _openSession(proposalId);
        Cast memory cast = Cast(proposalId, memberId, uint8(choice), sequence);
        Member memory member = _memberOf(memberId);
        Refusal refusal = _refusal(cast, member, bytes(reason).length);
        if (refusal == Refusal.None && member.account != msg.sender) refusal = Refusal.BadSignature;
        if (refusal != Refusal.None) revert AssemblyBallotRefused(proposalId, memberId, refusal);

        bool late = _isLate(proposalId);
        bool passedBefore = late && _passesNow(proposalId);
        _setHead(_count(_headNow(), cast, member, reason));
        if (late) _extendIfSwung(proposalId, passedBefore);
    }

    /// @inheritdoc IAssembly
    function castBallots(uint256 proposalId, bytes calldata packed) external nonReentrant returns (uint256 counted) {
        _openSession(proposalId);
        uint256[] memory slots = _membership.slotsOf(packed.memberIds({rungs: false}));
        Batch memory batch = _batch(proposalId);
        PackedBallots.Entry memory entry;
        for (uint256 i; i < slots.length; ++i) {
            packed.read(entry, false);
            if (_castEntry(batch, proposalId, _member(slots[i]), packed, entry)) ++counted;
        }
        _setHead(batch.head);
        if (batch.late) _extendIfSwung(proposalId, batch.passedBefore);
    }

    /// @inheritdoc IAssembly
    function ballotOf(
        uint256 proposalId,
        uint32 memberId
    ) public view returns (uint8 support, uint8 epoch, uint8 sequence) {
        uint256 lane = _laneOf(proposalId, memberId);
        if (lane != 0) support = uint8(lane & 3) - 1;
        return (support, uint8((lane >> 2) & 63), uint8(lane >> 8));
    }

    // Internal

    /// @dev Refuses unless the vote is open; the first ballot after a missed quorum opens the second call.
    function _openSession(uint256 proposalId) private {
        _refuseUnless(proposalId, _mask(ProposalState.Active));
        Poll storage poll = _polls[proposalId];
        if (block.timestamp <= uint256(poll.opensAt) + poll.closesAfter) return;

        uint24 delay = _ruleOf(proposalId).secondCallDelay;
        poll.secondCalled = true;
        poll.closesAfter += delay;
        if (poll.swingAfter != NEVER) poll.swingAfter = poll.closesAfter - _ruleOf(proposalId).swingWindow;
        poll.extendedAfter = 0;

        _record(
            SecondCallOpened.selector,
            bytes32(proposalId),
            abi.encode(uint64(uint256(poll.opensAt) + poll.closesAfter))
        );
    }

    function _batch(uint256 proposalId) private view returns (Batch memory batch) {
        batch.domainSeparator = _domainSeparator();
        batch.content = _contents[proposalId];
        batch.head = _headNow();
        batch.late = _isLate(proposalId);
        batch.passedBefore = batch.late && _passesNow(proposalId);
    }

    function _castEntry(
        Batch memory batch,
        uint256 proposalId,
        Member memory member,
        bytes calldata packed,
        PackedBallots.Entry memory entry
    ) private returns (bool) {
        string calldata reason = string(packed.reason(entry));
        Cast memory cast = Cast(proposalId, entry.memberId, entry.choice, entry.sequence);
        Refusal refusal = _refusal(cast, member, bytes(reason).length);
        if (refusal == Refusal.None) {
            bytes32 digest = _digest(batch.domainSeparator, _structHash(cast, batch.content, member.epoch, reason));
            bool signed = Signatures.isSignedBy(member.account, digest, packed.signature(entry));
            if (!signed) refusal = Refusal.BadSignature;
        }
        if (refusal != Refusal.None) {
            bytes memory data = abi.encode(cast.memberId, cast.sequence, refusal);
            batch.head = _emit(batch.head, BallotSkipped.selector, bytes32(proposalId), data);
            return false;
        }
        batch.head = _count(batch.head, cast, member, reason);
        return true;
    }

    /// @dev Why a ballot cannot be counted, whoever signed it.
    function _refusal(Cast memory cast, Member memory member, uint256 reasonLength) private view returns (Refusal) {
        Poll storage poll = _polls[cast.proposalId];
        if (reasonLength > (poll.reasonsBarred ? 0 : MAX_REASON)) return Refusal.BadReason;
        if (cast.choice > uint8(Choice.Abstain)) return Refusal.BadChoice;
        if (member.account == address(0)) return Refusal.UnknownMember;
        if (member.until != 0 || member.since > poll.opensAt) return Refusal.NotEligible;
        if (poll.subjectExcluded && _cores[cast.proposalId].subjectId == cast.memberId) {
            return Refusal.PersonConcerned;
        }
        uint256 lane = _laneOf(cast.proposalId, cast.memberId);
        if (cast.sequence <= _lastSequence(lane, member.epoch)) return Refusal.StaleSequence;
        bool inExtension = poll.extendedAfter != 0 && block.timestamp > uint256(poll.opensAt) + poll.extendedAfter;
        return inExtension && lane != 0 ? Refusal.AlreadyVoted : Refusal.None;
    }

    /// @dev Puts the ballot into its lane and the tally, in place of an earlier one, and logs it.
    function _count(
        bytes32 head,
        Cast memory cast,
        Member memory member,
        string calldata reason
    ) private returns (bytes32) {
        uint256 lane = _laneOf(cast.proposalId, cast.memberId);
        if (lane != 0) _tallyUp(cast.proposalId, uint8(lane & 3) - 1, false);
        _tallyUp(cast.proposalId, cast.choice, true);
        uint256 shift = _shift(cast.memberId);
        uint256 ballot = (cast.choice + 1) | (uint256(member.epoch & 63) << 2) | (uint256(cast.sequence) << 8);
        uint256 lanes = _lanes[cast.proposalId][cast.memberId >> 4];
        _lanes[cast.proposalId][cast.memberId >> 4] = (lanes & ~(uint256(0xffff) << shift)) | (ballot << shift);

        if (cast.sequence != _lastSequence(lane, member.epoch) + 1) {
            bytes memory numbers = abi.encode(cast.memberId, cast.sequence);
            head = _emit(head, BallotSequence.selector, bytes32(cast.proposalId), numbers);
        }
        bytes memory data = abi.encode(cast.proposalId, cast.choice, uint256(1), reason);
        return _emit(head, VoteCast.selector, _topic(member.account), data);
    }

    function _tallyUp(uint256 proposalId, uint8 choice, bool up) private {
        Poll storage poll = _polls[proposalId];
        if (choice == uint8(Choice.For)) poll.forVotes = up ? poll.forVotes + 1 : poll.forVotes - 1;
        else if (choice == uint8(Choice.Against))
            poll.againstVotes = up ? poll.againstVotes + 1 : poll.againstVotes - 1;
        else poll.abstainVotes = up ? poll.abstainVotes + 1 : poll.abstainVotes - 1;
    }

    function _isLate(uint256 proposalId) private view returns (bool) {
        Poll storage poll = _polls[proposalId];
        return poll.swingAfter != NEVER && block.timestamp >= uint256(poll.opensAt) + poll.swingAfter;
    }

    function _passesNow(uint256 proposalId) private view returns (bool) {
        return _passes(proposalId, _polls[proposalId].secondCalled);
    }

    /// @dev Judged once a call: a batch counts as one.
    function _extendIfSwung(uint256 proposalId, bool passedBefore) private {
        if (_passesNow(proposalId) == passedBefore) return;

        Poll storage poll = _polls[proposalId];
        Rule memory rule = _ruleOf(proposalId);
        uint24 firstDeadline = poll.extendedAfter == 0 ? poll.closesAfter : poll.extendedAfter;
        uint256 moved = Math.min(
            block.timestamp - poll.opensAt + rule.swingWindow,
            uint256(firstDeadline) + rule.swingCap
        );
        if (moved <= poll.closesAfter) return;
        poll.extendedAfter = firstDeadline;
        poll.closesAfter = uint24(moved);

        _record(ProposalExtended.selector, bytes32(proposalId), abi.encode(uint64(poll.opensAt + moved)));
    }

    function _structHash(
        Cast memory cast,
        bytes32 content,
        uint16 epoch,
        string calldata reason
    ) private pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    BALLOT_TYPEHASH,
                    cast.proposalId,
                    content,
                    _choiceHash(cast.choice),
                    cast.memberId,
                    epoch,
                    cast.sequence,
                    keccak256(bytes(reason))
                )
            );
    }

    function _choiceHash(uint8 choice) private pure returns (bytes32) {
        if (choice == uint8(Choice.For)) return keccak256("for");
        if (choice == uint8(Choice.Against)) return keccak256("against");
        return keccak256("abstain");
    }

    function _laneOf(uint256 proposalId, uint32 memberId) private view returns (uint256) {
        return (_lanes[proposalId][memberId >> 4] >> _shift(memberId)) & 0xffff;
    }

    /// @dev A new epoch starts again: what a thief cast with the old key can be undone.
    function _lastSequence(uint256 lane, uint16 epoch) private pure returns (uint256) {
        return ((lane >> 2) & 63) == (epoch & 63) ? lane >> 8 : 0;
    }

    function _shift(uint32 memberId) private pure returns (uint256) {
        return uint256(memberId & 15) * 16;
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
