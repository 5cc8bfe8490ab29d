// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Keeps the calldata of every call, byte for byte.
contract Recorder {
    bytes[] private _heard;

    fallback() external payable {
        _heard.push(msg.data);
    }

    receive() external payable {
        _heard.push("");
    }

    function heard() external view returns (bytes[] memory) {
        return _heard;
    }
}
