// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IAssembly, ProposalState} from "../interfaces/IAssembly.sol";
import {Action, Own, Rule} from "../interfaces/IBylaws.sol";
import {Outcome} from "./Outcome.sol";
import {ProposalBook} from "./ProposalBook.sol";

/// @title Proposals
/// @notice Proposing, withdrawing, queueing and carrying out.
abstract contract Proposals is ProposalBook, ReentrancyGuardTransient {
    uint256 private constant MAX_AHEAD = 90 days;
    /// @dev What is kept of a failing action's answer, in bytes.
    uint256 private constant MAX_ANSWER = 1024;

    /// @dev The newest proposal of each member; its planned deadline keeps the member's place.
    mapping(uint32 memberId => uint256 proposalId) private _lastProposalOf;
    /// @dev The newest proposal with the same class and actions, for the cool-down.
    mapping(bytes32 substance => uint256 proposalId) private _lastWith;

    /// @inheritdoc IAssembly
    function propose(
        Action[] calldata actions,
        string calldata description,
        uint40 opensAt
    ) external nonReentrant returns (uint256 proposalId) {
        // 1. Who proposes: an active member with no other proposal before its deadline.
        Draft memory draft;
        draft.proposerId = _membership.activeMemberIdOf(msg.sender);
        if (draft.proposerId == 0) revert AssemblyNotMember(msg.sender);
        _refuseBusy(draft.proposerId);

        // 2. What it is: one class, and the person whom it concerns.
        (draft.class, draft.subjectId) = _bylaws.classify(_own(), actions);
        if (draft.subjectId != 0 && _memberOf(draft.subjectId).account == address(0)) {
            revert AssemblyUnknownPerson(draft.subjectId);
        }
        if (_isPersonal(draft.class)) _refuseUnlessHash(description);
        (draft.description, draft.textHash) = (description, keccak256(bytes(description)));

        // 3. Its rule, and the opening that the rule allows.
        Rule memory rule;
        (draft.ruleVersion, rule) = _bylaws.inForce(draft.class);
        (uint256 earliest, uint256 latest) = (block.timestamp + rule.notice, block.timestamp + MAX_AHEAD);
        if (opensAt < earliest || opensAt > latest) revert AssemblyOpeningOutOfBounds(opensAt, earliest, latest);
        draft.opensAt = opensAt;

        // 4. Whether the same was defeated a short while ago.
        bytes32 substance = keccak256(
            abi.encode(draft.class, actions, actions.length == 0 ? draft.textHash : bytes32(0))
        );
        _refuseCoolingDown(_lastWith[substance]);

        proposalId = _create(draft, rule, actions);
        _lastProposalOf[draft.proposerId] = proposalId;
        _lastWith[substance] = proposalId;
    }

    /// @inheritdoc IAssembly
    function cancel(uint256 proposalId) external {
        _refuseUnless(proposalId, _mask(ProposalState.Pending));
        uint32 proposerId = _cores[proposalId].proposerId;
        if (proposerId == 0 || _memberOf(proposerId).account != msg.sender) {
            revert AssemblyNotProposer(msg.sender);
        }

        _polls[proposalId].canceled = true;

        _record(ProposalCanceled.selector, abi.encode(proposalId));
    }

    /// @inheritdoc IAssembly
    function queue(uint256 proposalId) external {
        ProposalState found = _refuseUnless(proposalId, _mask(ProposalState.Succeeded));
        // A confirming vote has nothing to carry out: it is for the proposal that it confirms.
        if (_cores[proposalId].confirms != 0) revert AssemblyUnexpectedState(proposalId, found, 0);

        uint40 eta = _now() + _ruleOf(proposalId).executionDelay;
        _cores[proposalId].eta = eta;

        _record(ProposalQueued.selector, abi.encode(proposalId, uint256(eta)));
    }

    /// @inheritdoc IAssembly
    function execute(uint256 proposalId, Action[] calldata actions, bytes32 textHash) external nonReentrant {
        _refuseUnless(proposalId, _mask(ProposalState.Queued));
        _refuseUnlessDue(proposalId);
        _refuseUnlessUnchanged(proposalId, actions, textHash);

        _polls[proposalId].executed = true;

        _record(ProposalExecuted.selector, abi.encode(proposalId));

        for (uint256 i; i < actions.length; ++i) {
            if (LowLevelCall.callNoReturn(actions[i].target, actions[i].value, actions[i].data)) continue;
            bool short = LowLevelCall.returnDataSize() <= MAX_ANSWER;
            revert AssemblyActionFailed(i, short ? LowLevelCall.returnData() : bytes(""));
        }
    }

    function _own() internal view virtual returns (Own memory);

    function _refuseBusy(uint32 memberId) private view {
        uint256 last = _lastProposalOf[memberId];
        if (last == 0) return;
        (uint256 deadline, ) = _session(last);
        if (block.timestamp <= deadline) revert AssemblyProposerBusy(memberId, last);
    }

    /// @dev Only after a defeat with quorum; under the rule by which it was defeated.
    function _refuseCoolingDown(uint256 last) private view {
        if (last == 0 || state(last) != ProposalState.Defeated) return;
        (uint256 deadline, bool secondCall) = _session(last);
        Rule memory rule = _ruleOf(last);
        if (!Outcome.hasQuorum(rule, _tally(last), _roll(last), secondCall)) return;

        uint256 confirmation = _cores[last].confirmation;
        if (confirmation != 0) (deadline, ) = _session(confirmation);
        uint256 until = deadline + rule.coolDown;
        if (block.timestamp < until) revert AssemblyCoolingDown(last, until);
    }

    function _refuseUnlessDue(uint256 proposalId) private view {
        uint256 due = _due(proposalId);
        uint256 confirmation = _cores[proposalId].confirmation;
        bool confirmed = confirmation == 0 || state(confirmation) == ProposalState.Succeeded;
        if (block.timestamp < due || !confirmed) revert AssemblyNotDue(proposalId, due);
    }

    function _refuseUnlessUnchanged(uint256 proposalId, Action[] memory actions, bytes32 textHash) private view {
        Draft memory draft;
        draft.class = _polls[proposalId].class;
        draft.ruleVersion = _cores[proposalId].ruleVersion;
        draft.opensAt = _polls[proposalId].opensAt;
        draft.textHash = textHash;
        bytes32 found = _contentOf(proposalId, draft, actions, _codeHashes(actions));
        bytes32 expected = _contents[proposalId];
        if (found != expected) revert AssemblyContentChanged(proposalId, expected, found);
    }

    /// @dev "0x" and 64 lower-case hex digits, nothing else.
    function _refuseUnlessHash(string calldata description) private pure {
        bytes calldata text = bytes(description);
        if (text.length != 66 || text[0] != "0" || text[1] != "x") revert AssemblyTextMustBeHash();
        for (uint256 i = 2; i < 66; ++i) {
            bytes1 digit = text[i];
            bool isHex = (digit >= "0" && digit <= "9") || (digit >= "a" && digit <= "f");
            if (!isHex) revert AssemblyTextMustBeHash();
        }
    }
}
