"""Checkpoints and evidence: a history only ever goes on, and two histories are told apart."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.indexer.proxy import proxy
from tests.node.test_audit import logs_changed, vote
from tests.node.village import Ran, Village


@pytest.fixture
def voted(village: Village) -> Village:
    """A co-op with a resolution and three ballots."""
    vote(village, "# A resolution")
    return village


def looked(village: Village, *words: object) -> Ran:
    """One look at the chain."""
    return village.run("audit", "watch", "--once", *words)


def kept(village: Village) -> dict[str, Any]:
    """The checkpoint's file."""
    found: dict[str, Any] = json.loads((village.home / "weavers.checkpoint.json").read_text())
    return found


def test_the_first_look_audits_and_each_later_one_goes_on(voted: Village) -> None:
    first = looked(voted)
    assert first.exit_code == 0, first.stderr
    assert first.data["proven"] is True
    assert first.data["block"] == voted.chain.head().number
    vote(voted, "# Another resolution")
    second = looked(voted)
    assert second.exit_code == 0, second.stderr
    assert second.data["block"] == voted.chain.head().number
    # A proposal's two events and three ballots.
    assert second.data["events"] == first.data["events"] + 5
    assert second.data["heads"]["assembly"] != first.data["heads"]["assembly"]
    assert second.data["heads"]["bylaws"] == first.data["heads"]["bylaws"]
    assert second.data["account"] == voted.key("ada").address
    again = looked(voted)
    assert (again.exit_code, again.data["block"]) == (0, second.data["block"])


def test_a_chain_that_was_taken_back_is_refused_and_the_checkpoint_stays(voted: Village) -> None:
    chain = voted.coop.chain
    before = chain.rpc("evm_snapshot")
    vote(voted, "# A vote that will be taken back")
    assert looked(voted).exit_code == 0
    checkpoint = kept(voted)
    assert chain.rpc("evm_revert", before) is True
    shorter = looked(voted)
    assert (shorter.exit_code, shorter.error["code"]) == (9, "not_an_extension")
    chain.rpc("anvil_mine", hex(64))
    other = looked(voted)
    assert (other.exit_code, other.error["code"]) == (9, "not_an_extension")
    assert kept(voted) == checkpoint


def test_a_node_that_leaves_out_what_is_new_is_refused(voted: Village) -> None:
    assert looked(voted).exit_code == 0
    checkpoint = kept(voted)
    vote(voted, "# Another resolution")
    with proxy(voted.chain.url, logs_changed(lambda logs: logs[:-1])) as url:
        ran = looked(voted, "--rpc", url)
    assert (ran.exit_code, ran.error["code"]) == (9, "not_an_extension")
    assert "chronicle" in ran.error["message"]
    assert kept(voted) == checkpoint


def test_no_checkpoint_is_made_of_a_history_that_does_not_hold(voted: Village) -> None:
    with proxy(voted.chain.url, logs_changed(lambda logs: logs[:-1])) as url:
        ran = looked(voted, "--rpc", url)
    assert (ran.exit_code, ran.error["code"]) == (9, "audit_mismatch")
    assert not (voted.home / "weavers.checkpoint.json").exists()


@pytest.mark.parametrize("part", ["events", "blockHash", "assemblyChronicle"])
def test_a_checkpoint_that_was_changed_is_refused(voted: Village, part: str) -> None:
    assert looked(voted).exit_code == 0
    checkpoint = kept(voted)
    values = checkpoint["data"]["typed_data"]["message"]
    values[part] = values[part] + 1 if part == "events" else "0x" + "ab" * 32
    voted.file("weavers.checkpoint.json", json.dumps(checkpoint))
    ran = looked(voted)
    assert ran.exit_code == 2
    assert "was signed by" in ran.error["message"]


def test_the_checkpoint_of_another_co_op_is_refused(voted: Village) -> None:
    assert looked(voted).exit_code == 0
    voted.change_instance(voted.instance.bylaws, voted.instance.membership)
    ran = looked(voted)
    assert ran.exit_code in (2, 8)
    assert ran.stdout == ""


def test_watching_goes_on_until_it_is_told_to_stop(voted: Village) -> None:
    start = "from node.cli import main; main()"
    command = [sys.executable, "-c", start, "audit", "watch", "--interval", "0.1", "--json"]
    command += ["--rpc", voted.chain.url, "--key", "ada", "--password-file"]
    with subprocess.Popen(
        [*command, str(voted.home / "password")], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        first = json.loads(child.stdout.readline())["data"]
        vote(voted, "# Another resolution")
        latest = first
        while latest["events"] < first["events"] + 5:
            latest = json.loads(child.stdout.readline())["data"]
        child.send_signal(signal.SIGTERM)
        child.stdout.read()
        assert child.wait(timeout=30) == 0
    assert latest["proven"] is True


# Comparing


def gathered(village: Village, name: str, *words: object) -> Path:
    """Evidence through the present block."""
    path = village.home / name
    ran = village.ask("audit", "run", "--evidence", path, *words)
    assert ran.exit_code == 0, ran.stderr
    return path


def compared(village: Village, one: object, other: object) -> tuple[int, str]:
    """Exit code and relation."""
    ran = village.ask("audit", "diff", one, other)
    return ran.exit_code, ran.data["relation"]


def test_evidence_of_a_longer_history_goes_on_from_a_shorter_one(voted: Village) -> None:
    short = gathered(voted, "short.gz")
    vote(voted, "# Another resolution")
    long, with_receipts = gathered(voted, "long.gz"), gathered(voted, "whole.gz", "--receipts")
    assert compared(voted, short, long) == (0, "extends")
    assert compared(voted, long, short) == (0, "extended")
    assert compared(voted, long, with_receipts) == (0, "same")


def test_evidence_of_two_histories_parts_where_they_do(voted: Village) -> None:
    chain, before = voted.coop.chain, voted.chain.head().number
    snapshot = chain.rpc("evm_snapshot")
    vote(voted, "# On the one side")
    ours = gathered(voted, "ours.gz")
    assert chain.rpc("evm_revert", snapshot) is True
    vote(voted, "# On the other side")
    ran = voted.ask("audit", "diff", ours, gathered(voted, "theirs.gz"))
    assert (ran.exit_code, ran.data["relation"]) == (9, "apart")
    assert f"Block {before + 1} " in ran.data["where"]


def test_a_checkpoint_is_compared_with_evidence_and_with_another_checkpoint(
    voted: Village,
) -> None:
    mine, theirs = voted.home / "weavers.checkpoint.json", voted.home / "ben.json"
    assert looked(voted).exit_code == 0
    vote(voted, "# Another resolution")
    later = voted.run("audit", "watch", "--once", "--file", theirs, as_="ben")
    assert later.exit_code == 0, later.stderr
    evidence = gathered(voted, "evidence.gz")
    assert compared(voted, mine, evidence) == (0, "extends")
    assert compared(voted, evidence, mine) == (0, "extended")
    assert compared(voted, theirs, evidence) == (0, "same")
    assert compared(voted, mine, theirs) == (0, "extends")
    assert compared(voted, mine, mine) == (0, "same")


def test_two_members_who_were_shown_different_histories_find_out(voted: Village) -> None:
    theirs = voted.home / "ben.json"
    chain = voted.coop.chain
    before = chain.rpc("evm_snapshot")
    vote(voted, "# What ada is shown")
    assert looked(voted).exit_code == 0
    height = voted.chain.head().number
    assert chain.rpc("evm_revert", before) is True
    vote(voted, "# What ben is shown")
    assert voted.chain.head().number == height
    assert voted.run("audit", "watch", "--once", "--file", theirs, as_="ben").exit_code == 0
    same_block = compared(voted, voted.home / "weavers.checkpoint.json", theirs)
    assert same_block == (9, "apart")
    vote(voted, "# Later")
    theirs.unlink()
    assert voted.run("audit", "watch", "--once", "--file", theirs, as_="ben").exit_code == 0
    by_chain = compared(voted, voted.home / "weavers.checkpoint.json", theirs)
    assert by_chain == (9, "apart")
    against_evidence = compared(
        voted, voted.home / "weavers.checkpoint.json", gathered(voted, "ben.gz")
    )
    assert against_evidence == (9, "apart")


def test_what_is_neither_evidence_nor_checkpoint_is_refused(voted: Village) -> None:
    text = voted.file("notes.txt", "hello")
    assert voted.ask("audit", "diff", text, text).exit_code == 2
    assert voted.ask("audit", "diff", voted.home / "none", text).exit_code == 3
