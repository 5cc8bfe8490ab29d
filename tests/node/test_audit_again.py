"""`coop audit run` and `verify` with --reexecute and --recompile."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contracts.artifacts import deploy
from tests.contracts.coop import FOR
from tests.contracts.signing import entry
from tests.indexer.audit.test_reexecution import needs_pyrevm, without_pyrevm
from tests.node.village import Ran, Village

__all__ = ["without_pyrevm"]

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ("indexer", "node", "contracts", "scripts", "hardhat.config.json")


@pytest.fixture
def voted(village: Village) -> Village:
    """A co-op with a resolution and three ballots."""
    number = village.opened("# A resolution").proposal_id
    for member in (village.coop.ada, village.coop.ben, village.coop.cleo):
        village.coop.vote(member, number, FOR)
    village.coop.close(number)
    return village


@pytest.fixture
def evidence(voted: Village, tmp_path: Path) -> Path:
    """The evidence of its audit."""
    path = tmp_path / "evidence.jsonl.gz"
    assert voted.ask("audit", "run", "--evidence", path).exit_code == 0
    return path


def counted(ran: Ran) -> dict[str, tuple[int, int]]:
    """Check -> how often it did not hold, and how often it was made."""
    return {each["id"]: (each["failed"], each["counted"]) for each in ran.data["checks"]}


@needs_pyrevm
def test_run_and_verify_run_the_transactions_again_to_the_same_end(
    voted: Village, evidence: Path
) -> None:
    through = voted.ask("audit", "run", "--reexecute")
    offline = voted.ask("audit", "verify", evidence, "--reexecute")
    for ran in (through, offline):
        assert ran.exit_code == 0, ran.stderr
        told = ran.data["run_again"]
        assert told["ran"] == told["transactions"] == 5
        assert (told["until"], told["cause"]) == ("", "")
        assert counted(ran)["6.2"] == (0, 5)
        assert counted(ran)["6.3"] == (0, told["words"])
    assert through.data["run_again"] == offline.data["run_again"]
    assert voted.ask("audit", "verify", evidence).data["run_again"] is None


@needs_pyrevm
def test_for_people_it_says_how_far_it_came(voted: Village) -> None:
    said = voted.ask("audit", "run", "--reexecute", json=False).stdout
    assert "   6.2 transactions that give other logs when they are run again: 0 of 5" in said
    assert "5 transactions were run again, all that there are, and " in said


@needs_pyrevm
def test_what_could_not_be_run_again_is_said_and_no_fault(voted: Village) -> None:
    coop = voted.coop
    carrier = deploy(coop.w3, "Carrier")
    number = voted.opened("# Another resolution").proposal_id
    packed = entry(2, FOR, coop.sign(coop.ben, number, FOR))
    inner = bytes.fromhex(coop.assembly.encode_abi("castBallots", [number, packed])[2:])
    coop.send(carrier.functions.carry(coop.assembly.address, inner, 1_000_000), coop.tom)
    said = voted.ask("audit", "run", "--reexecute", json=False)
    assert said.exit_code == 0
    assert "6 transactions were run again, and 1 could not be, from block " in said.stdout
    assert f"it calls another contract, {carrier.address}" in said.stdout
    assert "What those transactions give that were not run again" in said.stdout


@pytest.mark.usefixtures("without_pyrevm")
def test_without_the_package_nothing_is_audited(voted: Village, evidence: Path) -> None:
    other = evidence.with_name("other.gz")
    for words in (
        # It is said before the chain is asked for anything.
        ("run", "--reexecute", "--evidence", other, "--rpc", "http://127.0.0.1:1"),
        ("verify", evidence, "--reexecute"),
    ):
        ran = voted.ask("audit", *words)
        assert (ran.exit_code, ran.stdout) == (2, "")
        assert ran.error["code"] == "extra_missing"
        assert "rochdale[reexecute]" in ran.error["hint"]
    assert not other.exists()


# From the sources


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of the package with its sources, as a clone of the repository has them."""
    folder = tmp_path / "clone"
    folder.mkdir()
    for name in PACKAGE:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    (folder / "node_modules").symlink_to((ROOT / "node_modules").resolve())
    return folder


def coop_in(clone: Path, *words: object) -> Ran:
    """The command as it lies in the clone."""
    start = "from node.cli import main; main()"
    command = [sys.executable, "-c", start, *map(str, words), "--json", "--no-input"]
    environment = {**os.environ, "PYTHONPATH": str(clone)}
    ran = subprocess.run(
        command, cwd=clone, env=environment, capture_output=True, text=True, timeout=500
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def test_recompile_finds_an_artifact_that_its_source_does_not_give(
    evidence: Path, clone: Path
) -> None:
    path = clone / "indexer" / "artifacts" / "Assembly.json"
    artifact = json.loads(path.read_text())
    artifact["sourceHash"] = "0x" + "11" * 32
    path.write_text(json.dumps(artifact, indent=1, sort_keys=True) + "\n")
    ran = coop_in(clone, "audit", "verify", evidence, "--recompile")
    assert ran.exit_code == 9, ran.stderr
    assert counted(ran)["2.6"] == (1, 5)
    (fault,) = ran.data["mismatches"]
    assert (fault["check"], fault["where"]) == ("2.6", "Assembly")
    assert "Compiling the contracts, seconds so far: " in ran.stderr


def test_recompile_says_what_the_compiler_says_of_broken_sources(
    evidence: Path, clone: Path
) -> None:
    source = clone / "contracts" / "Assembly.sol"
    source.write_text(source.read_text() + "\ncontract {\n")
    ran = coop_in(clone, "audit", "verify", evidence, "--recompile")
    assert (ran.exit_code, ran.stdout) == (11, "")
    assert "ParserError" in ran.error["message"]


def test_recompile_wants_a_clone_before_anything_else(clone: Path) -> None:
    shutil.rmtree(clone / "contracts")
    (clone / "node_modules").unlink()
    ran = coop_in(clone, "audit", "verify", "no-such-file.gz", "--recompile")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.error["code"] == "usage"
    assert "no contracts and no node_modules" in ran.error["message"]
