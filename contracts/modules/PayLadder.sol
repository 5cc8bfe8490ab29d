// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title PayLadder
/// @notice Between which bounds a rate may lie, and which rungs a pay vote offers. Rates are integer minor
/// units of the currency per hour.
library PayLadder {
    /// @dev The highest rate that is ever paid or voted on: a role fits one storage slot.
    uint256 internal constant MAX_RATE = type(uint40).max;
    /// @dev Rungs below and above the present rate: 256 with it.
    uint256 internal constant MAX_DOWN = 127;
    uint256 internal constant MAX_UP = 128;

    uint256 private constant BPS = 10_000;
    uint256 private constant PERCENT = 100;

    /// @notice The bounds of a role's rate: the ratio band gives way to the change band, both to the floor.
    /// @param earlierRate The rate one period ago, or the role's first.
    /// @param maxChangeBps Largest change from that rate, in 1/10,000.
    /// @param floor What the rate never falls below.
    /// @param least Lowest rate of the other roles; 0 if there are none.
    /// @param most Highest rate of the other roles; 0 if there are none.
    /// @param ratioCap No role earns more than this times another, in 1/100; 0 = no cap.
    function bounds(
        uint256 earlierRate,
        uint256 maxChangeBps,
        uint256 floor,
        uint256 least,
        uint256 most,
        uint256 ratioCap
    ) internal pure returns (uint256 lowest, uint256 highest) {
        (uint256 changeLowest, uint256 changeHighest) = changeBand(earlierRate, maxChangeBps);
        (lowest, highest) = ratioBand(least, most, ratioCap);

        lowest = clamp(lowest, changeLowest, changeHighest);
        highest = clamp(highest, changeLowest, changeHighest);
        lowest = Math.max(Math.min(lowest, highest), floor);
        highest = Math.max(highest, floor);
    }

    /// @notice The rates within the largest change of a rate, rounded inwards; at least 1.
    function changeBand(
        uint256 earlierRate,
        uint256 maxChangeBps
    ) internal pure returns (uint256 lowest, uint256 highest) {
        lowest = Math.max(Math.ceilDiv(earlierRate * (BPS - maxChangeBps), BPS), 1);
        highest = Math.min((earlierRate * (BPS + maxChangeBps)) / BPS, MAX_RATE);
    }

    /// @notice The rates that keep the ratio to all other roles, rounded inwards. Empty (lowest > highest) if
    /// the others already break it.
    function ratioBand(
        uint256 least,
        uint256 most,
        uint256 ratioCap
    ) internal pure returns (uint256 lowest, uint256 highest) {
        if (ratioCap == 0 || least == 0) return (1, MAX_RATE);

        lowest = Math.ceilDiv(most * PERCENT, ratioCap);
        highest = Math.min((least * ratioCap) / PERCENT, MAX_RATE);
    }

    /// @notice The ladder present ± k·step within the bounds, the present rate always one of its rungs.
    function ladder(
        uint256 present,
        uint256 step,
        uint256 lowest,
        uint256 highest
    ) internal pure returns (uint256 from, uint256 rungs, uint256 presentRung) {
        uint256 down = Math.min(Math.saturatingSub(present, lowest) / step, MAX_DOWN);
        uint256 up = Math.min(Math.saturatingSub(highest, present) / step, MAX_UP);

        return (present - down * step, down + 1 + up, down);
    }

    /// @notice The rate, or the bound that it crosses.
    function clamp(uint256 rate, uint256 lowest, uint256 highest) internal pure returns (uint256) {
        return Math.min(Math.max(rate, lowest), highest);
    }
}
