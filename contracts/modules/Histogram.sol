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
    uint256 private constant NONE = 16;

    struct Counts {
        uint256[16] words;
    }

    /// @dev One word of the counts, taken out of the storage until `putBack`: a batch whose ballots stand close
    /// together reads and writes it once. Nothing else may change or read the counts meanwhile.
    struct AtHand {
        /// which of the words; NONE at first
        uint256 index;
        uint256 word;
    }

    /// @dev Thrown when there are more ballots than fit.
    error HistogramFull(uint256 ballots);

    /// @notice Nothing at hand yet.
    function nothing() internal pure returns (AtHand memory) {
        return AtHand({index: NONE, word: 0});
    }

    /// @notice Adds a ballot to a rung.
    function add(Counts storage counts, AtHand memory hand, uint256 rung) internal {
        if (rung >> 4 != hand.index) _take(counts, hand, rung >> 4);
        unchecked {
            hand.word += _one(rung);
        }
    }

    /// @notice Moves a ballot that stands on rung `from` to rung `to`.
    function move(Counts storage counts, AtHand memory hand, uint256 from, uint256 to) internal {
        if (from >> 4 != hand.index) _take(counts, hand, from >> 4);
        unchecked {
            hand.word -= _one(from);
        }
        if (to >> 4 != hand.index) _take(counts, hand, to >> 4);
        unchecked {
            hand.word += _one(to);
        }
    }

    /// @notice Writes down what is at hand, or refuses all that was added if there are too many ballots.
    /// @param ballots How many there are on all rungs now.
    function putBack(Counts storage counts, AtHand memory hand, uint256 ballots) internal {
        if (ballots > MAX_BALLOTS) revert HistogramFull(ballots);

        _write(counts, hand);
    }

    /// @notice The ballots on a rung.
    function countOf(Counts storage counts, uint256 rung) internal view returns (uint256) {
        return uint16(counts.words[rung >> 4] >> _shift(rung));
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

    /// @dev Takes a word in exchange for the one at hand.
    function _take(Counts storage counts, AtHand memory hand, uint256 index) private {
        _write(counts, hand);
        (hand.index, hand.word) = (index, counts.words[index]);
    }

    function _write(Counts storage counts, AtHand memory hand) private {
        if (hand.index != NONE) counts.words[hand.index] = hand.word;
    }

    /// @dev One ballot on that rung, as its word counts it.
    function _one(uint256 rung) private pure returns (uint256) {
        return 1 << _shift(rung);
    }

    function _shift(uint256 rung) private pure returns (uint256) {
        return (rung & 15) << 4;
    }
}
