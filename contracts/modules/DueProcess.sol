// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAssembly, ProposalState} from "../interfaces/IAssembly.sol";
import {Action, DecisionClass, Rule} from "../interfaces/IBylaws.sol";
import {Poll, Polls} from "./Poll.sol";
import {ProposalBook} from "./ProposalBook.sol";

/// @title DueProcess
/// @notice What the person concerned can do: reply to a Removal, appeal against it, object to a Recovery.
abstract contract DueProcess is ProposalBook {
    /// @inheritdoc IAssembly
    function reply(uint256 proposalId, bytes32 replyHash) external {
        _refuseUnless(proposalId, _undecidedOrWaiting());
        uint32 memberId = _refuseUnlessConcerned(proposalId, DecisionClass.Removal);

        _record(ReplyRecorded.selector, bytes32(proposalId), abi.encode(memberId, replyHash));
    }

    /// @inheritdoc IAssembly
    function appeal(uint256 proposalId) external returns (uint256 confirmation) {
        _refuseUnless(proposalId, _mask(ProposalState.Queued));
        uint32 memberId = _refuseUnlessConcerned(proposalId, DecisionClass.Removal);
        Later storage later = _laters[proposalId];
        Poll poll = _polls[proposalId];
        if (later.confirmation != 0 || block.timestamp >= later.eta) revert AssemblyNoAppeal(proposalId, later.eta);

        Rule memory rule = _ruleOf(poll);
        Draft memory draft = Draft({
            class: DecisionClass.Removal,
            ruleVersion: poll.ruleVersion(),
            proposerId: 0,
            subjectId: memberId,
            opensAt: _now() + rule.notice,
            confirms: proposalId,
            textHash: _contents[proposalId],
            description: ""
        });
        Calls memory none;
        none.hash = keccak256(abi.encode(new Action[](0)));
        confirmation = _create(draft, rule, none);
        later.confirmation = uint56(confirmation);

        _record(ProposalAppealed.selector, bytes32(proposalId), abi.encode(confirmation));
    }

    /// @inheritdoc IAssembly
    function object(uint256 proposalId) external {
        _refuseUnless(proposalId, _undecidedOrWaiting());
        uint32 memberId = _refuseUnlessConcerned(proposalId, DecisionClass.Recovery);

        _polls[proposalId] = _polls[proposalId].with(Polls.CANCELED);

        _record(RecoveryObjected.selector, bytes32(proposalId), abi.encode(memberId));
        _record(ProposalCanceled.selector, abi.encode(proposalId));
    }

    /// @dev The person's present key, whatever their standing.
    function _refuseUnlessConcerned(uint256 proposalId, DecisionClass class) private view returns (uint32 memberId) {
        DecisionClass found = _polls[proposalId].class();
        memberId = _laters[proposalId].subjectId;
        if (found != class) revert AssemblyWrongClass(proposalId, found);
        if (memberId == 0 || _memberOf(memberId).account != msg.sender) {
            revert AssemblyNotPersonConcerned(msg.sender);
        }
    }
}
