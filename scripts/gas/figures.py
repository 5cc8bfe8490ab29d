"""The figures: their limits and aims, and the file of those that were measured last.

Gas is exact, so a figure may rise only on purpose: with `gas.json` changed in the same change.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("gas.json")
TOLERANCE = 0.01

DEPLOY = "create an instance: 5 founders, full bylaws, 3 roles"
ADMIT = "execute one admission"
PROPOSE = "propose one action"
DIRECT = "direct ballot, Nth voter"
CHANGED = "direct ballot, changed"
ALONE = "signed ballot, carried alone"
BATCH = "signed ballot in a batch of 100"
THOUSAND = "1,000 signed ballots in one transaction"
QUEUE = "queue"
BYTES = "bytes of calldata a signed ballot"


class Bound(NamedTuple):
    """What a figure must not exceed, and where it should come."""

    limit: int
    aim: int


LIMITS: Mapping[str, Bound] = {
    DEPLOY: Bound(1_200_000, 800_000),
    PROPOSE: Bound(150_000, 110_000),
    DIRECT: Bound(52_000, 46_000),
    CHANGED: Bound(52_000, 44_000),
    BATCH: Bound(12_800, 11_300),
    "signed ballot in a batch of 100, changed": Bound(12_800, 11_300),
    "signed ballot in a batch of 100, first touch": Bound(14_200, 14_200),
    "signed ballot in a batch of 10": Bound(18_000, 15_500),
    THOUSAND: Bound(13_200_000, 11_500_000),
    BYTES: Bound(110, 110),
    "pay ballot in a batch of 100": Bound(12_000, 10_500),
    "pay ballot in a batch of 100, changed": Bound(12_000, 10_500),
    "bytes of calldata a pay ballot": Bound(110, 110),
    "close a pay vote of 100 ballots": Bound(200_000, 130_000),
    "close a pay vote of 1,144 ballots": Bound(200_000, 130_000),
    "close a pay vote of 65,535 ballots on 256 rungs": Bound(200_000, 130_000),
}


@dataclass(frozen=True)
class Figure:
    """An act and its gas: of the whole transaction, or of each ballot where many are in one."""

    act: str
    gas: int


@dataclass(frozen=True)
class Row:
    """A figure and what it is compared with; `peer` is None where the peer has no such act."""

    act: str
    gas: int
    bound: Bound | None
    peer: int | None

    @property
    def limit(self) -> int:
        """What it must not exceed; 0 where there is no limit."""
        return self.bound.limit if self.bound else 0

    @property
    def missed(self) -> bool:
        """Whether it has a limit and is above it."""
        return bool(self.bound) and self.gas > self.limit

    @property
    def verdict(self) -> str:
        """In words: above the limit, within it, at the aim."""
        if self.bound is None:
            return ""
        if self.missed:
            return "MISSED"
        return "aim" if self.gas <= self.bound.aim else "ok"


def rows(ours: Iterable[Figure], peers: Iterable[Figure]) -> list[Row]:
    """Each of our figures with its bound and the peer's figure of the same name."""
    beside = {each.act: each.gas for each in peers}
    return [Row(each.act, each.gas, LIMITS.get(each.act), beside.get(each.act)) for each in ours]


def faults(measured: Iterable[Row], kept: Mapping[str, int]) -> Iterator[str]:
    """What has risen or is missing beside the figures kept, one sentence each."""
    found = {row.act: row for row in measured}
    for act, row in found.items():
        if act not in kept:
            yield f"{act}: measured, but not in {FILE.name}"
        elif row.gas > kept[act] * (1 + TOLERANCE):
            yield f"{act}: {row.gas:,} is more than 1 % above the {kept[act]:,} in {FILE.name}"
    for act in sorted({*kept, *LIMITS} - set(found)):
        yield f"{act}: in {FILE.name} or in the limits, but no longer measured"


def read() -> dict[str, int]:
    """Our figures as they were measured last."""
    kept: dict[str, int] = json.loads(FILE.read_text(encoding="utf-8"))["ours"]
    return kept


def write(ours: Iterable[Figure], peers: Iterable[Figure]) -> None:
    """Replace the file by what was measured now."""
    FILE.write_text(document(ours, peers), encoding="utf-8")


def document(ours: Iterable[Figure], peers: Iterable[Figure]) -> str:
    """All figures as one JSON document, in the order of measuring."""
    columns = {
        "ours": {each.act: each.gas for each in ours},
        "OpenZeppelin Governor": {each.act: each.gas for each in peers},
    }
    return json.dumps(columns, indent=2) + "\n"
