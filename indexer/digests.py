"""Digests over what the mirror keeps of the chain, so that a flipped byte is found and named.

SQLite's own integrity check does not see a changed value. Derived rows need no digest: they are
derived again. Each digest is 16 bytes of BLAKE2b as hex; bytes stand behind their lengths.
"""

from collections.abc import Iterable
from hashlib import blake2b

from indexer.blocks import BlockRef, LogValues

_SIZE = 16


def digest(data: bytes) -> str:
    """Return the digest of bytes."""
    return blake2b(data, digest_size=_SIZE).hexdigest()


def of_block(block: BlockRef, logs: Iterable[LogValues]) -> str:
    """Return the digest of a header and its logs, in order."""
    parts = [f"{block.number} {block.hash} {block.parent_hash} {block.timestamp}\n".encode()]
    for _, log_index, tx_hash, tx_index, contract, topics, data in logs:
        place = f"{log_index} {tx_hash} {tx_index} {contract} {len(topics)} {len(data)}\n"
        parts += (place.encode(), topics, data)
    return digest(b"".join(parts))
