"""`coop key remove`: a severe act, refused while ballots of the key are on their way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from node.keys import removal
from tests.node.desk import DEV_ACCOUNT, Desk, desk  # noqa: F401
from tests.node.silent_proxy import silent_on
from tests.node.terminal import typed
from tests.node.village import Village


@pytest.fixture
def dev(desk: Desk) -> Desk:  # noqa: F811
    """A desk with the key dev."""
    desk.dev_key()
    return desk


def there(dev: Desk) -> bool:
    return (dev.home / "keys" / "dev.json").exists()


def test_a_key_is_removed_when_its_name_is_given(dev: Desk) -> None:
    said = dev.run("key", "remove", "dev", "--confirm", "dev", "--json")
    assert said.data == {
        "account": DEV_ACCOUNT,
        "file": str(dev.home / "keys" / "dev.json"),
        "name": "dev",
        "overwritten": True,
    }
    assert f"act as {DEV_ACCOUNT}" in said.err
    assert list((dev.home / "keys").iterdir()) == []


def test_a_removal_promises_no_more_than_it_can(dev: Desk) -> None:
    said = dev.run("key", "remove", "dev", "--confirm", "dev")
    assert "overwritten and deleted" in said.out
    assert "No program can promise" in said.out


@pytest.mark.parametrize("more", [("--yes",), ("--confirm", "Dev"), ("--confirm", "")])
def test_neither_a_yes_nor_another_name_removes_a_key(dev: Desk, more: tuple[str, ...]) -> None:
    said = dev.run("key", "remove", "dev", *more, "--json")
    assert (said.code, "The key was not removed." in said.error["message"]) == (2, True)
    assert there(dev)


def test_what_is_lost_is_told_to_whoever_wants_it_quiet_too(dev: Desk) -> None:
    said = dev.run("key", "remove", "dev", "--confirm", "dev", "--quiet")
    assert f"act as {DEV_ACCOUNT}" in said.err


def test_a_rehearsed_removal_removes_nothing(dev: Desk) -> None:
    assert dev.run("key", "remove", "dev", "--confirm", "dev", "--dry-run").code == 0
    assert there(dev)


def test_a_key_that_is_not_there_cannot_be_removed(dev: Desk) -> None:
    said = dev.run("key", "remove", "zed", "--confirm", "zed", "--json")
    assert (said.code, said.error["code"]) == (10, "key_missing")


def test_a_person_types_the_name(dev: Desk) -> None:
    words = ("key", "remove", "dev")
    code, _ = typed(dev.home, words, [("Type dev to go on", "devv")])
    assert (code, there(dev)) == (2, True)
    code, screen = typed(dev.home, words, [("Type dev to go on", "dev")])
    assert (code, there(dev)) == (0, False)
    assert screen.index(DEV_ACCOUNT) < screen.index("Type dev")


# The file


def test_the_old_bytes_are_overwritten_before_the_file_goes(tmp_path: Path) -> None:
    file, other = tmp_path / "ada.json", tmp_path / "same"
    file.write_text("the encrypted key")
    file.chmod(0o400)
    os.link(file, other)  # another name of the same bytes shows what became of them

    assert removal.destroy(file) is True

    assert not file.exists()
    assert len(other.read_bytes()) == len("the encrypted key")
    assert b"key" not in other.read_bytes()


# With this limit the system lets the process write no byte to any file.
NO_WRITING = """
import resource, sys
from pathlib import Path
from node.keys.removal import destroy
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
sys.exit(3 if destroy(Path(sys.argv[1])) else 0)
"""


def test_a_file_that_cannot_be_overwritten_still_goes_and_that_is_told(tmp_path: Path) -> None:
    file = tmp_path / "ada.json"
    file.write_text("the encrypted key")
    done = subprocess.run([sys.executable, "-c", NO_WRITING, str(file)], timeout=60, check=False)
    assert (done.returncode, file.exists()) == (0, False)


# Ballots on their way


def waiting(village: Village) -> None:
    """A ballot of ada's that waits in the outbox."""
    village.opened()
    assert village.run("vote", 1, "for", "--yes").exit_code == 0


def remove(village: Village, name: str, *more: str) -> tuple[int, str, bool]:
    """Remove a key; give exit code, message and whether the key is there."""
    ran = village.ask("key", "remove", name, "--confirm", name, *more)
    path = village.home / "keys" / f"{name}.json"
    return ran.exit_code, ran.error["message"] if ran.exit_code else "", path.exists()


def test_a_key_with_a_ballot_on_its_way_stays_until_that_is_given_up(village: Village) -> None:
    waiting(village)

    code, message, there = remove(village, "ada")

    assert (code, there) == (10, True)
    assert "outbox of weavers" in message
    assert "The key was not removed." in message
    assert remove(village, "ben") == (0, "", False)
    assert remove(village, "ada", "--abandon-ballots") == (0, "", False)


def test_a_key_whose_ballots_are_settled_goes(village: Village) -> None:
    waiting(village)
    village.outbox().note(ended={1: ("final", "")})
    assert remove(village, "ada") == (0, "", False)


def test_an_outbox_that_nobody_can_read_keeps_the_key(village: Village) -> None:
    (village.home / "weavers.outbox.db").write_bytes(b"no database" * 100)

    code, message, there = remove(village, "ada")

    assert (code, there) == (10, True)
    assert "is unknown" in message


def test_an_outbox_of_an_unknown_instance_keeps_the_key(village: Village) -> None:
    waiting(village)
    (village.home / "weavers.outbox.db").rename(village.home / "potters.outbox.db")
    code, message, there = remove(village, "ada")
    assert (code, "knows no instance potters" in message, there) == (10, True, True)


def test_a_key_with_a_transaction_on_its_way_stays(village: Village) -> None:
    text = village.file("kitchen.md", "# A kitchen\n")
    with silent_on("eth_sendRawTransaction", village.chain.url, passed_on=False) as url:
        assert village.run("proposal", "create", text, "--yes", "--rpc", url).exit_code == 7
    code, told, there = remove(village, "ada")
    assert (code, "coop proposal create" in told, there) == (10, True, True)
    assert village.run("outbox", "retry").exit_code == 0
    code, told, there = remove(village, "ada")
    assert (code, "is not final yet" in told, there) == (10, True, True)
    village.coop.chain.rpc("anvil_mine", "0x5")
    assert village.run("outbox", "retry", "--final").exit_code == 0
    assert remove(village, "ada") == (0, "", False)
