"""Keys: kept as Web3 v3 keystores for the owner only; secrets are never shown."""

import json
import stat
from pathlib import Path

import pytest
from eth_account import Account
from eth_typing import HexStr

from node import files, keys
from node.errors import KeyMissing, KeyProblem, UsageProblem, WrongPassword
from node.keys import phrases
from tests.node.desk import DEV_ACCOUNT, DEV_KEY, Desk, desk  # noqa: F401

PASSWORD = "correct horse"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one quickly opened key, ada."""
    store = Account.encrypt(HexStr(DEV_KEY), PASSWORD, kdf="pbkdf2", iterations=1)
    files.write_private(tmp_path / "keys" / "ada.json", json.dumps(store))
    return tmp_path / "keys"


def test_a_new_key_is_a_private_v3_keystore_that_its_password_opens(tmp_path: Path) -> None:
    made = keys.create(tmp_path / "keys", "ada", PASSWORD, phrases.draw(12, "english"))
    path = Path(made.path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert json.loads(path.read_text())["version"] == 3
    assert keys.unlock(tmp_path / "keys", "ada", PASSWORD).address == made.account


def test_other_tools_open_our_keystore(tmp_path: Path) -> None:
    made = keys.import_secret(tmp_path, "ada", DEV_KEY, PASSWORD)
    assert bytes(Account.decrypt(Path(made.path).read_text(), PASSWORD)).hex() == DEV_KEY[2:]


def test_a_wrong_password_opens_nothing(folder: Path) -> None:
    with pytest.raises(WrongPassword) as refused:
        keys.unlock(folder, "ada", "wrong horse")
    assert refused.value.exit_code == 10


def test_a_keystore_is_taken_only_with_its_password(folder: Path) -> None:
    text = (folder / "ada.json").read_text()
    with pytest.raises(WrongPassword):
        keys.import_keystore(folder, "ben", text, "wrong horse")
    assert [each.name for each in keys.listed(folder)] == ["ada"]


def test_a_key_is_never_overwritten(folder: Path) -> None:
    before = (folder / "ada.json").read_bytes()
    with pytest.raises(KeyProblem, match="already"):
        keys.create(folder, "ada", PASSWORD, phrases.draw(12, "english"))
    assert (folder / "ada.json").read_bytes() == before


@pytest.mark.parametrize("name", ["../ada", "", ".ada", "a/b", "a\\b"])
def test_a_name_cannot_lead_out_of_the_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem):
        keys.path_of(tmp_path, name)


@pytest.mark.parametrize("secret", ["", "0x12", "zz" * 32, "00" * 32, "ff" * 32])
def test_what_is_no_private_key_is_refused_without_repeating_it(
    secret: str, tmp_path: Path
) -> None:
    with pytest.raises(KeyProblem) as refused:
        keys.import_secret(tmp_path, "ada", secret, PASSWORD)
    assert refused.value.__cause__ is None
    assert not secret or secret not in str(refused.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 2}', '{"version": 3, "address": 1}'])
def test_a_damaged_keystore_is_named(text: str, folder: Path) -> None:
    (folder / "ben.json").write_text(text)
    with pytest.raises(KeyProblem, match="ben"):
        keys.unlock(folder, "ben", PASSWORD)


def test_a_keystore_that_lies_about_its_account_is_refused(folder: Path) -> None:
    store = json.loads((folder / "ada.json").read_text())
    (folder / "ada.json").write_text(json.dumps({**store, "address": "00" * 20}))
    with pytest.raises(KeyProblem, match="another account"):
        keys.unlock(folder, "ada", PASSWORD)


def test_the_only_key_needs_no_name_and_one_of_two_does(folder: Path) -> None:
    assert keys.choose(folder, None) == "ada"
    (folder / "ben.json").write_bytes((folder / "ada.json").read_bytes())
    with pytest.raises(KeyProblem, match="ada, ben"):
        keys.choose(folder, None)
    assert keys.choose(folder, "ben") == "ben"


def test_without_any_key_the_next_step_is_said(tmp_path: Path) -> None:
    with pytest.raises(KeyProblem) as refused:
        keys.choose(tmp_path, None)
    assert "coop key new" in refused.value.hint


def test_an_unknown_key_is_a_key_problem(folder: Path) -> None:
    with pytest.raises(KeyMissing) as refused:
        keys.unlock(folder, "zed", PASSWORD)
    assert refused.value.exit_code == 10


# Commands


def test_a_key_is_made_listed_and_shown(desk: Desk) -> None:  # noqa: F811
    password = desk.file("password", PASSWORD + "\n")
    made = desk.run("key", "new", "ada", "--password-file", password, "--json").data
    assert desk.run("key", "list", "--json").data == [made]
    assert desk.run("key", "show", "ada", "--json").data == made
    assert made["account"] in desk.run("key", "list").out


def test_a_private_key_is_read_from_standard_input(
    desk: Desk,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    password = desk.file("password", PASSWORD)
    with desk.file("typed", DEV_KEY + "\n").open() as typed:
        monkeypatch.setattr("sys.stdin", typed)
        said = desk.run(
            "key", "import", "dev", "--private-key-file", "-", "--password-file", password, "--json"
        )
    assert said.data["account"] == DEV_ACCOUNT
    assert DEV_KEY[2:] not in said.out + said.err


def test_without_a_terminal_the_missing_flag_is_named(desk: Desk) -> None:  # noqa: F811
    said = desk.run("key", "new", "ada", "--no-input", "--json")
    assert said.code == 2
    assert "--password-file" in said.error["hint"]
    assert not (desk.home / "keys").exists()


def test_a_rehearsal_writes_no_key(desk: Desk) -> None:  # noqa: F811
    assert desk.run("key", "new", "ada", "--dry-run").code == 0
    assert not (desk.home / "keys").exists()


def test_an_open_keystore_is_warned_of(desk: Desk) -> None:  # noqa: F811
    desk.dev_key()
    path = desk.home / "keys" / "dev.json"
    path.chmod(0o644)
    said = desk.run("key", "show", "dev", "--json")
    assert said.data["private"] is False
    assert f"chmod 600 {path}" in said.err


def test_an_empty_password_is_refused(desk: Desk) -> None:  # noqa: F811
    password = desk.file("password", "\n")
    assert desk.run("key", "new", "ada", "--password-file", password).code == 10


def test_a_wrong_password_ends_with_ten(desk: Desk) -> None:  # noqa: F811
    desk.dev_key()
    wrong = desk.file("wrong", "wrong horse\n")
    store = desk.home / "keys" / "dev.json"
    said = desk.run("key", "import", "ben", "--keystore", store, "--password-file", wrong, "--json")
    assert (said.code, said.error["code"]) == (10, "wrong_password")
