// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PayLadder} from "../../../contracts/modules/PayLadder.sol";
import {VM} from "../Vm.sol";

/// @title PayLadderProofs
/// @notice A rate lies within its bounds, never below the floor; a ladder has at most 256 rungs, the present rate
/// among them (invariant 15).
contract PayLadderProofs {
    function check_a_clamped_rate_lies_within_the_bounds(uint256 rate, uint256 lowest, uint256 highest) external pure {
        VM.assume(lowest <= highest);
        uint256 result = PayLadder.clamp(rate, lowest, highest);

        assert(lowest <= result && result <= highest);
        assert(result == rate || rate < lowest || rate > highest);
    }

    function check_bounds_are_in_order_and_not_below_the_floor(
        uint40 earlierRate,
        uint16 maxChangeBps,
        uint40 floor,
        uint40 least,
        uint40 most,
        uint16 ratioCap
    ) external pure {
        VM.assume(maxChangeBps <= 10_000);
        (uint256 lowest, uint256 highest) = PayLadder.bounds(earlierRate, maxChangeBps, floor, least, most, ratioCap);

        assert(floor <= lowest && lowest <= highest);
        assert(highest <= PayLadder.MAX_RATE);
    }

    /// @dev Exact: both sides are multiplied out.
    function check_no_rate_changes_by_more_than_allowed(uint40 earlierRate, uint16 maxChangeBps) external pure {
        VM.assume(earlierRate != 0 && maxChangeBps <= 10_000);
        (uint256 lowest, uint256 highest) = PayLadder.changeBand(earlierRate, maxChangeBps);

        assert(lowest != 0);
        assert(lowest * 10_000 >= uint256(earlierRate) * (10_000 - uint256(maxChangeBps)));
        assert(highest * 10_000 <= uint256(earlierRate) * (10_000 + uint256(maxChangeBps)));
        assert(lowest <= earlierRate && earlierRate <= highest);
    }

    function check_the_floor_alone_lifts_a_rate_out_of_the_change_band(
        uint40 earlierRate,
        uint16 maxChangeBps,
        uint40 floor,
        uint40 least,
        uint40 most,
        uint16 ratioCap
    ) external pure {
        VM.assume(earlierRate != 0 && maxChangeBps <= 10_000);
        (uint256 lowest, uint256 highest) = PayLadder.bounds(earlierRate, maxChangeBps, floor, least, most, ratioCap);
        (uint256 changeLowest, uint256 changeHighest) = PayLadder.changeBand(earlierRate, maxChangeBps);

        assert(lowest >= changeLowest);
        assert(highest <= changeHighest || highest == floor);
    }

    /// @dev Rates below 2^16 and any step below 2^8; the numbers of rungs up to the whole 256.
    function check_a_ladder_holds_the_present_rate_on_at_most_256_rungs(
        uint16 present,
        uint8 step,
        uint16 lowest,
        uint16 highest
    ) external pure {
        VM.assume(step != 0 && present != 0);
        (uint256 from, uint256 rungs, uint256 presentRung) = PayLadder.ladder(present, step, lowest, highest);

        assert(rungs != 0 && rungs <= 256);
        assert(presentRung < rungs);
        assert(from + presentRung * step == present);
    }

    function check_a_ladder_stays_within_the_bounds(
        uint16 present,
        uint8 step,
        uint16 lowest,
        uint16 highest
    ) external pure {
        VM.assume(step != 0 && lowest <= present && present <= highest);
        (uint256 from, uint256 rungs, ) = PayLadder.ladder(present, step, lowest, highest);

        assert(from >= lowest);
        assert(from + (rungs - 1) * step <= highest);
    }
}
