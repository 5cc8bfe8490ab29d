// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PayLadder} from "../../contracts/modules/PayLadder.sol";
import {VM} from "../forge/Vm.sol";

/// @title PayLadderProofs
/// @notice A rate lies within its bounds and never below the floor; a ladder has at most 256 rungs within the bounds,
/// the present rate among them (invariant 15).
contract PayLadderProofs {
    function check_a_clamped_rate_lies_within_the_bounds(uint256 rate, uint256 lowest, uint256 highest) external pure {
        VM.assume(lowest <= highest);
        uint256 result = PayLadder.clamp(rate, lowest, highest);

        assert(lowest <= result && result <= highest);
        assert(result == rate || rate < lowest || rate > highest);
    }

    /// @dev Rates up to 4,095: with a step of 1 far more than 256 rungs would lie between the bounds.
    function check_a_ladder_holds_the_present_rate_on_at_most_256_rungs(
        uint16 present,
        uint16 lowest,
        uint16 highest,
        uint8 width
    ) external pure {
        uint256 step = _step(width);
        VM.assume(lowest <= present && present <= highest && highest < 4_096);
        (uint256 from, uint256 rungs, uint256 presentRung) = PayLadder.ladder(present, step, lowest, highest);

        assert(rungs <= 256 && presentRung < rungs);
        assert(from + presentRung * step == present);
        assert(from >= lowest);
        assert(from + (rungs - 1) * step <= highest);
    }

    /// @dev Each branch knows the step for sure, so that it is divided by a constant.
    function _step(uint8 number) private pure returns (uint256) {
        VM.assume(number < 3);
        if (number == 0) return 1;
        return number == 1 ? 5 : 10;
    }
}
