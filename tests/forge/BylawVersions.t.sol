// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DecisionClass, IBylaws, Rule} from "../../contracts/interfaces/IBylaws.sol";
import {CoopTest} from "./CoopTest.sol";
import {ADA, Founding} from "./Founding.sol";
import {VM} from "./Vm.sol";

/// @notice How many rules each class has had, and which of them is in force.
contract BylawVersions is CoopTest {
    uint256 private constant CLASSES = 7;

    function test_each_class_counts_its_own_versions() external {
        Rule memory rule = Founding.plainRule();
        for (uint8 i; i < CLASSES; ++i) {
            // One more for each class than for the one before it.
            for (uint32 version = 2; version <= i + 2; ++version) {
                rule.grace = 10 days + uint24(version);
                _setRule(DecisionClass(i), rule);
            }
            for (uint8 other; other < CLASSES; ++other) {
                (uint32 newest, Rule memory inForce) = bylaws.inForce(DecisionClass(other));
                _same(newest, other > i ? 1 : other + 2, "the version in force");
                _same(bylaws.ruleVersion(DecisionClass(other)), newest, "the newest one");
                _same(inForce.grace, 10 days + (newest == 1 ? 0 : newest), "the rule in force");
            }
        }
    }

    function test_every_rule_that_was_ever_set_is_told_and_no_other() external {
        Rule memory rule = Founding.plainRule();
        rule.grace = 11 days;
        _setRule(DecisionClass.Pay, rule);

        _same(bylaws.ruleOf(DecisionClass.Pay, 1).grace, 10 days, "the first");
        _same(bylaws.ruleOf(DecisionClass.Pay, 2).grace, 11 days, "the second");
        uint32[2] memory none = [uint32(0), 3];
        for (uint256 i; i < 2; ++i) {
            bytes memory unknown = abi.encodeWithSelector(
                IBylaws.BylawsUnknownRule.selector,
                DecisionClass.Pay,
                none[i]
            );
            bytes memory call = abi.encodeCall(IBylaws.ruleOf, (DecisionClass.Pay, none[i]));
            _refused(address(this), address(bylaws), call, unknown);
        }
    }

    function test_a_key_is_replaced_with_no_less_notice_than_a_member_is_removed() external {
        Rule memory rule = Founding.plainRule();
        rule.notice = 3 days;
        _tooShort(DecisionClass.Removal, rule);
        _setRule(DecisionClass.Recovery, rule);
        _setRule(DecisionClass.Removal, rule);
        rule.notice = 4 days;
        _setRule(DecisionClass.Recovery, rule);
        rule.notice = 3 days - 1;
        _tooShort(DecisionClass.Recovery, rule);
        _same(bylaws.ruleVersion(DecisionClass.Recovery), 3, "what was refused is no version");
    }

    function test_a_member_sets_no_rule() external {
        bytes memory call = abi.encodeCall(IBylaws.setRule, (DecisionClass.Ordinary, Founding.plainRule()));
        bytes memory refused = abi.encodeWithSelector(IBylaws.BylawsOnlyAssembly.selector, VM.addr(ADA));
        _refused(VM.addr(ADA), address(bylaws), call, refused);
    }

    function _setRule(DecisionClass class, Rule memory rule) private {
        VM.prank(address(assembly_));
        bylaws.setRule(class, rule);
    }

    function _tooShort(DecisionClass class, Rule memory rule) private {
        bytes memory refused = abi.encodeWithSelector(
            IBylaws.BylawsRuleOutOfBounds.selector,
            DecisionClass.Recovery,
            bytes32("notice")
        );
        _refused(address(assembly_), address(bylaws), abi.encodeCall(IBylaws.setRule, (class, rule)), refused);
    }
}
