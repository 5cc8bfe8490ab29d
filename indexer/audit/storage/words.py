"""Words of storage: what must be in one, how fields share one, and where a contract puts them.

The layout of Solidity's storage: docs.soliditylang.org, "Layout of State Variables in Storage".
"""

from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import NamedTuple

from indexer.hashing import keccak

NO_WORD = 1 << 256
"""Stands where no word can: a value too wide for its place, as no contract of ours logs any."""


class Word(NamedTuple):
    """What must lie in one slot."""

    value: int
    """The 32 bytes as a number; NO_WORD or more if whatever is there is wrong."""
    what: str
    """In plain words, such as "member 7" or "proposal 3 with its tally"."""


Words = dict[int, Word]
"""Slot -> the word that it must hold."""


class Fields:
    """The fields that share a word, by name: each lies above the one before it, from bit 0 on."""

    def __init__(self, **bits: int) -> None:
        starts = accumulate(bits.values(), initial=0)
        self.places: Mapping[str, tuple[int, int]] = dict(
            zip(bits, zip(starts, bits.values(), strict=False), strict=True)
        )
        """Name -> its lowest bit, and how many bits it has."""

    def word_of(self, **values: int) -> int:
        """Return the word with these values; fields without one are zero."""
        word = 0
        for name, value in values.items():
            start, bits = self.places[name]
            word |= value << start if 0 <= value < 1 << bits else NO_WORD
        return word


CHECKPOINT = Fields(key=48, value=208)
"""One of OpenZeppelin's Checkpoints.Checkpoint208; `key` is a second."""


def slot_of(key: int, mapping: int) -> int:
    """Return where a mapping that lies in slot `mapping` keeps the value of a key."""
    return int.from_bytes(keccak(key.to_bytes(32) + mapping.to_bytes(32)))


def trace(slot: int, history: Iterable[tuple[int, int]], what: str) -> Words:
    """Return the words of a Checkpoints.Trace208 in slot `slot` after these (second, value) were
    pushed in order: the last one of a second stands. `what` names the values in the plural."""
    standing = dict(history)
    words = {slot: Word(len(standing), f"number of checkpoints of {what}")}
    first = int.from_bytes(keccak(slot.to_bytes(32)))
    for place, (second, value) in enumerate(standing.items()):
        word = CHECKPOINT.word_of(key=second, value=value)
        words[first + place] = Word(word, f"{what} from second {second} on")
    return words


def number_of(account: str) -> int:
    """Return an address as the number that it is in a word."""
    return int(account, 16) if account else 0
