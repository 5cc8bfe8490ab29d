// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Histogram} from "../../../contracts/modules/Histogram.sol";
import {VM} from "../Vm.sol";

/// @title HistogramProofs
/// @notice The median of a pay vote is the middle ballot, and the counts sum to the number of ballots (invariant 14).
contract HistogramProofs {
    using Histogram for Histogram.Counts;

    Histogram.Counts private _counts;

    /// @dev Any number of ballots up to 65,535 on four rungs: both ends of the first two words. Judged by counting
    /// the ballots below and up to the rung found.
    function check_as_many_ballots_lie_below_the_median_as_above(
        uint16[4] calldata counts,
        uint16 filled,
        uint8 fillPlace
    ) external {
        VM.assume(fillPlace < 4);
        uint256 ballots = uint256(counts[0]) + counts[1] + counts[2] + counts[3];
        uint256 all = ballots + filled;
        VM.assume(all % 2 == 1 && all <= Histogram.MAX_BALLOTS);
        _counts.words[0] = uint256(counts[0]) | (uint256(counts[1]) << 240);
        _counts.words[1] = uint256(counts[2]) | (uint256(counts[3]) << 240);

        uint256 found = _counts.median(ballots, filled, _rungs(fillPlace));

        uint256 below;
        uint256 upTo;
        for (uint256 place; place < 4; ++place) {
            uint256 here = uint256(counts[place]) + (place == fillPlace ? filled : 0);
            if (_rungs(place) < found) below += here;
            if (_rungs(place) <= found) upTo += here;
        }
        assert(below <= all / 2);
        assert(upTo > all / 2);
    }

    /// @dev Three ballots on any rungs of the first word; judged by sorting.
    function check_the_median_of_three_is_the_middle_one(uint8 a, uint8 b, uint8 c) external {
        VM.assume(a < 16 && b < 16 && c < 16);
        _counts.add(a, 0);
        _counts.add(b, 1);
        _counts.add(c, 2);

        uint256 found = _counts.median(3, 0, 0);

        if (a > b) (a, b) = (b, a);
        if (b > c) (b, c) = (c, b);
        if (a > b) (a, b) = (b, a);
        assert(found == b);
    }

    function check_a_moved_ballot_changes_two_counts_and_no_other(
        uint16[16] calldata counts,
        uint8 from,
        uint8 to,
        uint8 other
    ) external {
        VM.assume(from < 16 && to < 16 && from != to && other < 16 && other != from && other != to);
        for (uint256 rung; rung < 16; ++rung) {
            _counts.words[0] |= uint256(counts[rung]) << (16 * rung);
        }
        uint256[3] memory before = [_counts.countOf(from), _counts.countOf(to), _counts.countOf(other)];
        VM.assume(before[0] != 0 && before[1] < Histogram.MAX_BALLOTS);

        _counts.move(from, to);

        assert(_counts.countOf(from) == before[0] - 1);
        assert(_counts.countOf(to) == before[1] + 1);
        assert(_counts.countOf(other) == before[2]);
    }

    function _rungs(uint256 place) private pure returns (uint256) {
        return [uint256(0), 15, 16, 31][place];
    }
}
