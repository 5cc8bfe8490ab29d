"""Runs every piece of the assurance and prints one table.

A piece is a command and a function that reads its answer. Figures of an earlier run are removed
first, so that they cannot pass for this one's; what each piece printed stays in build/assure/.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from scripts import summary, verdicts
from scripts.solidity import ROOT
from scripts.verdicts import Answer, Depth, Row

DEEP = Depth(fuzz_runs=5_000, invariant_calls=25_600)
SHALLOW = Depth(fuzz_runs=256, invariant_calls=3_200)
DEEP_RUNS = {
    "FOUNDRY_FUZZ_RUNS": "5000",
    "FOUNDRY_INVARIANT_RUNS": "256",
    "FOUNDRY_INVARIANT_DEPTH": "100",
}


@dataclass(frozen=True)
class Piece:
    """One command of the assurance, and how its answer becomes rows."""

    name: str
    command: tuple[str, ...]
    read: Callable[[Answer], list[Row]]
    settings: Mapping[str, str] = field(default_factory=dict)


SHORT = (
    Piece("sizes", ("scripts/compile", "--check"), verdicts.sizes),
    Piece("layouts", ("scripts/layout", "--check"), verdicts.layouts),
    Piece("slither", ("scripts/slither",), verdicts.slither),
)
COVERAGE = Piece("coverage", ("scripts/coverage",), verdicts.coverage)
PROOFS = Piece("proofs", ("scripts/prove",), verdicts.proofs)
GAS = Piece("gas", ("scripts/bench-gas", "--check", "--limits"), verdicts.gas)

# The quick ones first, so that a fault shows early.
FULL = (
    *SHORT,
    GAS,
    PROOFS,
    COVERAGE,
    Piece("forge", ("scripts/forge", "test"), partial(verdicts.forge, depth=DEEP), DEEP_RUNS),
    Piece("mutation", ("scripts/mutate",), verdicts.mutation),
    Piece("tests", ("scripts/test", "-q"), verdicts.tests),
)
# The tests of Python and the mutants are left out: the former run on their own in CI.
QUICK = (
    *SHORT,
    GAS,
    PROOFS,
    COVERAGE,
    Piece("forge", ("scripts/forge", "test"), partial(verdicts.forge, depth=SHALLOW)),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the pieces one after another, print the table, return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/assure", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="what fits in 15 minutes")
    parser.add_argument("--only", action="append", default=[], help="a piece, by name")
    chosen = parser.parse_args(arguments)
    pieces = pick(QUICK if chosen.quick else FULL, chosen.only)
    rows = [row for piece in pieces for row in run(piece)]
    print(verdicts.table(rows))
    return exit_code(rows)


def pick(pieces: Sequence[Piece], names: Sequence[str]) -> list[Piece]:
    """Return the pieces of those names, or all; a name that is none is an error."""
    unknown = set(names) - {piece.name for piece in pieces}
    if unknown:
        raise SystemExit(f"There is no piece named {', '.join(sorted(unknown))}.")
    return [piece for piece in pieces if not names or piece.name in names]


def exit_code(rows: Sequence[Row]) -> int:
    """Green only when there are rows and every one of them is."""
    return 0 if rows and all(row.passed for row in rows) else 1


def run(piece: Piece) -> list[Row]:
    """Run one command, keep what it printed, and read it."""
    print(f"== {' '.join(piece.command)}", flush=True)
    summary.forget(piece.name)
    started = time.monotonic()
    status, words = _command(piece)
    log = summary.file_of(piece.name).with_suffix(".txt")
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(words, encoding="utf-8")
    rows = piece.read(Answer(status, words, summary.read(piece.name)))
    minutes, seconds = divmod(round(time.monotonic() - started), 60)
    print(f"   {minutes} min {seconds} s, {log.relative_to(ROOT)}", flush=True)
    if not all(row.passed for row in rows):
        print("\n".join(words.splitlines()[-40:]), flush=True)
    return rows


def _command(piece: Piece) -> tuple[int, str]:
    try:
        done = subprocess.run(
            piece.command,
            cwd=ROOT,
            env={**os.environ, **piece.settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    except FileNotFoundError as missing:
        return 127, str(missing)
    return done.returncode, done.stdout


if __name__ == "__main__":
    sys.exit(main())
