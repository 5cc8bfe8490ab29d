// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DecisionClass, IBylaws, Rule} from "../interfaces/IBylaws.sol";
import {Outcome, Tally} from "./Outcome.sol";

/// @title BylawBounds
/// @notice What no vote can set: bounds of every value of a rule, and rules that nobody could pass.
library BylawBounds {
    /// @notice Reverts with BylawsRuleOutOfBounds, naming the first value that is out of bounds.
    function check(DecisionClass class, Rule memory rule) internal pure {
        _checkTimes(class, rule);
        _checkSwing(class, rule);
        _checkCounts(class, rule);
        if (class == DecisionClass.Removal) _checkDueProcess(class, rule);
    }

    /// @notice Reverts when not even all `roll` members together could pass a proposal under the rule, or when
    /// its least quorum is above the roll (which a vote on a roll that shrank later forgives).
    function checkReachable(DecisionClass class, Rule memory rule, uint256 roll) internal pure {
        // The last member is alone: nobody is left to judge them, and yet rules must be changeable.
        uint256 voters = rule.subjectVotes || roll <= 1 ? roll : roll - 1;
        Tally memory all = Tally({againstVotes: 0, forVotes: voters, abstainVotes: 0});
        bool passable = rule.quorumMin <= roll && Outcome.passes(rule, all, voters, false);
        if (!passable) revert IBylaws.BylawsRuleUnreachable(class, roll);
    }

    function _checkTimes(DecisionClass class, Rule memory rule) private pure {
        _require(class, "notice", rule.notice <= 60 days);
        _require(class, "votingPeriod", rule.votingPeriod >= 1 hours && rule.votingPeriod <= 60 days);
        _require(class, "executionDelay", rule.executionDelay <= 60 days);
        _require(class, "grace", rule.grace >= 1 days && rule.grace <= 180 days);
        _require(class, "coolDown", rule.coolDown <= 180 days);
    }

    function _checkSwing(DecisionClass class, Rule memory rule) private pure {
        _require(class, "swingWindow", rule.swingWindow <= 7 days && rule.swingWindow <= rule.votingPeriod);
        _require(class, "swingCap", rule.swingCap <= 14 days && rule.swingCap >= rule.swingWindow);
        _require(class, "swingCap", rule.swingWindow != 0 || rule.swingCap == 0);
    }

    function _checkCounts(DecisionClass class, Rule memory rule) private pure {
        bool once = rule.secondCallDelay == 0;
        _require(
            class,
            "secondCallDelay",
            once || (rule.secondCallDelay >= 1 hours && rule.secondCallDelay <= 30 days)
        );
        _require(class, "secondCallBps", once ? rule.secondCallBps == 0 : rule.secondCallBps <= rule.quorumBps);
        // More than that is said in quorumBps.
        _require(class, "quorumMin", rule.quorumMin >= 1 && rule.quorumMin <= 16_383);
        _require(class, "quorumBps", rule.quorumBps <= 10_000);
        _require(class, "passNum", rule.passNum >= 1 && rule.passNum <= rule.passDen);
        _require(class, "passDen", rule.passDen <= 100);
        _require(class, "strict", !rule.strict || rule.passNum < rule.passDen);
    }

    /// @dev Nobody loses membership without a day to be heard before the vote and a day to appeal after it.
    function _checkDueProcess(DecisionClass class, Rule memory rule) private pure {
        _require(class, "notice", rule.notice >= 1 days);
        _require(class, "executionDelay", rule.executionDelay >= 1 days);
    }

    function _require(DecisionClass class, bytes32 field, bool within) private pure {
        if (!within) revert IBylaws.BylawsRuleOutOfBounds(class, field);
    }
}
