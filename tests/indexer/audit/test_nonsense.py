"""A history that makes no sense is told as mismatches; it never stops the replay."""

from random import Random
from typing import Any

import pytest

from indexer.audit.replay.checks import KEPT
from tests.indexer.audit.histories import History
from tests.indexer.audit.tampering import Told, spaced

CHANGES = 25


def nonsense(told: Told, random: Random) -> Told:
    """Events kept quiet, told twice, in another place, or with other values."""
    for _ in range(CHANGES):
        at = random.randrange(len(told))
        event, moment = told[at]
        act = random.randrange(4)
        if act == 0:
            told = told[:at] + told[at + 1 :]
        elif act == 1:
            told = [*told[:at], told[at], *told[at:]]
        elif act == 2:
            told.insert(random.randrange(len(told)), told.pop(at))
        else:
            name = random.choice([*event.args] or [""])
            args = {**event.args, name: other(event.args.get(name), random)}
            told = [*told[:at], (event._replace(args=args), moment), *told[at + 1 :]]
    return told


def other(value: Any, random: Random) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool | int):
        return random.choice([0, 1, 2, 9, 255, 2**40 - 1, 2**256 - 1, int(value) + 1])
    if isinstance(value, bytes):
        return bytes(len(value))
    if isinstance(value, str):
        return "0x" + "00" * 20
    if isinstance(value, dict):
        return {name: other(each, random) for name, each in value.items()}
    return []


@pytest.mark.parametrize("seed", range(60))
def test_nonsense_is_told_and_never_stops_the_replay(told: History, seed: int) -> None:
    replay = told.replayed(nonsense(spaced(told.events), Random(seed)))
    assert replay.mismatches
    assert len(replay.findings.turnout) == len(replay.proposals)
    failed = {each.id for each in replay.checks if each.failed}
    assert {each.check for each in replay.mismatches} == failed


def test_a_history_that_begins_in_the_middle_is_told_so(told: History) -> None:
    replay = told.replayed(list(told.events[100:]))
    assert "4.0.5" in {each.check for each in replay.mismatches}


def test_mismatches_beyond_a_thousand_are_counted_and_not_kept(told: History) -> None:
    replay = told.replayed(list(told.events) * 16)
    assert len(replay.mismatches) == KEPT
    assert sum(each.failed for each in replay.checks) > KEPT


def test_no_events_are_no_history(told: History) -> None:
    replay = told.replayed([])
    assert (replay.mismatches, len(replay.proposals)) == ([], 0)
    assert all(each.counted == 0 for each in replay.checks)
