// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Signatures} from "./Signatures.sol";

/// @title PackedBallots
/// @notice Reads batches of signed ballots: flags(1: bits 0–1 choice, 2 reason follows, 3 long signature
/// follows) memberId(4) sequence(1) [rung(1), pay ballots] then r(32) vs(32) or length(2) signature, then if
/// flagged length(2) reason. About 70 bytes a ballot, because rollups charge for calldata.
library PackedBallots {
    /// @dev Bytes before the signature, which tell a ballot from a pay ballot.
    uint256 internal constant BALLOT_HEAD = 6;
    uint256 internal constant PAY_BALLOT_HEAD = 7;

    uint256 private constant REASON_FLAG = 4 << 248;
    uint256 private constant LONG_SIGNATURE_FLAG = 8 << 248;

    /// @dev One entry of a batch and where its parts lie, in bytes from the batch's start. The next entry starts
    /// at `end`.
    struct Entry {
        /// flags, memberId, sequence (and rung) from the highest bit on
        uint256 head;
        uint256 signatureAt;
        uint256 end;
        /// only of an entry with a reason or a long signature
        uint256 signatureEnd;
    }

    /// @dev Thrown when a batch ends within an entry.
    error PackedBallotsTruncated(uint256 length);

    /// @notice The memberIds of all entries, in order, as `slotsOf` of Membership takes them.
    function memberIds(bytes calldata packed, uint256 headLength) internal pure returns (bytes memory ids) {
        uint256 length;
        uint256 cursor;
        // The list grows at the end of memory, where nothing else is put meanwhile; its length is known at last.
        assembly ("memory-safe") {
            ids := mload(0x40)
        }
        unchecked {
            while (cursor < packed.length) {
                uint256 head = _word(packed, cursor);
                length += 32;
                uint256 id = memberIdOf(head);
                assembly ("memory-safe") {
                    mstore(add(ids, length), id)
                }
                cursor += headLength;
                if (_isPlain(head)) cursor += 64;
                else (, cursor) = _ends(packed, head, cursor);
            }
        }
        if (cursor > packed.length) revert PackedBallotsTruncated(packed.length);
        assembly ("memory-safe") {
            mstore(ids, length)
            mstore(0x40, add(add(ids, 32), length))
        }
    }

    /// @notice The memberId of the first entry; of an empty batch any number.
    function firstMemberId(bytes calldata packed) internal pure returns (uint256) {
        return memberIdOf(_word(packed, 0));
    }

    /// @notice Reads the entry that starts where the last one ended into `entry`, of a batch that `memberIds` found
    /// complete.
    function read(bytes calldata packed, Entry memory entry, uint256 headLength) internal pure {
        unchecked {
            uint256 head = _word(packed, entry.end);
            uint256 signatureAt = entry.end + headLength;
            (entry.head, entry.signatureAt) = (head, signatureAt);
            if (_isPlain(head)) entry.end = signatureAt + 64;
            else (entry.signatureEnd, entry.end) = _ends(packed, head, signatureAt);
        }
    }

    /// @notice The first word of an entry that says this.
    function headOf(uint256 choice, uint256 memberId, uint256 sequence) internal pure returns (uint256) {
        return (choice << 248) | (memberId << 216) | (sequence << 208);
    }

    /// @notice From the first word of an entry: the choice of a ballot.
    function choiceOf(uint256 head) internal pure returns (uint256) {
        return (head >> 248) & 3;
    }

    function memberIdOf(uint256 head) internal pure returns (uint256) {
        return uint32(head >> 216);
    }

    function sequenceOf(uint256 head) internal pure returns (uint256) {
        return uint8(head >> 208);
    }

    /// @notice The rung of a pay ballot.
    function rungOf(uint256 head) internal pure returns (uint256) {
        return uint8(head >> 200);
    }

    /// @notice Whether the entry's signature is that of `account`.
    function isSignedBy(
        bytes calldata packed,
        Entry memory entry,
        address account,
        bytes32 digest
    ) internal view returns (bool) {
        uint256 from = entry.signatureAt;
        if (entry.head & LONG_SIGNATURE_FLAG != 0) {
            return Signatures.isSignedBy(account, digest, packed[from + 2:entry.signatureEnd]);
        }
        unchecked {
            bytes32 r = bytes32(_word(packed, from));
            bytes32 vs = bytes32(_word(packed, from + 32));
            return
                Signatures.isSignedBy(account, digest, r, vs) ||
                Signatures.isAcceptedBy(account, digest, packed[from:from + 64]);
        }
    }

    function reason(bytes calldata packed, Entry memory entry) internal pure returns (bytes calldata) {
        return entry.head & REASON_FLAG == 0 ? packed[:0] : packed[entry.signatureEnd + 2:entry.end];
    }

    /// @dev Whether an entry has neither a reason nor a long signature, as most.
    function _isPlain(uint256 head) private pure returns (bool) {
        return head & (REASON_FLAG | LONG_SIGNATURE_FLAG) == 0;
    }

    /// @dev Where the signature and the whole entry end.
    function _ends(
        bytes calldata packed,
        uint256 head,
        uint256 signatureAt
    ) private pure returns (uint256 signatureEnd, uint256 end) {
        unchecked {
            bool isLong = head & LONG_SIGNATURE_FLAG != 0;
            signatureEnd = isLong ? _afterPart(packed, signatureAt) : signatureAt + 64;
            end = head & REASON_FLAG != 0 ? _afterPart(packed, signatureEnd) : signatureEnd;
        }
    }

    /// @dev Where a part ends whose length(2) stands at `lengthAt`.
    function _afterPart(bytes calldata packed, uint256 lengthAt) private pure returns (uint256) {
        unchecked {
            return lengthAt + 2 + (_word(packed, lengthAt) >> 240);
        }
    }

    /// @dev 32 bytes from `cursor` on. What lies beyond the batch is refused by `memberIds` before it is used.
    function _word(bytes calldata packed, uint256 cursor) private pure returns (uint256 word) {
        // Instead of checked slices: with them reading took some 800 gas more of the 24,500 of a ballot then.
        assembly ("memory-safe") {
            word := calldataload(add(packed.offset, cursor))
        }
    }
}
