"""`coop index`: the mirror follows the chain, says how far it is, and survives damage."""

import json
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from node.devnet import Devnet
from tests.node.desk import NOBODY_LISTENS, Desk, desk  # noqa: F401

START = "import sys; from node.cli import main; main(sys.argv[1:])"
SYNC_FIELDS = {
    "from_block",
    "to_block",
    "events",
    "chain_head",
    "finalized",
    "lag_blocks",
    "chronicle_ok",
}


@pytest.fixture
def founded(desk: Desk, chain: Devnet) -> Desk:  # noqa: F811
    """A desk with the co-op pioneers, just founded; no mirror yet."""
    desk.dev_key()
    said = desk.found(chain.url)
    assert said.code == 0, said.err
    return desk


def test_a_sync_reads_everything_and_the_next_one_nothing(founded: Desk) -> None:
    first = founded.run("index", "sync", "--json").data
    assert set(first) >= SYNC_FIELDS
    assert first["from_block"] == first["to_block"] == first["chain_head"]
    assert first["events"] > 10
    assert first["chronicle_ok"] is True
    again = founded.run("index", "sync", "--json")
    assert again.data["events"] == 0
    assert again.document["as_of"]["block"] == first["to_block"]
    assert "Nothing new" in founded.run("index", "sync").out


def test_the_status_sees_new_blocks_without_reading_them(founded: Desk, chain: Devnet) -> None:
    founded.run("index", "sync")
    chain.mine()
    chain.mine()
    status = founded.run("index", "status", "--json").data
    assert status["lag_blocks"] == 2
    assert founded.run("index", "status", "--json").data == status
    assert founded.run("index", "sync", "--json").data["lag_blocks"] == 0


def test_without_the_chain_the_status_is_what_was_last_seen(founded: Desk) -> None:
    founded.run("index", "sync")
    said = founded.run("index", "status", "--rpc", NOBODY_LISTENS, "--json")
    assert said.code == 0
    assert said.data["lag_blocks"] == 0
    assert "does not answer" in said.err


def test_without_chain_and_mirror_the_exit_codes_say_which_is_missing(founded: Desk) -> None:
    assert founded.run("index", "status").code == 8
    assert founded.run("index", "sync", "--rpc", NOBODY_LISTENS).code == 7


def test_a_rehearsed_sync_reads_nothing(founded: Desk, chain: Devnet) -> None:
    founded.run("index", "sync")
    chain.mine()
    assert founded.run("index", "sync", "--dry-run", "--json").data["lag_blocks"] == 1
    assert founded.run("index", "status", "--json").data["lag_blocks"] == 1


def test_a_deleted_mirror_comes_back_the_same(founded: Desk) -> None:
    founded.run("index", "sync")
    before = founded.run("status", "--json").data
    for path in founded.home.glob("pioneers.db*"):
        path.unlink()
    assert founded.run("status", "--json").data == before
    assert founded.run("index", "rebuild").code == 0
    assert founded.run("status", "--json").data == before


def test_rows_are_derived_again_from_the_stored_logs_without_the_chain(founded: Desk) -> None:
    founded.run("index", "sync")
    with sqlite3.connect(founded.home / "pioneers.db") as database:
        assert database.execute("delete from member_changes").rowcount > 0
    database.close()
    assert founded.run("index", "check").code == 8
    said = founded.run("index", "rebuild", "--from", "logs", "--rpc", NOBODY_LISTENS)
    assert said.code == 0, said.err
    assert founded.run("index", "check").code == 0


def test_a_second_node_answers_when_the_first_is_away(founded: Desk, chain: Devnet) -> None:
    said = founded.run("index", "sync", "--json", "--rpc", f"{NOBODY_LISTENS},{chain.url}")
    assert said.code == 0, said.err
    assert said.data["proven_to"] == said.data["to_block"] == said.data["chain_head"]


def test_what_counted_as_final_is_given_up_only_when_asked(founded: Desk, chain: Devnet) -> None:
    snapshot = chain.rpc("evm_snapshot")
    chain.rpc("anvil_mine", hex(200))
    founded.run("index", "sync")
    chain.mine()
    founded.run("index", "sync")
    assert chain.rpc("evm_revert", snapshot) is True
    chain.rpc("anvil_mine", hex(210), hex(7))
    said = founded.run("index", "sync", "--json")
    assert said.code == 8
    assert "--accept-reorganisation" in said.error["hint"]
    accepted = founded.run("index", "sync", "--json", "--accept-reorganisation")
    assert accepted.code == 0, accepted.err
    assert accepted.data["dropped"] > 0


def test_a_rehearsed_rebuild_leaves_the_mirror_alone(founded: Desk) -> None:
    founded.run("index", "sync")
    before = (founded.home / "pioneers.db").stat().st_ino
    assert founded.run("index", "rebuild", "--dry-run").code == 0
    assert (founded.home / "pioneers.db").stat().st_ino == before
    assert founded.run("index", "check", "--json").data["ok"] is True


def test_a_check_finds_what_somebody_changed_and_a_rebuild_mends_it(founded: Desk) -> None:
    founded.run("index", "sync")
    assert founded.run("index", "check").code == 0
    with sqlite3.connect(founded.home / "pioneers.db") as database:
        last = "select block, log_index from logs order by 1 desc, 2 desc limit 1"
        database.execute(f"update logs set data = x'00' where (block, log_index) = ({last})")
    database.close()
    said = founded.run("index", "check", "--json")
    assert said.code == 8
    assert said.data["ok"] is False
    assert said.data["faults"]
    assert "coop index rebuild" in said.error["hint"]
    assert founded.run("index", "rebuild").code == 0
    assert founded.run("index", "check").code == 0


def test_a_file_that_is_no_mirror_is_refused(founded: Desk) -> None:
    founded.file("pioneers.db", "this is no database, but it is long enough to look at" * 40)
    assert founded.run("index", "sync").code == 8


def test_following_prints_a_document_a_step_and_ends_when_told_to(
    founded: Desk, chain: Devnet
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", START, "index", "sync", "--follow", "--interval", "0.05", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=_environment(founded.home, chain.url),
    ) as child:
        assert child.stdout is not None
        first = json.loads(child.stdout.readline())["data"]["to_block"]
        chain.mine()
        second = json.loads(child.stdout.readline())["data"]["to_block"]
        child.send_signal(signal.SIGTERM)
        said = child.communicate(timeout=60)[1]
    assert second == first + 1
    assert (child.returncode, said) == (0, "")


def test_following_ends_with_130_on_ctrl_c(founded: Desk, chain: Devnet) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", START, "index", "sync", "--follow", "--interval", "0.05", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=_environment(founded.home, chain.url),
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=60)
    assert child.returncode == 130
    assert founded.run("index", "check").code == 0


def _environment(home: Path, url: str) -> dict[str, str]:
    import os

    return os.environ | {"COOP_HOME": str(home), "COOP_RPC_URL": url}


def test_the_metadata_is_a_file_for_datasette_named_after_the_mirror(founded: Desk) -> None:
    plain = json.loads(founded.run("index", "metadata").out)
    assert list(plain["databases"]) == ["pioneers"]
    tables = plain["databases"]["pioneers"]["tables"]
    assert "Seconds since 1970" in tables["blocks"]["columns"]["timestamp"]
    listed = founded.run("index", "metadata", "--json").data
    assert listed["database"] == "pioneers"
    assert {each["name"] for each in listed["tables"]} == tables.keys()
    (votes,) = [each for each in listed["tables"] if each["name"] == "pay_votes"]
    assert "from_" in {each["name"] for each in votes["columns"]}
