"""Invitations: one node writes them, another takes them, and a forged one is refused."""

import json
import tomllib
from pathlib import Path

import pytest
import tomli_w

from node import clear_signing, instance
from node.devnet import Devnet
from tests.node.desk import FOUNDERS, Desk, Said, desk  # noqa: F401

OTHER_HASH = "0x" + "ab" * 32


@pytest.fixture
def invitation(desk: Desk, chain: Devnet) -> Path:  # noqa: F811
    """The invitation to pioneers, on a desk that has forgotten the co-op itself."""
    desk.dev_key()
    assert desk.found(chain.url).code == 0
    assert desk.run("instance", "export", "pioneers", desk.home / "invitation.toml").code == 0
    (desk.home / "instances" / "pioneers.toml").unlink()
    (desk.home / "config.toml").unlink()
    return desk.home / "invitation.toml"


def forged(path: Path, **changes: object) -> Path:
    values = tomllib.loads(path.read_text())
    hashes = changes.pop("code_hashes", {})
    assert isinstance(hashes, dict)
    values = {**values, **changes, "code_hashes": {**values["code_hashes"], **hashes}}
    other = path.with_name("forged.toml")
    other.write_text(tomli_w.dumps(values))
    return other


def taken(desk: Desk, chain: Devnet, path: Path, *more: str) -> Said:  # noqa: F811
    return desk.run("instance", "import", path, "--rpc", chain.url, "--json", *more)


def test_another_member_takes_an_invitation_and_it_becomes_current(
    desk: Desk,  # noqa: F811
    chain: Devnet,
    invitation: Path,
) -> None:
    assert "rpc" not in tomllib.loads(invitation.read_text())
    said = taken(desk, chain, invitation, "--name", "ours")
    assert said.code == 0, said.err
    assert said.data["code_ok"] is True
    kept = instance.read(desk.home / "instances", "ours")
    assert (kept.rpc, kept.title) == (chain.url, "pioneers")
    assert desk.run("instance", "verify").code == 0
    assert taken(desk, chain, invitation, "--name", "ours").code == 2


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"chain_id": 100}, "names chain 100"),
        ({"code_hashes": {"pay_rates": OTHER_HASH}}, "PayRates at"),
        ({"membership": FOUNDERS[0]}, "Membership at"),
        ({"factory": FOUNDERS[0]}, "not that of CooperativeFactory"),
        ({"title": "Pioneers"}, "is written behind its code"),
        ({"tx": OTHER_HASH}, "knows no transaction"),
        ({"first_block": 1}, "began in block"),
        ({"bylaws_hash": OTHER_HASH}, "the bylaws it began with"),
    ],
)
def test_a_forged_invitation_is_refused_and_what_is_wrong_is_named(
    changes: dict[str, object],
    word: str,
    desk: Desk,  # noqa: F811
    chain: Devnet,
    invitation: Path,
) -> None:
    said = taken(desk, chain, forged(invitation, **changes))
    assert said.code == 9, said.err
    assert word in said.error["message"]
    assert "It was not kept" in said.error["message"]
    assert not list((desk.home / "instances").glob("*.toml"))


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": "coop/other/v1"},
        {"more": 1},
        {"first_block": "6"},
        {"membership": FOUNDERS[0].lower()},
        {"tx": "0x12"},
        {"title": "a\x1b[2J"},
    ],
)
def test_a_file_that_is_no_invitation_is_refused_before_the_chain_is_asked(
    changes: dict[str, object],
    desk: Desk,  # noqa: F811
    invitation: Path,
) -> None:
    path = forged(invitation, **changes)
    assert desk.run("instance", "import", path, "--rpc", "http://127.0.0.1:1").code == 11


def test_a_qr_code_is_drawn_and_nothing_is_overwritten(
    desk: Desk,  # noqa: F811
    chain: Devnet,
    invitation: Path,
) -> None:
    taken(desk, chain, invitation)
    picture = desk.home / "pioneers.svg"
    assert desk.run("instance", "export", "pioneers", "--qr", picture).code == 0
    assert picture.read_text().startswith("<?xml")
    assert desk.run("instance", "export", "pioneers", "--qr", picture).code == 2
    assert desk.run("instance", "export").out == invitation.read_text()


def test_the_words_in_which_wallets_show_a_ballot_are_those_of_this_co_op(
    desk: Desk,  # noqa: F811
    chain: Devnet,
    invitation: Path,
) -> None:
    taken(desk, chain, invitation)
    file = desk.home / "wallets.json"
    said = desk.run("instance", "export", "pioneers", "--erc7730", file, "--rpc", chain.url)
    assert said.code == 0, said.err
    known = instance.read(desk.home / "instances", "pioneers")
    assert json.loads(file.read_text()) == clear_signing.descriptor(known, currency="GBP")


def test_another_bylaws_hash_in_the_instance_file_fails_verify(
    desk: Desk,  # noqa: F811
    chain: Devnet,
    invitation: Path,
) -> None:
    taken(desk, chain, invitation)
    path = desk.home / "instances" / "pioneers.toml"
    kept = instance.read(path.parent, "pioneers")
    path.write_text(path.read_text().replace(kept.bylaws_hash, OTHER_HASH))
    said = desk.run("instance", "verify", "--json")
    assert said.code == 9
    assert [step["title"] for step in said.data["steps"] if step["faults"]] == ["Bylaws"]
