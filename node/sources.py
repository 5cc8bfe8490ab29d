"""The contracts' sources, where this package lies in a clone: whether they give the artifacts."""

import subprocess
import sys
import time
from pathlib import Path

import indexer
from node.errors import ConfigurationProblem, UsageProblem
from node.output import Out

_CLONE = Path(indexer.__file__).resolve().parent.parent
_NEEDED = ("contracts", "node_modules", "scripts/artifacts.py", "hardhat.config.json")


def ensure(*, recompile: bool, reexecute: bool) -> None:
    """Refuse, before anything else is done, an audit for which something lacks here."""
    if reexecute:
        from indexer.audit import machine

        machine.ensure()
    lacking = [each for each in _NEEDED if recompile and not (_CLONE / each).exists()]
    if lacking:
        raise UsageProblem(
            f"There is no {' and no '.join(lacking)} in {_CLONE}, where this package lies, so that "
            "its contracts cannot be compiled.",
            undone="Nothing was audited.",
            hint="Clone the repository, run scripts/install there, and audit with its "
            ".venv/bin/coop; or leave --recompile out.",
        )


def stale_artifacts(out: Out) -> list[str]:
    """Compile the contracts, some 75 seconds, and return those whose artifact is another.

    ConfigurationProblem if the compiler refuses them.
    """
    command = [sys.executable, "-m", "scripts.artifacts", "--stale"]
    began = time.monotonic()
    with (
        out.progress("Compiling the contracts, seconds so far") as done,
        subprocess.Popen(
            command, cwd=_CLONE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as compiling,
    ):
        while True:
            try:
                printed, faults = compiling.communicate(timeout=1)
                break
            except subprocess.TimeoutExpired:
                done(round(time.monotonic() - began))
            except BaseException:
                compiling.kill()
                raise
    if compiling.returncode:
        raise ConfigurationProblem(
            f"The contracts in {_CLONE} cannot be compiled: {faults.strip()[-1_000:]}",
            undone="Nothing was audited.",
            hint="Compare the clone with the repository (git status), or leave --recompile out.",
        )
    return printed.split()
