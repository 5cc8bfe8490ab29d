// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @notice A contract account that accepts one digest, whatever the signature.
contract ApprovingAccount is IERC1271 {
    bytes32 private _approved;

    function approve(bytes32 digest) external {
        _approved = digest;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return digest == _approved ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}
