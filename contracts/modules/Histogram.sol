// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Histogram
/// @notice How many ballots stand on each of up to 256 rungs: 16 counts of 16 bits a word. A ballot costs
/// one word, the median at most 16, however many ballots there are.
library Histogram {
    /// @dev No count, and no sum of counts, exceeds 16 bits.
    uint256 internal constant MAX_BALLOTS = 65_535;

    /// @dev A 1 in each of the 16 counts of a word.
    uint256 private constant ONES = 0x0001000100010001000100010001000100010001000100010001000100010001;

    struct Counts {
        uint256[16] words;
    }

    /// @dev Thrown when one more ballot would not fit.
    error HistogramFull(uint256 ballots);

    /// @notice Adds a ballot to a rung.
    /// @param ballots How many there are on all rungs before.
    function add(Counts storage counts, uint256 rung, uint256 ballots) internal {
        if (ballots >= MAX_BALLOTS) revert HistogramFull(ballots);

        (uint256 word, uint256 shift) = _place(rung);
        unchecked {
            counts.words[word] += 1 << shift;
        }
    }

    /// @notice Moves a ballot that stands on rung `from` to rung `to`.
    function move(Counts storage counts, uint256 from, uint256 to) internal {
        (uint256 word, uint256 shift) = _place(from);
        (uint256 newWord, uint256 newShift) = _place(to);
        unchecked {
            if (word == newWord) {
                // One write: two would pay for leaving the old value and again for coming back to it.
                counts.words[word] = counts.words[word] - (1 << shift) + (1 << newShift);
            } else {
                counts.words[word] -= 1 << shift;
                counts.words[newWord] += 1 << newShift;
            }
        }
    }

    /// @notice The ballots on a rung.
    function countOf(Counts storage counts, uint256 rung) internal view returns (uint256) {
        (uint256 word, uint256 shift) = _place(rung);
        return uint16(counts.words[word] >> shift);
    }

    /// @notice The rung of the middle ballot, after `filled` ballots were put on the rung `fillRung`.
    /// @param ballots How many there are on all rungs; with `filled` an odd number.
    function median(
        Counts storage counts,
        uint256 ballots,
        uint256 filled,
        uint256 fillRung
    ) internal view returns (uint256 rung) {
        // The middle one has as many before it as after it.
        uint256 before = (ballots + filled) / 2;
        uint256 fillWord = fillRung >> 4;
        uint256 index;
        uint256 word = counts.words[0];
        uint256 here = _sum(word) + (fillWord == 0 ? filled : 0);
        unchecked {
            while (here <= before) {
                before -= here;
                word = counts.words[++index];
                here = _sum(word) + (fillWord == index ? filled : 0);
            }
            rung = index << 4;
            here = uint16(word) + (fillRung == rung ? filled : 0);
            while (here <= before) {
                before -= here;
                word >>= 16;
                here = uint16(word) + (fillRung == ++rung ? filled : 0);
            }
        }
    }

    /// @dev The product's highest count is the sum of all 16; no lower one carries, as no sum exceeds 16 bits.
    function _sum(uint256 word) private pure returns (uint256) {
        unchecked {
            return (word * ONES) >> 240;
        }
    }

    function _place(uint256 rung) private pure returns (uint256 word, uint256 shift) {
        return (rung >> 4, (rung & 15) << 4);
    }
}
