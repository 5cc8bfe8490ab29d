"""Whose key made a signature (secp256k1), in the one place where its library is chosen."""

from typing import TYPE_CHECKING

from indexer.hashing import keccak

if TYPE_CHECKING:
    from collections.abc import Callable

HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
"""The highest s that counts: of the two signatures a key can give, only the one up to here."""


def signer(digest: bytes, rs: bytes, parity: int) -> bytes | None:
    """Return the 20-byte account whose key signed the digest; None if it is no key's signature.

    `rs` is r ‖ s, 32 bytes each, `parity` 0 or 1. The upper s of a signature is none.
    """
    if parity not in (0, 1) or int.from_bytes(rs[32:], "big") > HALF_ORDER:
        return None
    try:
        point = _RECOVER(rs + bytes((parity,)), digest)
    except Exception:  # both libraries raise several kinds for what is no signature
        return None
    return keccak(point)[12:]


def _recover() -> "Callable[[bytes, bytes], bytes]":
    """Return the quickest way to the 64 bytes of a public key that this Python has."""
    try:
        from coincurve import PublicKey
    except ImportError:  # no wheel for this Python yet
        from eth_keys.datatypes import Signature

        return lambda signature, digest: bytes(
            Signature(signature).recover_public_key_from_msg_hash(digest).to_bytes()
        )

    make = PublicKey.from_signature_and_message
    return lambda signature, digest: make(signature, digest, None).format(False)[1:]


_RECOVER = _recover()
