"""Runs the symbolic proofs of tests/proofs with halmos, and fails unless all of them are proven.

Each contract is a run of its own, so that one which hangs costs its own time only. Proven is what
halmos reports as passed with every loop run to its end; what the sources contain and no report
names was given up.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scripts import summary
from scripts.foundry import FORGE, SOLC, environment
from scripts.solidity import ROOT, settings

SOURCES = ROOT / "tests" / "proofs"
HALMOS = ROOT / "build" / "toolbox" / "halmos" / "bin" / "halmos"
OUT = "build/proofs/out"
SECONDS = 120
"""For one proof: past them it is given up."""

_CHECK = re.compile(r"^\s*function check_(\w+)\(", re.MULTILINE)
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_RESULT = re.compile(
    r"^\[(\w+)\] check_(\w+)\(.*?, time: ([\d.]+)s.*bounds: \[(.*)\]", re.MULTILINE
)


@dataclass(frozen=True)
class Proof:
    """What came of one statement: `proven`, `refuted` by a counterexample, or `gave up`."""

    statement: str
    verdict: str
    seconds: float = 0.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the proofs, a line each; 0 if there are any and all are proven."""
    parser = argparse.ArgumentParser(prog="scripts/prove", description=__doc__)
    parser.add_argument("--only", default="", help="contracts whose name begins so")
    chosen = parser.parse_args(arguments)
    wanted = written(
        {path.stem: path.read_text("utf-8") for path in SOURCES.glob(f"{chosen.only}*.sol")}
    )
    _build()
    proofs = [proof for name, all_ in wanted.items() for proof in _prove(name, all_)]

    proven = sum(proof.verdict == "proven" for proof in proofs)
    seconds = sum(proof.seconds for proof in proofs)
    figures = {"written": len(proofs), "proven": proven, "seconds": round(seconds)}
    summary.write("proofs", figures)
    print(f"proofs: {proven} of {len(proofs)} proven, {seconds:.0f} s")
    return 0 if proofs and proven == len(proofs) else 1


def written(texts: Mapping[str, str]) -> dict[str, list[str]]:
    """Return contract name -> its statements, for the sources that have any."""
    found = {name: _CHECK.findall(text) for name, text in sorted(texts.items())}
    return {name: statements for name, statements in found.items() if statements}


def judged(statements: Sequence[str], words: str) -> list[Proof]:
    """Read what halmos printed; a statement that it does not name was given up."""
    found = {
        name: Proof(name, _verdict(word, bounded), float(seconds))
        for word, name, seconds, bounded in _RESULT.findall(_ANSI.sub("", words))
    }
    return [found.get(name, Proof(name, "gave up")) for name in statements]


def _verdict(word: str, bounded: str) -> str:
    if word == "PASS" and not bounded:
        return "proven"
    return "refuted" if word == "FAIL" else "gave up"


def _prove(contract: str, statements: Sequence[str]) -> list[Proof]:
    print(contract, flush=True)
    words = _halmos(contract, SECONDS * len(statements))
    proofs = judged(statements, words)
    for proof in proofs:
        sentence = proof.statement.replace("_", " ")
        print(f"  {proof.verdict:8}{proof.seconds:6.1f} s  {sentence}", flush=True)
    if any(proof.verdict != "proven" for proof in proofs):
        print(words, file=sys.stderr)
    return proofs


def _halmos(contract: str, seconds: int) -> str:
    """Run halmos on one contract; what it printed until then if it takes longer than that."""
    command = [str(HALMOS), "--root", str(ROOT), "--forge-build-out", OUT, "--no-status"]
    command += ["--contract", contract, "--function", "check_", "--loop", "300"]
    command += ["--solver-timeout-assertion", f"{SECONDS}s"]
    # A session of its own, so that no solver outlives it.
    running = subprocess.Popen(
        command,
        cwd=ROOT,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        return running.communicate(timeout=seconds)[0]
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        return running.communicate()[0]


def _build() -> None:
    """Compile by the pipeline without IR, as the Solidity tests are; halmos finds it done."""
    command = [str(FORGE), "build", "--ast", "--root", str(ROOT), "--extra-output"]
    command += ["storageLayout", "metadata"]
    subprocess.run(command, cwd=ROOT, env=_environment(), check=True, stdout=subprocess.DEVNULL)


def _environment() -> Mapping[str, str]:
    optimizer = settings()["optimizer"]
    return environment(
        ROOT,
        FOUNDRY_CONFIG=str(SOURCES / "foundry.toml"),
        FOUNDRY_SOLC=str(SOLC),
        FOUNDRY_OPTIMIZER=str(optimizer["enabled"]).lower(),
        FOUNDRY_OPTIMIZER_RUNS=str(optimizer["runs"]),
        PATH=os.pathsep.join([str(FORGE.parent), str(HALMOS.parent), os.environ["PATH"]]),
        PYTHONUNBUFFERED="1",
    )


if __name__ == "__main__":
    sys.exit(main())
