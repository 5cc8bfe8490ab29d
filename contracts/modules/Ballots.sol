// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Choice, IAssembly, Refusal} from "../interfaces/IAssembly.sol";
import {BallotBox} from "./BallotBox.sol";
import {FreeMemory} from "./FreeMemory.sol";
import {Lane, SixteenLanes} from "./Lanes.sol";
import {MemberRecord} from "./MemberRecord.sol";
import {PackedBallots} from "./PackedBallots.sol";
import {Poll} from "./Poll.sol";
import {SignedDomain} from "./SignedDomain.sol";
import {Words} from "./Words.sol";

/// @title Ballots
/// @notice Casting and changing ballots, one by one or in signed batches.
/// @dev No guard against re-entrancy is needed: whoever is called here (Membership, Bylaws, and contract accounts for
/// their word) is called by STATICCALL, within which nothing can be stored or logged, here or elsewhere. An action
/// that `execute` carries out may cast ballots: everything is stored by then.
abstract contract Ballots is BallotBox, SignedDomain {
    using PackedBallots for bytes;
    using PackedBallots for uint256;
    using Words for bytes;

    bytes32 private constant EMPTY_HASH = keccak256("");
    bytes32 private constant BALLOT_TYPEHASH = keccak256(
        "Ballot(uint256 proposalId,bytes32 content,string choice,uint32 memberId,uint32 epoch,uint32 sequence,string reason)"
    );

    /// @dev A ballot as it is signed: EIP-712's encoding word by word.
    struct Signed {
        bytes32 typeHash;
        uint256 proposalId;
        bytes32 content;
        bytes32 choiceHash;
        uint256 memberId;
        uint256 epoch;
        uint256 sequence;
        bytes32 reasonHash;
    }

    /// @dev Votes, lanes and chronicle head of a batch are kept here until it ends. `entry` and parts of `signed` and
    /// `log` change with each entry.
    struct Batch {
        uint256 proposalId;
        Poll poll;
        uint256 maxReason;
        uint256 excluded;
        /// which sixteen lanes are in `lanes`
        uint256 word;
        SixteenLanes lanes;
        bytes32 head;
        bytes32 domainSeparator;
        Signed signed;
        VoteLog log;
        PackedBallots.Entry entry;
    }

    /// @inheritdoc IAssembly
    function castBallot(
        uint256 proposalId,
        uint32 memberId,
        Choice choice,
        uint8 sequence,
        string calldata reason
    ) external {
        Poll before = _open(proposalId);
        uint256 ballot = PackedBallots.headOf(uint8(choice), memberId, sequence);
        MemberRecord record = MemberRecord.wrap(_membership().slotOf(memberId));
        Poll poll = _castOwn(proposalId, before, ballot, record, reason);
        if (before.isLate()) _followSwing(proposalId, before, poll);
    }

    /// @inheritdoc IAssembly
    function castBallots(uint256 proposalId, bytes calldata packed) external returns (uint256 counted) {
        bytes memory memberIds = packed.memberIds(PackedBallots.BALLOT_HEAD);
        Poll before = _open(proposalId);
        Batch memory batch;
        _begin(batch, proposalId, before, packed.firstMemberId() >> 4);
        bytes memory records = _membership().slotsOf(memberIds);
        bytes32 free = FreeMemory.start();
        for (uint256 i; i < records.count(); ++i) {
            bool isCounted = _castEntry(batch, packed, MemberRecord.wrap(records.get(i)));
            unchecked {
                if (isCounted) ++counted;
            }
            FreeMemory.reuse(free);
        }

        _lanes[proposalId][batch.word] = batch.lanes;
        _polls[proposalId] = batch.poll;
        _setHead(batch.head);
        if (before.isLate()) _followSwing(proposalId, before, batch.poll);
    }

    /// @inheritdoc IAssembly
    function ballotOf(
        uint256 proposalId,
        uint32 memberId
    ) public view returns (uint8 support, uint8 epoch, uint8 sequence) {
        Lane lane = _lanes[proposalId][memberId >> 4].laneOf(memberId);
        if (!lane.isEmpty()) support = uint8(lane.choice());
        return (support, uint8(lane.epoch()), uint8(lane.sequence()));
    }

    // Private, of a member's own transaction

    /// @dev A member's ballot by their own transaction.
    /// @param ballot What an entry of a batch would say, as its head.
    function _castOwn(
        uint256 proposalId,
        Poll before,
        uint256 ballot,
        MemberRecord record,
        string calldata reason
    ) private returns (Poll poll) {
        uint256 memberId = ballot.memberIdOf();
        mapping(uint256 word => SixteenLanes) storage words = _lanes[proposalId];
        SixteenLanes lanes = words[memberId >> 4];
        Lane lane = lanes.laneOf(memberId);
        uint256 nextSequence = lane.nextSequence(record.epoch());
        _refuse(proposalId, before, ballot, record, lane, nextSequence, bytes(reason).length);

        words[memberId >> 4] = lanes.replaced(memberId, lane, _laneAfter(ballot, record));
        poll = _counted(before, lane, ballot);
        _polls[proposalId] = poll;

        bytes32 head = _headNow();
        if (ballot.sequenceOf() != nextSequence) head = _logSequence(head, proposalId, ballot);
        VoteLog memory log = VoteLog({
            topicCount: 2,
            topic0: VoteCast.selector,
            voter: record.account(),
            proposalId: proposalId,
            support: ballot.choiceOf(),
            weight: 1,
            reasonAt: 4 * 32,
            reasonLength: 0
        });
        _setHead(_logVote(head, log, reason));
    }

    function _refuse(
        uint256 proposalId,
        Poll poll,
        uint256 ballot,
        MemberRecord record,
        Lane lane,
        uint256 nextSequence,
        uint256 reasonLength
    ) private view {
        Refusal refusal = _refusal(poll, _excluded(proposalId, poll), ballot, record, lane, nextSequence);
        if (reasonLength != 0 && reasonLength > _maxReason(poll)) refusal = Refusal.BadReason;
        if (refusal == Refusal.None && record.account() == msg.sender) return;

        if (refusal == Refusal.None) refusal = Refusal.BadSignature;
        revert AssemblyBallotRefused(proposalId, uint32(ballot.memberIdOf()), refusal);
    }

    // Private, of batches

    /// @param word Which sixteen lanes to begin with.
    function _begin(Batch memory batch, uint256 proposalId, Poll poll, uint256 word) private view {
        (batch.proposalId, batch.poll) = (proposalId, poll);
        (batch.maxReason, batch.excluded) = (_maxReason(poll), _excluded(proposalId, poll));
        (batch.word, batch.lanes) = (word, _lanes[proposalId][word]);
        batch.head = _headNow();
        batch.domainSeparator = _domainSeparator();
        Signed memory signed = batch.signed;
        (signed.typeHash, signed.proposalId, signed.content) = (BALLOT_TYPEHASH, proposalId, _contents[proposalId]);
        VoteLog memory log = batch.log;
        (log.topicCount, log.topic0, log.proposalId) = (2, VoteCast.selector, proposalId);
        (log.weight, log.reasonAt) = (1, 4 * 32);
    }

    /// @dev Changes to other lanes; those at hand are written down.
    function _turnTo(Batch memory batch, uint256 word) private {
        mapping(uint256 word => SixteenLanes) storage words = _lanes[batch.proposalId];
        words[batch.word] = batch.lanes;
        (batch.word, batch.lanes) = (word, words[word]);
    }

    function _castEntry(Batch memory batch, bytes calldata packed, MemberRecord record) private returns (bool) {
        PackedBallots.Entry memory entry = batch.entry;
        packed.read(entry, PackedBallots.BALLOT_HEAD);
        uint256 ballot = entry.head;
        if (ballot.memberIdOf() >> 4 != batch.word) _turnTo(batch, ballot.memberIdOf() >> 4);
        Lane lane = batch.lanes.laneOf(ballot.memberIdOf());
        uint256 nextSequence = lane.nextSequence(record.epoch());
        string calldata reason = string(packed.reason(entry));
        Refusal refusal =
            bytes(reason).length > batch.maxReason
                ? Refusal.BadReason
                : _refusal(batch.poll, batch.excluded, ballot, record, lane, nextSequence);
        if (refusal == Refusal.None) {
            bytes32 digest = _digest(batch.domainSeparator, _hashOf(batch.signed, ballot, record, reason));
            if (packed.isSignedBy(entry, record.account(), digest)) {
                if (ballot.sequenceOf() != nextSequence) {
                    batch.head = _logSequence(batch.head, batch.proposalId, ballot);
                }
                _count(batch, ballot, record, lane, reason);
                return true;
            }
            refusal = Refusal.BadSignature;
        }
        _skip(batch, ballot, refusal);
        return false;
    }

    /// @dev The epoch is the member's present one.
    function _hashOf(
        Signed memory signed,
        uint256 ballot,
        MemberRecord record,
        string calldata reason
    ) private pure returns (bytes32 structHash) {
        signed.choiceHash = _choiceHash(ballot.choiceOf());
        signed.memberId = ballot.memberIdOf();
        signed.epoch = record.epoch();
        signed.sequence = ballot.sequenceOf();
        signed.reasonHash = bytes(reason).length == 0 ? EMPTY_HASH : keccak256(bytes(reason));
        assembly ("memory-safe") {
            structHash := keccak256(signed, 256)
        }
    }

    /// @dev Puts the ballot into its lane and the votes, and logs it.
    function _count(
        Batch memory batch,
        uint256 ballot,
        MemberRecord record,
        Lane lane,
        string calldata reason
    ) private {
        batch.lanes = batch.lanes.replaced(ballot.memberIdOf(), lane, _laneAfter(ballot, record));
        batch.poll = _counted(batch.poll, lane, ballot);

        VoteLog memory log = batch.log;
        (log.voter, log.support) = (record.account(), ballot.choiceOf());
        batch.head = _logVote(batch.head, log, reason);
    }

    function _skip(Batch memory batch, uint256 ballot, Refusal refusal) private {
        bytes memory data = abi.encode(ballot.memberIdOf(), ballot.sequenceOf(), refusal);
        batch.head = _emit(batch.head, BallotSkipped.selector, bytes32(batch.proposalId), data);
    }

    function _choiceHash(uint256 choice) private pure returns (bytes32) {
        if (choice == uint8(Choice.For)) return keccak256("for");
        if (choice == uint8(Choice.Against)) return keccak256("against");
        return keccak256("abstain");
    }
}
