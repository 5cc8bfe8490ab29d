// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Recorder
/// @notice A foreign contract that keeps what it was last called with.
contract Recorder {
    bytes public received;
    uint256 public calls;

    receive() external payable {
        _keep();
    }

    fallback() external payable {
        _keep();
    }

    function _keep() private {
        received = msg.data;
        ++calls;
    }
}
