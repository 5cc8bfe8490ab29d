// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Shop} from "./Shop.sol";

/// @notice Puts a Shop where there was no code, at an address that is known beforehand.
contract Planter {
    /// @dev At the address that follows from how often this contract planted.
    function plantNext() external returns (address) {
        return address(new Shop());
    }

    /// @dev At the address that follows from the Shop's code.
    function plantThere() external returns (address) {
        return address(new Shop{salt: 0}());
    }
}
