// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title PackedBallots
/// @notice Reads batches of signed ballots: flags(1: bits 0–1 choice, 2 reason follows, 3 long signature
/// follows) memberId(4) sequence(1) [rung(1), pay ballots] then r(32) vs(32) or length(2) signature, then if
/// flagged length(2) reason. About 70 bytes a ballot, because rollups charge for calldata.
library PackedBallots {
    uint8 private constant CHOICE_MASK = 3;
    uint8 private constant REASON_FLAG = 4;
    uint8 private constant LONG_SIGNATURE_FLAG = 8;

    /// @dev Where one entry lies in the batch; offsets in bytes.
    struct Entry {
        uint8 choice;
        uint32 memberId;
        uint8 sequence;
        uint8 rung;
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
            ids[count++] = entry.memberId;
        }
        assembly ("memory-safe") {
            mstore(ids, count)
        }
    }

    /// @notice Reads the entry that starts where the last one ended into `entry`.
    function read(bytes calldata packed, Entry memory entry, bool rungs) internal pure {
        uint256 cursor = entry.end;
        uint256 head = rungs ? 7 : 6;
        _need(packed, cursor + head);
        uint8 flags = uint8(packed[cursor]);
        entry.choice = flags & CHOICE_MASK;
        entry.memberId = uint32(bytes4(packed[cursor + 1:cursor + 5]));
        entry.sequence = uint8(packed[cursor + 5]);
        if (rungs) entry.rung = uint8(packed[cursor + 6]);
        cursor += head;

        uint256 length = 64;
        if (flags & LONG_SIGNATURE_FLAG != 0) (length, cursor) = _length(packed, cursor);
        entry.signatureAt = cursor;
        cursor += length;
        entry.signatureEnd = cursor;

        length = 0;
        if (flags & REASON_FLAG != 0) (length, cursor) = _length(packed, cursor);
        entry.reasonAt = cursor;
        entry.end = cursor + length;
        _need(packed, entry.end);
    }

    function signature(bytes calldata packed, Entry memory entry) internal pure returns (bytes calldata) {
        return packed[entry.signatureAt:entry.signatureEnd];
    }

    function reason(bytes calldata packed, Entry memory entry) internal pure returns (bytes calldata) {
        return packed[entry.reasonAt:entry.end];
    }

    function _length(bytes calldata packed, uint256 cursor) private pure returns (uint256 length, uint256 next) {
        _need(packed, cursor + 2);
        return (uint16(bytes2(packed[cursor:cursor + 2])), cursor + 2);
    }

    function _need(bytes calldata packed, uint256 end) private pure {
        if (end > packed.length) revert PackedBallotsTruncated(packed.length);
    }
}
