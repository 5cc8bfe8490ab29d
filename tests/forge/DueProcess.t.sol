// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAssembly, ProposalState} from "../../contracts/interfaces/IAssembly.sol";
import {Action, DecisionClass} from "../../contracts/interfaces/IBylaws.sol";
import {IMembership} from "../../contracts/interfaces/IMembership.sol";
import {CoopTest} from "./CoopTest.sol";
import {ADA, BEN, EVE, FAY} from "./Founding.sol";
import {VM} from "./Vm.sol";

/// @notice What the person concerned can do, and what comes of it.
contract DueProcess is CoopTest {
    function test_the_present_keys_objection_ends_a_recovery() external {
        uint256 proposalId = _proposeRecovery();
        _object(EVE, proposalId);
        _stands(proposalId, ProposalState.Canceled);

        _warp(assembly_.proposalSnapshot(proposalId) + 1);
        _stands(proposalId, ProposalState.Canceled);
        bytes memory over = abi.encodeWithSelector(
            IAssembly.AssemblyUnexpectedState.selector,
            proposalId,
            ProposalState.Canceled,
            1 << uint8(ProposalState.Succeeded)
        );
        _refused(address(this), address(assembly_), abi.encodeCall(IAssembly.queue, (proposalId)), over);
    }

    function test_a_recovery_is_objected_to_until_it_is_carried_out() external {
        uint256 proposalId = _proposeRecovery();
        _pass(proposalId);
        assembly_.queue(proposalId);
        _warp(assembly_.proposalEta(proposalId));
        _object(EVE, proposalId);

        _stands(proposalId, ProposalState.Canceled);
        _same(membership.memberOf(5).account, VM.addr(EVE), "the key stays");
    }

    function test_nobody_else_replies_appeals_or_objects() external {
        uint256 recovery = _proposeRecovery();
        _notConcerned(BEN, abi.encodeCall(IAssembly.object, (recovery)));
        uint256 removal = _propose(BEN, _expulsion(), _hashed("why"));
        _notConcerned(ADA, abi.encodeCall(IAssembly.reply, (removal, "a reply")));
        _pass(removal);
        assembly_.queue(removal);
        _notConcerned(ADA, abi.encodeCall(IAssembly.appeal, (removal)));
    }

    function test_each_answer_belongs_to_its_class() external {
        uint256 recovery = _proposeRecovery();
        bytes memory wrong = abi.encodeWithSelector(
            IAssembly.AssemblyWrongClass.selector,
            recovery,
            DecisionClass.Recovery
        );
        _refused(VM.addr(EVE), address(assembly_), abi.encodeCall(IAssembly.reply, (recovery, "a reply")), wrong);
        uint256 removal = _propose(BEN, _expulsion(), _hashed("why"));
        wrong = abi.encodeWithSelector(IAssembly.AssemblyWrongClass.selector, removal, DecisionClass.Removal);
        _refused(VM.addr(EVE), address(assembly_), abi.encodeCall(IAssembly.object, (removal)), wrong);
    }

    function test_an_appeal_comes_before_the_removal_can_be_carried_out() external {
        uint256 removal = _queuedRemoval();
        uint256 eta = assembly_.proposalEta(removal);
        _warp(eta);
        bytes memory late = abi.encodeWithSelector(IAssembly.AssemblyNoAppeal.selector, removal, eta);
        _refused(VM.addr(EVE), address(assembly_), abi.encodeCall(IAssembly.appeal, (removal)), late);

        _warp(eta - 1);
        VM.prank(VM.addr(EVE));
        _same(assembly_.appeal(removal), removal + 1, "the confirming vote");
    }

    function test_a_confirming_vote_that_passed_never_lapses_but_the_removal_does() external {
        uint256 removal = _queuedRemoval();
        VM.prank(VM.addr(EVE));
        uint256 confirmation = assembly_.appeal(removal);
        _pass(confirmation);
        uint256 last = assembly_.proposalDeadline(confirmation) + 10 days;
        _warp(last);
        _stands(removal, ProposalState.Queued);
        _warp(last + 1);
        _stands(removal, ProposalState.Expired);
        _stands(confirmation, ProposalState.Succeeded);
    }

    function _proposeRecovery() private returns (uint256 proposalId) {
        bytes memory data = abi.encodeCall(IMembership.recover, (5, VM.addr(FAY)));
        return _propose(ADA, _action(address(membership), data), _hashed("lost"));
    }

    function _expulsion() private view returns (Action[] memory) {
        return _action(address(membership), abi.encodeCall(IMembership.expel, (5)));
    }

    function _queuedRemoval() private returns (uint256 removal) {
        removal = _propose(ADA, _expulsion(), _hashed("why"));
        _pass(removal);
        assembly_.queue(removal);
    }

    function _object(uint256 key, uint256 proposalId) private {
        VM.prank(VM.addr(key));
        assembly_.object(proposalId);
    }

    function _notConcerned(uint256 key, bytes memory call) private {
        bytes memory refused = abi.encodeWithSelector(IAssembly.AssemblyNotPersonConcerned.selector, VM.addr(key));
        _refused(VM.addr(key), address(assembly_), call, refused);
    }

    function _stands(uint256 proposalId, ProposalState expected) private view {
        _same(uint8(assembly_.state(proposalId)), uint8(expected), "state");
    }
}
