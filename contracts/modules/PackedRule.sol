// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Rule} from "../interfaces/IBylaws.sol";

/// @title PackedRule
/// @notice A rule in one word: its 18 values one behind the other, the first one highest, each as wide as the bounds
/// that BylawBounds sets to it demand. Solidity would give a rule two slots, and an instance begins with seven rules.
library PackedRule {
    uint256 private constant VALUES = 18;
    /// @dev Bits of each value in the order of Rule, one byte each; 256 in all.
    uint256 private constant WIDTHS = 0x17171718161814150e0e0e10070701010101;

    /// @dev Thrown when a value does not fit, which its bounds rule out.
    error PackedRuleTooWide(uint256 index, uint256 value);

    function pack(Rule memory rule) internal pure returns (uint256 packed) {
        unchecked {
            for (uint256 i; i < VALUES; ++i) {
                uint256 value;
                // A struct in memory is a word a value.
                assembly ("memory-safe") {
                    value := mload(add(rule, shl(5, i)))
                }
                uint256 width = _width(i);
                if (value >> width != 0) revert PackedRuleTooWide(i, value);
                packed = (packed << width) | value;
            }
        }
    }

    function unpack(uint256 packed) internal pure returns (Rule memory rule) {
        unchecked {
            for (uint256 i = VALUES; i != 0;) {
                uint256 width = _width(--i);
                uint256 value = packed & ((1 << width) - 1);
                packed >>= width;
                assembly ("memory-safe") {
                    mstore(add(rule, shl(5, i)), value)
                }
            }
        }
    }

    function _width(uint256 index) private pure returns (uint256) {
        unchecked {
            return uint8(WIDTHS >> (8 * (VALUES - 1 - index)));
        }
    }
}
