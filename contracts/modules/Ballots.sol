// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Choice, IAssembly, ProposalState, Refusal} from "../interfaces/IAssembly.sol";
import {Rule} from "../interfaces/IBylaws.sol";
import {FreeMemory} from "./FreeMemory.sol";
import {PackedBallots} from "./PackedBallots.sol";
import {Poll, Polls} from "./Poll.sol";
import {ProposalBook} from "./ProposalBook.sol";
import {SignedDomain} from "./SignedDomain.sol";

/// @title Ballots
/// @notice Casting, changing and counting ballots, one by one or in signed batches.
/// @dev Ballots are kept by memberId, so no change of keys doubles a vote. A lane holds one member's ballot in
/// 16 bits: choice + 1 (bits 0–1, 0 = none), epoch modulo 64 (2–7), sequence (8–15). Sixteen lanes a slot:
/// a batch of consecutive memberIds touches few slots, a scattered one more.
abstract contract Ballots is ProposalBook, SignedDomain, ReentrancyGuardTransient {
    using PackedBallots for bytes;
    using PackedBallots for uint256;

    uint256 private constant MAX_REASON = 500;
    bytes32 private constant EMPTY_HASH = keccak256("");
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

    /// @dev VoteCast without a reason, as the chronicle hashes it: number of topics, topics, data.
    struct VoteLog {
        uint256 topicCount;
        bytes32 topic0;
        uint256 voter;
        uint256 proposalId;
        uint256 support;
        uint256 weight;
        uint256 reasonAt;
        uint256 reasonLength;
    }

    /// @dev One call that casts. Votes, lanes and chronicle head are kept here until it ends.
    struct Session {
        Poll poll;
        uint256 proposalId;
        VoteLog log;
        uint256 maxReason;
        /// the person concerned if they have no vote, otherwise 0
        uint256 excluded;
        bool inExtension;
        bool late;
        bool passedBefore;
        /// which sixteen lanes are in `lanes`
        uint256 word;
        uint256 lanes;
        bytes32 head;
    }

    /// @dev What one entry of a batch says: a member's choice under a number.
    struct Cast {
        uint256 memberId;
        /// the member's record as `slotsOf` gives it
        uint256 member;
        uint256 choice;
        uint256 sequence;
        /// the member's lane, and the sequence that the ballot must be above
        uint256 lane;
        uint256 lastSequence;
    }

    /// @dev What a batch needs besides; `entry`, `cast` and parts of `ballot` change with each entry.
    struct Batch {
        Ballot ballot;
        PackedBallots.Entry entry;
        Cast cast;
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
        Session memory session = _open(proposalId, memberId >> 4);
        Cast memory cast = Cast({
            memberId: memberId,
            member: _membership().slotOf(memberId),
            choice: uint8(choice),
            sequence: sequence,
            lane: 0,
            lastSequence: 0
        });
        Refusal refusal = _refusal(session, cast, bytes(reason).length);
        if (refusal == Refusal.None && address(uint160(cast.member)) != msg.sender) refusal = Refusal.BadSignature;
        if (refusal != Refusal.None) revert AssemblyBallotRefused(proposalId, memberId, refusal);

        _count(session, cast, reason);
        _close(session);
    }

    /// @inheritdoc IAssembly
    function castBallots(uint256 proposalId, bytes calldata packed) external nonReentrant returns (uint256 counted) {
        uint32[] memory memberIds = packed.memberIds(PackedBallots.BALLOT_HEAD);
        Session memory session = _open(proposalId, memberIds.length == 0 ? 0 : memberIds[0] >> 4);
        Batch memory batch;
        batch.domainSeparator = _domainSeparator();
        batch.ballot.typeHash = BALLOT_TYPEHASH;
        batch.ballot.proposalId = proposalId;
        batch.ballot.content = _contents[proposalId];
        uint256[] memory members = _membership().slotsOf(memberIds);
        bytes32 free = FreeMemory.start();
        for (uint256 i; i < members.length; ++i) {
            batch.cast.member = members[i];
            if (_castEntry(session, batch, packed)) ++counted;
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

    // Private

    /// @dev Refuses unless the vote is open; the first ballot after a missed quorum opens the second call.
    /// @param word Which sixteen lanes to begin with.
    function _open(uint256 proposalId, uint256 word) private returns (Session memory session) {
        Poll poll = _known(proposalId);
        ProposalState found = _state(proposalId, poll);
        if (found != ProposalState.Active) {
            revert AssemblyUnexpectedState(proposalId, found, _mask(ProposalState.Active));
        }
        if (block.timestamp > poll.deadline()) poll = _callAgain(proposalId, poll);

        session.poll = poll;
        session.proposalId = proposalId;
        session.maxReason = _isPersonal(poll.class()) ? 0 : MAX_REASON;
        if (poll.has(Polls.SUBJECT_EXCLUDED)) session.excluded = _laters[proposalId].subjectId;
        unchecked {
            uint256 since = block.timestamp - poll.opensAt();
            session.inExtension = since > poll.closesAfter();
            session.late = since + poll.swingWindow() >= poll.closesAfter() && poll.swingWindow() != 0;
        }
        if (session.late) session.passedBefore = _passesNow(session);
        session.word = word;
        session.lanes = _lanes[proposalId][word];
        session.head = _headNow();
        VoteLog memory log = session.log;
        (log.topicCount, log.topic0, log.proposalId) = (2, VoteCast.selector, proposalId);
        (log.weight, log.reasonAt) = (1, 4 * 32);
    }

    function _callAgain(uint256 proposalId, Poll poll) private returns (Poll called) {
        called = poll.calledAgain(_ruleOf(poll).secondCallDelay);
        _polls[proposalId] = called;

        _record(SecondCallOpened.selector, bytes32(proposalId), abi.encode(uint64(called.deadline())));
    }

    function _passesNow(Session memory session) private view returns (bool) {
        Poll poll = session.poll;
        return _passes(session.proposalId, poll, _ruleOf(poll), poll.has(Polls.SECOND_CALLED));
    }

    /// @dev Changes to other lanes; those at hand are written down.
    function _turnTo(Session memory session, uint256 word) private {
        mapping(uint256 word => uint256 sixteenLanes) storage lanes = _lanes[session.proposalId];
        lanes[session.word] = session.lanes;
        session.word = word;
        session.lanes = lanes[word];
    }

    function _castEntry(Session memory session, Batch memory batch, bytes calldata packed) private returns (bool) {
        PackedBallots.Entry memory entry = batch.entry;
        Cast memory cast = batch.cast;
        packed.read(entry, PackedBallots.BALLOT_HEAD);
        uint256 head = entry.head;
        cast.memberId = head.memberIdOf();
        cast.choice = head.choiceOf();
        cast.sequence = head.sequenceOf();
        if (cast.memberId >> 4 != session.word) _turnTo(session, cast.memberId >> 4);
        string calldata reason = string(packed.reason(entry));
        Refusal refusal = _refusal(session, cast, bytes(reason).length);
        if (refusal == Refusal.None) {
            bytes32 digest = _digest(batch.domainSeparator, _hashOf(batch.ballot, cast, reason));
            if (packed.isSignedBy(entry, address(uint160(cast.member)), digest)) {
                _count(session, cast, reason);
                return true;
            }
            refusal = Refusal.BadSignature;
        }
        _skip(session, cast, refusal);
        return false;
    }

    /// @dev Why a ballot cannot be counted, whoever signed it; finds its lane.
    function _refusal(Session memory session, Cast memory cast, uint256 reasonLength) private pure returns (Refusal) {
        if (reasonLength > session.maxReason) return Refusal.BadReason;
        if (cast.choice > uint8(Choice.Abstain)) return Refusal.BadChoice;
        uint256 member = cast.member;
        if (member == 0) return Refusal.UnknownMember;
        if (uint40(member >> 200) != 0 || uint40(member >> 160) > session.poll.opensAt()) return Refusal.NotEligible;
        if (cast.memberId == session.excluded) return Refusal.PersonConcerned;
        uint256 lane = uint16(session.lanes >> _shift(cast.memberId));
        uint256 last = _lastSequence(lane, member >> 240);
        if (cast.sequence <= last) return Refusal.StaleSequence;
        if (session.inExtension && lane != 0) return Refusal.AlreadyVoted;
        (cast.lane, cast.lastSequence) = (lane, last);
        return Refusal.None;
    }

    /// @dev The epoch is the member's present one.
    function _hashOf(
        Ballot memory ballot,
        Cast memory cast,
        string calldata reason
    ) private pure returns (bytes32 structHash) {
        ballot.choiceHash = _choiceHash(cast.choice);
        ballot.memberId = cast.memberId;
        ballot.epoch = cast.member >> 240;
        ballot.sequence = cast.sequence;
        ballot.reasonHash = bytes(reason).length == 0 ? EMPTY_HASH : keccak256(bytes(reason));
        assembly ("memory-safe") {
            structHash := keccak256(ballot, 256)
        }
    }

    /// @dev Puts the ballot into its lane and the votes, in place of an earlier one, and logs it.
    function _count(Session memory session, Cast memory cast, string calldata reason) private {
        (uint256 choice, uint256 lane) = (cast.choice, cast.lane);
        Poll poll = session.poll;
        unchecked {
            if (lane != 0) poll = poll.minusVote((lane & 3) - 1);
            session.poll = poll.plusVote(choice);
            uint256 newLane = (choice + 1) | (((cast.member >> 240) & 63) << 2) | (cast.sequence << 8);
            session.lanes ^= (lane ^ newLane) << _shift(cast.memberId);
            if (cast.sequence != cast.lastSequence + 1) _logSequence(session, cast);
        }
        _logVote(session, cast, reason);
    }

    function _logSequence(Session memory session, Cast memory cast) private {
        bytes memory data = abi.encode(cast.memberId, cast.sequence);
        session.head = _emit(session.head, BallotSequence.selector, bytes32(session.proposalId), data);
    }

    function _logVote(Session memory session, Cast memory cast, string calldata reason) private {
        uint256 voter = uint160(cast.member);
        if (bytes(reason).length == 0) {
            VoteLog memory log = session.log;
            (log.voter, log.support) = (voter, cast.choice);
            uint256 place;
            assembly ("memory-safe") {
                place := log
            }
            session.head = _emit2(session.head, place, 5);
        } else {
            bytes memory data = abi.encode(session.proposalId, cast.choice, uint256(1), reason);
            session.head = _emit(session.head, VoteCast.selector, bytes32(voter), data);
        }
    }

    function _skip(Session memory session, Cast memory cast, Refusal refusal) private {
        bytes memory data = abi.encode(cast.memberId, cast.sequence, refusal);
        session.head = _emit(session.head, BallotSkipped.selector, bytes32(session.proposalId), data);
    }

    /// @dev Writes down what the call has counted. Whether the outcome swung is judged once a call.
    function _close(Session memory session) private {
        uint256 proposalId = session.proposalId;
        _lanes[proposalId][session.word] = session.lanes;
        _polls[proposalId] = session.poll;
        _setHead(session.head);

        if (session.late && _passesNow(session) != session.passedBefore) _extend(proposalId, session.poll);
    }

    function _extend(uint256 proposalId, Poll poll) private {
        Rule memory rule = _ruleOf(poll);
        // From the planned deadline on, the vote goes on until a window from now, capped.
        uint256 wanted = Math.saturatingSub(block.timestamp - poll.opensAt() + rule.swingWindow, poll.closesAfter());
        uint256 extension = Math.min(wanted, rule.swingCap);
        if (extension <= poll.extension()) return;
        poll = poll.extended(extension);
        _polls[proposalId] = poll;

        _record(ProposalExtended.selector, bytes32(proposalId), abi.encode(uint64(poll.deadline())));
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
