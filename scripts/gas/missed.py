"""Limits that are missed, with the figure allowed and the reason: read and judged. Pure.

A limit here is not met, and nothing says so: it is known to be missed, by how much, and why. Red: a
missed limit without a reason, a reason whose limit is kept now, a figure above the one allowed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.gas.figures import Row

FILE = Path(__file__).with_name("missed.toml")


@dataclass(frozen=True)
class Miss:
    """A limit that is missed: gas that an act must not exceed, gas that it may, and why."""

    act: str
    limit: int
    allowed: int
    why: str


def explain(document: Mapping[str, Any]) -> dict[str, Miss]:
    """Return the misses by act; one without a reason or above no limit raises `ValueError`."""
    misses = [Miss(**entry) for entry in document.get("missed", [])]
    for miss in misses:
        if not miss.why.strip():
            raise ValueError(f"{FILE.name}: {miss.act}: no reason is given.")
        if miss.allowed <= miss.limit:
            raise ValueError(f"{FILE.name}: {miss.act}: what is allowed keeps the limit.")
    by_act = {miss.act: miss for miss in misses}
    if len(by_act) < len(misses):
        raise ValueError(f"{FILE.name}: an act stands there twice.")
    return by_act


def judge(rows: Iterable[Row], misses: Mapping[str, Miss]) -> list[str]:
    """Return every fault as a sentence; none means that each limit is kept or explained."""
    bounded = {row.act: row for row in rows if row.bound}
    faults = [
        f"{row.act}: {row.gas:,} misses the limit of {row.limit:,}, and {FILE.name} says no reason"
        for row in bounded.values()
        if row.missed and row.act not in misses
    ]
    for act, miss in misses.items():
        if act in bounded:
            faults += _differences(bounded[act], miss)
        else:
            faults.append(f"{act}: in {FILE.name}, but no figure with a limit bears that name")
    return faults


def summary(
    rows: Iterable[Row], misses: Mapping[str, Miss], faults: Iterable[str]
) -> dict[str, object]:
    """Return what the table of `make assure` tells of the limits."""
    bounded = [row for row in rows if row.bound]
    return {
        "limits": len(bounded),
        "kept": sum(not row.missed for row in bounded),
        "aims": sum(row.verdict == "aim" for row in bounded),
        "missed": [row.act for row in bounded if row.missed and row.act in misses],
        "faults": len(list(faults)),
    }


def _differences(row: Row, miss: Miss) -> Iterator[str]:
    if row.limit != miss.limit:
        yield f"{row.act}: the limit is {row.limit:,}, but {FILE.name} says {miss.limit:,}"
    if not row.missed:
        yield f"{row.act}: {row.gas:,} keeps its limit now: strike it from {FILE.name}"
    elif row.gas > miss.allowed:
        yield f"{row.act}: {row.gas:,} is above the {miss.allowed:,} that {FILE.name} allows"
