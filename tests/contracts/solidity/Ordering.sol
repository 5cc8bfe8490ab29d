// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Stands where the Assembly stands while a test gives an order in its name: as if its vote had opened just now.
contract Ordering {
    function executionSnapshot() external view returns (uint256) {
        return block.timestamp;
    }
}
