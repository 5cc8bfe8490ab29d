// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @title Signatures
/// @notice Whether an account signed a digest: a plain key first, a contract account (ERC-1271) second.
/// @dev OpenZeppelin's SignatureChecker looks at the account's code first, so it refuses the key of an
/// EIP-7702 account, and it forwards all gas, so a hostile account could burn a whole batch. Its ECDSA says what is
/// wrong with a signature, which nobody asks here: four values handed on for each ballot.
library Signatures {
    /// @dev Gas that a contract account gets for its answer.
    uint256 internal constant ERC1271_GAS = 100_000;

    /// @dev Thrown when the transaction has too little gas to give a contract account its share: a starved
    /// check must not look like a bad signature.
    error SignaturesTooLittleGas(uint256 left, uint256 needed);

    /// @dev Half the order of secp256k1: of the two forms of a signature only the one with the lower s counts.
    uint256 private constant MAX_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @notice True if `account` signed `digest`.
    /// @param signature 64 bytes (EIP-2098), 65 bytes (r, s, v) or whatever a contract account takes.
    function isSignedBy(address account, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        if (signature.length == 64) {
            (bytes32 r, bytes32 vs) = abi.decode(signature, (bytes32, bytes32));
            if (isSignedBy(account, digest, r, vs)) return true;
        } else if (signature.length == 65) {
            (bytes32 r, uint256 s) = abi.decode(signature, (bytes32, uint256));
            if (_recoversTo(account, digest, uint8(signature[64]), r, s)) return true;
        }
        return isAcceptedBy(account, digest, signature);
    }

    /// @notice True if `account` is the key that signed `digest` (EIP-2098).
    function isSignedBy(address account, bytes32 digest, bytes32 r, bytes32 vs) internal pure returns (bool) {
        unchecked {
            uint256 s = (uint256(vs) << 1) >> 1;
            return _recoversTo(account, digest, uint8(27 + (uint256(vs) >> 255)), r, s);
        }
    }

    /// @notice True if `account` is a contract that takes `signature` (ERC-1271).
    function isAcceptedBy(address account, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        return account.code.length != 0 && _acceptedByContract(account, digest, signature);
    }

    /// @dev The precompile answers zero for whatever is no signature, and zero is no account.
    function _recoversTo(address account, bytes32 digest, uint8 v, bytes32 r, uint256 s) private pure returns (bool) {
        if (s > MAX_S) return false;
        address signer = ecrecover(digest, v, r, bytes32(s));
        return signer == account && signer != address(0);
    }

    /// @dev Copies one word of the answer at most, whatever the account returns.
    function _acceptedByContract(
        address account,
        bytes32 digest,
        bytes calldata signature
    ) private view returns (bool accepted) {
        bytes memory question = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        // 63/64 of what is left goes to the call at most; 5,000 cover the way there.
        uint256 needed = (ERC1271_GAS * 64) / 63 + 5_000;
        if (gasleft() < needed) revert SignaturesTooLittleGas(gasleft(), needed);

        bytes32 answer;
        uint256 gasLimit = ERC1271_GAS;
        assembly ("memory-safe") {
            let ok := staticcall(gasLimit, account, add(question, 32), mload(question), 0, 32)
            accepted := and(ok, gt(returndatasize(), 31))
            answer := mload(0)
        }
        accepted = accepted && answer == bytes32(IERC1271.isValidSignature.selector);
    }
}
