"""Slots and words as the compiler lays them out: see docs/layout."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from indexer.hashing import keccak

WHOLE = (1 << 256) - 1


class Word(NamedTuple):
    """What a word of storage must be, in the bits of `mask`, and in plain words what it is."""

    value: int
    what: str
    mask: int = WHOLE


Words = Mapping[int, Word]
"""Slot -> word."""
Placed = Iterator[tuple[int, Word]]


def mapped(key: int, slot: int) -> int:
    """Return the slot of a value in the mapping at `slot`; signed keys there are none."""
    return int.from_bytes(keccak(key.to_bytes(32, "big") + slot.to_bytes(32, "big")), "big")


def packed(*fields: tuple[int, int]) -> int:
    """Return a word of fields, each a value and its width in bits, the lowest first."""
    word = at = 0
    for value, width in fields:
        word |= (value & ((1 << width) - 1)) << at
        at += width
    return word


def trace(slot: int, checkpoints: Sequence[tuple[int, int]], what: str) -> Placed:
    """OpenZeppelin's Trace208: a list of (moment, value), a word each."""
    yield slot, Word(len(checkpoints), f"how often {what} changed")
    first = int.from_bytes(keccak(slot.to_bytes(32, "big")), "big")
    for place, (moment, value) in enumerate(checkpoints):
        yield first + place, Word(packed((moment, 48), (value, 208)), f"change {place} of {what}")


def by_moment(checkpoints: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return checkpoints with the last of each moment alone, as Checkpoints keeps them."""
    return list(dict(checkpoints).items())
