// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPayRates, PayRule} from "../../contracts/interfaces/IPayRates.sol";
import {CoopTest} from "./CoopTest.sol";
import {ADA, Founding} from "./Founding.sol";
import {VM} from "./Vm.sol";

/// @notice The pay rule: every value is taken up to its bounds and refused beyond, and every version is kept.
contract PayRuleBounds is CoopTest {
    function test_times_are_taken_up_to_their_bounds_and_refused_beyond() external {
        PayRule memory rule = Founding.payRule();
        (rule.notice, rule.votingPeriod, rule.grace) = (60 days, 60 days, 180 days);
        (rule.rest, rule.period) = (180 days, 3_650 days);
        _taken(rule);
        (rule.notice, rule.votingPeriod, rule.grace, rule.rest, rule.period) = (0, 1 hours, 1 days, 0, 1 days);
        _taken(rule);

        rule.notice = 60 days + 1;
        _refusedFor(rule, "notice");
        rule = Founding.payRule();
        rule.votingPeriod = 60 days + 1;
        _refusedFor(rule, "votingPeriod");
        rule.votingPeriod = 1 hours - 1;
        _refusedFor(rule, "votingPeriod");
        rule = Founding.payRule();
        rule.grace = 180 days + 1;
        _refusedFor(rule, "grace");
        rule.grace = 1 days - 1;
        _refusedFor(rule, "grace");
        rule = Founding.payRule();
        rule.rest = 180 days + 1;
        _refusedFor(rule, "rest");
        rule = Founding.payRule();
        rule.period = 3_650 days + 1;
        _refusedFor(rule, "period");
        rule.period = 1 days - 1;
        _refusedFor(rule, "period");
    }

    function test_the_cap_and_the_quorum_are_taken_up_to_their_bounds_and_refused_beyond() external {
        PayRule memory rule = Founding.payRule();
        (rule.ratioCap, rule.quorumMin, rule.quorumBps) = (10_000, type(uint16).max, 10_000);
        _taken(rule);
        (rule.ratioCap, rule.quorumMin, rule.quorumBps) = (100, 1, 0);
        _taken(rule);
        rule.ratioCap = 0;
        _taken(rule);

        rule.ratioCap = 99;
        _refusedFor(rule, "ratioCap");
        rule.ratioCap = 10_001;
        _refusedFor(rule, "ratioCap");
        rule = Founding.payRule();
        rule.quorumMin = 0;
        _refusedFor(rule, "quorumMin");
        rule = Founding.payRule();
        rule.quorumBps = 10_001;
        _refusedFor(rule, "quorumBps");
    }

    function test_every_version_of_the_rule_is_told() external {
        PayRule memory rule = Founding.payRule();
        rule.rest = 9 days;
        _taken(rule);

        _same(payRates.payRuleVersion(), 2, "the newest");
        _same(keccak256(abi.encode(payRates.payRuleOf(1))), keccak256(abi.encode(Founding.payRule())), "the first");
        _same(keccak256(abi.encode(payRates.payRuleOf(2))), keccak256(abi.encode(rule)), "the second");
        _same(payRates.assembly_(), address(assembly_), "who sets it");
    }

    function test_a_member_sets_no_pay_rule() external {
        bytes memory refused = abi.encodeWithSelector(IPayRates.PayRatesOnlyAssembly.selector, VM.addr(ADA));
        bytes memory call = abi.encodeCall(IPayRates.setPayRule, (Founding.payRule()));
        _refused(VM.addr(ADA), address(payRates), call, refused);
    }

    function _taken(PayRule memory rule) private {
        VM.prank(address(assembly_));
        payRates.setPayRule(rule);
    }

    function _refusedFor(PayRule memory rule, bytes32 field) private {
        bytes memory bounds = abi.encodeWithSelector(IPayRates.PayRatesOutOfBounds.selector, field);
        _refused(address(assembly_), address(payRates), abi.encodeCall(IPayRates.setPayRule, (rule)), bounds);
    }
}
