// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Burns all the gas that it gets, whatever it is asked and whoever runs its code.
contract BurningAccount {
    fallback() external payable {
        while (true) {}
    }
}
