// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @notice A contract account that says yes to everything or to nothing, as its mood is.
contract MoodyAccount is IERC1271 {
    bool private _willing;

    function setWilling(bool willing) external {
        _willing = willing;
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        return _willing ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}
