// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @notice A contract account that accepts a list of digests, whatever the signature. It can be told to
/// spend gas first, as an account with many owners does.
contract ListAccount is IERC1271 {
    mapping(bytes32 digest => bool) private _accepted;
    uint256 private _spend;

    function accept(bytes32 digest) external {
        _accepted[digest] = true;
    }

    function spend(uint256 gas_) external {
        _spend = gas_;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        uint256 until = gasleft() < _spend ? 0 : gasleft() - _spend;
        while (gasleft() > until) {}
        return _accepted[digest] ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}
