"""Turns what each tool of `make assure` printed into rows of the table. Pure.

Every row has a count in it, and no count is no pass: wrappers that always exit 0, filters that
match no test and tools that analyse nothing must be red here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scripts.artifacts import SIZE_LIMIT
from scripts.foundry import read_run

_PYTEST = re.compile(r"^=*\s*((?:\d+ \w+,? ?)+)in [\d.]+s", re.MULTILINE)
_PYTEST_COUNT = re.compile(r"(\d+) (\w+)")
_SIZE = re.compile(r"^(\w+) +([\d,]+) bytes", re.MULTILINE)
_LAYOUTS = re.compile(r"^(\d+) storage layouts compared", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    figure: str
    threshold: str
    passed: bool


@dataclass(frozen=True)
class Answer:
    """What a tool said: exit code, words, and the figures it left in build/assure/."""

    status: int
    words: str
    figures: Mapping[str, Any]


@dataclass(frozen=True)
class Depth:
    """How far forge goes: runs of each fuzzed test, calls of each invariant."""

    fuzz_runs: int
    invariant_calls: int


def tests(answer: Answer) -> list[Row]:
    """Pytest's last line."""
    lines = _PYTEST.findall(answer.words)
    counts = {word: int(n) for n, word in _PYTEST_COUNT.findall(lines[-1] if lines else "")}
    passed, bad = counts.get("passed", 0), counts.get("failed", 0) + counts.get("errors", 0)
    bad += counts.get("error", 0)
    green = answer.status == 0 and passed > 0 and bad == 0
    return [Row("tests, Python", f"{passed:,} passed, {bad} failed", "all, at least one", green)]


def forge(answer: Answer, depth: Depth) -> list[Row]:
    """Forge's counts, and how far its fuzzing and its invariants really went."""
    run = read_run(answer.words)
    fine = answer.status == 0 and run.failed == 0
    least, calls = min(run.fuzzed, default=0), min(run.calls, default=0)
    return [
        Row(
            "tests, Solidity",
            f"{run.passed:,} passed, {run.failed} failed, {run.skipped} skipped",
            "all, at least one",
            fine and run.passed > 0 and run.skipped == 0,
        ),
        Row(
            "fuzz",
            f"{len(run.fuzzed)} tests, {least:,} runs each",
            f"≥ {depth.fuzz_runs:,} runs",
            fine and least >= depth.fuzz_runs,
        ),
        Row(
            "invariants",
            f"{len(run.calls)} hold, {calls:,} calls each",
            f"≥ {depth.invariant_calls:,} calls",
            fine and calls >= depth.invariant_calls,
        ),
    ]


def proofs(answer: Answer) -> list[Row]:
    """Statements proven, of those that the sources contain."""
    written, proven = answer.figures.get("written", 0), answer.figures.get("proven", 0)
    green = answer.status == 0 and proven == written > 0
    return [Row("proofs", f"{proven} of {written} proven", "all, at least one", green)]


def mutation(answer: Answer) -> list[Row]:
    """The score, and whether every survivor has its reason."""
    figures = answer.figures
    total, score = figures.get("total", 0), figures.get("score", 0.0)
    floor = figures.get("floor", 100.0)
    figure = (
        f"{score:.1f} % of {total}, {figures.get('survivors', 0)} survivors, "
        f"seed {figures.get('seed', '–')}"
    )
    green = answer.status == 0 and total > 0 and score >= floor and not figures.get("faults", 1)
    return [Row("mutation", figure, f"≥ {floor:.0f} %, explained", green)]


def coverage(answer: Answer) -> list[Row]:
    """Branches of contracts/ alone."""
    figures = answer.figures
    branches, found = figures.get("branches", 0.0), figures.get("branches_found", 0)
    floor = figures.get("floor", 100.0)
    green = answer.status == 0 and found > 0 and branches >= floor
    figure = f"{branches:.1f} % of {found} branches, {figures.get('lines', 0.0):.1f} % of lines"
    return [Row("coverage", figure, f"≥ {floor:.0f} % of branches", green)]


def slither(answer: Answer) -> list[Row]:
    """Contracts analysed, and what nobody has explained."""
    figures = answer.figures
    contracts, defined = figures.get("contracts", 0), figures.get("defined", 0)
    faults = figures.get("faults", 1)
    figure = f"{contracts} contracts, {figures.get('findings', 0)} findings, {faults} faults"
    green = answer.status == 0 and contracts >= defined > 0 and faults == 0
    return [Row("slither", figure, f"≥ {max(defined, 1)} contracts, 0 faults", green)]


def sizes(answer: Answer) -> list[Row]:
    """The largest contract, and whether the committed artifacts are what the sources give."""
    found = {name: int(size.replace(",", "")) for name, size in _SIZE.findall(answer.words)}
    largest = max(found, key=lambda name: found[name], default="none")
    size = found.get(largest, 0)
    green = answer.status == 0 and 0 < size < SIZE_LIMIT
    figure = f"{len(found)} contracts, largest {largest} {size:,} bytes"
    return [Row("sizes", figure, f"< {SIZE_LIMIT:,} bytes each", green)]


def layouts(answer: Answer) -> list[Row]:
    """Storage tables that are as the compiler says."""
    found = _LAYOUTS.search(answer.words)
    compared = int(found[1]) if found else 0
    green = answer.status == 0 and compared > 0
    return [Row("storage layouts", f"{compared} compared", "all as checked in", green)]


def gas(answer: Answer) -> list[Row]:
    """Limits kept, and those that are missed, by name; figures against those checked in."""
    figures = answer.figures
    limits, kept, missed = (
        figures.get("limits", 0),
        figures.get("kept", 0),
        figures.get("missed", []),
    )
    faults = figures.get("faults", 1)
    names = f" ({'; '.join(missed)})" if missed else ""
    figure = f"{kept} limits kept, {len(missed)} missed with a reason{names}, {faults} faults"
    green = answer.status == 0 and limits > 0 and kept + len(missed) == limits and not faults
    return [Row("gas", figure, "kept or explained, none risen", green)]


def table(rows: Sequence[Row]) -> str:
    """Return the rows in columns, verdict last."""
    cells = [("what", "figure", "threshold", "verdict")]
    cells += [(r.name, r.figure, r.threshold, "ok" if r.passed else "FAILED") for r in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(4)]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in cells]
    lines.insert(1, "  ".join("─" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)
