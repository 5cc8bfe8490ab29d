"""Runs slither over contracts/ and gates on what it finds.

Red: a finding above informational without an explanation; an explanation without a finding; fewer
contracts analysed than the sources define; a function of ours that slither could not read and
nobody has said so. (Given a lone file it analyses no contract at all, says so, and exits 0.)
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scripts import summary
from scripts.solidity import ROOT, closure, standard_input

EXPLAINED = ROOT / "scripts" / "slither-explained.toml"
SLITHER = ROOT / "build" / "toolbox" / "slither" / "bin" / "slither"
INPUT = summary.FOLDER / "slither-input.json"
REPORT = summary.FOLDER / "slither-report.json"

_DEFINITION = re.compile(r"^(?:abstract\s+)?(?:contract|library|interface)\s+\w+", re.MULTILINE)
_ANALYSED = re.compile(r"analyzed \((\d+) contracts with (\d+) detectors\)")
_UNREADABLE = re.compile(r"Impossible to generate IR for \w+\.(\w+) \((contracts/\S+)\.sol#")


@dataclass(frozen=True, order=True)
class Finding:
    """What slither says, and where: Contract.function, or Contract.function.variable."""

    detector: str
    where: str
    text: str = ""


@dataclass(frozen=True)
class Reading:
    """One run of slither. `unreadable` functions have no findings, whatever is in them."""

    contracts: int
    detectors: int
    findings: tuple[Finding, ...]
    unreadable: frozenset[str]


@dataclass(frozen=True)
class Explanations:
    """What has been read and judged: (detector, where), and functions that slither cannot read."""

    findings: frozenset[tuple[str, str]]
    unreadable: frozenset[str]


def main() -> int:
    """Run slither, print what is wrong, and return the exit code."""
    sources = closure(sorted((ROOT / "contracts").glob("**/*.sol")))
    defined = sum(len(_DEFINITION.findall(text)) for text in sources.values())
    reading = read(*_run(sources))
    explanations = explain(tomllib.loads(EXPLAINED.read_text(encoding="utf-8")))
    faults = judge(reading, explanations, defined)

    for fault in faults:
        print(fault, file=sys.stderr)
    figures = {
        "contracts": reading.contracts,
        "defined": defined,
        "detectors": reading.detectors,
        "findings": len(reading.findings),
        "faults": len(faults),
    }
    summary.write("slither", figures)
    print(
        f"slither: {reading.contracts} contracts of {defined}, {reading.detectors} detectors, "
        f"{len(reading.findings)} findings above informational, {len(faults)} faults"
    )
    return 1 if faults else 0


def read(report: Mapping[str, Any], words: str) -> Reading:
    """Make a reading of slither's JSON report and of what it said on the way."""
    analysed = _ANALYSED.search(words)
    detectors = (report.get("results") or {}).get("detectors", [])
    return Reading(
        contracts=int(analysed[1]) if analysed else 0,
        detectors=int(analysed[2]) if analysed else 0,
        findings=tuple(sorted({_finding(entry) for entry in detectors})),
        unreadable=frozenset(
            f"{path.rsplit('/', 1)[-1]}.{function}" for function, path in _UNREADABLE.findall(words)
        ),
    )


def explain(document: Mapping[str, Any]) -> Explanations:
    """Return what the checked-in file explains; each entry must say why."""
    entries = [*document.get("explained", []), *document.get("unreadable", [])]
    if not all(entry["why"].strip() for entry in entries):
        raise ValueError(f"{EXPLAINED.name}: an entry does not say why.")
    return Explanations(
        findings=frozenset(
            (entry["detector"], where)
            for entry in document.get("explained", [])
            for where in entry["in"]
        ),
        unreadable=frozenset(
            where for entry in document.get("unreadable", []) for where in entry["in"]
        ),
    )


def judge(reading: Reading, explanations: Explanations, defined: int) -> list[str]:
    """Return every fault as a sentence; none means green."""
    found = {(finding.detector, finding.where) for finding in reading.findings}
    faults = [
        f"unexplained: {finding.detector} in {finding.where}\n  {finding.text}"
        for finding in reading.findings
        if (finding.detector, finding.where) not in explanations.findings
    ]
    faults += [
        f"explained, but not found any more: {detector} in {where}"
        for detector, where in sorted(explanations.findings - found)
    ]
    faults += _differences(reading.unreadable, explanations.unreadable)
    if reading.contracts < max(defined, 1):
        faults.append(f"slither analysed {reading.contracts} contracts; {defined} are defined.")
    if reading.detectors == 0:
        faults.append("slither ran no detector.")
    return faults


def _differences(unreadable: frozenset[str], explained: frozenset[str]) -> Iterable[str]:
    for where in sorted(unreadable - explained):
        yield f"slither could not read {where}, and nobody has read it in its place"
    for where in sorted(explained - unreadable):
        yield f"slither reads {where} now: strike it from {EXPLAINED.name}"


def _finding(entry: Mapping[str, Any]) -> Finding:
    first = entry["elements"][0]
    return Finding(entry["check"], _where(first), entry["description"].strip())


def _where(element: Mapping[str, Any]) -> str:
    """Contract.function(.variable); lines shift, names do so less."""
    parent = element.get("type_specific_fields", {}).get("parent")
    return f"{_where(parent)}.{element['name']}" if parent else str(element["name"])


def _run(sources: Mapping[str, str]) -> tuple[dict[str, Any], str]:
    summary.FOLDER.mkdir(parents=True, exist_ok=True)
    INPUT.write_text(json.dumps(standard_input(sources, _OUTPUTS)), encoding="utf-8")
    REPORT.unlink(missing_ok=True)
    command = [
        *(str(SLITHER), str(INPUT), "--compile-force-framework", "solc-json"),
        *("--solc", str(ROOT / "scripts" / "solc"), "--json", str(REPORT)),
        *("--exclude-informational", "--exclude-optimization", "--filter-paths", "node_modules"),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if not REPORT.exists():
        return {}, done.stdout + done.stderr
    report: dict[str, Any] = json.loads(REPORT.read_text(encoding="utf-8"))
    return report, done.stdout + done.stderr


_OUTPUTS = ["abi", "metadata", "devdoc", "userdoc", "evm.bytecode", "evm.deployedBytecode"]


if __name__ == "__main__":
    sys.exit(main())
