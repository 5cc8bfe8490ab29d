"""Two members with two machines on one chain: each sees what the other did, and nothing else."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from eth_account import Account

from node import devnet, files, instance
from node.demo.season import Season, play
from node.devnet import Kind
from tests.flow.shells import Shell

PASSWORD = "correct horse battery staple"


@pytest.fixture(params=["anvil", "hardhat"])
def season(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Season]:
    """A co-op with one open vote, on each kind of chain."""
    kind: Kind = request.param
    with devnet.start(kind) as chain:
        yield play(chain, 11, tmp_path / "season", lambda text: None)


def machine(season: Season, home: Path, name: str) -> Shell:
    """A member's own folder: the instance file, which anybody may have, and their own key."""
    instance.write(home / "instances", season.stage.instance)
    key = season.stage.people[name].account.key
    # One round only: a keystore of real strength takes a second to open.
    store = Account.encrypt(key, PASSWORD, kdf="pbkdf2", iterations=1)
    files.write_private(home / "keys" / f"{name}.json", json.dumps(store))
    files.write_private(home / "password", PASSWORD + "\n")
    return Shell(home)


def test_two_shells_vote_on_the_same_chain_and_see_each_other(
    season: Season, tmp_path: Path
) -> None:
    ada = machine(season, tmp_path / "ada", "ada")
    ben = machine(season, tmp_path / "ben", "ben")
    sign = ("--yes", "--no-input", "--password-file", "password")

    cast = ada.data("vote", season.party, "for", *sign)
    assert (cast["member_id"], cast["choice"], cast["status"]) == (1, "for", "counted")
    changed = ben.data("vote", season.party, "against", "--reason", "It will rain.", *sign)
    assert (changed["member_id"], changed["sequence"]) == (2, 1)
    changed = ben.data("vote", season.party, "for", *sign)
    assert (changed["member_id"], changed["sequence"]) == (2, 2)

    for shell in (ada, ben):
        shown = shell.data("proposal", "show", season.party)
        assert shown["tally"] == {"for": 3, "against": 0, "abstain": 0}
        ballots = {each["member_id"]: each["choice"] for each in shown["ballots"]}
        assert ballots == {4: "for", 1: "for", 2: "for"}
    assert [each["name"] for each in ada.data("key", "list")] == ["ada"]
    assert [each["name"] for each in ben.data("key", "list")] == ["ben"]


def test_a_ballot_signed_on_one_machine_is_carried_by_another(
    season: Season, tmp_path: Path
) -> None:
    ada = machine(season, tmp_path / "ada", "ada")
    ben = machine(season, tmp_path / "ben", "ben")
    sign = ("--yes", "--no-input", "--password-file", "password")
    file = tmp_path / "ballot.json"

    ada.data("vote", season.party, "abstain", "--offline", file, *sign)
    carried = ben.data("ballot", "submit", file, *sign)

    assert carried[0]["member_id"] == 1
    assert carried[0]["status"] == "counted"
    assert ben.data("proposal", "show", season.party)["tally"]["abstain"] == 1
