"""Keystores that cast, geth and ethers write and read; weak ones are encrypted again."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_typing import HexStr

from node import keys
from node.errors import KeyProblem
from node.keys import strength
from node.keys.words import found_in
from tests.node.desk import DEV_ACCOUNT, DEV_KEY, Desk, desk  # noqa: F401
from tests.node.other_tools import by_library, cast, needs_cast

PASSWORD = "correct horse"
DEV_PHRASE = "test test test test test test test test test test test junk"
# The two test vectors of the Web3 Secret Storage Definition.
STANDARD_SECRET = "0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d"
STANDARD: tuple[dict[str, Any], ...] = (
    {
        "cipherparams": {"iv": "6087dab2f9fdbbfaddc31a909735c1e6"},
        "ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
        "kdf": "pbkdf2",
        "kdfparams": {
            "c": 262144,
            "dklen": 32,
            "prf": "hmac-sha256",
            "salt": "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
        },
        "mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
    },
    {
        "cipherparams": {"iv": "83dbcc02d8ccb40e466191a123791e0e"},
        "ciphertext": "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
        "kdf": "scrypt",
        "kdfparams": {
            "dklen": 32,
            "n": 262144,
            "r": 1,
            "p": 8,
            "salt": "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19",
        },
        "mac": "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097",
    },
)
# Written by this program, but with hardly any work for a guess.
WRITTEN: dict[str, Any] = {
    "address": "f39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    "crypto": {
        "cipher": "aes-128-ctr",
        "cipherparams": {"iv": "898b178ccb8de763459cbecc29d01f66"},
        "ciphertext": "ef7f27d435be0e45bf9af28a77906801d8a9b18cff2415d1eb8956d9d0928868",
        "kdf": "scrypt",
        "kdfparams": {
            "dklen": 32,
            "n": 2,
            "r": 8,
            "p": 1,
            "salt": "b4eb11a8aa2dec06b06d274acdeba5a9",
        },
        "mac": "6798e6e40d6b3ce3403f00d45da1664a2bcb752b4905aba7e85cf06fa326150b",
    },
    "id": "9cfab662-d587-4c44-8027-f1012b8b113e",
    "version": 3,
    "phrase": {
        "language": "english",
        "words": 12,
        "crypto": {
            "cipher": "aes-128-ctr",
            "cipherparams": {"iv": "1d1746f049865e04748307645e3e0dbf"},
            "ciphertext": "f1c2831e1310d9d2b3252a96f7cba4476c35154a1a7f5e302eba39e994e6df68",
            "kdf": "scrypt",
            "kdfparams": {
                "dklen": 32,
                "n": 2,
                "r": 8,
                "p": 1,
                "salt": "dc1985713866744dd09b2e1f2166e061",
            },
            "mac": "f85ae6ebae7a2aa0ec4307bab4c3168541fc72e44d69bc95fb9f665942af2545",
        },
    },
}


@pytest.fixture(scope="session")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The keystore of a key that was made from a phrase."""
    folder = tmp_path_factory.mktemp("keys")
    return Path(keys.recover(folder, "ada", PASSWORD, found_in([DEV_PHRASE])).path)


def store(kdf: Any = "scrypt", work: int | None = 2) -> dict[str, Any]:
    """A keystore of the rich account that is quickly opened."""
    return dict(Account.encrypt(HexStr(DEV_KEY), PASSWORD, kdf=kdf, iterations=work))


# Ours elsewhere


@needs_cast
def test_cast_opens_our_keystore_though_a_phrase_stands_in_it(ours: Path, tmp_path: Path) -> None:
    secret = cast(
        *("wallet", "decrypt-keystore", ours.name, "-k", ours.parent),
        *("--unsafe-password", PASSWORD),
        home=tmp_path,
    )
    account = cast("wallet", "address", "--keystore", ours, "--password", PASSWORD, home=tmp_path)
    assert DEV_KEY in secret
    assert account == DEV_ACCOUNT


def test_ethers_opens_our_keystore_though_a_phrase_stands_in_it(ours: Path) -> None:
    text = ours.read_text()
    assert by_library("ethers", "open", keystore=text, password=PASSWORD) == DEV_ACCOUNT


def test_our_keystore_has_the_fields_that_geth_writes_and_the_phrase(ours: Path) -> None:
    written = json.loads(ours.read_text())
    assert set(written) == {"address", "crypto", "id", "version", "phrase"}
    assert written["crypto"]["kdf"] == "scrypt"
    assert written["crypto"]["kdfparams"]["n"] == 262_144
    assert strength.weakness(written) == strength.weakness(written["phrase"]) == ""


# Theirs here


@needs_cast
def test_a_keystore_of_cast_is_taken_over_and_encrypted_with_full_strength(
    desk: Desk,  # noqa: F811
) -> None:
    cast(
        *("wallet", "import", "theirs", "-k", desk.home, "--private-key", DEV_KEY),
        *("--unsafe-password", PASSWORD),
        home=desk.home,
    )
    before = (desk.home / "theirs").read_bytes()
    password = desk.file("password", PASSWORD)

    said = desk.run(
        *("key", "import", "ada", "--keystore", desk.home / "theirs"),
        *("--password-file", password, "--json"),
    )

    assert (said.data["account"], said.data["encrypted_again"]) == (DEV_ACCOUNT, True)
    assert "scrypt with n = 8192" in said.err
    kept = Path(said.data["path"])
    assert json.loads(kept.read_text())["crypto"]["kdfparams"]["n"] == 262_144
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert keys.unlock(desk.home / "keys", "ada", PASSWORD).address == DEV_ACCOUNT
    assert (desk.home / "theirs").read_bytes() == before


def test_a_keystore_as_strong_as_ours_is_kept_as_it_is(tmp_path: Path, ours: Path) -> None:
    imported = keys.import_keystore(tmp_path, "ben", ours.read_text(), PASSWORD)
    assert imported.weakness == ""
    assert imported.key.has_phrase
    assert json.loads((tmp_path / "ben.json").read_text()) == json.loads(ours.read_text())


@pytest.mark.parametrize("crypto", STANDARD, ids=["pbkdf2", "scrypt"])
def test_the_examples_of_the_keystore_format_which_geth_is_tested_with_are_opened(
    tmp_path: Path, crypto: dict[str, Any]
) -> None:
    text = json.dumps({"crypto": {"cipher": "aes-128-ctr", **crypto}, "id": "x", "version": 3})

    imported = keys.import_keystore(tmp_path, "ada", text, "testpassword")

    assert imported.key.account == Account.from_key(STANDARD_SECRET).address
    assert imported.weakness.startswith(crypto["kdf"])
    assert keys.unlock(tmp_path, "ada", "testpassword").address == imported.key.account


def test_a_keystore_with_capital_crypto_as_old_geth_wrote_it_is_opened(tmp_path: Path) -> None:
    old = store()
    old["Crypto"] = old.pop("crypto")
    assert (
        keys.import_keystore(tmp_path, "ada", json.dumps(old), PASSWORD).key.account == DEV_ACCOUNT
    )


def test_a_weak_keystore_keeps_its_phrase_when_it_is_encrypted_again(
    tmp_path: Path, ours: Path
) -> None:
    weak = {**store(), "phrase": json.loads(ours.read_text())["phrase"]}

    imported = keys.import_keystore(tmp_path, "ben", json.dumps(weak), PASSWORD)

    assert imported.weakness == "scrypt with n = 2, r = 8"
    with keys.opened(tmp_path, "ben", PASSWORD) as opened:
        assert opened.phrase is not None
        assert opened.phrase.text == DEV_PHRASE


def test_a_phrase_that_is_weaker_encrypted_than_its_key_is_encrypted_again(
    tmp_path: Path, ours: Path
) -> None:
    mixed = {**json.loads(ours.read_text()), "phrase": WRITTEN["phrase"]}

    imported = keys.import_keystore(tmp_path, "ben", json.dumps(mixed), PASSWORD)

    assert imported.weakness == "scrypt with n = 2, r = 8"
    kept = json.loads((tmp_path / "ben.json").read_text())
    assert strength.weakness(kept["phrase"]) == ""


@pytest.mark.parametrize(
    ("kdf", "work", "weakness"),
    [
        ("scrypt", 4096, "scrypt with n = 4096, r = 8"),
        ("scrypt", 131_072, "scrypt with n = 131072, r = 8"),
        ("scrypt", 262_144, ""),
        ("pbkdf2", 262_144, "pbkdf2 with 262144 rounds"),
        ("pbkdf2", 1_000_000, ""),
    ],
)
def test_what_is_weak_is_judged_by_the_cost_of_a_guess(kdf: str, work: int, weakness: str) -> None:
    params = {"c": work} if kdf == "pbkdf2" else {"n": work, "r": 8, "p": 1}
    assert strength.weakness({"crypto": {"kdf": kdf, "kdfparams": params}}) == weakness


@pytest.mark.parametrize(
    "params",
    [
        {"n": 1 << 30, "r": 8, "p": 1},
        {"n": 1 << 18, "r": 1 << 20, "p": 1},
        {"n": 1 << 18, "r": 8, "p": 1 << 16},
        {"c": 10**12},
    ],
)
def test_a_keystore_that_would_take_gigabytes_or_hours_is_not_tried(
    params: dict[str, int], tmp_path: Path
) -> None:
    trap = store()
    trap["crypto"]["kdf"] = "scrypt" if "n" in params else "pbkdf2"
    trap["crypto"]["kdfparams"] |= params
    with pytest.raises(KeyProblem, match="more memory or time"):
        keys.import_keystore(tmp_path, "ada", json.dumps(trap), PASSWORD)


@pytest.mark.parametrize(
    "crypto",
    [None, [], {}, {"kdf": "argon2", "kdfparams": {}}, {"kdf": "scrypt", "kdfparams": {"n": "8"}}],
)
def test_a_keystore_whose_encryption_is_unknown_is_damaged(crypto: object, tmp_path: Path) -> None:
    with pytest.raises(KeyProblem, match="damaged"):
        keys.import_keystore(tmp_path, "ada", json.dumps({**store(), "crypto": crypto}), PASSWORD)


# The phrase in the keystore


@pytest.mark.parametrize(
    "change",
    [
        {"language": "klingon"},
        {"words": 13},
        {"words": "12"},
        {"language": "czech"},
        {"crypto": {}},
    ],
)
def test_a_phrase_that_does_not_give_the_key_is_not_handed_out(
    change: dict[str, Any], tmp_path: Path
) -> None:
    changed = {**WRITTEN, "phrase": {**WRITTEN["phrase"], **change}}
    (tmp_path / "ada.json").write_text(json.dumps(changed))
    with (
        pytest.raises(KeyProblem, match="its phrase"),
        keys.opened(tmp_path, "ada", PASSWORD),
    ):
        pass


def test_a_keystore_with_a_phrase_that_was_written_years_ago_is_opened(tmp_path: Path) -> None:
    (tmp_path / "ada.json").write_text(json.dumps(WRITTEN))
    with keys.opened(tmp_path, "ada", PASSWORD) as opened:
        assert opened.phrase is not None
        assert (opened.account, opened.phrase.text) == (DEV_ACCOUNT, DEV_PHRASE)
        lent = opened.secret
        assert bytes(lent).hex() == DEV_KEY[2:]
    assert bytes(lent) == bytes(32)
