// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice When it is called, calls back what it was told to, and keeps the answers.
contract Returner {
    bytes[] private _calls;
    bool[] private _successes;
    bytes[] private _answers;

    function tell(bytes[] calldata calls) external {
        for (uint256 i; i < calls.length; ++i) {
            _calls.push(calls[i]);
        }
    }

    function goBack() external {
        for (uint256 i; i < _calls.length; ++i) {
            // solhint-disable-next-line avoid-low-level-calls
            (bool success, bytes memory answer) = msg.sender.call(_calls[i]);
            _successes.push(success);
            _answers.push(answer);
        }
    }

    function answers() external view returns (bool[] memory successes, bytes[] memory words) {
        return (_successes, _answers);
    }
}
