// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title Signatures
/// @notice Whether an account signed a digest: a plain key first, a contract account (ERC-1271) second.
/// @dev OpenZeppelin's SignatureChecker looks at the account's code first, so it refuses the key of an
/// EIP-7702 account, and it forwards all gas, so a hostile account could burn a whole batch.
library Signatures {
    /// @dev Gas that a contract account gets for its answer.
    uint256 internal constant ERC1271_GAS = 100_000;

    /// @dev Thrown when the transaction has too little gas to give a contract account its share: a starved
    /// check must not look like a bad signature.
    error SignaturesTooLittleGas(uint256 left, uint256 needed);

    /// @notice True if `account` signed `digest`.
    /// @param signature 64 bytes (EIP-2098), 65 bytes (r, s, v) or whatever a contract account takes.
    function isSignedBy(address account, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        if (account == address(0)) return false;
        if (_recover(digest, signature) == account) return true;
        if (account.code.length == 0) return false;

        return _acceptedByContract(account, digest, signature);
    }

    /// @dev Zero when the signature is malformed, malleable (high s) or of another length.
    function _recover(bytes32 digest, bytes calldata signature) private pure returns (address signer) {
        if (signature.length == 64) {
            (signer, , ) = ECDSA.tryRecover(digest, bytes32(signature[:32]), bytes32(signature[32:]));
        } else if (signature.length == 65) {
            (signer, , ) = ECDSA.tryRecover(
                digest,
                uint8(signature[64]),
                bytes32(signature[:32]),
                bytes32(signature[32:64])
            );
        }
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
