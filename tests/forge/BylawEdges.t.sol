// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DecisionClass, IBylaws, Rule} from "../../contracts/interfaces/IBylaws.sol";
import {BylawBounds} from "../../contracts/modules/BylawBounds.sol";
import {PackedRule} from "../../contracts/modules/PackedRule.sol";
import {Founding} from "./Founding.sol";
import {Test} from "./Test.sol";

/// @notice Each value of a rule at its bounds, and one beyond them.
contract BylawEdges is Test {
    using PackedRule for Rule;

    DecisionClass private constant ORDINARY = DecisionClass.Ordinary;

    function test_times_are_taken_up_to_their_bounds_and_refused_beyond() external view {
        Rule memory rule = Founding.plainRule();
        (rule.notice, rule.votingPeriod, rule.executionDelay) = (60 days, 60 days, 60 days);
        (rule.grace, rule.coolDown) = (180 days, 180 days);
        _taken(rule);
        (rule.notice, rule.votingPeriod, rule.executionDelay, rule.grace, rule.coolDown) = (0, 1 hours, 0, 1 days, 0);
        _taken(rule);

        rule.notice = 60 days + 1;
        _refusedFor(rule, "notice");
        rule = Founding.plainRule();
        rule.votingPeriod = 60 days + 1;
        _refusedFor(rule, "votingPeriod");
        rule.votingPeriod = 1 hours - 1;
        _refusedFor(rule, "votingPeriod");
        rule = Founding.plainRule();
        rule.executionDelay = 60 days + 1;
        _refusedFor(rule, "executionDelay");
        rule = Founding.plainRule();
        rule.grace = 180 days + 1;
        _refusedFor(rule, "grace");
        rule.grace = 1 days - 1;
        _refusedFor(rule, "grace");
        rule = Founding.plainRule();
        rule.coolDown = 180 days + 1;
        _refusedFor(rule, "coolDown");
    }

    function test_a_late_swing_moves_the_deadline_within_bounds_only() external view {
        Rule memory rule = Founding.plainRule();
        (rule.votingPeriod, rule.swingWindow, rule.swingCap) = (8 days, 7 days, 14 days);
        _taken(rule);
        rule.swingCap = 7 days;
        _taken(rule);
        (rule.votingPeriod, rule.swingWindow) = (7 days, 7 days);
        _taken(rule);

        rule.swingCap = 7 days - 1;
        _refusedFor(rule, "swingCap");
        rule.swingCap = 14 days + 1;
        _refusedFor(rule, "swingCap");
        (rule.swingWindow, rule.swingCap) = (0, 1);
        _refusedFor(rule, "swingCap");
        (rule.votingPeriod, rule.swingWindow, rule.swingCap) = (8 days, 7 days + 1, 14 days);
        _refusedFor(rule, "swingWindow");
        (rule.votingPeriod, rule.swingWindow) = (1 days, 1 days + 1);
        _refusedFor(rule, "swingWindow");
    }

    function test_a_second_call_asks_for_no_more_than_the_first() external view {
        Rule memory rule = Founding.plainRule();
        (rule.secondCallDelay, rule.secondCallBps) = (1 hours, rule.quorumBps);
        _taken(rule);
        rule.secondCallDelay = 30 days;
        _taken(rule);

        rule.secondCallDelay = 30 days + 1;
        _refusedFor(rule, "secondCallDelay");
        rule.secondCallDelay = 1 hours - 1;
        _refusedFor(rule, "secondCallDelay");
        (rule.secondCallDelay, rule.secondCallBps) = (1 hours, rule.quorumBps + 1);
        _refusedFor(rule, "secondCallBps");
        (rule.secondCallDelay, rule.secondCallBps) = (0, 1);
        _refusedFor(rule, "secondCallBps");
    }

    function test_quorums_and_thresholds_are_taken_up_to_their_bounds_and_refused_beyond() external view {
        Rule memory rule = Founding.plainRule();
        (rule.quorumMin, rule.quorumBps, rule.passNum, rule.passDen) = (16_383, 10_000, 99, 100);
        _taken(rule);
        (rule.quorumMin, rule.quorumBps, rule.passNum, rule.passDen, rule.strict) = (1, 0, 1, 1, false);
        _taken(rule);

        rule.quorumMin = 0;
        _refusedFor(rule, "quorumMin");
        rule.quorumMin = 16_384;
        _refusedFor(rule, "quorumMin");
        (rule.quorumMin, rule.quorumBps) = (1, 10_001);
        _refusedFor(rule, "quorumBps");
        (rule.quorumBps, rule.passNum) = (0, 0);
        _refusedFor(rule, "passNum");
        rule.passNum = 2;
        _refusedFor(rule, "passNum");
        (rule.passNum, rule.passDen) = (1, 101);
        _refusedFor(rule, "passDen");
        (rule.passDen, rule.strict) = (1, true);
        _refusedFor(rule, "strict");
    }

    function test_who_is_to_be_removed_has_a_day_before_and_after_the_vote() external view {
        Rule memory rule = Founding.plainRule();
        (rule.notice, rule.executionDelay) = (1 days, 1 days);
        this.check(DecisionClass.Removal, rule);

        rule.notice = 1 days - 1;
        _refusedFor(DecisionClass.Removal, rule, "notice");
        (rule.notice, rule.executionDelay) = (1 days, 1 days - 1);
        _refusedFor(DecisionClass.Removal, rule, "executionDelay");
        for (uint8 class; class < 7; ++class) {
            if (DecisionClass(class) != DecisionClass.Removal) this.check(DecisionClass(class), rule);
        }
    }

    function test_a_rule_that_the_whole_roll_cannot_pass_is_refused() external view {
        Rule memory rule = Founding.plainRule();
        rule.quorumMin = 3;
        this.checkReachable(rule, 3);
        _unreachable(rule, 2);

        // Without the person concerned, three of four are left.
        (rule.quorumMin, rule.basisRoll, rule.passNum, rule.passDen, rule.strict) = (4, true, 1, 1, false);
        this.checkReachable(rule, 4);
        rule.quorumMin = 1;
        this.checkReachable(rule, 1);
        this.checkReachable(rule, 2);
        _unreachable(rule, 0);
    }

    /// @dev Alternating bits, so that a value that lost one or moved by one is another.
    function test_a_rule_keeps_all_its_values_in_one_word() external pure {
        Rule memory rule = Rule({
            notice: 0x555555,
            votingPeriod: 0x2aaaaa,
            executionDelay: 0x555555,
            grace: 0xaaaaaa,
            secondCallDelay: 0x155555,
            coolDown: 0xaaaaaa,
            swingWindow: 0x055555,
            swingCap: 0x0aaaaa,
            quorumMin: 0x1555,
            quorumBps: 0x2aaa,
            secondCallBps: 0x1555,
            maxAgainst: 0xaaaa,
            passNum: 0x55,
            passDen: 0x2a,
            strict: true,
            basisRoll: false,
            presence: true,
            subjectVotes: false
        });
        bytes32 before = keccak256(abi.encode(rule));

        _same(keccak256(abi.encode(PackedRule.unpack(rule.pack()))), before, "all values");
    }

    /// @dev The bounds rule it out; without the refusal it would reach into its neighbour.
    function test_a_value_too_wide_for_its_place_is_refused() external view {
        Rule memory rule = Founding.plainRule();
        rule.notice = 2 ** 23;
        _tooWide(rule, 0, 2 ** 23);
        (rule.notice, rule.swingCap) = (2 ** 23 - 1, 2 ** 21);
        _tooWide(rule, 7, 2 ** 21);
        (rule.swingCap, rule.passDen) = (2 ** 21 - 1, 2 ** 7);
        _tooWide(rule, 13, 2 ** 7);
    }

    function pack(Rule calldata rule) external pure returns (uint256) {
        Rule memory copy = rule;
        return copy.pack();
    }

    function check(DecisionClass class, Rule calldata rule) external pure {
        BylawBounds.check(class, rule);
    }

    function checkReachable(Rule calldata rule, uint256 roll) external pure {
        BylawBounds.checkReachable(ORDINARY, rule, roll);
    }

    function _taken(Rule memory rule) private view {
        this.check(ORDINARY, rule);
    }

    function _refusedFor(Rule memory rule, bytes32 field) private view {
        _refusedFor(ORDINARY, rule, field);
    }

    function _refusedFor(DecisionClass class, Rule memory rule, bytes32 field) private view {
        try this.check(class, rule) {
            revert NotRefused("a value beyond its bounds");
        } catch (bytes memory why) {
            bytes memory expected = abi.encodeWithSelector(IBylaws.BylawsRuleOutOfBounds.selector, class, field);
            _same(why, expected, "the refusal names the field");
        }
    }

    function _tooWide(Rule memory rule, uint256 index, uint256 value) private view {
        try this.pack(rule) {
            revert NotRefused("a value too wide");
        } catch (bytes memory why) {
            bytes memory expected = abi.encodeWithSelector(PackedRule.PackedRuleTooWide.selector, index, value);
            _same(why, expected, "the refusal names value and place");
        }
    }

    function _unreachable(Rule memory rule, uint256 roll) private view {
        try this.checkReachable(rule, roll) {
            revert NotRefused("a rule out of reach");
        } catch (bytes memory why) {
            bytes memory expected = abi.encodeWithSelector(IBylaws.BylawsRuleUnreachable.selector, ORDINARY, roll);
            _same(why, expected, "the refusal");
        }
    }
}
