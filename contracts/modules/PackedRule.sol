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

    /// @dev Written out, since the Assembly unpacks a rule in most of its acts; the second and third number of each line
    /// are the bits before the value and its own.
    function unpack(uint256 packed) internal pure returns (Rule memory rule) {
        rule.notice = uint24(_bits(packed, 0, 23));
        rule.votingPeriod = uint24(_bits(packed, 23, 23));
        rule.executionDelay = uint24(_bits(packed, 46, 23));
        rule.grace = uint24(_bits(packed, 69, 24));
        rule.secondCallDelay = uint24(_bits(packed, 93, 22));
        rule.coolDown = uint24(_bits(packed, 115, 24));
        rule.swingWindow = uint24(_bits(packed, 139, 20));
        rule.swingCap = uint24(_bits(packed, 159, 21));
        rule.quorumMin = uint16(_bits(packed, 180, 14));
        rule.quorumBps = uint16(_bits(packed, 194, 14));
        rule.secondCallBps = uint16(_bits(packed, 208, 14));
        rule.maxAgainst = uint16(_bits(packed, 222, 16));
        rule.passNum = uint8(_bits(packed, 238, 7));
        rule.passDen = uint8(_bits(packed, 245, 7));
        rule.strict = _bits(packed, 252, 1) != 0;
        rule.basisRoll = _bits(packed, 253, 1) != 0;
        rule.presence = _bits(packed, 254, 1) != 0;
        rule.subjectVotes = _bits(packed, 255, 1) != 0;
    }

    function _bits(uint256 packed, uint256 before, uint256 width) private pure returns (uint256) {
        unchecked {
            return (packed << before) >> (256 - width);
        }
    }

    function _width(uint256 index) private pure returns (uint256) {
        unchecked {
            return uint8(WIDTHS >> (8 * (VALUES - 1 - index)));
        }
    }
}
