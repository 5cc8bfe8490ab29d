"""The figures of the mirror: what each must reach, what it should, and what a run says of it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import quantiles
from typing import Literal, NamedTuple

Verdict = Literal["aim", "ok", "MISSED", "NOT MEASURED", ""]

NAIVE = "200,000 events ÷ naive loop"
SUBSQUID = "200,000 events ÷ Subsquid"
SUBSQUID_DRY = "200,000 events ÷ Subsquid storing nothing"
PONDER = "200,000 events ÷ Ponder"
DOWNLOAD = "200,000 events ÷ download alone"
MEMORY = "peak memory, largest history"
MEMORY_GROWTH = "peak memory, largest ÷ 200,000 events"
SPARSE = "sparse chain, blocks/s ÷ naive loop"
SPARSE_DOWNLOAD = "sparse chain, blocks/s ÷ headers alone"
LIVE_HALF = "mined → committed row, p50"
LIVE_MOST = "mined → committed row, p95"
POSTGRES = "PostgreSQL ÷ SQLite"
COST = "cost per event, 200,000 ÷ 20,000 events"
COST_MILLION = "cost per event, 1,000,000 ÷ 20,000 events"
QUERIES: Mapping[str, str] = {
    "proposals": "proposal list",
    "members": "member list",
    "pay_vote": "pay show",
    "ballots": "ballots of one proposal",
}
AUDIT_DOWNLOAD = "audit without signatures ÷ download alone"
AUDIT_NAIVE = "audit without signatures ÷ naive loop"
AUDIT_MEMORY = "peak memory of the whole audit"
SIGNATURES = "signatures recovered a second, on one core"
STEP_5 = "step 5 on all cores, signatures a second"
RECEIPTS = "receipts a second, from the node"
RECEIPTS_DOWNLOAD = "receipts ÷ download of the same alone"
VERIFY = "audit of evidence ÷ audit through the node"


class Bound(NamedTuple):
    """What a figure must reach and where it should come; a ceiling unless `least`."""

    must: float
    aim: float
    unit: str = "×"
    least: bool = False

    def verdict(self, value: float) -> Verdict:
        """Return in a word how the value stands to the bound."""
        if self._reached(value, self.aim):
            return "aim"
        return "ok" if self._reached(value, self.must) else "MISSED"

    def _reached(self, value: float, mark: float) -> bool:
        return value >= mark if self.least else value <= mark


BOUNDS: Mapping[str, Bound] = {
    NAIVE: Bound(15, 22, least=True),
    SUBSQUID: Bound(2.5, 4, least=True),
    PONDER: Bound(5, 7, least=True),
    DOWNLOAD: Bound(0.17, 0.25, least=True),
    MEMORY: Bound(300, 200, "MB"),
    MEMORY_GROWTH: Bound(1.1, 1.05),
    SPARSE: Bound(2, 3, least=True),
    LIVE_HALF: Bound(20, 5, "ms"),
    LIVE_MOST: Bound(60, 20, "ms"),
    POSTGRES: Bound(0.5, 0.8, least=True),
    COST: Bound(1.2, 1.1),
    COST_MILLION: Bound(1.2, 1.1),
    AUDIT_DOWNLOAD: Bound(0.15, 0.25, least=True),
    AUDIT_NAIVE: Bound(3, 10, least=True),
    AUDIT_MEMORY: Bound(300, 200, "MB"),
    SIGNATURES: Bound(15_000, 30_000, "/s", least=True),
    RECEIPTS: Bound(8_000, 20_000, "/s", least=True),
    VERIFY: Bound(1, 1.5, least=True),
    **{name: Bound(100, 30, "ms") for name in QUERIES.values()},
}
"""The bounds of the figures; the memory must not grow, which leaves a tenth for chance."""


class Run(NamedTuple):
    """One process's work: how long it took, what it got through, and its peak memory."""

    seconds: float
    events: int
    blocks: int
    megabytes: float

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds

    @property
    def pace(self) -> float:
        """Blocks a second."""
        return self.blocks / self.seconds


@dataclass(frozen=True)
class Row:
    """A figure with the measurements behind it, in words; one without a bound is only told."""

    figure: str
    measured: str
    value: float | None = None

    @property
    def bound(self) -> Bound | None:
        """The bound of this figure, if it has one."""
        return BOUNDS.get(self.figure)

    @property
    def verdict(self) -> Verdict:
        """How it stands to its bound: at the aim, within the must, missed, or not measured."""
        if self.bound is None:
            return ""
        if self.value is None:
            return "NOT MEASURED"
        return self.bound.verdict(self.value)


def middle(runs: Iterable[Run]) -> Run:
    """Return the run of median speed, with the greatest memory of all of them."""
    ordered = sorted(runs, key=lambda run: run.seconds)
    return ordered[len(ordered) // 2]._replace(megabytes=max(run.megabytes for run in ordered))


def speed(figure: str, ours: Run, other: Run, name: str) -> Row:
    """Return how many times as many events a second we get through as the other."""
    measured = f"{ours.rate:,.0f}/s, {name} {other.rate:,.0f}/s"
    return Row(figure, measured, ours.rate / other.rate)


def pace(figure: str, ours: Run, other: Run, name: str) -> Row:
    """Return how many times as many blocks a second we get through as the other."""
    measured = f"{ours.pace:,.0f}/s, {name} {other.pace:,.0f}/s"
    return Row(figure, measured, ours.pace / other.pace)


def cost(figure: str, few: Run, many: Run) -> Row:
    """Return how many times as long an event takes in the longer history."""
    microseconds = [1e6 / few.rate, 1e6 / many.rate]
    measured = " → ".join(f"{each:,.1f} µs" for each in microseconds)
    return Row(figure, measured, microseconds[1] / microseconds[0])


def growth(few: Run, many: Run) -> Row:
    """Return how many times as much memory the longer history takes."""
    measured = f"{few.megabytes:,.0f} → {many.megabytes:,.0f} MB"
    return Row(MEMORY_GROWTH, measured, many.megabytes / few.megabytes)


def delays(milliseconds: list[float]) -> list[Row]:
    """Return the median and the 95th percentile of what was waited for."""
    twentieths = quantiles(milliseconds, n=20, method="inclusive")
    measured = f"{len(milliseconds)} blocks"
    return [Row(LIVE_HALF, measured, twentieths[9]), Row(LIVE_MOST, measured, twentieths[18])]


def faults(rows: Iterable[Row]) -> list[str]:
    """Return a sentence for each figure that misses what it must reach, or was not measured."""
    found = []
    for row in rows:
        if row.verdict == "NOT MEASURED":
            found.append(f"{row.figure}: {row.measured}")
        if row.verdict == "MISSED" and row.bound and row.value is not None:
            bound = f"{'at least' if row.bound.least else 'at most'} {row.bound.must:g}"
            found.append(f"{row.figure}: {row.value:.3g} {row.bound.unit}, {bound} is a must")
    return found


def document(rows: Iterable[Row], load: tuple[float, float, float]) -> str:
    """Return all rows as one JSON document, with the machine's load before the run."""
    listed = [
        {
            "figure": row.figure,
            "measured": row.measured,
            "value": row.value,
            "unit": row.bound.unit if row.bound else None,
            "must": row.bound.must if row.bound else None,
            "aim": row.bound.aim if row.bound else None,
            "verdict": row.verdict,
        }
        for row in rows
    ]
    return json.dumps({"load": load, "figures": listed}, indent=1, ensure_ascii=False) + "\n"
