"""The one hash of the chain, in the one place where its library is chosen."""

from eth_utils.crypto import keccak as _keccak


def keccak(data: bytes) -> bytes:
    """Return keccak256 of the bytes, 32 bytes long."""
    return _keccak(data)
