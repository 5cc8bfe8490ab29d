// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @title SigningAccount
/// @notice An account that is a contract: its signature of whatever is the word "yes".
contract SigningAccount is IERC1271 {
    function isValidSignature(bytes32, bytes calldata signature) external pure returns (bytes4) {
        return keccak256(signature) == keccak256("yes") ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}
