// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAssembly, ProposalState} from "../interfaces/IAssembly.sol";
import {Action, DecisionClass, IBylaws, Rule} from "../interfaces/IBylaws.sol";
import {IMembership, Member} from "../interfaces/IMembership.sol";
import {Chronicle} from "./Chronicle.sol";
import {Outcome, Tally} from "./Outcome.sol";
import {Timestamps} from "./Timestamps.sol";

/// @title ProposalBook
/// @notice What is stored of a proposal, and what follows from it at any moment. Statuses are computed.
abstract contract ProposalBook is IAssembly, Chronicle, Timestamps {
    /// @dev `swingAfter` of a rule without late swing.
    uint24 internal constant NEVER = type(uint24).max;

    /// @dev All that casting a ballot needs, in one slot. `…After` are seconds after `opensAt`.
    struct Poll {
        uint40 opensAt;
        uint24 closesAfter;
        uint24 swingAfter;
        /// where the extension began; 0 = not extended
        uint24 extendedAfter;
        uint32 againstVotes;
        uint32 forVotes;
        uint32 abstainVotes;
        DecisionClass class;
        bool subjectExcluded;
        bool secondCalled;
        bool canceled;
        bool executed;
        bool reasonsBarred;
    }

    /// @dev The rest, in a second slot.
    struct Core {
        uint32 proposerId;
        uint32 ruleVersion;
        uint32 subjectId;
        uint40 eta;
        uint32 confirmation;
        uint32 confirms;
        /// an older proposal of the same class and actions that may still be defeated; 0 if none
        uint32 sameBefore;
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

    IMembership internal _membership;
    IBylaws internal _bylaws;
    uint256 private _proposalCount;
    mapping(uint256 proposalId => Poll) internal _polls;
    mapping(uint256 proposalId => Core) internal _cores;
    mapping(uint256 proposalId => bytes32 content) internal _contents;

    // Views

    /// @inheritdoc IAssembly
    function proposalCount() external view returns (uint256) {
        return _proposalCount;
    }

    /// @inheritdoc IAssembly
    function state(uint256 proposalId) public view returns (ProposalState) {
        Poll storage poll = _polls[proposalId];
        if (poll.opensAt == 0) revert AssemblyUnknownProposal(proposalId);
        if (poll.executed) return ProposalState.Executed;
        if (poll.canceled) return ProposalState.Canceled;
        if (block.timestamp <= poll.opensAt) return ProposalState.Pending;

        (uint256 deadline, bool secondCall) = _session(proposalId);
        if (block.timestamp <= deadline) return ProposalState.Active;
        if (!_passes(proposalId, secondCall)) return ProposalState.Defeated;
        return _stateAfterPassing(proposalId, deadline);
    }

    // Internal

    function _stateAfterPassing(uint256 proposalId, uint256 deadline) private view returns (ProposalState) {
        Core storage core = _cores[proposalId];
        if (core.confirms != 0) return ProposalState.Succeeded;

        uint256 grace = _ruleOf(proposalId).grace;
        if (core.eta == 0) return block.timestamp <= deadline + grace ? ProposalState.Succeeded : ProposalState.Expired;
        if (core.confirmation != 0) {
            ProposalState confirmation = state(core.confirmation);
            if (confirmation == ProposalState.Defeated) return ProposalState.Defeated;
            if (confirmation != ProposalState.Succeeded) return ProposalState.Queued;
        }
        return block.timestamp <= _due(proposalId) + grace ? ProposalState.Queued : ProposalState.Expired;
    }

    /// @dev From when a queued proposal can be executed: its eta, and not before a confirming vote has ended.
    function _due(uint256 proposalId) internal view returns (uint256 due) {
        Core storage core = _cores[proposalId];
        due = core.eta;
        if (core.confirmation != 0) {
            (uint256 confirmedAt, ) = _session(core.confirmation);
            if (confirmedAt > due) due = confirmedAt;
        }
    }

    /// @dev The deadline, and whether it is that of the second call: a missed quorum opens one by itself.
    function _session(uint256 proposalId) internal view returns (uint256 deadline, bool secondCall) {
        Poll storage poll = _polls[proposalId];
        deadline = uint256(poll.opensAt) + poll.closesAfter;
        secondCall = poll.secondCalled;
        if (block.timestamp <= deadline || secondCall || poll.canceled) return (deadline, secondCall);

        Rule memory rule = _ruleOf(proposalId);
        if (rule.secondCallDelay == 0) return (deadline, false);
        if (Outcome.hasQuorum(rule, _tally(proposalId), _roll(proposalId), false)) return (deadline, false);
        return (deadline + rule.secondCallDelay, true);
    }

    function _passes(uint256 proposalId, bool secondCall) internal view returns (bool) {
        return Outcome.passes(_ruleOf(proposalId), _tally(proposalId), _roll(proposalId), secondCall);
    }

    /// @dev The frozen roll, or the present one before it freezes; without the person concerned if excluded.
    function _roll(uint256 proposalId) internal view returns (uint256) {
        Poll storage poll = _polls[proposalId];
        uint32 without = poll.subjectExcluded ? _cores[proposalId].subjectId : 0;
        return _membership.rollAt(poll.opensAt, without);
    }

    function _tally(uint256 proposalId) internal view returns (Tally memory) {
        Poll storage poll = _polls[proposalId];
        return Tally({againstVotes: poll.againstVotes, forVotes: poll.forVotes, abstainVotes: poll.abstainVotes});
    }

    function _ruleOf(uint256 proposalId) internal view returns (Rule memory) {
        return _bylaws.ruleOf(_polls[proposalId].class, _cores[proposalId].ruleVersion);
    }

    function _memberOf(uint32 memberId) internal view returns (Member memory) {
        return _membership.memberOf(memberId);
    }

    function _refuseUnless(uint256 proposalId, uint256 allowed) internal view returns (ProposalState found) {
        found = state(proposalId);
        if (_mask(found) & allowed == 0) revert AssemblyUnexpectedState(proposalId, found, allowed);
    }

    function _mask(ProposalState state_) internal pure returns (uint256) {
        return 1 << uint8(state_);
    }

    /// @dev Stores a proposal under the next id and logs it: the vote runs from `draft.opensAt` by `rule`.
    function _create(Draft memory draft, Rule memory rule, Action[] memory actions) internal returns (uint256 id) {
        id = ++_proposalCount;
        bytes32[] memory codeHashes = _codeHashes(actions);
        bytes32 content = _contentOf(id, draft, actions, codeHashes);
        Poll storage poll = _polls[id];
        poll.opensAt = draft.opensAt;
        poll.closesAfter = rule.votingPeriod;
        poll.swingAfter = rule.swingWindow == 0 ? NEVER : rule.votingPeriod - rule.swingWindow;
        poll.class = draft.class;
        poll.subjectExcluded = draft.subjectId != 0 && !rule.subjectVotes;
        poll.reasonsBarred = _isPersonal(draft.class);
        Core storage core = _cores[id];
        core.proposerId = draft.proposerId;
        core.ruleVersion = draft.ruleVersion;
        core.subjectId = draft.subjectId;
        core.confirms = uint32(draft.confirms);
        _contents[id] = content;

        _recordCreated(id, draft, rule, actions);
        _recordFrozen(id, draft, content, codeHashes);
    }

    /// @dev People are not discussed on a public chain: neither in the text nor in reasons.
    function _isPersonal(DecisionClass class) internal pure returns (bool) {
        return class == DecisionClass.Admission || class == DecisionClass.Removal || class == DecisionClass.Recovery;
    }

    function _contentOf(
        uint256 id,
        Draft memory draft,
        Action[] memory actions,
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
                    actions,
                    codeHashes,
                    draft.textHash
                )
            );
    }

    function _codeHashes(Action[] memory actions) internal view returns (bytes32[] memory hashes) {
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

    function _recordCreated(uint256 id, Draft memory draft, Rule memory rule, Action[] memory actions) private {
        address[] memory targets = new address[](actions.length);
        uint256[] memory values = new uint256[](actions.length);
        bytes[] memory calldatas = new bytes[](actions.length);
        for (uint256 i; i < actions.length; ++i) {
            (targets[i], values[i], calldatas[i]) = (actions[i].target, actions[i].value, actions[i].data);
        }

        _record(
            ProposalCreated.selector,
            abi.encode(
                id,
                msg.sender,
                targets,
                values,
                new string[](actions.length),
                calldatas,
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
