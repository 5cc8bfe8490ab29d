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
