"""The hash chain over all logs of a contract, as IChronicle.sol specifies it."""

import struct

from eth_utils.address import to_canonical_address

from indexer.hashing import keccak

_COUNTS = tuple(count.to_bytes(32, "big") for count in range(5))  # the EVM knows no more topics
_place = struct.Struct(">QQ").pack


def begin(chain_id: int, address: str) -> bytes:
    """Return the head before the first log: keccak256(uint256 chain id, address)."""
    return keccak(chain_id.to_bytes(32, "big") + to_canonical_address(address))


def fold(head: bytes, block: int, timestamp: int, topics: bytes, data: bytes) -> bytes:
    """Return the head after one more log; `timestamp` is its block's, in seconds."""
    return follow(head, block, timestamp, content(topics, data))


def content(topics: bytes, data: bytes) -> bytes:
    """Return what is folded of a log; `topics` are its words of 32 bytes one after another."""
    return keccak(_COUNTS[len(topics) // 32] + topics + data)


def follow(head: bytes, block: int, timestamp: int, content: bytes) -> bytes:
    """Return the head after one more log of which `content` is folded."""
    return keccak(head + _place(block, timestamp) + content)
