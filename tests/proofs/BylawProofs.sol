// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DecisionClass, Rule} from "../../contracts/interfaces/IBylaws.sol";
import {BylawBounds} from "../../contracts/modules/BylawBounds.sol";
import {PackedRule} from "../../contracts/modules/PackedRule.sol";

/// @title BylawProofs
/// @notice Every rule that the bounds allow is kept in one word and comes back as it was (invariant 9).
contract BylawProofs {
    using PackedRule for Rule;

    function check_a_rule_within_its_bounds_comes_back_as_it_was(Rule memory rule) external view {
        BylawBounds.check(DecisionClass.Ordinary, rule);

        try this.packed(rule) returns (uint256 word) {
            assert(keccak256(abi.encode(PackedRule.unpack(word))) == keccak256(abi.encode(rule)));
        } catch {
            assert(false);
        }
    }

    /// @dev Called from outside, so that a refusal is seen.
    function packed(Rule memory rule) external pure returns (uint256) {
        return rule.pack();
    }
}
