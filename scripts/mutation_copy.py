"""A copy of what the forge suite needs, in which contracts may be broken: never the sources."""

import re
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path

from scripts.foundry import FORGE, SOLC, environment, read_run
from scripts.mutant_values import Mutant
from scripts.solidity import ROOT

COPIED = ("contracts", "tests/forge", "scripts", "hardhat.config.json")
LINKED = ("node_modules", ".venv")
SECONDS = 300
"""Past this, a mutant counts as killed: it has made a loop endless. Seconds of the processor, not
of the clock, so that on a busy machine none is killed for having waited."""

# Fewer runs of the whole suite than in `make test`, so the score is what it can do at least.
RUNS = {
    "FOUNDRY_FUZZ_RUNS": "32",
    "FOUNDRY_INVARIANT_RUNS": "4",
    "FOUNDRY_INVARIANT_DEPTH": "24",
}

# Which tests are run first for a mutant of a file: those that are about it. Only what they miss
# meets the whole suite, which takes longer to compile. FreeMemory is the only module
# without an entry: it is all assembly, which the operators leave alone.
SUITES = {
    "contracts/Assembly.sol": "{Views,ProposalRefusals,EventsAssembly}",
    "contracts/Bylaws.sol": "{Bylaw*,EventsInstance,ActionClasses}",
    "contracts/CooperativeFactory.sol": "{Views,FactoryRefusals,EventsInstance,CoopTest}",
    "contracts/Membership.sol": "{Standings,MembershipRefusals,MembershipOrders,EventsMembership}",
    "contracts/PayRates.sol": "{PayRefusals,EventsPayRates,PayRoles,PayVotes}",
    "contracts/modules/ActionClasses.sol": "ActionClasses",
    "contracts/modules/BallotBox.sol": "{LateSwing,BallotRefusals,Ballots,EventsAssembly}",
    "contracts/modules/Ballots.sol": "{Ballots,PackedBatches,ContractAccounts,LateSwing}",
    "contracts/modules/BylawBounds.sol": "Bylaw*",
    "contracts/modules/Chronicle.sol": "Chronicle",
    "contracts/modules/CloneArguments.sol": "{Views,EventsInstance}",
    "contracts/modules/DueProcess.sol": "{DueProcess,ProposalRefusals,EventsAssembly}",
    "contracts/modules/Guardians.sol": "Guardians",
    "contracts/modules/Histogram.sol": "Histogram",
    "contracts/modules/Lanes.sol": "{Ballots,PackedBatches}",
    "contracts/modules/MemberRecord.sol": "{Roll,Standings,PackedBatches}",
    "contracts/modules/Outcome.sol": "Outcome",
    "contracts/modules/PackedBallots.sol": "{PackedBatches,Ballots}",
    "contracts/modules/PackedRule.sol": "{PackedRule,Bylaw*}",
    "contracts/modules/PayBallots.sol": "{PayVotes,PackedBatches,PayRefusals,EventsPayRates}",
    "contracts/modules/PayLadder.sol": "PayLadder",
    "contracts/modules/PayRoles.sol": "{PayRoles,PayRefusals,EventsPayRates}",
    "contracts/modules/PayRuleBook.sol": "{PayRuleBounds,EventsPayRates}",
    "contracts/modules/PayVoteBook.sol": "{PayVoteStates,PayRefusals,EventsPayRates}",
    "contracts/modules/Poll.sol": "Poll",
    "contracts/modules/ProposalBook.sol": "{SecondCall,DueProcess,ProposalRefusals,EventsAssembly}",
    "contracts/modules/Proposals.sol": "{ProposalRefusals,CoolDown,EventsAssembly}",
    "contracts/modules/Roll.sol": "{Roll,Standings}",
    "contracts/modules/Signatures.sol": "Signatures",
    "contracts/modules/SignedDomain.sol": "{Views,Signatures,SignedTypes}",
    "contracts/modules/Timestamps.sol": "Poll",
    "contracts/modules/Words.sol": "{PackedBatches,Roll}",
}

_FAILED = re.compile(r"^\[FAIL|\b[1-9]\d* failed", re.MULTILINE)
_REFUSED = re.compile(r"Compiler run failed|Error \(\d+\)")


class Verdict(Enum):
    """What came of one mutant."""

    KILLED = "killed"
    SURVIVED = "SURVIVED"
    STILLBORN = "stillborn"


class SuiteUnusable(Exception):
    """The suite is red, or runs nothing, without any mutant; or forge itself fails."""


class Copy:
    """One folder to break things in, used by one mutant at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self) -> None:
        """Copy anew, keep forge's cache, and see the suite green with its tests run."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for name in COPIED:
            target = self._folder / name
            if (ROOT / name).is_dir():
                shutil.rmtree(target, ignore_errors=True)
                shutil.copytree(ROOT / name, target)
            elif (ROOT / name).exists():
                shutil.copyfile(ROOT / name, target)
        for name in LINKED:
            if not (self._folder / name).exists():
                (self._folder / name).symlink_to(ROOT / name, target_is_directory=True)
        status, words = self._test("*")
        if verdict(status, words) is not Verdict.SURVIVED:
            raise SuiteUnusable(f"Without any mutant the suite does not pass:\n{words[-3000:]}")

    def judge(self, mutant: Mutant, source: bytes) -> Verdict:
        """Put the mutant in, run its own tests and then all of them, put the original back."""
        file = self._folder / mutant.file
        file.write_bytes(mutant.apply(source))
        try:
            found = verdict(*self._test(SUITES[mutant.file]))
            return verdict(*self._test("*")) if found is Verdict.SURVIVED else found
        finally:
            file.write_bytes(source)

    def _test(self, suite: str) -> tuple[int, str]:
        """Run the tests of one file, or of all; forge compiles only what they need."""
        command = (
            *(str(FORGE), "test", "--fail-fast", "--offline", "--threads", "1"),
            # Without it forge goes up to the repository, and tests the sources that nobody broke.
            *("--root", str(self._folder)),
            *("--use", str(SOLC), "--match-path", f"tests/forge/**/{suite}.t.sol"),
        )
        runs = RUNS if suite == "*" else {}
        return limited(command, self._folder, environment(self._folder, **runs), SECONDS)


def limited(
    command: Sequence[str], folder: Path, variables: Mapping[str, str], seconds: int
) -> tuple[int, str]:
    """Run a command that may use so much of the processor; its status and what it printed."""
    done = subprocess.run(
        ["bash", "-c", 'ulimit -S -t "$0" && exec "$@"', str(seconds), *command],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def verdict(status: int, words: str) -> Verdict:
    """Read forge's answer. One that is neither red, nor green with tests, is no answer at all."""
    if status == -signal.SIGXCPU:
        return Verdict.KILLED
    if status != 0 and _FAILED.search(words):
        return Verdict.KILLED
    if status != 0 and _REFUSED.search(words):
        return Verdict.STILLBORN
    ran = read_run(words)
    if status == 0 and ran.passed > 0 and ran.failed == 0:
        return Verdict.SURVIVED
    raise SuiteUnusable(f"forge gave no verdict (exit {status}):\n{words[-3000:]}")
