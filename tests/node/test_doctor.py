"""`coop doctor`: every fault is found, named and given its cure."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_typing import HexStr

from node import files
from node.devnet import Devnet
from node.examination import _clock
from node.instance import Instance, read
from tests.node.desk import NOBODY_LISTENS, Desk, Said, desk  # noqa: F401
from tests.node.village import Village, factory, village  # noqa: F401


@pytest.fixture
def founded(desk: Desk, chain: Devnet) -> Desk:  # noqa: F811
    """A desk with the co-op pioneers and its mirror."""
    desk.dev_key()
    assert desk.found(chain.url).code == 0
    assert desk.run("index", "sync").code == 0
    strengthen(desk.home, "dev")
    return desk


@cache
def strong() -> str:
    """A keystore as `coop key new` would write it."""
    return json.dumps(Account.encrypt(HexStr("0x" + "01" * 32), "correct horse"))


def strengthen(home: Path, *names: str) -> None:
    """Put a keystore of real strength in the place of the tests' quick ones."""
    for name in names:
        files.write_private(home / "keys" / f"{name}.json", strong())


def checks(said: Said) -> dict[str, Any]:
    """Check -> finding."""
    return {each["check"]: each for each in said.data}


def test_a_sound_desk_has_no_fault(founded: Desk) -> None:
    said = founded.run("doctor", "--json")
    assert said.code == 0, said.err
    found = checks(said)
    assert list(found) == ["files", "keys", "instance", "chain", "contracts", "clock", "mirror"]
    assert all(each["ok"] is True for each in found.values())


def test_a_new_desk_is_told_the_first_step(desk: Desk) -> None:  # noqa: F811
    said = desk.run("doctor", "--json")
    assert said.code == 11
    assert "coop instance create" in said.error["hint"]


def test_an_open_keystore_is_found_with_the_command_that_closes_it(founded: Desk) -> None:
    path = founded.home / "keys" / "dev.json"
    path.chmod(0o640)
    said = founded.run("doctor", "--json")
    assert said.code == 10
    cure = checks(said)["files"]["mend"]
    assert cure == f"Run: chmod 600 {path}"
    path.chmod(0o600)
    assert founded.run("doctor").code == 0


def test_a_key_whose_password_can_be_guessed_cheaply_is_found_with_the_command_that_mends_it(
    founded: Desk,
) -> None:
    path = founded.home / "keys" / "old.json"
    weak = Account.encrypt(HexStr("0x" + "02" * 32), "correct horse", iterations=1 << 13)
    files.write_private(path, json.dumps(weak))
    said = founded.run("doctor", "--json")
    assert said.code == 10
    found = checks(said)["keys"]
    assert "old can be guessed cheaply (scrypt with n = 8192" in found["found"]
    assert f"coop key import old-2 --keystore {path}" in found["mend"]
    password = founded.file("password", "correct horse\n")
    mending = ("key", "import", "old-2", "--keystore", path, "--password-file", password)
    assert founded.run(*mending).code == 0
    path.unlink()
    assert founded.run("doctor").code == 0


def test_a_damaged_keystore_is_found(founded: Desk) -> None:
    broken = {"version": 3, "address": "00" * 20, "crypto": {"kdf": "scrypt", "kdfparams": {}}}
    files.write_private(founded.home / "keys" / "torn.json", json.dumps(broken))
    said = founded.run("doctor", "--json")
    assert said.code == 10
    assert "torn is damaged" in checks(said)["keys"]["found"]


def test_an_unreachable_chain_is_found_and_the_rest_still_examined(founded: Desk) -> None:
    said = founded.run("doctor", "--rpc", NOBODY_LISTENS, "--json")
    assert said.code == 7
    found = checks(said)
    assert found["chain"]["ok"] is False
    assert "--rpc" in found["chain"]["mend"]
    assert found["mirror"]["ok"] is True


def test_another_chain_is_found(founded: Desk, chain: Devnet) -> None:
    chain.rpc("anvil_setChainId", 100)
    try:
        said = founded.run("doctor", "--json")
    finally:
        chain.rpc("anvil_setChainId", 31337)
    assert said.code == 8
    assert "chain 100" in checks(said)["contracts"]["found"]


def test_a_mirror_that_is_behind_is_found(founded: Desk, chain: Devnet) -> None:
    chain.mine()
    said = founded.run("doctor", "--json")
    assert said.code == 8
    assert checks(said)["mirror"]["mend"] == "Run: coop index sync"
    founded.run("index", "sync")
    assert founded.run("doctor").code == 0


def test_a_missing_mirror_is_no_fault(founded: Desk) -> None:
    for path in founded.home.glob("pioneers.db*"):
        path.unlink()
    said = founded.run("doctor", "--json")
    assert said.code == 0
    assert checks(said)["mirror"]["ok"] is None


def test_a_file_that_is_no_mirror_is_found(founded: Desk) -> None:
    for path in founded.home.glob("pioneers.db*"):
        path.unlink()
    founded.file("pioneers.db", "no database at all, whatever its name may say" * 40)
    assert founded.run("doctor").code == 8


def test_people_read_fault_and_cure_in_one_table(founded: Desk, chain: Devnet) -> None:
    chain.mine()
    shown = founded.run("doctor").out
    assert "FAULT" in shown
    assert "coop index sync" in shown


@pytest.fixture
def public(founded: Desk) -> Instance:
    """The instance as if its chain were a public one, where a clock means something."""
    from dataclasses import replace

    return replace(read(founded.home / "instances", "pioneers"), chain_id=100)


@pytest.mark.parametrize(
    ("ours_minus_theirs", "ok"),
    [(0, True), (-59, True), (-61, False), (1_799, True), (1_801, False)],
)
def test_a_skewed_clock_or_a_stalled_chain_is_found(
    ours_minus_theirs: int, ok: bool, public: Instance, chain: Devnet
) -> None:
    from indexer.chain import Chain

    asked = Chain(chain.url)
    finding = _clock(asked, public, asked.head().timestamp + ours_minus_theirs)
    assert finding.ok is ok
    assert bool(finding.mend) is not ok


def test_a_test_chain_may_have_moved_its_clock(founded: Desk, chain: Devnet) -> None:
    chain.increase_time(86_400 * 30)
    founded.run("index", "sync")
    said = founded.run("doctor", "--json")
    assert said.code == 0
    assert checks(said)["clock"]["ok"] is None


def test_a_voter_s_desk_is_sound(village: Village) -> None:  # noqa: F811
    parts = village.opened("# Buy a bicycle")
    assert village.run("vote", parts.proposal_id, "for", "--yes").exit_code == 0
    village.mirror()
    strengthen(village.home, *(path.stem for path in (village.home / "keys").glob("*.json")))
    said = village.run("doctor", as_=None)
    assert said.exit_code == 0, said.stdout
    assert (village.home / "weavers.outbox.db").exists()
