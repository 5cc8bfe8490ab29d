"""Prints how fast the mirror is beside the naive loop and the mere download, in one run."""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from scripts.mirror_bench import histories
from scripts.mirror_bench.readers import READERS

MUST = {"naive": 15.0, "download": 0.17}
"""Our events/s ÷ theirs: what is asked for on 200,000 events."""


class Taken(NamedTuple):
    """One reader's median of its runs."""

    kind: str
    events: int
    events_per_second: float
    megabytes: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; with --check, 1 when a ratio is below what is asked for."""
    parser = argparse.ArgumentParser(prog="scripts/bench-index", description=__doc__)
    parser.add_argument("--history", default="small", choices=sorted(histories.SIZES))
    parser.add_argument("--runs", type=int, default=3, help="of each reader but the naive loop")
    parser.add_argument("--postgres", metavar="URL", help="measure into this database as well")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--check", action="store_true", help="fail for a ratio below its must")
    chosen = parser.parse_args(arguments)
    taken = measure(chosen.history, chosen.runs, chosen.postgres)
    ours = taken["ours"]
    ratios = {
        kind: ours.events_per_second / other.events_per_second
        for kind, other in taken.items()
        if kind != "ours"
    }
    if chosen.json:
        figures = {kind: each._asdict() for kind, each in taken.items()}
        print(json.dumps({"figures": figures, "ours_divided_by": ratios}, indent=1))
    else:
        for kind, each in taken.items():
            ratio = f"ours ÷ it {ratios[kind]:6.2f}" if kind in ratios else ""
            must = f"must {MUST[kind]}" if kind in MUST else ""
            print(
                f"{kind:10} {each.events:8,} events {each.events_per_second:9,.0f}/s "
                f"{each.megabytes:5.0f} MB  {ratio}  {must}"
            )
    missed = [kind for kind, must in MUST.items() if ratios[kind] < must]
    return 1 if chosen.check and missed else 0


def measure(history: str, runs: int, postgres: str | None) -> dict[str, Taken]:
    """Return reader -> figures; the readers take turns, so that a busy moment hits all of them."""
    kinds = ["download", "ours", *(["postgres"] if postgres else [])]
    found: dict[str, list[dict[str, float]]] = {kind: [] for kind in (*kinds, "naive")}
    with histories.served(history) as (url, identity), tempfile.TemporaryDirectory() as folder:
        whose = json.dumps(identity._asdict())
        file = str(Path(folder) / "mirror.db")
        for kind in kinds * runs:
            place = postgres if kind == "postgres" and postgres else file
            reader = "ours" if kind == "postgres" else kind
            found[kind].append(_run(reader, url, whose, place))
        found["naive"].append(_run("naive", url, whose, file + ".naive"))
    counts = {run["events"] for all_runs in found.values() for run in all_runs}
    if len(counts) != 1:
        raise SystemExit(f"The readers do not agree on the number of events: {sorted(counts)}")
    return {kind: _median(kind, all_runs) for kind, all_runs in found.items()}


def _run(kind: str, url: str, identity: str, place: str) -> dict[str, float]:
    assert kind in READERS
    command = [sys.executable, "-m", "scripts.mirror_bench.readers", kind, url, identity, place]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _median(kind: str, runs: Sequence[dict[str, float]]) -> Taken:
    return Taken(
        kind=kind,
        events=int(runs[0]["events"]),
        events_per_second=statistics.median(run["events"] / run["seconds"] for run in runs),
        megabytes=max(run["megabytes"] for run in runs),
    )


if __name__ == "__main__":
    sys.exit(main())
