// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Choice, IAssembly, ProposalState} from "../interfaces/IAssembly.sol";
import {Action, DecisionClass, IBylaws, Rule} from "../interfaces/IBylaws.sol";
import {IMembership, Member} from "../interfaces/IMembership.sol";
import {Chronicle} from "./Chronicle.sol";
import {Outcome, Tally} from "./Outcome.sol";
import {PackedRule} from "./PackedRule.sol";
import {Poll, Polls} from "./Poll.sol";
import {Timestamps} from "./Timestamps.sol";

/// @title ProposalBook
/// @notice What is stored of a proposal, and what follows from it at any moment. Statuses are computed.
abstract contract ProposalBook is IAssembly, Chronicle, Timestamps {
    using PackedRule for uint256;

    /// @dev What only some proposals have: written when it comes up.
    struct Later {
        /// the member concerned by a Removal or Recovery; 0 if none
        uint32 subjectId;
        uint40 eta;
        uint56 confirmation;
        uint56 confirms;
        /// an older proposal of the same class and actions that may still be defeated; 0 if none
        uint56 sameBefore;
    }

    /// @dev What a new proposal consists of.
    struct Draft {
        DecisionClass class;
        uint32 ruleVersion;
        uint32 proposerId;
        uint32 subjectId;
        uint40 opensAt;
        uint256 confirms;
        bytes32 textHash;
        string description;
    }

    /// @dev The actions of a new proposal as ProposalCreated tells them, the hash of all of them, and each target's code hash.
    struct Calls {
        address[] targets;
        uint256[] values;
        bytes[] calldatas;
        bytes32 hash;
        bytes32[] codeHashes;
    }

    uint256 private _proposalCount;
    mapping(uint256 proposalId => Poll) internal _polls;
    mapping(uint256 proposalId => Later) internal _laters;
    mapping(uint256 proposalId => bytes32 content) internal _contents;

    // Views

    /// @inheritdoc IAssembly
    function proposalCount() external view returns (uint256) {
        return _proposalCount;
    }

    /// @inheritdoc IAssembly
    function state(uint256 proposalId) public view returns (ProposalState) {
        return _state(proposalId, _known(proposalId));
    }

    // Internal

    function _membership() internal view virtual returns (IMembership);

    function _bylaws() internal view virtual returns (IBylaws);

    function _known(uint256 proposalId) internal view returns (Poll poll) {
        poll = _polls[proposalId];
        if (!poll.exists()) revert AssemblyUnknownProposal(proposalId);
    }

    function _state(uint256 proposalId, Poll poll) internal view returns (ProposalState) {
        if (poll.has(Polls.EXECUTED)) return ProposalState.Executed;
        if (poll.has(Polls.CANCELED)) return ProposalState.Canceled;
        if (block.timestamp <= poll.opensAt()) return ProposalState.Pending;
        if (block.timestamp <= poll.deadline()) return ProposalState.Active;

        Rule memory rule = _ruleOf(poll);
        (uint256 deadline, bool secondCall) = _session(proposalId, poll, rule);
        if (block.timestamp <= deadline) return ProposalState.Active;
        if (!_passes(proposalId, poll, rule, secondCall)) return ProposalState.Defeated;
        return _stateAfterPassing(proposalId, deadline, rule.grace);
    }

    function _stateAfterPassing(
        uint256 proposalId,
        uint256 deadline,
        uint256 grace
    ) private view returns (ProposalState) {
        Later storage later = _laters[proposalId];
        if (later.confirms != 0) return ProposalState.Succeeded;

        if (later.eta == 0) {
            return block.timestamp <= deadline + grace ? ProposalState.Succeeded : ProposalState.Expired;
        }
        if (later.confirmation != 0) {
            ProposalState confirmation = state(later.confirmation);
            if (confirmation == ProposalState.Defeated) return ProposalState.Defeated;
            if (confirmation != ProposalState.Succeeded) return ProposalState.Queued;
        }
        return block.timestamp <= _due(proposalId) + grace ? ProposalState.Queued : ProposalState.Expired;
    }

    /// @dev From when a queued proposal can be executed: its eta, and not before a confirming vote has ended.
    function _due(uint256 proposalId) internal view returns (uint256 due) {
        Later storage later = _laters[proposalId];
        due = later.eta;
        if (later.confirmation != 0) {
            (uint256 confirmedAt, ) = _session(later.confirmation);
            if (confirmedAt > due) due = confirmedAt;
        }
    }

    /// @dev The deadline, and whether it is that of the second call: a missed quorum opens one by itself.
    function _session(uint256 proposalId) internal view returns (uint256 deadline, bool secondCall) {
        Poll poll = _polls[proposalId];
        // Most are answered by the word of the proposal alone.
        bool settled = !poll.has(Polls.SECOND_CALL_POSSIBLE) || poll.has(Polls.SECOND_CALLED | Polls.CANCELED);
        if (settled || block.timestamp <= poll.deadline()) return (poll.deadline(), poll.has(Polls.SECOND_CALLED));
        return _session(proposalId, poll, _ruleOf(poll));
    }

    function _session(
        uint256 proposalId,
        Poll poll,
        Rule memory rule
    ) internal view returns (uint256 deadline, bool secondCall) {
        deadline = poll.deadline();
        secondCall = poll.has(Polls.SECOND_CALLED);
        if (block.timestamp <= deadline || secondCall || poll.has(Polls.CANCELED)) return (deadline, secondCall);

        if (rule.secondCallDelay == 0) return (deadline, false);
        if (Outcome.hasQuorum(rule, _tally(poll), _roll(proposalId, poll), false)) return (deadline, false);
        return (deadline + rule.secondCallDelay, true);
    }

    function _passes(uint256 proposalId, Poll poll, Rule memory rule, bool secondCall) internal view returns (bool) {
        return Outcome.passes(rule, _tally(poll), _roll(proposalId, poll), secondCall);
    }

    /// @dev The frozen roll, or the present one before it freezes; without the person concerned if excluded.
    function _roll(uint256 proposalId, Poll poll) internal view returns (uint256) {
        uint32 without = poll.has(Polls.SUBJECT_EXCLUDED) ? _laters[proposalId].subjectId : 0;
        return _membership().rollAt(poll.opensAt(), without);
    }

    function _tally(Poll poll) internal pure returns (Tally memory) {
        return
            Tally({
                againstVotes: poll.votes(uint8(Choice.Against)),
                forVotes: poll.votes(uint8(Choice.For)),
                abstainVotes: poll.votes(uint8(Choice.Abstain))
            });
    }

    function _ruleOf(Poll poll) internal view returns (Rule memory) {
        return _bylaws().packedRuleOf(poll.class(), poll.ruleVersion()).unpack();
    }

    function _memberOf(uint32 memberId) internal view returns (Member memory) {
        return _membership().memberOf(memberId);
    }

    function _refuseUnless(uint256 proposalId, uint256 allowed) internal view returns (ProposalState found) {
        found = state(proposalId);
        if (_mask(found) & allowed == 0) revert AssemblyUnexpectedState(proposalId, found, allowed);
    }

    function _mask(ProposalState state_) internal pure returns (uint256) {
        return 1 << uint8(state_);
    }

    /// @dev Stores a proposal under the next id and logs it: the vote runs from `draft.opensAt` by `rule`.
    function _create(Draft memory draft, Rule memory rule, Calls memory calls) internal returns (uint256 id) {
        // No wider than a proposal is kept in Later.
        id = SafeCast.toUint56(++_proposalCount);
        bytes32 content = _contentOf(id, draft, calls.hash, calls.codeHashes);
        _polls[id] = _pollOf(draft, rule);
        if (draft.subjectId != 0) {
            (_laters[id].subjectId, _laters[id].confirms) = (draft.subjectId, uint56(draft.confirms));
        }
        _contents[id] = content;

        _recordCreated(id, draft, rule, calls);
        _recordFrozen(id, draft, content, calls.codeHashes);
    }

    function _pollOf(Draft memory draft, Rule memory rule) private pure returns (Poll poll) {
        poll = Polls.create({
            opensAt_: draft.opensAt,
            votingPeriod: rule.votingPeriod,
            swingWindow_: rule.swingWindow,
            class_: draft.class,
            proposerId_: draft.proposerId,
            ruleVersion_: draft.ruleVersion
        });
        if (draft.subjectId != 0 && !rule.subjectVotes) poll = poll.with(Polls.SUBJECT_EXCLUDED);
        if (rule.secondCallDelay != 0) poll = poll.with(Polls.SECOND_CALL_POSSIBLE);
    }

    /// @dev People are not discussed on a public chain: neither in the text nor in reasons.
    function _isPersonal(DecisionClass class) internal pure returns (bool) {
        return class == DecisionClass.Admission || class == DecisionClass.Removal || class == DecisionClass.Recovery;
    }

    function _contentOf(
        uint256 id,
        Draft memory draft,
        bytes32 actionsHash,
        bytes32[] memory codeHashes
    ) internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    block.chainid,
                    address(this),
                    id,
                    draft.class,
                    draft.ruleVersion,
                    draft.opensAt,
                    actionsHash,
                    keccak256(abi.encodePacked(codeHashes)),
                    draft.textHash
                )
            );
    }

    function _hashOf(Action[] calldata actions) internal pure returns (bytes32) {
        return keccak256(abi.encode(actions));
    }

    function _codeHashes(Action[] calldata actions) internal view returns (bytes32[] memory hashes) {
        hashes = new bytes32[](actions.length);
        for (uint256 i; i < actions.length; ++i) {
            hashes[i] = _codeHash(actions[i].target);
        }
    }

    /// @dev 0 for a target without code, whose EXTCODEHASH changes when somebody funds it.
    function _codeHash(address target) internal view returns (bytes32) {
        return target.code.length == 0 ? bytes32(0) : target.codehash;
    }

    /// @dev States from which a proposal may still be defeated.
    function _undecidedOrWaiting() internal pure returns (uint256) {
        return
            _mask(ProposalState.Pending) |
            _mask(ProposalState.Active) |
            _mask(ProposalState.Succeeded) |
            _mask(ProposalState.Queued);
    }

    function _recordCreated(uint256 id, Draft memory draft, Rule memory rule, Calls memory calls) private {
        _record(
            ProposalCreated.selector,
            abi.encode(
                id,
                msg.sender,
                calls.targets,
                calls.values,
                new string[](calls.targets.length),
                calls.calldatas,
                uint256(draft.opensAt),
                uint256(draft.opensAt) + rule.votingPeriod,
                draft.description
            )
        );
    }

    function _recordFrozen(uint256 id, Draft memory draft, bytes32 content, bytes32[] memory codeHashes) private {
        _record(
            ProposalFrozen.selector,
            bytes32(id),
            abi.encode(
                draft.class,
                draft.ruleVersion,
                draft.proposerId,
                draft.subjectId,
                draft.confirms,
                content,
                codeHashes,
                draft.textHash
            )
        );
    }
}
