// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @notice A contract account that says yes, but no at once, and cheaply, when it gets too little gas.
contract ImpatientAccount is IERC1271 {
    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        return gasleft() < 95_000 ? bytes4(0xffffffff) : IERC1271.isValidSignature.selector;
    }
}
