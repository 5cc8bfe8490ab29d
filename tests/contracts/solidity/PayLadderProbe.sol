// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PayLadder} from "../../../contracts/modules/PayLadder.sol";

/// @notice The ladder's rules, callable from a test.
contract PayLadderProbe {
    function bounds(
        uint256 earlierRate,
        uint256 maxChangeBps,
        uint256 floor,
        uint256 least,
        uint256 most,
        uint256 ratioCap
    ) external pure returns (uint256 lowest, uint256 highest) {
        return PayLadder.bounds(earlierRate, maxChangeBps, floor, least, most, ratioCap);
    }

    function ladder(
        uint256 present,
        uint256 step,
        uint256 lowest,
        uint256 highest
    ) external pure returns (uint256 from, uint256 rungs, uint256 presentRung) {
        return PayLadder.ladder(present, step, lowest, highest);
    }
}
