"""Recursive length prefix: just what headers, tries and receipts need, and nothing lenient.

An *item* is an encoded string or list, prefix included; its *payload* is what follows the prefix.
"""

from collections.abc import Sequence

from indexer.errors import ProofInvalid

EMPTY = b"\x80"
"""The empty string as an item; also zero, and the empty trie."""

_SHORT = 55  # the longest payload whose length fits into the prefix byte


def text(payload: bytes) -> bytes:
    """Return a string as an item."""
    size = len(payload)
    if size == 1 and payload < b"\x80":
        return payload
    return (_STRINGS[size] if size <= _SHORT else _long(0xB7, size)) + payload


def number(value: int) -> bytes:
    """Return a number as an item, that is as the string of its bytes without leading zeros."""
    return text(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def sequence(items: Sequence[bytes]) -> bytes:
    """Return a list of items as an item."""
    return wrapped(b"".join(items))


def wrapped(payload: bytes) -> bytes:
    """Return the item of a list whose items lie one after the other in the payload."""
    size = len(payload)
    return (_LISTS[size] if size <= _SHORT else _long(0xF7, size)) + payload


def items(encoded: bytes) -> list[bytes]:
    """Return the items of a list; raises ProofInvalid unless it is one, in its only encoding."""
    start, end = _bounds(encoded, 0)
    if encoded[0] < 0xC0 or end != len(encoded):
        raise ProofInvalid("what should be an RLP list is none")
    found = []
    while start < end:
        _, stop = _bounds(encoded, start)
        found.append(encoded[start:stop])
        start = stop
    return found


def payload(item: bytes) -> bytes:
    """Return what a string holds; raises ProofInvalid unless it is one, in its only encoding."""
    start, end = _bounds(item, 0)
    if item[0] >= 0xC0 or end != len(item):
        raise ProofInvalid("what should be an RLP string is none")
    return item[start:]


def _long(base: int, size: int) -> bytes:
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((base + len(length),)) + length


def _bounds(data: bytes, at: int) -> tuple[int, int]:
    """Return where the payload of the item at `at` begins and ends."""
    if at >= len(data):
        raise ProofInvalid("an RLP item is missing")
    prefix = data[at]
    if prefix < 0x80:
        return at, at + 1
    base = 0x80 if prefix < 0xC0 else 0xC0
    size, start = prefix - base, at + 1
    if size > _SHORT:
        start += size - _SHORT
        length = data[at + 1 : start]
        size = int.from_bytes(length, "big")
        if size <= _SHORT or length[0] == 0:
            raise ProofInvalid("an RLP length is not in its shortest form")
    end = start + size
    if end > len(data):
        raise ProofInvalid("an RLP item is cut off")
    if prefix == 0x81 and data[start] < 0x80:
        raise ProofInvalid("an RLP byte is not in its shortest form")
    return start, end


_STRINGS = tuple(bytes((0x80 + size,)) for size in range(_SHORT + 1))
_LISTS = tuple(bytes((0xC0 + size,)) for size in range(_SHORT + 1))
