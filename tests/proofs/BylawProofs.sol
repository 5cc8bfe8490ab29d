// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DecisionClass, Rule} from "../../contracts/interfaces/IBylaws.sol";
import {BylawBounds} from "../../contracts/modules/BylawBounds.sol";
import {PackedRule} from "../../contracts/modules/PackedRule.sol";

/// @title BylawProofs
/// @notice Every rule that the bounds allow is kept in one word and comes back as it was (invariant 9).
contract BylawProofs {
    using PackedRule for Rule;

    function check_a_rule_within_its_bounds_comes_back_as_it_was(Rule memory rule) external pure {
        BylawBounds.check(DecisionClass.Ordinary, rule);

        assert(keccak256(abi.encode(PackedRule.unpack(rule.pack()))) == keccak256(abi.encode(rule)));
    }
}
