// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {ShortString, ShortStrings} from "@openzeppelin/contracts/utils/ShortStrings.sol";
import {CloneArguments} from "./CloneArguments.sol";

/// @title SignedDomain
/// @notice The EIP-712 domain of one clone: its name is the co-op's, so that a wallet shows it. The name is the first
/// word of the clone's arguments, as a ShortString.
/// (OpenZeppelin's EIP712 keeps the name in the implementation; its upgradeable form logs outside the chronicle.)
abstract contract SignedDomain is CloneArguments, IERC5267 {
    using ShortStrings for ShortString;

    /// @dev Where the arguments that follow the name begin.
    uint256 internal constant AFTER_NAME = 32;

    bytes32 private constant DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 private constant VERSION_HASH = keccak256("1");

    /// @inheritdoc IERC5267
    function eip712Domain()
        external
        view
        returns (
            bytes1 fields,
            string memory name_,
            string memory version_,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        )
    {
        return (hex"0f", _name(), "1", block.chainid, address(this), bytes32(0), new uint256[](0));
    }

    function _name() internal view returns (string memory) {
        return ShortString.wrap(_argument(0)).toString();
    }

    /// @dev Computed anew at each call: after a fork of the chain the old signatures are void.
    function _domainSeparator() internal view returns (bytes32) {
        bytes32 nameHash = keccak256(bytes(_name()));
        return keccak256(abi.encode(DOMAIN_TYPEHASH, nameHash, VERSION_HASH, block.chainid, address(this)));
    }

    function _digest(bytes32 domainSeparator, bytes32 structHash) internal pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domainSeparator, structHash);
    }
}
