"""What the chain shows of the ballots in an outbox, and what is noted of it for good."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from indexer.blocks import BlockRef, Finality
from indexer.chain import Chain
from indexer.errors import BlockMissing, ChainRefused, ContractReverted
from node import casting
from node.instance import Instance
from node.outbox import Attempt, End, Letter, Outbox
from node.places import Place, Standing, places

CLOSED = "The vote closed before a block held it."
_WHY: dict[Standing, str] = {
    "replaced": "A newer ballot of the member took its place.",
    "rekeyed": "The member has another key since.",
}
_ABSENT = Place("absent", open=True)
_Places = Mapping[int, Place]
_Ends = dict[int, tuple[End, str]]


class Sight(NamedTuple):
    """What one look found of the letters on their way."""

    asked: Sequence[int]
    """The numbers of those that were looked at."""
    missing: Sequence[Letter]
    """Those that no block holds and that can still be sent."""
    absent: frozenset[int]
    """The numbers of all that no block holds, nor a newer ballot in their place."""
    closed: Sequence[int]
    """The numbers of those among them whose vote is over, while that is not final yet."""


@dataclass
class Lookout:
    """Looks at the letters of an outbox again and again."""

    chain: Chain
    instance: Instance
    outbox: Outbox
    finality: Finality
    _held: dict[int, str] = field(default_factory=dict)
    """By letter the hash of the block that holds it, since a look found it counted there."""

    def look(self, waiting: Callable[[Sequence[Letter]], Sequence[Letter]] = list) -> Sight:
        """Compare letters on their way with the chain, and note what became of them.

        1. where each stands now, and which block holds each attempt
        2. what a block at the finality depth says for good: how letters ended, whose promise was
           broken

        `waiting` chooses which of those that no transaction was made for are looked at.
        """
        letters = self.outbox.letters()
        if not letters:
            return Sight((), (), frozenset(), ())
        final = _final(self.chain, self.finality)
        blocks = _blocks(self.chain, self.outbox.attempts([each.number for each in letters]))
        recent = _recent(blocks, final)
        settled = {each for each in recent if self._held.get(each) == recent[each]}
        chosen = {each.number for each in waiting([each for each in letters if not each.tx])}
        asked = [
            each
            for each in letters
            if each.number not in settled and (each.tx or each.number in chosen)
        ]
        now = standings(self.chain, self.instance, asked)
        counted = {number for number, place in now.items() if place.standing == "counted"}
        held = {number: recent[number] for number in recent if number in settled | counted}
        doubtful = self._doubtful([each for each in asked if each.number not in held], now)
        ended = self._ended(doubtful, final, blocks, now) if final else {}
        self._note(asked, counted, ended, blocks)
        self._held = held  # only now: what was not noted is looked at again
        absent = frozenset(number for number, place in now.items() if place.standing == "absent")
        return Sight(
            asked=[each.number for each in asked],
            missing=[each for each in asked if now[each.number] == _ABSENT],
            absent=absent,
            closed=[n for n in sorted(absent) if not now[n].open and n not in ended],
        )

    def _doubtful(self, letters: Sequence[Letter], now: _Places) -> list[Letter]:
        """Those of which the final block may say something for good."""
        promised = {each.letter for each in self.outbox.promises() if not each.broken}
        return [each for each in letters if now[each.number] != _ABSENT or each.number in promised]

    def _note(
        self,
        asked: Sequence[Letter],
        counted: Collection[int],
        ended: _Ends,
        blocks: Mapping[Attempt, "_Block | None"],
    ) -> None:
        """Keep what changed since the last look."""
        seen = {each.number: each.number in counted for each in asked}
        found = {each: block.number if block else None for each, block in blocks.items()}
        self.outbox.note(
            counted={
                each.number: seen[each.number]
                for each in asked
                if seen[each.number] != (each.state == "counted")
            },
            ended=ended,
            blocks={each.number: block for each, block in found.items() if block != each.block},
        )

    def _ended(
        self,
        letters: Sequence[Letter],
        final: BlockRef,
        blocks: Mapping[Attempt, "_Block | None"],
        now: _Places,
    ) -> _Ends:
        if not letters:
            return {}
        try:
            then = standings(self.chain, self.instance, letters, final)
        except ChainRefused:
            # The node has forgotten that block's state; its transactions it still knows.
            carried = {
                number
                for attempt, block in blocks.items()
                if block and block.number <= final.number
                for number in attempt.letters
            }
            return {
                each.number: ("final", "")
                for each in letters
                if each.number in carried and now[each.number].standing == "counted"
            }
        self.outbox.broken(self._broken(letters, then, final))
        return {each.number: end for each in letters if (end := _end(then[each.number]))}

    def _broken(self, letters: Sequence[Letter], then: _Places, final: BlockRef) -> list[int]:
        """Whose word was broken: the time is over, the member could vote, and nothing stands.

        What stands too late is left to the audit, which knows when each ballot was counted.
        """
        absent = {each.number: each for each in letters if then[each.number].standing == "absent"}
        return [
            each.number
            for each in self.outbox.promises()
            if not each.broken
            and each.letter in absent
            and final.timestamp > each.before
            and casting.is_member(self.chain, self.instance, absent[each.letter].signed)
        ]


def standings(
    chain: Chain, instance: Instance, letters: Sequence[Letter], at: BlockRef | None = None
) -> dict[int, Place]:
    """By letter where it stands after a block, or now; one on an unknown vote is absent."""
    ballots = [each.signed.ballot for each in letters]
    try:
        found = places(chain, instance, ballots, at)
    except ContractReverted:
        # A reorganisation took a proposal, or the member; one by one, so that others go on.
        if len(letters) == 1:
            return {letters[0].number: _ABSENT}
        alone = (standings(chain, instance, [each], at) for each in letters)
        return {number: place for each in alone for number, place in each.items()}
    return {each.number: place for each, place in zip(letters, found, strict=True)}


def _final(chain: Chain, finality: Finality) -> BlockRef | None:
    try:
        return chain.head(finality)
    except (BlockMissing, ChainRefused):
        return None  # a chain that knows no such finality: nothing is final there


class _Block(NamedTuple):
    number: int
    hash: str


def _blocks(chain: Chain, attempts: Sequence[Attempt]) -> dict[Attempt, _Block | None]:
    """By attempt the block that holds it now."""
    receipts = chain.request_many(
        [("eth_getTransactionReceipt", [each.transaction.tx]) for each in attempts]
    )
    with chain.sensible():
        return {
            each: _Block(int(receipt["blockNumber"], 16), receipt["blockHash"]) if receipt else None
            for each, receipt in zip(attempts, receipts, strict=True)
        }


def _recent(blocks: Mapping[Attempt, _Block | None], final: BlockRef | None) -> dict[int, str]:
    """By letter the hash of the block that holds it, where that is not final yet.

    What was counted there needs no second look as long as it is that block.
    """
    return {
        number: block.hash
        for attempt, block in blocks.items()
        if block and (not final or block.number > final.number)
        for number in attempt.letters
    }


def _end(then: Place) -> tuple[End, str] | None:
    if then.standing == "counted":
        return "final", ""
    if then.standing != "absent":
        return "refused", _WHY[then.standing]
    return None if then.open else ("expired", CLOSED)
