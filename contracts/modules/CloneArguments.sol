// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title CloneArguments
/// @notice What never changes in an instance is not in storage but in the code of the clone, behind the 45 bytes of
/// the minimal proxy (OpenZeppelin's Clones puts it there).
/// @dev Warning: means nothing in the implementation itself, which is locked.
abstract contract CloneArguments {
    uint256 private constant PROXY_LENGTH = 45;

    /// @dev The 32 bytes from `offset` on; zero beyond the end.
    function _argument(uint256 offset) internal view returns (bytes32 word) {
        unchecked {
            offset += PROXY_LENGTH;
        }
        assembly ("memory-safe") {
            extcodecopy(address(), 0, offset, 32)
            word := mload(0)
        }
    }

    /// @dev The 20 bytes from `offset` on.
    function _addressArgument(uint256 offset) internal view returns (address) {
        return address(bytes20(_argument(offset)));
    }
}
