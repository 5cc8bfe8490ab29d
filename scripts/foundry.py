"""Where forge is, and what its answers mean."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.solidity import ROOT, settings

# Not node_modules/.bin/forge: that wrapper exits 0 whatever forge says.
FORGE = ROOT / "node_modules" / "@foundry-rs" / "forge-linux-amd64" / "bin" / "forge"
SOLC = ROOT / "scripts" / "solc"

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_SUITES = re.compile(
    r"Ran (\d+) test suites? in .*?: (\d+) tests? passed, (\d+) failed, (\d+) skipped"
)
_FUZZED = re.compile(r"^\[PASS\] \w+\(.+?\) \(runs: (\d+), μ", re.MULTILINE)
_INVARIANT = re.compile(r"^\[PASS\].*?\(runs: \d+, calls: (\d+), reverts: (\d+)", re.MULTILINE)


def environment(root: Path, **wanted: str) -> Mapping[str, str]:
    """Return what makes forge compile like us, but without optimiser and IR: it is quicker."""
    ours = {
        "FOUNDRY_CONFIG": str(root / "tests" / "forge" / "foundry.toml"),
        "FOUNDRY_EVM_VERSION": str(settings()["evmVersion"]),
        "FOUNDRY_OPTIMIZER": "false",
        "FOUNDRY_VIA_IR": "false",
        "FOUNDRY_FUZZ_SEED": "0x1",
        "NO_COLOR": "1",
    }
    return os.environ | ours | wanted


@dataclass(frozen=True)
class ForgeRun:
    """What one run of the suite did: counts, runs of each fuzzed test, calls of each invariant."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    fuzzed: tuple[int, ...] = ()
    calls: tuple[int, ...] = ()


def read_run(words: str) -> ForgeRun:
    """Read what `forge test` printed: no counts when a filter matches nothing, and it exits 0."""
    plain = _ANSI.sub("", words)
    counts = _SUITES.findall(plain)
    return ForgeRun(
        passed=sum(int(found[1]) for found in counts),
        failed=sum(int(found[2]) for found in counts),
        skipped=sum(int(found[3]) for found in counts),
        fuzzed=tuple(int(runs) for runs in _FUZZED.findall(plain)),
        calls=tuple(int(calls) for calls, _ in _INVARIANT.findall(plain)),
    )
