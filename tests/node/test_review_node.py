"""What a reviewer with fresh eyes found in the commands: each was wrong once."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from indexer.chain import Chain
from node import files
from node.commands.acting import Instant
from node.delivery import Courier
from node.errors import KeyProblem
from node.keys import keystores
from node.output import Out
from tests.indexer.proxy import proxy
from tests.node.desk import Desk, desk  # noqa: F401
from tests.node.test_vote import signed_by
from tests.node.village import Village

HUGE = 10**30
FORGED = "cheap\nYour ballot:     for"
START = "from node.cli import main; main()"


@pytest.mark.parametrize(
    "words",
    [
        ("vote", HUGE, "for"),
        ("proposal", "show", HUGE),
        ("proposal", "queue", HUGE),
        ("pay", "show", HUGE),
        ("pay", "vote", HUGE, 5),
        ("receipt", "show", HUGE),
        ("receipt", "show", 1, "--member", HUGE),
        ("outbox", "drop", HUGE),
        ("member", "object", HUGE),
    ],
)
def test_a_number_larger_than_any_is_a_fault_of_usage(desk: Desk, words: Any) -> None:  # noqa: F811
    assert desk.run(*words, "--json").code == 2


@pytest.mark.parametrize("moment", ["1900-01-01", "1970-01-01", "0001-01-01T00:00:00+12:00"])
def test_a_moment_before_every_chain_is_a_fault_of_usage(desk: Desk, moment: str) -> None:  # noqa: F811
    ran = desk.run("pay", "open", "courier", "--opens-at", moment, "--json")
    assert (ran.code, "before every chain" in ran.error["message"]) == (2, True)
    assert Instant().convert("1970-01-01T00:00:01Z", None, None) == 1


def test_a_reason_cannot_forge_the_line_of_another_choice(village: Village) -> None:
    village.opened()

    ran = village.run("vote", 1, "against", "--reason", FORGED, "--yes", "--dry-run")

    shown = [line for line in ran.stderr.splitlines() if line.startswith("Your ballot:")]
    assert shown == ["Your ballot:     against"]
    assert "cheap\\nYour ballot:" in ran.stderr


def test_a_reason_in_a_ballot_file_cannot_forge_the_line_of_another_choice(
    village: Village,
) -> None:
    village.opened()
    file = village.home / "ballot.json"
    village.run("vote", 1, "against", "--reason", FORGED, "--yes", "--offline", file)

    ran = village.ask("ballot", "show", file, json=False)

    assert "cheap\\nYour ballot:" in ran.stdout
    assert not any(line.startswith("Your ballot:") for line in ran.stdout.splitlines())


def test_what_is_asked_about_is_shown_with_quiet_too(capsys: pytest.CaptureFixture[str]) -> None:
    Out(quiet=True).consider("Your ballot: for")
    Out(quiet=True, yes=True).consider("Your ballot: against")
    assert capsys.readouterr().err == "Your ballot: for\n"


def test_quiet_alone_does_not_hide_the_ballot_that_is_to_be_signed(village: Village) -> None:
    village.opened()
    ran = village.run("vote", 1, "for", "--quiet")
    assert (ran.exit_code, "Your ballot:     for" in ran.stderr) == (2, True)


def test_a_vote_is_sent_though_nobody_reads_what_is_told_about_it(village: Village) -> None:
    village.opened()
    read, write = os.pipe()
    os.close(read)
    words = ["vote", "1", "for", "--yes", "--json", "--rpc", village.coop.chain.url]
    words += ["--key", "ada", "--password-file", str(village.home / "password")]
    with os.fdopen(write, "wb") as nobody:
        ran = subprocess.run(
            [sys.executable, "-c", START, *words], stdout=subprocess.PIPE, stderr=nobody
        )
    assert ran.returncode == 0
    assert json.loads(ran.stdout)["data"]["status"] == "counted"
    assert village.ballot_on_chain(1, 1)[2] == 1


def test_a_terminal_without_unicode_does_not_fail_a_command(tmp_path: Path) -> None:
    surroundings = os.environ | {"COOP_HOME": str(tmp_path / "é"), "PYTHONIOENCODING": "ascii"}
    surroundings |= {"PYTHONUTF8": "1"}
    words = ["config", "show"]
    ran = subprocess.run(
        [sys.executable, "-c", START, *words], env=surroundings, capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert b"\\xe9" in ran.stdout


@pytest.mark.parametrize("address", [{}, {"address": "zz"}])
def test_a_keystore_that_names_no_account_is_a_fault_of_the_key(
    desk: Desk,  # noqa: F811
    address: dict[str, str],
) -> None:
    files.write_private(desk.home / "keys" / "ada.json", json.dumps({"version": 3, **address}))
    for words in (("list",), ("show", "ada")):
        ran = desk.run("key", *words, "--json")
        assert (ran.code, "does not say whose" in ran.error["message"]) == (10, True)


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[2J", "a" * 300, ""])
def test_a_name_that_cannot_be_shown_or_kept_is_no_name_for_a_key(
    desk: Desk,  # noqa: F811
    name: str,
) -> None:
    assert desk.run("key", "new", name, "--dry-run", "--json").code == 2


def test_a_key_of_the_same_name_made_meanwhile_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = {"version": 3, "address": "f39fd6e51aad88f6f4ce6ab8827279cfffb92266"}
    first = json.dumps(store)
    refuse_existing = keystores.refuse_existing

    def late(folder: Path, name: str) -> Path:
        path = refuse_existing(folder, name)
        files.write_private(path, first)  # another process is quicker, just after we looked
        return path

    monkeypatch.setattr(keystores, "refuse_existing", late)
    with pytest.raises(KeyProblem, match="already"):
        keystores._write(tmp_path, "ada", {**store, "other": 1})
    assert [path.name for path in tmp_path.iterdir()] == ["ada.json"]
    assert (tmp_path / "ada.json").read_text() == first


def test_a_receipt_without_a_transaction_hash_is_no_receipt(village: Village) -> None:
    village.opened()
    document = json.loads(village.run("vote", 1, "for", "--yes").stdout)
    document["data"]["tx"] = "abc"
    file = village.home / "receipt.json"
    file.write_text(json.dumps(document))

    ran = village.ask("receipt", "verify", file)

    assert (ran.exit_code, ran.error["code"]) == (2, "malformed")


def test_a_node_that_forgot_the_final_state_does_not_hold_up_what_waits(village: Village) -> None:
    parts = village.opened()
    assert village.run("vote", 1, "for", "--yes").exit_code == 0
    village.outbox().put(signed_by(village, "ben", parts))

    def forgetful(request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        if request["method"] == "eth_call" and request["params"][1] != "latest":
            error = {"code": -32602, "message": "BlockOutOfRangeError"}
            return {"jsonrpc": "2.0", "id": request["id"], "error": error}
        return answer

    with proxy(village.coop.chain.url, forgetful) as url:
        courier = Courier(Chain(url), village.instance, village.outbox(), "latest")
        found = courier.look()

    assert [each.signed.ballot.member_id for each in found] == [2]
    # Its transaction is in a block that is final, and what stands now is that ballot.
    assert [each.state for each in village.outbox().letters(everything=True)] == [
        "final",
        "waiting",
    ]


def test_a_ballot_whose_file_cannot_be_written_is_not_sent_later(village: Village) -> None:
    village.opened()
    (village.home / "blocked").write_text("a file, no folder")

    ran = village.run("vote", 1, "for", "--yes", "--offline", village.home / "blocked" / "b.json")

    assert (ran.exit_code, "Your vote was not sent." in ran.error["message"]) == (2, True)
    assert village.outbox().letters() == []


def test_a_reason_that_is_no_text_is_a_fault_of_usage(village: Village) -> None:
    village.opened()
    ran = village.run("vote", 1, "for", "--yes", "--reason", "\udcff")
    assert (ran.exit_code, ran.error["code"]) == (2, "malformed")


def test_a_file_without_end_is_refused(desk: Desk) -> None:  # noqa: F811
    said = desk.run("ballot", "show", "/dev/zero", "--json")
    assert said.code == 2


def test_a_home_that_cannot_be_made_is_a_fault_of_the_configuration(
    desk: Desk,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    password = desk.file("password", "correct horse battery staple\n")
    monkeypatch.setenv("COOP_HOME", "/proc/nope")
    said = desk.run("key", "new", "z", "--password-file", str(password), "--json")
    assert said.code == 11
    assert "/proc/nope" in said.error["message"]
