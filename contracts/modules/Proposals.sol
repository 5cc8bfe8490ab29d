// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IAssembly, ProposalState} from "../interfaces/IAssembly.sol";
import {Action, DecisionClass, Own, Rule} from "../interfaces/IBylaws.sol";
import {Outcome} from "./Outcome.sol";
import {PackedRule} from "./PackedRule.sol";
import {Poll, Polls} from "./Poll.sol";
import {ProposalBook} from "./ProposalBook.sol";

/// @title Proposals
/// @notice Proposing, withdrawing, queueing and carrying out.
abstract contract Proposals is ProposalBook, ReentrancyGuardTransient {
    using PackedRule for uint256;

    uint256 private constant MAX_AHEAD = 90 days;
    /// @dev What is kept of a failing action's answer, in bytes.
    uint256 private constant MAX_ANSWER = 1024;

    /// @dev A member's newest proposal, which keeps their place until its vote ends.
    struct Newest {
        uint56 proposalId;
        /// when that vote has ended at the latest, so that long after it nobody need look it up
        uint40 freeBy;
    }

    mapping(uint32 memberId => Newest) private _newestOf;
    /// @dev The newest proposal of a class with these actions, for the cool-down. From it a chain of `sameBefore`
    /// leads to the older ones that were undecided when it was made: one of them may be defeated only later, so
    /// looking at the newest alone would let a copy that waits or is withdrawn end the cool-down. What is
    /// decided for good drops out of it.
    mapping(bytes32 substance => uint256 proposalId) private _newestSame;
    /// @dev When the vote opened on the proposal whose actions are being carried out.
    uint256 private transient _executionSnapshot;

    /// @inheritdoc IAssembly
    function propose(
        Action[] calldata actions,
        string calldata description,
        uint40 opensAt
    ) external nonReentrant returns (uint256 proposalId) {
        // 1. Who proposes: an active member with no other proposal before its deadline.
        Draft memory draft;
        draft.proposerId = _membership().activeMemberIdOf(msg.sender);
        if (draft.proposerId == 0) revert AssemblyNotMember(msg.sender);
        _refuseBusy(draft.proposerId);

        // 2. What it is: one class, the person whom it concerns, and the rule in force.
        uint256 packedRule;
        (draft.class, draft.subjectId, draft.ruleVersion, packedRule) = _bylaws().classify(_own(), actions);
        Rule memory rule = packedRule.unpack();
        bool concernsMember = draft.class == DecisionClass.Removal || draft.class == DecisionClass.Recovery;
        if (concernsMember && _memberOf(draft.subjectId).account == address(0)) {
            revert AssemblyUnknownPerson(draft.subjectId);
        }
        if (_isPersonal(draft.class)) _refuseUnlessHash(description);
        (draft.description, draft.textHash) = (description, keccak256(bytes(description)));

        // 3. The opening that its rule allows.
        (uint256 earliest, uint256 latest) = (block.timestamp + rule.notice, block.timestamp + MAX_AHEAD);
        if (opensAt < earliest || opensAt > latest) revert AssemblyOpeningOutOfBounds(opensAt, earliest, latest);
        draft.opensAt = opensAt;

        // 4. Whether the same was defeated a short while ago.
        Calls memory calls = _callsOf(actions);
        bytes32 substance = _substance(draft, actions, calls.hash);
        uint256 undecided = _undecidedSame(_newestSame[substance]);

        proposalId = _create(draft, rule, calls);
        if (undecided != 0) _laters[proposalId].sameBefore = uint56(undecided);
        _newestOf[draft.proposerId] = Newest({proposalId: uint56(proposalId), freeBy: _endsBy(draft, rule)});
        _newestSame[substance] = proposalId;
    }

    /// @inheritdoc IAssembly
    function cancel(uint256 proposalId) external {
        _refuseUnless(proposalId, _mask(ProposalState.Pending));
        uint32 proposerId = _polls[proposalId].proposerId();
        if (proposerId == 0 || _memberOf(proposerId).account != msg.sender) {
            revert AssemblyNotProposer(msg.sender);
        }

        _polls[proposalId] = _polls[proposalId].with(Polls.CANCELED);

        _record(ProposalCanceled.selector, abi.encode(proposalId));
    }

    /// @inheritdoc IAssembly
    function queue(uint256 proposalId) external {
        ProposalState found = _refuseUnless(proposalId, _mask(ProposalState.Succeeded));
        // A confirming vote has nothing to carry out: it is for the proposal that it confirms.
        if (_laters[proposalId].confirms != 0) revert AssemblyUnexpectedState(proposalId, found, 0);

        uint40 eta = _now() + _ruleOf(_polls[proposalId]).executionDelay;
        _laters[proposalId].eta = eta;

        _record(ProposalQueued.selector, abi.encode(proposalId, uint256(eta)));
    }

    /// @inheritdoc IAssembly
    function execute(uint256 proposalId, Action[] calldata actions, bytes32 textHash) external nonReentrant {
        _refuseUnless(proposalId, _mask(ProposalState.Queued));
        _refuseUnlessDue(proposalId);
        bytes32[] memory codeHashes = _codeHashes(actions);
        _refuseUnlessUnchanged(proposalId, actions, codeHashes, textHash);

        _polls[proposalId] = _polls[proposalId].with(Polls.EXECUTED);

        _record(ProposalExecuted.selector, abi.encode(proposalId));

        _executionSnapshot = _polls[proposalId].opensAt();
        for (uint256 i; i < actions.length; ++i) {
            // An earlier action may have put other code there.
            if (_codeHash(actions[i].target) != codeHashes[i]) {
                revert AssemblyContentChanged(proposalId, codeHashes[i], _codeHash(actions[i].target));
            }
            if (LowLevelCall.callNoReturn(actions[i].target, actions[i].value, actions[i].data)) continue;
            bool short = LowLevelCall.returnDataSize() <= MAX_ANSWER;
            revert AssemblyActionFailed(i, short ? LowLevelCall.returnData() : bytes(""));
        }
        _executionSnapshot = 0;
    }

    /// @inheritdoc IAssembly
    function executionSnapshot() external view returns (uint256) {
        return _executionSnapshot;
    }

    function _own() internal view virtual returns (Own memory);

    function _refuseBusy(uint32 memberId) private view {
        Newest memory newest = _newestOf[memberId];
        if (block.timestamp > newest.freeBy) return;
        (uint256 deadline, ) = _session(newest.proposalId);
        if (block.timestamp <= deadline) revert AssemblyProposerBusy(memberId, newest.proposalId);
    }

    /// @dev With a second call, and extended to the utmost in both.
    function _endsBy(Draft memory draft, Rule memory rule) private pure returns (uint40) {
        return draft.opensAt + rule.votingPeriod + rule.secondCallDelay + 2 * uint40(rule.swingCap);
    }

    /// @dev Walks the chain of the same substance: refuses if one cools down, keeps those that are undecided.
    function _undecidedSame(uint256 proposalId) private returns (uint256 newest) {
        uint256 kept;
        while (proposalId != 0) {
            ProposalState found = state(proposalId);
            if (found == ProposalState.Defeated) _refuseCoolingDown(proposalId);
            if (_mask(found) & _undecidedOrWaiting() != 0) {
                if (kept == 0) newest = proposalId;
                else _laters[kept].sameBefore = uint56(proposalId);
                kept = proposalId;
            }
            proposalId = _laters[proposalId].sameBefore;
        }
        if (kept != 0) _laters[kept].sameBefore = 0;
    }

    /// @dev Only after a defeat with quorum; under the rule by which it was defeated. Who votes takes part,
    /// whatever the rule counts for passing: or the more are against, the sooner it could come again.
    function _refuseCoolingDown(uint256 defeated) private view {
        (uint256 deadline, bool secondCall) = _session(defeated);
        Poll poll = _polls[defeated];
        Rule memory rule = _ruleOf(poll);
        rule.presence = true;
        if (!Outcome.hasQuorum(rule, _tally(poll), _roll(defeated, poll), secondCall)) return;

        uint256 confirmation = _laters[defeated].confirmation;
        if (confirmation != 0) (deadline, ) = _session(confirmation);
        uint256 until = deadline + rule.coolDown;
        if (block.timestamp < until) revert AssemblyCoolingDown(defeated, until);
    }

    function _refuseUnlessDue(uint256 proposalId) private view {
        uint256 due = _due(proposalId);
        uint256 confirmation = _laters[proposalId].confirmation;
        bool confirmed = confirmation == 0 || state(confirmation) == ProposalState.Succeeded;
        if (block.timestamp < due || !confirmed) revert AssemblyNotDue(proposalId, due);
    }

    /// @dev What must not come again at once. A resolution is its text; a removal is the act and the person,
    /// or one second more of suspension would be another one; the rest are their actions.
    function _substance(
        Draft memory draft,
        Action[] calldata actions,
        bytes32 actionsHash
    ) private pure returns (bytes32) {
        if (actions.length == 0) return keccak256(abi.encode(draft.class, draft.textHash));
        if (draft.class == DecisionClass.Removal) {
            return keccak256(abi.encode(draft.class, bytes4(actions[0].data[:4]), draft.subjectId));
        }
        return keccak256(abi.encode(draft.class, actionsHash));
    }

    function _callsOf(Action[] calldata actions) private view returns (Calls memory calls) {
        uint256 count = actions.length;
        calls.targets = new address[](count);
        calls.values = new uint256[](count);
        calls.calldatas = new bytes[](count);
        for (uint256 i; i < count; ++i) {
            Action calldata action = actions[i];
            (calls.targets[i], calls.values[i], calls.calldatas[i]) = (action.target, action.value, action.data);
        }
        calls.hash = _hashOf(actions);
        calls.codeHashes = _codeHashes(actions);
    }

    function _refuseUnlessUnchanged(
        uint256 proposalId,
        Action[] calldata actions,
        bytes32[] memory codeHashes,
        bytes32 textHash
    ) private view {
        Draft memory draft;
        Poll poll = _polls[proposalId];
        (draft.class, draft.ruleVersion, draft.opensAt) = (poll.class(), poll.ruleVersion(), uint40(poll.opensAt()));
        draft.textHash = textHash;
        bytes32 found = _contentOf(proposalId, draft, _hashOf(actions), codeHashes);
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
