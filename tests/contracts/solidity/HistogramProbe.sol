// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Histogram} from "../../../contracts/modules/Histogram.sol";

/// @notice A histogram in storage, callable from a test.
contract HistogramProbe {
    using Histogram for Histogram.Counts;

    Histogram.Counts private _counts;
    uint256 private _ballots;

    function add(uint8[] calldata rungs) external {
        Histogram.AtHand memory hand = Histogram.nothing();
        for (uint256 i; i < rungs.length; ++i) {
            _counts.add(hand, rungs[i]);
        }
        _ballots += rungs.length;
        _counts.putBack(hand, _ballots);
    }

    function move(uint8 from, uint8 to) external {
        Histogram.AtHand memory hand = Histogram.nothing();
        _counts.move(hand, from, to);
        _counts.putBack(hand, _ballots);
    }

    /// @notice Writes 16 counts at once, as if that many ballots had been added.
    function setWord(uint256 word, uint256 counts, uint256 ballots) external {
        _counts.words[word] = counts;
        _ballots = ballots;
    }

    function median(uint256 ballots, uint256 filled, uint256 fillRung) external view returns (uint256) {
        return _counts.median(ballots, filled, fillRung);
    }

    function countOf(uint256 rung) external view returns (uint256) {
        return _counts.countOf(rung);
    }
}
