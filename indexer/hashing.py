"""The one hash of the chain, in the one place where its library is chosen."""

from sha3 import keccak_256


def keccak(data: bytes) -> bytes:
    """Return keccak256 of the bytes, 32 bytes long."""
    digest: bytes = keccak_256(data).digest()
    return digest
