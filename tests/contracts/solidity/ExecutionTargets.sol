// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A neighbour that takes orders and money, unless it is closed.
contract Shop {
    error ShopClosed(uint256 order);

    uint256[] private _orders;
    bool private _closed;

    function setClosed(bool closed) external {
        _closed = closed;
    }

    function order(uint256 number) external payable {
        if (_closed) revert ShopClosed(number);
        _orders.push(number);
    }

    function orders() external view returns (uint256[] memory) {
        return _orders;
    }
}

/// @notice Answers with as many bytes as it is asked for, all 0x01, by returning or by reverting.
contract Echo {
    function answer(uint256 length) external pure {
        bytes memory data = _ones(length);
        assembly ("memory-safe") {
            return(add(data, 32), mload(data))
        }
    }

    function refuse(uint256 length) external pure {
        bytes memory data = _ones(length);
        assembly ("memory-safe") {
            revert(add(data, 32), mload(data))
        }
    }

    function _ones(uint256 length) private pure returns (bytes memory data) {
        data = new bytes(length);
        for (uint256 i; i < length && i < 2048; ++i) {
            data[i] = 0x01;
        }
    }
}

/// @notice When it is called, calls back what it was told to, and keeps the answers.
contract Returner {
    bytes[] private _calls;
    bool[] private _successes;
    bytes[] private _answers;

    function tell(bytes[] calldata calls) external {
        _calls = calls;
    }

    function goBack() external {
        for (uint256 i; i < _calls.length; ++i) {
            (bool success, bytes memory answer) = msg.sender.call(_calls[i]);
            _successes.push(success);
            _answers.push(answer);
        }
    }

    function answers() external view returns (bool[] memory successes, bytes[] memory words) {
        return (_successes, _answers);
    }
}
