// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Choice, IAssembly, ProposalState, Refusal} from "../interfaces/IAssembly.sol";
import {Rule} from "../interfaces/IBylaws.sol";
import {FreeMemory} from "./FreeMemory.sol";
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

    /// @dev A ballot as it is signed: EIP-712's encoding word by word.
    struct Ballot {
        bytes32 typeHash;
        uint256 proposalId;
        bytes32 content;
        bytes32 choiceHash;
        uint256 memberId;
        uint256 epoch;
        uint256 sequence;
        bytes32 reasonHash;
    }

    /// @dev One call that casts. Votes, lanes and chronicle head are kept here until it ends.
    struct Session {
        Ballot ballot;
        uint256 choice;
        uint256 opensAt;
        uint256 maxReason;
        /// the person concerned if they have no vote, otherwise 0
        uint256 excluded;
        bool inExtension;
        bool late;
        bool passedBefore;
        /// votes by Choice
        uint256[3] votes;
        /// which sixteen lanes are in `lanes`
        uint256 word;
        uint256 lanes;
        bytes32 head;
        bytes32 domainSeparator;
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
        Session memory session = _session(proposalId, memberId);
        uint32[] memory ids = new uint32[](1);
        ids[0] = memberId;
        uint256 member = _membership.slotsOf(ids)[0];
        _take(session, uint8(choice), memberId, member, sequence);
        Refusal refusal = _refusal(session, member, bytes(reason).length);
        if (refusal == Refusal.None && address(uint160(member)) != msg.sender) refusal = Refusal.BadSignature;
        if (refusal != Refusal.None) revert AssemblyBallotRefused(proposalId, memberId, refusal);

        _count(session, member, reason);
        _close(session);
    }

    /// @inheritdoc IAssembly
    function castBallots(uint256 proposalId, bytes calldata packed) external nonReentrant returns (uint256 counted) {
        uint32[] memory memberIds = packed.memberIds({rungs: false});
        Session memory session = _session(proposalId, memberIds.length == 0 ? 0 : memberIds[0]);
        session.domainSeparator = _domainSeparator();
        session.ballot.typeHash = BALLOT_TYPEHASH;
        session.ballot.content = _contents[proposalId];
        uint256[] memory members = _membership.slotsOf(memberIds);
        PackedBallots.Entry memory entry;
        bytes32 free = FreeMemory.start();
        for (uint256 i; i < members.length; ++i) {
            packed.read(entry, false);
            if (_castEntry(session, members[i], packed, entry)) ++counted;
            FreeMemory.reuse(free);
        }
        _close(session);
    }

    /// @inheritdoc IAssembly
    function ballotOf(
        uint256 proposalId,
        uint32 memberId
    ) public view returns (uint8 support, uint8 epoch, uint8 sequence) {
        uint256 lane = uint16(_lanes[proposalId][memberId >> 4] >> _shift(memberId));
        if (lane != 0) support = uint8(lane & 3) - 1;
        return (support, uint8((lane >> 2) & 63), uint8(lane >> 8));
    }

    // Internal

    /// @dev Refuses unless the vote is open; the first ballot after a missed quorum opens the second call.
    function _session(uint256 proposalId, uint256 memberId) private returns (Session memory session) {
        _refuseUnless(proposalId, _mask(ProposalState.Active));
        Poll memory poll = _polls[proposalId];
        if (block.timestamp > uint256(poll.opensAt) + poll.closesAfter) poll = _secondCall(proposalId);

        session.ballot.proposalId = proposalId;
        session.opensAt = poll.opensAt;
        session.maxReason = poll.reasonsBarred ? 0 : MAX_REASON;
        session.votes = [uint256(poll.againstVotes), poll.forVotes, poll.abstainVotes];
        if (poll.subjectExcluded) session.excluded = _cores[proposalId].subjectId;
        uint256 since = block.timestamp - poll.opensAt;
        session.inExtension = poll.extendedAfter != 0 && since > poll.extendedAfter;
        session.late = poll.swingAfter != NEVER && since >= poll.swingAfter;
        if (session.late) session.passedBefore = _passes(proposalId, poll.secondCalled);
        session.word = memberId >> 4;
        session.lanes = _lanes[proposalId][session.word];
        session.head = _headNow();
    }

    function _secondCall(uint256 proposalId) private returns (Poll memory) {
        Rule memory rule = _ruleOf(proposalId);
        Poll storage poll = _polls[proposalId];
        poll.secondCalled = true;
        poll.closesAfter += rule.secondCallDelay;
        if (poll.swingAfter != NEVER) poll.swingAfter = poll.closesAfter - rule.swingWindow;
        poll.extendedAfter = 0;

        _record(
            SecondCallOpened.selector,
            bytes32(proposalId),
            abi.encode(uint64(uint256(poll.opensAt) + poll.closesAfter))
        );
        return poll;
    }

    /// @dev Takes up one ballot; the epoch is the member's present one.
    /// @param member The member's record as `slotsOf` gives it.
    function _take(Session memory session, uint256 choice, uint256 memberId, uint256 member, uint256 sequence) private {
        Ballot memory ballot = session.ballot;
        session.choice = choice;
        ballot.memberId = memberId;
        ballot.epoch = member >> 240;
        ballot.sequence = sequence;
        if (session.word != memberId >> 4) {
            mapping(uint256 word => uint256 sixteenLanes) storage lanes = _lanes[ballot.proposalId];
            lanes[session.word] = session.lanes;
            session.word = memberId >> 4;
            session.lanes = lanes[session.word];
        }
    }

    function _castEntry(
        Session memory session,
        uint256 member,
        bytes calldata packed,
        PackedBallots.Entry memory entry
    ) private returns (bool) {
        _take(session, entry.choice, entry.memberId, member, entry.sequence);
        string calldata reason = string(packed.reason(entry));
        Refusal refusal = _refusal(session, member, bytes(reason).length);
        if (refusal == Refusal.None && !_isSigned(session, member, reason, packed.signature(entry))) {
            refusal = Refusal.BadSignature;
        }
        if (refusal != Refusal.None) {
            bytes memory data = abi.encode(entry.memberId, entry.sequence, refusal);
            session.head = _emit(session.head, BallotSkipped.selector, bytes32(session.ballot.proposalId), data);
            return false;
        }
        _count(session, member, reason);
        return true;
    }

    /// @dev Why a ballot cannot be counted, whoever signed it.
    function _refusal(Session memory session, uint256 member, uint256 reasonLength) private pure returns (Refusal) {
        if (reasonLength > session.maxReason) return Refusal.BadReason;
        if (session.choice > uint8(Choice.Abstain)) return Refusal.BadChoice;
        if (member == 0) return Refusal.UnknownMember;
        if (uint40(member >> 200) != 0 || uint40(member >> 160) > session.opensAt) return Refusal.NotEligible;
        Ballot memory ballot = session.ballot;
        if (ballot.memberId == session.excluded) return Refusal.PersonConcerned;
        uint256 lane = uint16(session.lanes >> _shift(ballot.memberId));
        if (ballot.sequence <= _lastSequence(lane, ballot.epoch)) return Refusal.StaleSequence;
        return session.inExtension && lane != 0 ? Refusal.AlreadyVoted : Refusal.None;
    }

    function _isSigned(
        Session memory session,
        uint256 member,
        string calldata reason,
        bytes calldata signature
    ) private view returns (bool) {
        Ballot memory ballot = session.ballot;
        ballot.choiceHash = _choiceHash(session.choice);
        ballot.reasonHash = keccak256(bytes(reason));
        bytes32 structHash;
        assembly ("memory-safe") {
            structHash := keccak256(ballot, 256)
        }
        return Signatures.isSignedBy(address(uint160(member)), _digest(session.domainSeparator, structHash), signature);
    }

    /// @dev Puts the ballot into its lane and the votes, in place of an earlier one, and logs it.
    function _count(Session memory session, uint256 member, string calldata reason) private {
        Ballot memory ballot = session.ballot;
        (uint256 choice, uint256 sequence) = (session.choice, ballot.sequence);
        uint256 shift = _shift(ballot.memberId);
        uint256 lane = uint16(session.lanes >> shift);
        if (lane != 0) --session.votes[(lane & 3) - 1];
        ++session.votes[choice];
        uint256 newLane = (choice + 1) | ((ballot.epoch & 63) << 2) | (sequence << 8);
        session.lanes ^= (lane ^ newLane) << shift;

        if (sequence != _lastSequence(lane, ballot.epoch) + 1) {
            bytes memory numbers = abi.encode(ballot.memberId, sequence);
            session.head = _emit(session.head, BallotSequence.selector, bytes32(ballot.proposalId), numbers);
        }
        session.head = _emit(
            session.head,
            VoteCast.selector,
            bytes32(uint256(uint160(member))),
            abi.encode(ballot.proposalId, choice, uint256(1), reason)
        );
    }

    /// @dev Writes down what the call has counted. Whether the outcome swung is judged once a call.
    function _close(Session memory session) private {
        uint256 proposalId = session.ballot.proposalId;
        _lanes[proposalId][session.word] = session.lanes;
        Poll storage poll = _polls[proposalId];
        poll.againstVotes = uint32(session.votes[uint8(Choice.Against)]);
        poll.forVotes = uint32(session.votes[uint8(Choice.For)]);
        poll.abstainVotes = uint32(session.votes[uint8(Choice.Abstain)]);
        _setHead(session.head);

        if (session.late && _passes(proposalId, poll.secondCalled) != session.passedBefore) _extend(proposalId);
    }

    function _extend(uint256 proposalId) private {
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

    function _choiceHash(uint256 choice) private pure returns (bytes32) {
        if (choice == uint8(Choice.For)) return keccak256("for");
        if (choice == uint8(Choice.Against)) return keccak256("against");
        return keccak256("abstain");
    }

    /// @dev A new epoch starts again: what a thief cast with the old key can be undone.
    function _lastSequence(uint256 lane, uint256 epoch) private pure returns (uint256) {
        return ((lane >> 2) & 63) == (epoch & 63) ? lane >> 8 : 0;
    }

    function _shift(uint256 memberId) private pure returns (uint256) {
        return (memberId & 15) << 4;
    }
}
