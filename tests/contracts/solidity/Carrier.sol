// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Carries a call with as much gas as it is told to, and does not care whether it succeeds.
contract Carrier {
    event Carried(bool success);

    function carry(address target, bytes calldata data, uint256 gasLimit) external {
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, ) = target.call{gas: gasLimit}(data);
        emit Carried(success);
    }
}
