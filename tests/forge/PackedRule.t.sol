// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Rule} from "../../contracts/interfaces/IBylaws.sol";
import {PackedRule} from "../../contracts/modules/PackedRule.sol";
import {Test} from "./Test.sol";
import {VM} from "./Vm.sol";

/// @notice A rule in one word is the same rule.
contract PackedRuleTest is Test {
    using PackedRule for Rule;
    using PackedRule for uint256;

    function testFuzz_a_rule_comes_out_of_its_word_as_it_went_in(uint256[18] memory dice) external pure {
        Rule memory rule = Rule({
            notice: uint24(dice[0] % 2 ** 23),
            votingPeriod: uint24(dice[1] % 2 ** 23),
            executionDelay: uint24(dice[2] % 2 ** 23),
            grace: uint24(dice[3]),
            secondCallDelay: uint24(dice[4] % 2 ** 22),
            coolDown: uint24(dice[5]),
            swingWindow: uint24(dice[6] % 2 ** 20),
            swingCap: uint24(dice[7] % 2 ** 21),
            quorumMin: uint16(dice[8] % 2 ** 14),
            quorumBps: uint16(dice[9] % 2 ** 14),
            secondCallBps: uint16(dice[10] % 2 ** 14),
            maxAgainst: uint16(dice[11]),
            passNum: uint8(dice[12] % 2 ** 7),
            passDen: uint8(dice[13] % 2 ** 7),
            strict: dice[14] % 2 == 0,
            basisRoll: dice[15] % 2 == 0,
            presence: dice[16] % 2 == 0,
            subjectVotes: dice[17] % 2 == 0
        });
        bytes memory before = abi.encode(rule);

        _same(keccak256(abi.encode(rule.pack().unpack())), keccak256(before), "rule");
    }

    function testFuzz_every_word_is_one_rule_and_packs_into_itself(uint256 word) external pure {
        _same(word.unpack().pack(), word, "word");
    }

    function test_a_value_wider_than_its_place_is_refused() external {
        Rule memory rule;
        rule.secondCallDelay = 2 ** 22;
        VM.expectRevert(abi.encodeWithSelector(PackedRule.PackedRuleTooWide.selector, 4, 2 ** 22));
        this.pack(rule);
    }

    function pack(Rule calldata rule) external pure returns (uint256) {
        Rule memory copy = rule;
        return copy.pack();
    }
}
