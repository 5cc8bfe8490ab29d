"""Step 5, promises: whether relayers brought the ballots that they had promised in time."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from indexer.abi import ContractName
from indexer.audit.replay import Cast, Check, Mismatch
from indexer.rules.roll import Roll

NUMBER = "5.6"
_WORDS = "relayers' promises that no ballot kept in time"


class Word(NamedTuple):
    """A relayer's promise that is signed well; whose signature it is, others have seen to."""

    contract: ContractName
    poll: int
    member_id: int
    account: str
    """The member's, checksummed."""
    epoch: int
    sequence: int
    before: int
    """Seconds since 1970."""
    relayer: str


class Promised:
    """Kept is a promise if by its moment an equal or later ballot of the member stands, or the
    member's account is no active member's any more: nobody frames a relayer by overtaking it."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._open = list(words)
        self._counted = len(words)

    def see(self, cast: Sequence[Cast], now: int) -> None:
        """Take the ballots of one transaction, in a block of that second."""
        if self._open:
            self._open = [
                word for word in self._open if not any(_keeps(each, word, now) for each in cast)
            ]

    def close(self, roll: Roll, end: int) -> tuple[Check, list[Mismatch]]:
        """Return the check and what was broken by the last block's second; later ones are open."""
        broken = list(self._broken(roll, end))
        return Check(NUMBER, _WORDS, self._counted, len(broken)), broken

    def _broken(self, roll: Roll, end: int) -> Iterator[Mismatch]:
        for word in self._open:
            if end > word.before and _account_at(roll, word) == word.account:
                yield Mismatch(
                    NUMBER,
                    "promise",
                    f"{word.contract} vote {word.poll}, member {word.member_id}",
                    f"ballot {word.sequence} by {word.before}, says {word.relayer}",
                    "none by then",
                )


def _keeps(cast: Cast, word: Word, now: int) -> bool:
    same = (cast.contract, cast.poll, cast.member_id) == (word.contract, word.poll, word.member_id)
    later = (cast.epoch, cast.sequence) >= (word.epoch, word.sequence)
    return cast.counted and same and later and now <= word.before


def _account_at(roll: Roll, word: Word) -> str:
    """The member's account on the roll at the promised moment; empty if there was none."""
    terms = [each for each in roll.accounts.get(word.member_id, ()) if each[0] <= word.before]
    return terms[-1][1] if terms else ""
