// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Choice, ProposalState} from "../../contracts/interfaces/IAssembly.sol";
import {Action, DecisionClass, IBylaws, Rule} from "../../contracts/interfaces/IBylaws.sol";
import {BylawTerms} from "../../contracts/interfaces/ICooperativeFactory.sol";
import {IMembership} from "../../contracts/interfaces/IMembership.sol";
import {IPayRates} from "../../contracts/interfaces/IPayRates.sol";
import {CoopTest} from "./CoopTest.sol";
import {ADA, EVE, FAY, Founding, WEAVER} from "./Founding.sol";
import {VM} from "./Vm.sol";

/// @notice Whatever rule an instance may start with, a valid ballot counts under it and all members together
/// can pass what they want; every other rule is refused.
contract BylawBounds is CoopTest {
    function testFuzz_under_every_legal_rule_a_ballot_counts_and_all_together_pass(
        uint256 seed,
        uint8 number
    ) external {
        DecisionClass class = DecisionClass(number % 7);
        Rule memory rule = _legal(seed, class);
        BylawTerms memory terms = _with(class, rule);
        if (!_reachable(rule)) return _refusedAs(IBylaws.BylawsRuleUnreachable.selector, terms);
        _found(terms, Founding.roles());

        (Action[] memory actions, string memory text) = _something(class);
        VM.prank(VM.addr(ADA));
        uint256 proposalId = assembly_.propose(actions, text, _now() + rule.notice);
        _so(assembly_.proposal(proposalId).class == class, "it is of that class");
        _warp(assembly_.proposalSnapshot(proposalId) + 1);
        bytes memory packed;
        uint256 voters = assembly_.proposalRoll(proposalId);
        for (uint256 i; i < voters; ++i) {
            packed = bytes.concat(packed, _entry(_voters()[i], _ballot(_voters()[i], proposalId, Choice.For, 1)));
        }
        _same(assembly_.castBallots(proposalId, packed), voters, "every ballot counts");
        _close(proposalId);
        _so(assembly_.state(proposalId) == ProposalState.Succeeded, "all together pass it");
    }

    /// @dev One value of a legal rule is put outside its bounds, by little or by much.
    function testFuzz_a_value_out_of_bounds_is_refused_by_its_name(
        uint256 seed,
        uint8 number,
        uint8 which,
        uint256 much
    ) external {
        DecisionClass class = DecisionClass(number % 7);
        Rule memory rule = _legal(seed, class);
        bytes32 field = _spoil(rule, which % 9, much);

        BylawTerms memory terms = _with(class, rule);
        bytes memory answer = _refusal(terms);
        _same(
            answer,
            abi.encodeWithSelector(IBylaws.BylawsRuleOutOfBounds.selector, class, field),
            "the value out of bounds"
        );
    }

    function testFuzz_a_removal_without_a_day_to_be_heard_or_to_appeal_is_refused(
        uint256 seed,
        uint24 time,
        bool isNotice
    ) external {
        Rule memory rule = _legal(seed, DecisionClass.Removal);
        uint24 short = uint24(time % 1 days);
        if (isNotice) rule.notice = short;
        else rule.executionDelay = short;

        _refusedAs(IBylaws.BylawsRuleOutOfBounds.selector, _with(DecisionClass.Removal, rule));
    }

    function testFuzz_a_key_is_not_replaced_with_less_notice_than_a_removal_has(
        uint24 removal,
        uint24 recovery
    ) external {
        BylawTerms memory terms = Founding.terms();
        terms.rules[uint8(DecisionClass.Removal)].notice = uint24(_within(removal, 1 days, 60 days));
        terms.rules[uint8(DecisionClass.Recovery)].notice = uint24(_within(recovery, 0, 60 days));

        uint24 heard = terms.rules[uint8(DecisionClass.Removal)].notice;
        if (terms.rules[uint8(DecisionClass.Recovery)].notice >= heard) return _found(terms, Founding.roles());
        _refusedAs(IBylaws.BylawsRuleOutOfBounds.selector, terms);
    }

    /// @dev Puts one value outside its bounds and says its name.
    function _spoil(Rule memory rule, uint256 which, uint256 much) private pure returns (bytes32) {
        if (which == 0) rule.notice = uint24(_within(much, 60 days + 1, type(uint24).max));
        if (which == 1) rule.votingPeriod = uint24(_within(much, 60 days + 1, type(uint24).max));
        if (which == 2) rule.executionDelay = uint24(_within(much, 60 days + 1, type(uint24).max));
        if (which == 3) rule.grace = uint24(_within(much, 0, 1 days - 1));
        if (which == 4) rule.coolDown = uint24(_within(much, 180 days + 1, type(uint24).max));
        if (which == 5) rule.quorumMin = 0;
        if (which == 6) (rule.quorumBps, rule.secondCallBps) = (uint16(_within(much, 10_001, 65_535)), 0);
        if (which == 7) rule.passNum = uint8(_within(much, uint256(rule.passDen) + 1, 255));
        if (which == 8) (rule.passDen, rule.passNum) = (uint8(_within(much, 101, 255)), 1);
        return
            [
                bytes32("notice"),
                "votingPeriod",
                "executionDelay",
                "grace",
                "coolDown",
                "quorumMin",
                "quorumBps",
                "passNum",
                "passDen"
            ][which];
    }

    /// @dev Any rule whose values are within their bounds; not every one can be passed by five.
    function _legal(uint256 seed, DecisionClass class) private pure returns (Rule memory rule) {
        bool removal = class == DecisionClass.Removal;
        rule.notice = uint24(_within(seed, removal || class == DecisionClass.Recovery ? 2 days : 0, 60 days));
        rule.votingPeriod = uint24(_within(seed >> 16, 1 hours, 60 days));
        rule.executionDelay = uint24(_within(seed >> 32, removal ? 1 days : 0, 60 days));
        rule.grace = uint24(_within(seed >> 48, 1 days, 180 days));
        rule.coolDown = uint24(_within(seed >> 64, 0, 180 days));
        if (seed & 1 == 1) {
            rule.swingWindow = uint24(_within(seed >> 80, 1, rule.votingPeriod < 7 days ? rule.votingPeriod : 7 days));
            rule.swingCap = uint24(_within(seed >> 96, rule.swingWindow, 14 days));
        }
        rule.quorumMin = uint16(_within(seed >> 112, 1, 6));
        rule.quorumBps = uint16(_within(seed >> 128, 0, 10_000));
        if (seed & 2 == 2) {
            rule.secondCallDelay = uint24(_within(seed >> 144, 1 hours, 30 days));
            rule.secondCallBps = uint16(_within(seed >> 160, 0, rule.quorumBps));
        }
        rule.maxAgainst = seed & 4 == 4 ? 65_535 : uint16(seed >> 176);
        rule.passDen = uint8(_within(seed >> 192, 1, 100));
        rule.passNum = uint8(_within(seed >> 208, 1, rule.passDen));
        rule.strict = seed & 8 == 8 && rule.passNum < rule.passDen;
        (rule.basisRoll, rule.presence, rule.subjectVotes) = (seed & 16 == 16, seed & 32 == 32, seed & 64 == 64);
    }

    /// @dev With five founders a legal rule fails only by its least quorum: all for is above every threshold.
    function _reachable(Rule memory rule) private pure returns (bool) {
        return rule.quorumMin <= 5;
    }

    function _with(DecisionClass class, Rule memory rule) private pure returns (BylawTerms memory terms) {
        terms = Founding.terms();
        terms.rules[uint8(class)] = rule;
        if (class == DecisionClass.Removal) terms.rules[uint8(DecisionClass.Recovery)].notice = 60 days;
    }

    /// @dev A proposal of the class: its actions and text.
    function _something(DecisionClass class) private view returns (Action[] memory actions, string memory text) {
        text = _hashed("why");
        if (class == DecisionClass.Ordinary) return (new Action[](0), text);
        address target = address(membership);
        bytes memory data = abi.encodeCall(IMembership.admit, (VM.addr(FAY)));
        if (class == DecisionClass.Removal) data = abi.encodeCall(IMembership.expel, (_id(EVE)));
        if (class == DecisionClass.Recovery) data = abi.encodeCall(IMembership.recover, (_id(EVE), VM.addr(FAY)));
        if (class == DecisionClass.Bylaws) data = abi.encodeCall(IMembership.setProbation, (1 days));
        if (class == DecisionClass.Pay)
            (target, data) = (address(payRates), abi.encodeCall(IPayRates.retireRole, (WEAVER)));
        if (class == DecisionClass.External) target = address(0xE07E);
        return (_action(target, data), text);
    }

    function _refusedAs(bytes4 expected, BylawTerms memory terms) private {
        _same(bytes32(bytes4(_refusal(terms))), bytes32(expected), "the refusal");
    }

    function _refusal(BylawTerms memory terms) private returns (bytes memory answer) {
        try factory.create(Founding.NAME, Founding.founders(), terms, Founding.roles(), 77) {
            revert NotRefused("the rule was taken");
        } catch (bytes memory reason) {
            return reason;
        }
    }
}
