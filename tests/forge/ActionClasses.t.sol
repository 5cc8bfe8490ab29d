// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Action, DecisionClass, IBylaws, Own} from "../../contracts/interfaces/IBylaws.sol";
import {CoopTest} from "./CoopTest.sol";
import {ADA} from "./Founding.sol";
import {Recorder} from "./Recorder.sol";
import {VM, Vm} from "./Vm.sol";

/// @notice Which class an action has, beside a table written as text; and that foreign calls stay as they are.
contract ActionClasses is CoopTest {
    /// @dev Index in the table, by contract (0 Membership, 1 Bylaws, 2 PayRates) and signature.
    struct Named {
        uint8 contract_;
        string signature;
        DecisionClass class;
        uint8 words;
    }

    Own private own;
    Named[] private table;

    function setUp() public override {
        super.setUp();
        own = Own(address(membership), address(bylaws), address(assembly_), address(payRates));
        _name(0, "admit(address)", DecisionClass.Admission, 1);
        _name(0, "reinstate(uint32)", DecisionClass.Admission, 1);
        _name(0, "suspend(uint32,uint40)", DecisionClass.Removal, 2);
        _name(0, "expel(uint32)", DecisionClass.Removal, 1);
        _name(0, "recover(uint32,address)", DecisionClass.Recovery, 2);
        _name(0, "setProbation(uint32)", DecisionClass.Bylaws, 1);
        _name(
            1,
            "setRule(uint8,(uint24,uint24,uint24,uint24,uint24,uint24,uint24,uint24,uint16,uint16,uint16,uint16,uint8,uint8,bool,bool,bool,bool))",
            DecisionClass.Bylaws,
            19
        );
        _name(2, "addRole((bytes32,uint48,uint48,uint48,uint16))", DecisionClass.Pay, 5);
        _name(2, "changeRole(bytes32,uint48,uint48,uint16)", DecisionClass.Pay, 4);
        _name(2, "retireRole(bytes32)", DecisionClass.Pay, 1);
        _name(2, "setPayRule((uint24,uint24,uint24,uint24,uint32,uint16,uint16,uint16,bool))", DecisionClass.Pay, 9);
    }

    function testFuzz_a_named_call_has_its_class_only_with_whole_arguments_and_no_ether(
        uint8 which,
        uint16 length,
        uint256 value,
        uint32 memberId
    ) external {
        Named memory named = table[which % table.length];
        uint256 right = 32 * uint256(named.words);
        uint256 size = length % 4 == 0 ? right : _within(length, 0, 700);
        if (length % 8 == 0) value = 0;
        bytes memory arguments = new bytes(size);
        if (size >= 32) arguments = bytes.concat(abi.encode(memberId), new bytes(size - 32));
        bytes memory data = bytes.concat(bytes4(keccak256(bytes(named.signature))), arguments);
        Action[] memory actions = _action(_contract(named.contract_), data);
        actions[0].value = value;

        if (size != right || value != 0) return _refusedAction(actions);
        (DecisionClass class, uint32 subjectId, , ) = bylaws.classify(own, actions);
        _so(class == named.class, "the class");
        bool personal = class == DecisionClass.Removal || class == DecisionClass.Recovery;
        _same(subjectId, personal ? memberId : 0, "the person concerned");
    }

    function testFuzz_every_other_call_on_our_own_contracts_is_refused(
        uint8 which,
        bytes4 selector,
        bytes calldata arguments
    ) external {
        uint8 contract_ = which % 4;
        // One in two is a call that another of our contracts would take.
        if (which > 127) selector = bytes4(keccak256(bytes(table[which % table.length].signature)));
        for (uint256 i; i < table.length; ++i) {
            bool named = selector == bytes4(keccak256(bytes(table[i].signature)));
            VM.assume(!named || table[i].contract_ != contract_);
        }

        _refusedAction(_action(_contract(contract_), bytes.concat(selector, arguments)));
    }

    /// @dev A foreign call is class External, is logged as it was proposed, and arrives as it was logged.
    function testFuzz_a_foreign_call_is_logged_and_made_byte_for_byte(bytes calldata data, uint96 value) external {
        Recorder recorder = new Recorder();
        VM.deal(address(assembly_), value);
        Action[] memory actions = _action(address(recorder), data);
        actions[0].value = value;
        VM.recordLogs();
        uint256 proposalId = _propose(ADA, actions, "A foreign call");
        _proposed(VM.getRecordedLogs()[0], actions[0]);
        _so(assembly_.proposal(proposalId).class == DecisionClass.External, "class External");
        _pass(proposalId);
        _execute(proposalId, actions, "A foreign call");

        _same(address(recorder).balance, value, "the ether arrived");
        _same(recorder.received(), data, "the call arrived");
        _same(recorder.calls(), 1, "once");
    }

    function testFuzz_classes_are_not_mixed(uint8 first, uint8 second) external {
        Named memory one = table[first % table.length];
        Named memory other = table[second % table.length];
        VM.assume(one.class != other.class);
        Action[] memory actions = new Action[](2);
        actions[0] = _whole(one);
        actions[1] = _whole(other);

        bytes memory call = abi.encodeCall(IBylaws.classify, (own, actions));
        bytes memory answer = _refused(address(this), address(bylaws), call, IBylaws.BylawsMixedClasses.selector);
        _same(answer, abi.encodeWithSelector(bytes4(answer), 1, one.class, other.class), "which two");
    }

    function testFuzz_more_than_32_actions_are_refused(uint8 count) external {
        Action[] memory actions = new Action[](count);
        for (uint256 i; i < count; ++i) {
            actions[i].target = address(0xE07E);
        }
        if (count <= 32) {
            (DecisionClass class, , , ) = bylaws.classify(own, actions);
            _so(class == (count == 0 ? DecisionClass.Ordinary : DecisionClass.External), "the class");
        } else {
            bytes memory call = abi.encodeCall(IBylaws.classify, (own, actions));
            _refused(address(this), address(bylaws), call, IBylaws.BylawsActionCount.selector);
        }
    }

    function _name(uint8 contract_, string memory signature, DecisionClass class, uint8 words) private {
        table.push(Named(contract_, signature, class, words));
    }

    function _contract(uint8 number) private view returns (address) {
        return [address(membership), address(bylaws), address(payRates), address(assembly_)][number];
    }

    function _whole(Named memory named) private view returns (Action memory action) {
        action.target = _contract(named.contract_);
        action.data = bytes.concat(bytes4(keccak256(bytes(named.signature))), new bytes(32 * uint256(named.words)));
    }

    function _refusedAction(Action[] memory actions) private {
        bytes memory call = abi.encodeCall(IBylaws.classify, (own, actions));
        _refused(address(this), address(bylaws), call, IBylaws.BylawsActionRefused.selector);
    }

    function _proposed(Vm.Log memory log, Action memory action) private pure {
        (, , address[] memory targets, uint256[] memory values, , bytes[] memory calldatas) = abi.decode(
            log.data,
            (uint256, address, address[], uint256[], string[], bytes[])
        );
        _same(targets.length, 1, "targets");
        _same(targets[0], action.target, "the target");
        _same(values[0], action.value, "the ether");
        _same(calldatas[0], action.data, "the call");
    }
}
