"""Writes or compares the artifacts: indexer/artifacts/ (committed) and build/test-artifacts/."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.solidity import (
    ROOT,
    Build,
    CompilationFailed,
    Contract,
    closure,
    compile_sources,
    fingerprint,
)

PRODUCT = ROOT / "contracts"
PRODUCT_ARTIFACTS = ROOT / "indexer" / "artifacts"
TESTS = ROOT / "tests" / "contracts" / "solidity"
TEST_ARTIFACTS = ROOT / "build" / "test-artifacts"
SIZE_LIMIT = 24_000  # a little under EIP-170's 24,576: room for a fix on short notice


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the three modes and return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/compile", description=__doc__)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="compare, write nothing")
    mode.add_argument("--stale", action="store_true", help="compare, print the stale ones' names")
    mode.add_argument("--tests", action="store_true", help="only the tests' contracts, if changed")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.tests:
            return build_tests()
        if chosen.stale:
            return list_stale()
        return check_product() if chosen.check else max(write_product(), build_tests())
    except CompilationFailed as error:
        print(error, file=sys.stderr)
        return 1


def write_product() -> int:
    """Write one artifact per deployable contract and remove those of contracts that are gone."""
    build = _build_product()
    wanted = _files(build.contracts)
    PRODUCT_ARTIFACTS.mkdir(parents=True, exist_ok=True)
    for path in sorted(set(PRODUCT_ARTIFACTS.glob("*.json")) - set(wanted)):
        path.unlink()
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")
    return _report(build)


def check_product() -> int:
    """Compare the committed artifacts with a fresh build; warnings count as faults here."""
    build = _build_product()
    stale = _stale(build)
    for path in stale:
        print(f"{path.relative_to(ROOT)} is stale: run scripts/compile.", file=sys.stderr)
    return 1 if _report(build) or stale or build.warnings else 0


def list_stale() -> int:
    """Print the contracts whose committed artifacts a fresh build does not give, one a line."""
    for path in _stale(_build_product()):
        print(path.stem)
    return 0


def build_tests() -> int:
    """Compile the tests' contracts unless the same sources were compiled before."""
    sources = closure(sorted(TESTS.glob("**/*.sol")))
    if not sources:
        return 0
    stamp, current = TEST_ARTIFACTS / "sources.sha256", fingerprint(sources)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == current:
        return 0
    build = compile_sources(sources, own=TESTS.relative_to(ROOT).as_posix())
    TEST_ARTIFACTS.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    for path in TEST_ARTIFACTS.glob("*.json"):
        path.unlink()
    for contract in build.contracts:
        (TEST_ARTIFACTS / f"{contract.name}.json").write_text(_text(contract), encoding="utf-8")
    stamp.write_text(current, encoding="utf-8")
    return 0


def _build_product() -> Build:
    own = PRODUCT.relative_to(ROOT).as_posix()
    sources = closure(sorted(PRODUCT.glob("**/*.sol")))
    if not sources:
        raise CompilationFailed(f"No Solidity source in {own}/.")
    return compile_sources(sources, own=own)


def _stale(build: Build) -> list[Path]:
    """The committed artifacts that are not those of the build, and those that lack."""
    wanted = _files(build.contracts)
    return [
        path
        for path in sorted({*wanted, *PRODUCT_ARTIFACTS.glob("*.json")})
        if not path.exists() or path.read_text(encoding="utf-8") != wanted.get(path)
    ]


def _files(contracts: Sequence[Contract]) -> dict[Path, str]:
    files = {PRODUCT_ARTIFACTS / f"{contract.name}.json": _text(contract) for contract in contracts}
    if len(files) != len(contracts):
        raise CompilationFailed("Two deployable contracts share a name; rename one.")
    return files


def _text(contract: Contract) -> str:
    return json.dumps(contract.artifact, indent=1, sort_keys=True) + "\n"


def _report(build: Build) -> int:
    """Print warnings and sizes; return 1 when a contract is over the limit."""
    for warning in build.warnings:
        print(warning, file=sys.stderr)
    too_large = False
    for contract in build.contracts:
        over = contract.size > SIZE_LIMIT
        too_large |= over
        verdict = f"over the limit of {SIZE_LIMIT:,}" if over else f"{SIZE_LIMIT:,} allowed"
        print(f"{contract.name:20} {contract.size:>7,} bytes, {verdict}")
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main())
