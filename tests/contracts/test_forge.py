"""The Solidity tests run with the others."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORGE = ROOT / "node_modules/@foundry-rs/forge-linux-amd64/bin/forge"
SUITE = "tests/forge/*.t.sol"

pytestmark = pytest.mark.skipif(not FORGE.exists(), reason="forge comes for Linux on x86-64 only")


def forge(*arguments: str) -> subprocess.CompletedProcess[str]:
    """scripts/forge with a cache of its own, so that it disturbs no run beside it."""
    own = {"FOUNDRY_OUT": "build/forge/suite/out", "FOUNDRY_CACHE_PATH": "build/forge/suite/cache"}
    return subprocess.run(
        ["scripts/forge", *arguments],
        cwd=ROOT,
        env=os.environ | own,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


def test_the_solidity_tests_pass() -> None:
    done = forge("test", "--match-path", SUITE)
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]
    total = re.search(r"(\d+) tests passed, 0 failed, 0 skipped", done.stdout)
    assert total is not None, done.stdout[-2_000:]
    written = sum(
        len(re.findall(r"function (?:test|invariant)\w+\(", path.read_text(encoding="utf-8")))
        for path in (ROOT / "tests" / "forge").rglob("*.t.sol")
    )
    assert int(total[1]) == written > 0


def test_a_run_without_any_test_fails() -> None:
    done = forge("test", "--match-path", SUITE, "--match-test", "no_test_has_this_name")
    assert done.returncode != 0
