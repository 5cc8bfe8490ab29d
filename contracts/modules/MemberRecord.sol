// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev A member as Membership stores them, in one word; zero for a number never given.
/// From bit 0: account 160, since 40, until 40, epoch 16.
type MemberRecord is uint256;

using MemberRecords for MemberRecord global;

/// @title MemberRecords
/// @notice Reads the fields of a MemberRecord.
library MemberRecords {
    function exists(MemberRecord record) internal pure returns (bool) {
        return MemberRecord.unwrap(record) != 0;
    }

    function account(MemberRecord record) internal pure returns (address) {
        return address(uint160(MemberRecord.unwrap(record)));
    }

    /// @notice Whether the member is on the roll, and has been since `moment` or before.
    function isOnRollSince(MemberRecord record, uint256 moment) internal pure returns (bool) {
        // `until`, zero for who is on the roll, lies above `since`: one comparison for both.
        return uint80(MemberRecord.unwrap(record) >> 160) <= moment;
    }

    function epoch(MemberRecord record) internal pure returns (uint256) {
        return MemberRecord.unwrap(record) >> 240;
    }
}
