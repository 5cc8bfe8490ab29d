"""Runs forge's coverage and counts contracts/ alone: forge's own totals include the tests.

Red: fewer branches taken than the floor, a source that the report does not know, an empty report, a
failing test.
"""

import argparse
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts import summary
from scripts.foundry import FORGE, SOLC, environment
from scripts.solidity import ROOT

REPORT = summary.FOLDER / "lcov.info"
FLOOR = 98.0
# Fuzzing longer would not take other branches.
RUNS = {
    "FOUNDRY_FUZZ_RUNS": "64",
    "FOUNDRY_INVARIANT_RUNS": "8",
    "FOUNDRY_INVARIANT_DEPTH": "32",
}


@dataclass
class Covered:
    """One source: line -> times run, (line, block, branch) -> times taken."""

    lines: dict[int, int] = field(default_factory=dict)
    branches: dict[tuple[int, str, str], int] = field(default_factory=dict)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/coverage", description=__doc__)
    parser.add_argument("--gaps", action="store_true", help="name what no test takes")
    chosen = parser.parse_args(arguments)
    status, words = _measure()
    covered = read(REPORT.read_text(encoding="utf-8")) if REPORT.exists() else {}
    faults = judge(covered, _sources())
    if status != 0:
        faults.append(f"forge coverage failed (exit {status}):\n{words[-3000:]}")

    for name, source in sorted(covered.items()):
        print(f"{name:44} lines {_share(source.lines)}  branches {_share(source.branches)}")
        for gap in gaps(source) if chosen.gaps else []:
            print(f"  {name}:{gap}")
    for fault in faults:
        print(fault, file=sys.stderr)
    lines, branches = _all(covered)
    summary.write(
        "coverage",
        {
            "sources": len(covered),
            "lines": percent(lines),
            "branches": percent(branches),
            "branches_found": len(branches),
            "floor": FLOOR,
            "faults": len(faults),
        },
    )
    print(
        f"coverage: {len(covered)} sources, lines {percent(lines):.1f} %, "
        f"branches {percent(branches):.1f} % of {len(branches)}"
    )
    return 1 if faults else 0


def read(lcov: str) -> dict[str, Covered]:
    """Read an lcov report, contracts/ only; what several contracts inherit is counted once."""
    found: dict[str, Covered] = defaultdict(Covered)
    name = ""
    for record in lcov.splitlines():
        kind, _, rest = record.partition(":")
        if kind == "SF":
            name = rest
        elif not name.startswith("contracts/"):
            continue
        elif kind == "DA":
            line, times = (int(part) for part in rest.split(",")[:2])
            found[name].lines[line] = found[name].lines.get(line, 0) + times
        elif kind == "BRDA":
            at, block, branch, taken = rest.split(",")
            key = (int(at), block, branch)
            branches = found[name].branches
            branches[key] = branches.get(key, 0) + (0 if taken == "-" else int(taken))
    return dict(found)


def judge(covered: Mapping[str, Covered], sources: Sequence[str]) -> list[str]:
    """Return every fault as a sentence; none means green."""
    faults = [f"{name} is not in the report" for name in sources if name not in covered]
    _, branches = _all(covered)
    if not branches:
        faults.append("the report holds no branch of contracts/")
    elif percent(branches) < FLOOR:
        faults.append(f"{percent(branches):.1f} % of the branches are taken, under {FLOOR:.0f} %")
    return faults


def gaps(source: Covered) -> list[str]:
    """Return the lines never run and the branches never taken, in order."""
    found = [(line, "line never run") for line, times in source.lines.items() if not times]
    found += [
        (line, f"branch {block}.{branch} never taken")
        for (line, block, branch), times in source.branches.items()
        if not times
    ]
    return [f"{line}: {what}" for line, what in sorted(found)]


def percent(times: Mapping[Any, int]) -> float:
    """Return how many in a hundred were reached; of nothing, none."""
    return 100 * sum(1 for count in times.values() if count) / len(times) if times else 0.0


def _all(covered: Mapping[str, Covered]) -> tuple[dict[Any, int], dict[Any, int]]:
    lines = {(name, at): n for name, one in covered.items() for at, n in one.lines.items()}
    branches = {(name, at): n for name, one in covered.items() for at, n in one.branches.items()}
    return lines, branches


def _share(times: Mapping[Any, int]) -> str:
    reached = sum(1 for count in times.values() if count)
    return f"{reached:4}/{len(times):<4} {percent(times) if times else 100.0:5.1f} %"


def _sources() -> list[str]:
    """Those with code in them: interfaces have none."""
    found = sorted((ROOT / "contracts").glob("**/*.sol"))
    return [
        path.relative_to(ROOT).as_posix()
        for path in found
        if "function" in _code(path) and path.parent.name != "interfaces"
    ]


def _code(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.strip().startswith("//"))


def _measure() -> tuple[int, str]:
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.unlink(missing_ok=True)
    command = [
        *(str(FORGE), "coverage", "--offline", "--use", str(SOLC)),
        *("--report", "lcov", "--report-file", str(REPORT)),
    ]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment(ROOT, **RUNS),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


if __name__ == "__main__":
    sys.exit(main())
