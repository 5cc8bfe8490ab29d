// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PayLadder} from "../../contracts/modules/PayLadder.sol";
import {Test} from "./Test.sol";

/// @notice Bounds and ladders, judged rate by rate in exact fractions.
contract PayLadderTest is Test {
    struct Terms {
        uint256 earlier;
        uint256 bps;
        uint256 floor;
        uint256 least;
        uint256 most;
        uint256 cap;
    }

    function testFuzz_bounds_hold_all_limits_that_can_hold_together(uint256 seed) external pure {
        Terms memory terms = _terms(seed);
        (uint256 lowest, uint256 highest) = _bounds(terms);

        _so(lowest >= terms.floor, "the floor is the strongest");
        _so(lowest <= highest, "there is a rate");
        if (!_anyLegal(terms)) return;
        _so(_legal(terms, lowest), "the lowest rate is legal");
        _so(_legal(terms, highest), "the highest rate is legal");
        _so(lowest <= 1 || !_legal(terms, lowest - 1), "no lower rate is legal");
        _so(!_legal(terms, highest + 1), "no higher rate is legal");
    }

    /// @dev Where the ratio cannot hold, the change band still does, unless the floor is above it.
    function testFuzz_the_largest_change_gives_way_to_the_floor_only(uint256 seed) external pure {
        Terms memory terms = _terms(seed);
        (uint256 lowest, uint256 highest) = _bounds(terms);

        _so(lowest == terms.floor || _withinChange(terms, lowest), "the lowest rate is within the largest change");
        _so(highest == terms.floor || _withinChange(terms, highest), "the highest rate is within the largest change");
    }

    function testFuzz_a_ladder_has_the_present_rate_and_no_rung_out_of_bounds(
        uint40 rate,
        uint32 width,
        uint40 low,
        uint40 high
    ) external pure {
        uint256 present = _within(rate, 1, PayLadder.MAX_RATE);
        uint256 step = _within(width, 1, 5_000);
        (uint256 lowest, uint256 highest) = low < high ? (uint256(low), uint256(high)) : (uint256(high), uint256(low));
        if (rate % 4 != 0) (lowest, highest) = _around(present, low % 200_000, high % 200_000);
        (uint256 from, uint256 rungs, uint256 presentRung) = PayLadder.ladder(present, step, lowest, highest);
        uint256 top = from + (rungs - 1) * step;

        _so(rungs >= 1 && rungs <= 256, "at most 256 rungs");
        _so(presentRung < rungs, "the present rate is one of them");
        _same(from + presentRung * step, present, "the present rung's rate");
        _so(from >= lowest || from == present, "the lowest rung");
        _so(top <= highest || top == present, "the highest rung");
        _so(presentRung == 127 || from < lowest + step, "no rung is left out below");
        _so(rungs - 1 - presentRung == 128 || top + step > highest, "no rung is left out above");
    }

    function _around(uint256 present, uint256 down, uint256 up) private pure returns (uint256, uint256) {
        return (present > down ? present - down : 0, present + up);
    }

    function _bounds(Terms memory terms) private pure returns (uint256, uint256) {
        return PayLadder.bounds(terms.earlier, terms.bps, terms.floor, terms.least, terms.most, terms.cap);
    }

    /// @dev Rates from very small, where rounding decides, to the highest.
    function _terms(uint256 seed) private pure returns (Terms memory terms) {
        uint256 scale =
            seed & 1 == 0
                ? 60
                : seed & 2 == 0
                    ? 5_000
                    : PayLadder.MAX_RATE;
        terms.earlier = _within(seed >> 8, 1, scale);
        terms.bps = _within(seed >> 48, 1, 10_000);
        terms.floor = seed & 4 == 0 ? 0 : _within(seed >> 64, 0, scale);
        terms.least = seed & 8 == 0 ? 0 : _within(seed >> 104, 1, scale);
        terms.most = terms.least == 0 ? 0 : _within(seed >> 144, terms.least, scale);
        terms.cap = seed & 16 == 0 ? 0 : _within(seed >> 184, 100, 10_000);
    }

    function _withinChange(Terms memory terms, uint256 rate) private pure returns (bool) {
        if (rate == 0 || rate > PayLadder.MAX_RATE) return false;
        uint256 change = rate > terms.earlier ? rate - terms.earlier : terms.earlier - rate;
        return change * 10_000 <= terms.earlier * terms.bps;
    }

    function _legal(Terms memory terms, uint256 rate) private pure returns (bool) {
        if (rate < terms.floor || !_withinChange(terms, rate)) return false;
        if (terms.cap == 0 || terms.least == 0) return true;
        return rate * 100 <= terms.least * terms.cap && terms.most * 100 <= rate * terms.cap;
    }

    /// @dev Legal rates are an interval: its ends are among where one of the limits ends.
    function _anyLegal(Terms memory terms) private pure returns (bool) {
        if (_legal(terms, terms.floor) || _legal(terms, 1)) return true;
        uint256 down = (terms.earlier * (10_000 - terms.bps)) / 10_000;
        if (_legal(terms, down) || _legal(terms, down + 1)) return true;
        if (terms.cap == 0) return false;
        uint256 ratio = (terms.most * 100) / terms.cap;
        return _legal(terms, ratio) || _legal(terms, ratio + 1);
    }
}
