"""Ways of falsifying a history: each takes what was told and tells it otherwise."""

from collections.abc import Callable, Mapping
from typing import Any

from indexer.events import Event
from tests.indexer.audit.histories import History, Timed

Told = list[Timed]
Tamper = Callable[[Told], Told]
Change = Mapping[str, Any] | Callable[[Mapping[str, Any]], Mapping[str, Any]]
ROOM = 10
"""Numbers left free between the logs of a block, for logs that are put in."""


def spaced(told: tuple[Timed, ...]) -> Told:
    """The same events in the same order, with free numbers between them."""
    return [(event._replace(log_index=event.log_index * ROOM), at) for event, at in told]


def place(told: Told, key: str, nth: int = 0, **where: Any) -> int:
    """Where the nth event of a key with these values stands; negative counts from the end."""
    found = [
        index
        for index, (event, _) in enumerate(told)
        if event.key == key and all(event.args[name] == value for name, value in where.items())
    ]
    return found[nth]


def drop(key: str, nth: int = 0, **where: Any) -> Tamper:
    """The event is kept quiet."""

    def tamper(told: Told) -> Told:
        at = place(told, key, nth, **where)
        return told[:at] + told[at + 1 :]

    return tamper


def alter(key: str, change: Change, nth: int = 0, **where: Any) -> Tamper:
    """The event says something else."""

    def tamper(told: Told) -> Told:
        at = place(told, key, nth, **where)
        event, moment = told[at]
        return [*told[:at], (_changed(event, change), moment), *told[at + 1 :]]

    return tamper


def double(key: str, change: Change | None = None, nth: int = 0, **where: Any) -> Tamper:
    """The event is told twice, the second time perhaps otherwise."""

    def tamper(told: Told) -> Told:
        at = place(told, key, nth, **where)
        event, moment = told[at]
        again = _changed(event, change or {})._replace(log_index=event.log_index + 1)
        return [*told[: at + 1], (again, moment), *told[at + 1 :]]

    return tamper


def move(key: str, seconds: int, nth: int = 0, **where: Any) -> Tamper:
    """The event is said to have happened so much later."""

    def tamper(told: Told) -> Told:
        at = place(told, key, nth, **where)
        event, moment = told[at]
        return [*told[:at], (event, moment + seconds), *told[at + 1 :]]

    return tamper


def rename(key: str, nth: int = 0, **fields: Any) -> Tamper:
    """The event's own name or contract is another."""

    def tamper(told: Told) -> Told:
        at = place(told, key, nth)
        event, moment = told[at]
        return [*told[:at], (event._replace(**fields), moment), *told[at + 1 :]]

    return tamper


def invent(key: str, after: tuple[str, int], args: Mapping[str, Any]) -> Tamper:
    """An event is put in, in the transaction of another and right after it."""

    def tamper(told: Told) -> Told:
        at = place(told, *after)
        event, moment = told[at]
        sample = next(each for each, _ in told if each.key == key)
        made = sample._replace(
            block=event.block,
            log_index=event.log_index + 1,
            tx_hash=event.tx_hash,
            args={**sample.args, **args},
        )
        return [*told[: at + 1], (made, moment), *told[at + 1 :]]

    return tamper


def swap(first: tuple[str, int], second: tuple[str, int]) -> Tamper:
    """Two events change places, each keeping what it says and taking the other's moment."""

    def tamper(told: Told) -> Told:
        one, two = place(told, *first), place(told, *second)
        changed = list(told)
        for here, there in ((one, two), (two, one)):
            event, moment = told[here]
            said = told[there][0]
            changed[here] = (
                event._replace(contract=said.contract, name=said.name, args=said.args),
                moment,
            )
        return changed

    return tamper


def all_of(*tampers: Tamper) -> Tamper:
    """One after the other."""

    def tamper(told: Told) -> Told:
        for each in tampers:
            told = each(told)
        return told

    return tamper


def found(told: History, tamper: Tamper) -> set[tuple[str, str]]:
    """Check and kind of every mismatch in the falsified history."""
    replay = told.replayed(tamper(spaced(told.events)))
    assert all(each.where.startswith("block ") for each in replay.mismatches)
    return {(each.check, each.kind) for each in replay.mismatches}


def _changed(event: Event, change: Change) -> Event:
    new = change(event.args) if callable(change) else change
    return event._replace(args={**event.args, **new})
