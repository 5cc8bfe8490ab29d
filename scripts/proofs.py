"""Runs the symbolic proofs of tests/forge/symbolic and says how many hold.

Each contract is a run of halmos of its own, so that a run that hangs costs its own time only. A
proof counts when halmos reports it with exit code 0; those in the sources and not so reported are
named.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "tests" / "forge" / "symbolic"
OUT = Path("build/prove/out")
# Seconds: a contract's proofs together, and one question to the solver.
CONTRACT_LIMIT = 900
QUESTION_LIMIT = 120
_CHECK = re.compile(r"^\s*function (check_\w+)\(", re.MULTILINE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the proofs; 0 if all of them hold."""
    parser = argparse.ArgumentParser(prog="scripts/prove", description=__doc__)
    parser.add_argument("--contract", default="", help="only contracts whose name begins so")
    chosen = parser.parse_args(arguments)
    wanted = found_in_sources(chosen.contract)
    if not wanted:
        print(f"No proof is in {SOURCES.relative_to(ROOT)}/{chosen.contract}*.", file=sys.stderr)
        return 1

    held = {name: proved(name) for name in wanted}
    missing = [f"{name}.{c}" for name, all_ in wanted.items() for c in all_ if c not in held[name]]
    passed = sum(len(held[name] & wanted[name]) for name in wanted)
    for proof in missing:
        print(f"not proved: {proof}", file=sys.stderr)
    print(f"{passed} proofs passed, {len(missing)} failed")
    return 1 if missing else 0


def found_in_sources(prefix: str) -> dict[str, set[str]]:
    """Return contract name -> its check_ functions, for files that have any."""
    texts = {path.stem: path.read_text("utf-8") for path in sorted(SOURCES.glob(f"{prefix}*.sol"))}
    found = {name: set(_CHECK.findall(text)) for name, text in texts.items()}
    return {name: checks for name, checks in found.items() if checks}


def proved(contract: str) -> set[str]:
    """Run halmos on one contract and return the checks that hold within their bounds."""
    report = ROOT / "build" / "prove" / f"{contract}.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    command = ["halmos", "--root", str(ROOT), "--forge-build-out", str(OUT)]
    command += ["--contract", contract, "--function", "check_", "--no-status", "--loop", "300"]
    command += ["--solver-timeout-assertion", f"{QUESTION_LIMIT}s", "--json-output", str(report)]
    try:
        subprocess.run(command, cwd=ROOT, env=settings(), check=False, timeout=CONTRACT_LIMIT)
    except subprocess.TimeoutExpired:
        print(f"{contract}: stopped after {CONTRACT_LIMIT} seconds", file=sys.stderr)
    return holding(report) if report.exists() else set()


def holding(report: Path) -> set[str]:
    """Return the checks that a report of halmos names as proved, with every loop run to its end."""
    results = json.loads(report.read_text("utf-8"))["test_results"]
    return {
        result["name"].split("(")[0]
        for of_contract in results.values()
        for result in of_contract
        if result["exitcode"] == 0 and not result["num_bounded_loops"]
    }


def settings() -> dict[str, str]:
    """Return the environment for forge: the compiler's settings stand in hardhat.config.json."""
    solidity = json.loads((ROOT / "hardhat.config.json").read_text("utf-8"))["solidity"]["settings"]
    return os.environ | {
        "FOUNDRY_CONFIG": str(SOURCES / "foundry.toml"),
        "FOUNDRY_SOLC": str(ROOT / "scripts" / "solc"),
        "FOUNDRY_EVM_VERSION": solidity["evmVersion"],
        "FOUNDRY_OPTIMIZER": str(solidity["optimizer"]["enabled"]).lower(),
        "FOUNDRY_OPTIMIZER_RUNS": str(solidity["optimizer"]["runs"]),
        "FOUNDRY_VIA_IR": str(solidity["viaIR"]).lower(),
    }


if __name__ == "__main__":
    sys.exit(main())
