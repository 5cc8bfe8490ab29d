// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev One member's ballot in 16 bits: choice + 1 (bits 0–1, 0 = none), epoch modulo 64 (2–7), sequence (8–15).
type Lane is uint256;

/// @dev The lanes of sixteen members whose memberIds follow each other, in one word.
type SixteenLanes is uint256;

using Lanes for Lane global;
using Lanes for SixteenLanes global;

/// @title Lanes
/// @notice Reads and writes ballots as they are stored.
library Lanes {
    function create(uint256 choice_, uint256 epoch_, uint256 sequence_) internal pure returns (Lane) {
        unchecked {
            return Lane.wrap((choice_ + 1) | ((epoch_ & 63) << 2) | (sequence_ << 8));
        }
    }

    /// @notice The lane of one of the sixteen.
    function laneOf(SixteenLanes lanes, uint256 memberId) internal pure returns (Lane) {
        return Lane.wrap(uint16(SixteenLanes.unwrap(lanes) >> _shift(memberId)));
    }

    /// @notice The sixteen with another lane in place of `old`.
    function replaced(SixteenLanes lanes, uint256 memberId, Lane old, Lane new_) internal pure returns (SixteenLanes) {
        uint256 changed = Lane.unwrap(old) ^ Lane.unwrap(new_);
        return SixteenLanes.wrap(SixteenLanes.unwrap(lanes) ^ (changed << _shift(memberId)));
    }

    function isEmpty(Lane lane) internal pure returns (bool) {
        return Lane.unwrap(lane) == 0;
    }

    /// @notice The choice of a lane that is not empty.
    function choice(Lane lane) internal pure returns (uint256) {
        unchecked {
            return (Lane.unwrap(lane) & 3) - 1;
        }
    }

    function epoch(Lane lane) internal pure returns (uint256) {
        return (Lane.unwrap(lane) >> 2) & 63;
    }

    function sequence(Lane lane) internal pure returns (uint256) {
        return Lane.unwrap(lane) >> 8;
    }

    /// @notice The lowest sequence that the next ballot may have. A new epoch starts again: what a thief cast with the
    /// old key can be undone.
    function nextSequence(Lane lane, uint256 presentEpoch) internal pure returns (uint256) {
        unchecked {
            return lane.epoch() == presentEpoch & 63 ? lane.sequence() + 1 : 1;
        }
    }

    function _shift(uint256 memberId) private pure returns (uint256) {
        return (memberId & 15) << 4;
    }
}
