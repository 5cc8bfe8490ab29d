"""Measures the gas of each act on a fresh local chain, ours and OpenZeppelin Governor's.

Gas is exact, so one run is enough: whole transactions on anvil, contracts optimised for 200 runs.
Ballots are 70 % for, 20 % against, 10 % abstain, on words and tallies already in use; "first
touch" is the same on fresh ones.
"""

import argparse
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.table import Table

from node import devnet
from scripts import summary
from scripts.gas import crowd, figures, missed, ours, pay, peer
from scripts.gas.figures import Figure, Row
from scripts.gas.missed import Miss
from tests.contracts.founding import new_factory


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, compare if asked to; 1 when a limit is missed unexplained, or gas rose."""
    parser = argparse.ArgumentParser(prog="scripts/bench-gas", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--check", action="store_true", help="compare with gas.json")
    parser.add_argument("--limits", action="store_true", help="judge the limits by missed.toml")
    parser.add_argument("--update", action="store_true", help="write gas.json")
    chosen = parser.parse_args(arguments)
    misses = missed.explain(tomllib.loads(missed.FILE.read_text(encoding="utf-8")))
    mine, theirs = measure()
    rows = figures.rows(mine, theirs)
    if chosen.json:
        print(figures.document(mine, theirs), end="")
    else:
        _print(rows, misses)
    if chosen.update:
        figures.write(mine, theirs)
    found = [*figures.faults(rows, figures.read())] if chosen.check else []
    if chosen.limits:
        found += missed.judge(rows, misses)
        summary.write("gas", missed.summary(rows, misses, found))
    return _complain(found)


def measure() -> tuple[list[Figure], list[Figure]]:
    """Both columns, on one chain."""
    with devnet.start("anvil") as chain:
        factory = new_factory(chain)
        mine = [*ours.transfer(chain), *ours.creation(chain, factory)]
        coop, members = crowd.founded(chain, factory)
        newcomer, other = crowd.strangers(chain, crowd.SIZE + 2)[-2:]
        mine += ours.admission(coop, newcomer)
        mine += ours.proposing(coop, newcomer)
        mine += ours.ballots(coop, members)
        mine += pay.pay(coop, members)
        return mine, list(peer.peer(chain, members.people[:101], other))


def _print(rows: Sequence[Row], misses: Mapping[str, Miss]) -> None:
    table = Table("act", box=None)
    for heading in ("gas", "limit", "aim", "", "OpenZeppelin", "÷ peer"):
        table.add_column(heading, justify="right")
    for row in rows:
        bound = [f"{row.bound.limit:,}", f"{row.bound.aim:,}"] if row.bound else ["", ""]
        beside = [f"{row.peer:,}", f"{row.gas / row.peer:.2f}"] if row.peer else ["–", ""]
        table.add_row(row.act, f"{row.gas:,}", *bound, row.verdict, *beside)
    Console(width=132).print(table)
    for row in rows:
        if row.missed:
            why = misses[row.act].why if row.act in misses else "nobody has said why"
            print(f"MISSED: {row.act}, by {row.gas - row.limit:,}. {' '.join(why.split())}")


def _complain(faults: Iterable[str]) -> int:
    found = list(faults)
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
