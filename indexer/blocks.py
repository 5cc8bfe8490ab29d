"""What the chain gives, as plain values: block headers and logs."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Finality = Literal["latest", "safe", "finalized"]


class BlockRef(NamedTuple):
    """A block by its header; hashes are 0x-hex, `timestamp` is in seconds."""

    number: int
    hash: str
    parent_hash: str
    timestamp: int


class RawLog(NamedTuple):
    """A log exactly as the chain keeps it; `address` is checksummed, `tx_hash` 0x-hex.

    `topics` are its words of 32 bytes one after another.
    """

    block: int
    log_index: int
    tx_hash: str
    tx_index: int
    address: str
    topics: bytes
    data: bytes


LogValues = tuple[int, int, str, int, str, bytes, bytes]
"""A log as the mirror keeps it: as RawLog, but with our word for the contract as its address."""


class Span(NamedTuple):
    """All logs of some contracts in a range of blocks, in order, with the headers that prove it.

    `state_root` is the last block's. `blocks` holds the block before the range (unless the range
    begins at 0), each block with logs and the last one. `quiet` are those of the contracts that by
    their headers' blooms logged nothing; of longer ranges nobody looks, and there are none.
    """

    first: int
    last: BlockRef
    state_root: bytes
    blocks: Mapping[int, BlockRef]
    logs: tuple[RawLog, ...]
    quiet: frozenset[str] = frozenset()
