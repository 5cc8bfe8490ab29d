// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Answers with as many bytes as it is asked for, all 0x01, by returning or by reverting.
contract Echo {
    function answer(uint256 length) external pure {
        bytes memory data = _ones(length);
        assembly ("memory-safe") {
            return(add(data, 32), mload(data))
        }
    }

    function refuse(uint256 length) external pure {
        bytes memory data = _ones(length);
        assembly ("memory-safe") {
            revert(add(data, 32), mload(data))
        }
    }

    function _ones(uint256 length) private pure returns (bytes memory data) {
        data = new bytes(length);
        for (uint256 i; i < length && i < 2048; ++i) {
            data[i] = 0x01;
        }
    }
}
