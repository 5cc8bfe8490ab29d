// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Histogram} from "../../contracts/modules/Histogram.sol";
import {Test} from "./Test.sol";

/// @notice The packed counts and their median, beside a list that is sorted.
contract HistogramTest is Test {
    using Histogram for Histogram.Counts;

    Histogram.Counts private counts;

    function testFuzz_the_median_is_the_middle_of_the_sorted_ballots(
        uint8[] calldata rungs,
        uint8 filled,
        uint8 fillRung
    ) external {
        uint256 cast = rungs.length > 60 ? 60 : rungs.length;
        uint256 fill = filled % 40;
        if ((cast + fill) % 2 == 0) ++fill;
        uint8[] memory all = new uint8[](cast + fill);
        Histogram.AtHand memory hand = Histogram.nothing();
        for (uint256 i; i < all.length; ++i) {
            all[i] = i < cast ? rungs[i] : fillRung;
            if (i < cast) counts.add(hand, rungs[i]);
        }
        counts.putBack(hand, cast);
        _sort(all);

        _same(counts.median(cast, fill, fillRung), all[all.length / 2], "the middle ballot");
    }

    /// @dev Narrow ladders, so that many ballots stand on one rung.
    function testFuzz_the_median_of_moved_ballots_is_that_of_where_they_stand_now(uint256 seed) external {
        uint8[] memory standing = new uint8[](15);
        Histogram.AtHand memory hand = Histogram.nothing();
        for (uint256 i; i < 60; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            uint8 rung = uint8(dice >> 8) % (dice & 1 == 0 ? 24 : 255);
            if (i < 15) counts.add(hand, rung);
            else counts.move(hand, standing[i % 15], rung);
            standing[i % 15] = rung;
            if (dice & 14 != 0) continue;
            // In the storage at some moments, as from one batch to the next.
            counts.putBack(hand, 15);
            hand = Histogram.nothing();
        }
        counts.putBack(hand, 15);
        _counted(standing);
        _sort(standing);

        _same(counts.median(15, 0, 0), standing[7], "the middle ballot");
    }

    /// @dev Counts up to the highest sum that 16 bits hold.
    function testFuzz_the_median_of_a_whole_town_is_found(uint256 seed, uint8 fillRung) external {
        uint256 left = Histogram.MAX_BALLOTS;
        uint256[256] memory plain;
        for (uint256 i; i < 8; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            uint256 many = i == 7 ? left : (dice >> 16) % (left + 1);
            plain[dice % 256] += many;
            left -= many;
        }
        for (uint256 rung; rung < 256; ++rung) {
            counts.words[rung / 16] |= plain[rung] << (16 * (rung % 16));
        }
        uint256 rungOfMiddle;
        uint256 before = plain[0];
        while (before <= Histogram.MAX_BALLOTS / 2) before += plain[++rungOfMiddle];

        _same(counts.median(Histogram.MAX_BALLOTS, 0, fillRung), rungOfMiddle, "the middle ballot");
    }

    function test_the_65536th_ballot_is_refused() external {
        this.addOne(Histogram.MAX_BALLOTS);
        bytes memory call = abi.encodeCall(this.addOne, (Histogram.MAX_BALLOTS + 1));

        _refused(address(this), address(this), call, Histogram.HistogramFull.selector);
        _same(counts.countOf(3), 1, "ballots on the rung");
    }

    function addOne(uint256 ballots) external {
        Histogram.AtHand memory hand = Histogram.nothing();
        counts.add(hand, 3);
        counts.putBack(hand, ballots);
    }

    function _counted(uint8[] memory standing) private view {
        for (uint256 rung; rung < 256; ++rung) {
            uint256 many;
            for (uint256 i; i < standing.length; ++i) {
                if (standing[i] == rung) ++many;
            }
            _same(counts.countOf(rung), many, "ballots on a rung");
        }
    }

    function _sort(uint8[] memory all) private pure {
        for (uint256 i = 1; i < all.length; ++i) {
            for (uint256 at = i; at != 0 && all[at - 1] > all[at]; --at) {
                (all[at - 1], all[at]) = (all[at], all[at - 1]);
            }
        }
    }
}
