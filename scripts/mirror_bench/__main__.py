"""Measures mirror and audit beside the naive loop, the mere download and, if asked to, peers.

Figures are ratios within one run, medians of three, each measurement in a process of its own.
Nothing else should run meanwhile; the load of the machine before the run is printed.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from scripts.mirror_bench import bench, figures
from scripts.mirror_bench.figures import Row
from scripts.mirror_bench.histories import FOLDER


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and with --check return 1 when a figure misses what it must reach."""
    parser = argparse.ArgumentParser(prog="scripts/bench-index", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--check", action="store_true", help="fail for a figure below its must")
    parser.add_argument("--million", action="store_true", help="measure 1,000,000 ballots too")
    parser.add_argument("--peers", action="store_true", help="measure Subsquid and Ponder too")
    parser.add_argument("--postgres", metavar="URL", help="measure that (empty) database too")
    parser.add_argument("--times", type=int, default=3, help="runs of each measurement")
    parser.add_argument("--history", default="large", help="of the audit: small or large")
    parser.add_argument(
        "--only", action="append", choices=bench.PARTS, help="only this part (may be repeated)"
    )
    chosen = parser.parse_args(arguments)
    load = os.getloadavg()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        asked = bench.Asked(
            folder=Path(folder),
            times=chosen.times,
            million=chosen.million,
            peers=chosen.peers,
            postgres=chosen.postgres,
            parts=tuple(chosen.only or bench.PARTS),
            history=chosen.history,
        )
        rows = []
        for row in bench.rows(asked):
            rows.append(row)
            print(f"… {row.figure}: {row.measured}", file=sys.stderr, flush=True)
    if chosen.json:
        print(figures.document(rows, load), end="")
    else:
        _print(rows, load)
    faults = figures.faults(rows) if chosen.check else []
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def _print(rows: Sequence[Row], load: tuple[float, float, float]) -> None:
    table = Table("figure", "measured", box=None)
    for heading in ("value", "must", "aim", ""):
        table.add_column(heading, justify="right")
    for row in rows:
        bound = row.bound
        unit = f" {bound.unit}" if bound else ""
        marks = [f"{bound.must:g}{unit}", f"{bound.aim:g}{unit}"] if bound else ["", ""]
        value = "" if row.value is None else f"{row.value:.3g}{unit}"
        table.add_row(row.figure, row.measured, value, *marks, row.verdict)
    Console(width=132).print(table)
    print(f"load of the machine before the run: {load[0]:.2f}")


if __name__ == "__main__":
    sys.exit(main())
