// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title PackedBallots
/// @notice Reads batches of signed ballots: flags(1: bits 0–1 choice, 2 reason follows, 3 long signature
/// follows) memberId(4) sequence(1) [rung(1), pay ballots] then r(32) vs(32) or length(2) signature, then if
/// flagged length(2) reason. About 70 bytes a ballot, because rollups charge for calldata.
library PackedBallots {
    uint256 private constant CHOICE_MASK = 3;
    uint256 private constant REASON_FLAG = 4;
    uint256 private constant LONG_SIGNATURE_FLAG = 8;

    /// @dev One entry of a batch and where its parts lie, in bytes from the batch's start. The next entry starts
    /// at `end`.
    struct Entry {
        uint256 choice;
        uint256 memberId;
        uint256 sequence;
        uint256 rung;
        uint256 signatureAt;
        uint256 signatureEnd;
        uint256 reasonAt;
        uint256 end;
    }

    /// @dev Thrown when a batch ends within an entry.
    error PackedBallotsTruncated(uint256 length);

    /// @notice The memberIds of all entries, in order.
    /// @param rungs Whether the entries are pay ballots.
    function memberIds(bytes calldata packed, bool rungs) internal pure returns (uint32[] memory ids) {
        // Upper bound: the shortest entry is 8 bytes (an empty long signature).
        ids = new uint32[](packed.length / 8 + 1);
        Entry memory entry;
        uint256 count;
        while (entry.end < packed.length) {
            read(packed, entry, rungs);
            ids[count++] = uint32(entry.memberId);
        }
        assembly ("memory-safe") {
            mstore(ids, count)
        }
    }

    /// @notice Reads the entry that starts where the last one ended into `entry`.
    function read(bytes calldata packed, Entry memory entry, bool rungs) internal pure {
        unchecked {
            uint256 cursor = entry.end;
            uint256 head = _word(packed, cursor);
            uint256 flags = head >> 248;
            entry.choice = flags & CHOICE_MASK;
            entry.memberId = uint32(head >> 216);
            entry.sequence = uint8(head >> 208);
            cursor += 6;
            if (rungs) {
                entry.rung = uint8(head >> 200);
                ++cursor;
            }

            uint256 length = 64;
            if (flags & LONG_SIGNATURE_FLAG != 0) {
                length = _word(packed, cursor) >> 240;
                cursor += 2;
            }
            entry.signatureAt = cursor;
            cursor += length;
            entry.signatureEnd = cursor;

            if (flags & REASON_FLAG != 0) {
                length = _word(packed, cursor) >> 240;
                entry.reasonAt = cursor + 2;
                cursor += 2 + length;
            } else {
                entry.reasonAt = cursor;
            }
            entry.end = cursor;
            if (cursor > packed.length) revert PackedBallotsTruncated(packed.length);
        }
    }

    function signature(bytes calldata packed, Entry memory entry) internal pure returns (bytes calldata) {
        return packed[entry.signatureAt:entry.signatureEnd];
    }

    function reason(bytes calldata packed, Entry memory entry) internal pure returns (bytes calldata) {
        return packed[entry.reasonAt:entry.end];
    }

    /// @dev 32 bytes from `cursor` on. What lies beyond the batch is refused by `read` before it is used: every
    /// field that is read lies before `end`.
    function _word(bytes calldata packed, uint256 cursor) private pure returns (uint256 word) {
        // Instead of checked slices: with them reading took some 800 gas more of the 24,500 of a ballot then.
        assembly ("memory-safe") {
            word := calldataload(add(packed.offset, cursor))
        }
    }
}
