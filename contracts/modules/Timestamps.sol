// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC6372} from "@openzeppelin/contracts/interfaces/IERC6372.sol";

/// @title Timestamps
/// @notice The clock of all contracts is the block's timestamp, in seconds (ERC-6372).
abstract contract Timestamps is IERC6372 {
    /// @inheritdoc IERC6372
    function clock() public view returns (uint48) {
        return uint48(block.timestamp);
    }

    /// @inheritdoc IERC6372
    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() external pure returns (string memory) {
        return "mode=timestamp";
    }

    function _now() internal view returns (uint40) {
        return uint40(block.timestamp);
    }
}
