// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Words
/// @notice A list of words kept as bytes, because bytes are copied whole from contract to contract, and the items of an
/// array one by one, each with its checks.
library Words {
    function count(bytes memory words) internal pure returns (uint256) {
        return words.length / 32;
    }

    /// @notice The word at a place below `count`.
    function get(bytes memory words, uint256 place) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(words, 32), shl(5, place)))
        }
    }

    /// @notice Puts a word at a place below `count`.
    function set(bytes memory words, uint256 place, uint256 word) internal pure {
        assembly ("memory-safe") {
            mstore(add(add(words, 32), shl(5, place)), word)
        }
    }
}
