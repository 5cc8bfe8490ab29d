// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {VM} from "./Vm.sol";

/// @title Test
/// @notice Assertions that say what was expected and what was found, and a few helpers for fuzzed values.
abstract contract Test {
    /// @dev forge takes a contract for a test only if it says so.
    // solhint-disable-next-line const-name-snakecase
    bool public constant IS_TEST = true;

    error Unequal(string what, uint256 expected, uint256 found);
    error UnequalWords(string what, bytes32 expected, bytes32 found);
    error UnequalAccounts(string what, address expected, address found);
    error UnequalBytes(string what, bytes expected, bytes found);
    error NotSo(string what);
    error NotRefused(string what);
    error RefusedWith(string what, bytes4 expected, bytes found);

    function _same(uint256 found, uint256 expected, string memory what) internal pure {
        if (found != expected) revert Unequal(what, expected, found);
    }

    function _same(bytes32 found, bytes32 expected, string memory what) internal pure {
        if (found != expected) revert UnequalWords(what, expected, found);
    }

    function _same(address found, address expected, string memory what) internal pure {
        if (found != expected) revert UnequalAccounts(what, expected, found);
    }

    function _same(bytes memory found, bytes memory expected, string memory what) internal pure {
        if (keccak256(found) != keccak256(expected)) revert UnequalBytes(what, expected, found);
    }

    function _so(bool holds, string memory what) internal pure {
        if (!holds) revert NotSo(what);
    }

    /// @dev Makes the call as `sender` and asserts that it reverts with that error.
    function _refused(
        address sender,
        address target,
        bytes memory data,
        bytes4 expected
    ) internal returns (bytes memory answer) {
        bool ok;
        VM.prank(sender);
        // solhint-disable-next-line avoid-low-level-calls
        (ok, answer) = target.call(data);
        if (ok) revert NotRefused("the call went through");
        if (bytes4(answer) != expected) revert RefusedWith("another refusal", expected, answer);
    }

    /// @dev The call must be refused with this whole error.
    function _refused(address sender, address target, bytes memory data, bytes memory error_) internal {
        _same(_refused(sender, target, data, bytes4(error_)), error_, "the whole error");
    }

    /// @dev A value between two bounds, both included, made from any fuzzed one.
    function _within(uint256 value, uint256 lowest, uint256 highest) internal pure returns (uint256) {
        if (highest - lowest == type(uint256).max) return value;
        return lowest + (value % (highest - lowest + 1));
    }
}
