"""What the chain shows of the ballots in an outbox, and what is noted of it for good."""

from collections.abc import Mapping, Sequence
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

    missing: Sequence[Letter]
    """Those that no block holds and that can still be sent."""
    absent: frozenset[int]
    """The numbers of all that no block holds, nor a newer ballot in their place."""
    closed: Sequence[int]
    """The numbers of those among them whose vote is over, while that is not final yet."""


def look(chain: Chain, instance: Instance, outbox: Outbox, finality: Finality) -> Sight:
    """Compare each letter on its way with the chain, and note what became of it.

    1. where each stands now, and which block holds each attempt
    2. what a block at the finality depth says for good: how letters ended, whose promise was broken
    """
    letters = outbox.letters()
    if not letters:
        return Sight((), frozenset(), ())
    final, now = _final(chain, finality), _places(chain, instance, letters, None)
    blocks = _blocks(chain, outbox, letters)
    promised = {each.letter for each in outbox.promises() if not each.broken}
    # What a block newer than the final one holds need not be looked for in that.
    recent = {
        number
        for attempt, block in blocks.items()
        if final and block and block > final.number
        for number in attempt.letters
        if now[number].standing == "counted"
    }
    doubtful = [
        each
        for each in letters
        if each.number not in recent and (now[each.number] != _ABSENT or each.number in promised)
    ]
    ended = _ended(chain, instance, outbox, doubtful, final, blocks, now) if final else {}
    counted = {each.number: now[each.number].standing == "counted" for each in letters}
    outbox.note(
        counted={
            each.number: counted[each.number]
            for each in letters
            if counted[each.number] != (each.state == "counted")
        },
        ended=ended,
        blocks={each.number: block for each, block in blocks.items() if block != each.block},
    )
    absent = frozenset(number for number, place in now.items() if place.standing == "absent")
    return Sight(
        missing=[each for each in letters if now[each.number] == _ABSENT],
        absent=absent,
        closed=[n for n in sorted(absent) if not now[n].open and n not in ended],
    )


def _places(
    chain: Chain, instance: Instance, letters: Sequence[Letter], at: BlockRef | None
) -> _Places:
    ballots = [each.signed.ballot for each in letters]
    try:
        found = places(chain, instance, ballots, at)
    except ContractReverted:
        # A reorganisation took a proposal, or the member; one by one, so that others go on.
        if len(letters) == 1:
            return {letters[0].number: _ABSENT}
        alone = (_places(chain, instance, [each], at) for each in letters)
        return {number: place for each in alone for number, place in each.items()}
    return {each.number: place for each, place in zip(letters, found, strict=True)}


def _final(chain: Chain, finality: Finality) -> BlockRef | None:
    try:
        return chain.head(finality)
    except (BlockMissing, ChainRefused):
        return None  # a chain that knows no such finality: nothing is final there


def _blocks(chain: Chain, outbox: Outbox, letters: Sequence[Letter]) -> dict[Attempt, int | None]:
    """By attempt the block that holds it now."""
    attempts = outbox.attempts([each.number for each in letters])
    receipts = chain.request_many(
        [("eth_getTransactionReceipt", [each.transaction.tx]) for each in attempts]
    )
    with chain.sensible():
        return {
            each: int(receipt["blockNumber"], 16) if receipt else None
            for each, receipt in zip(attempts, receipts, strict=True)
        }


def _ended(
    chain: Chain,
    instance: Instance,
    outbox: Outbox,
    letters: Sequence[Letter],
    final: BlockRef,
    blocks: Mapping[Attempt, int | None],
    now: _Places,
) -> _Ends:
    if not letters:
        return {}
    try:
        then = _places(chain, instance, letters, final)
    except ChainRefused:
        # The node has forgotten that block's state; its transactions it still knows.
        carried = {
            number
            for attempt, block in blocks.items()
            if block is not None and block <= final.number
            for number in attempt.letters
        }
        return {
            each.number: ("final", "")
            for each in letters
            if each.number in carried and now[each.number].standing == "counted"
        }
    outbox.broken(_broken(chain, instance, outbox, letters, then, final))
    return {each.number: end for each in letters if (end := _end(then[each.number]))}


def _broken(
    chain: Chain,
    instance: Instance,
    outbox: Outbox,
    letters: Sequence[Letter],
    then: _Places,
    final: BlockRef,
) -> list[int]:
    """Whose word was broken: the time is over, the member could vote, and nothing stands.

    What stands too late is left to the audit, which knows when each ballot was counted.
    """
    absent = {each.number: each for each in letters if then[each.number].standing == "absent"}
    return [
        each.number
        for each in outbox.promises()
        if not each.broken
        and each.letter in absent
        and final.timestamp > each.before
        and casting.is_member(chain, instance, absent[each.letter].signed)
    ]


def _end(then: Place) -> tuple[End, str] | None:
    if then.standing == "counted":
        return "final", ""
    if then.standing != "absent":
        return "refused", _WHY[then.standing]
    return None if then.open else ("expired", CLOSED)
