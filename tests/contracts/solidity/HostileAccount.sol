// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @notice A contract account that answers in one of several bad ways.
contract HostileAccount is IERC1271 {
    enum Way {
        Reverts,
        BurnsAllGas,
        AnswersShort,
        AnswersHuge,
        AnswersDirtyWord
    }

    /// @dev Thrown instead of an answer.
    error HostileAccountRefuses();

    Way private _way;

    constructor(Way way) {
        _way = way;
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        if (_way == Way.Reverts) revert HostileAccountRefuses();
        if (_way == Way.BurnsAllGas) while (true) {}
        assembly {
            let way := sload(_way.slot)
            mstore(0, shl(224, 0x1626ba7e))
            if eq(way, 2) {
                return(0, 4)
            }
            if eq(way, 3) {
                revert(0, 30000)
            }
            mstore8(31, 1)
            return(0, 32)
        }
    }
}
