"""Bad input to the commands that vote: each with its exit code, and nothing changed anywhere."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from node.actions import build
from tests.node.village import PASSWORD, Ran, Village

NOWHERE = "http://127.0.0.1:1"


def vote(village: Village, *more: object, as_: str = "ada", number: int = 1) -> Ran:
    return village.run("vote", number, "for", "--yes", *more, as_=as_)


def offline(village: Village) -> Path:
    """Ada's signed ballot in a file."""
    file = village.home / "ballot.json"
    assert vote(village, "--offline", file).exit_code == 0
    return file


def edited(village: Village, change: Callable[[Any], None]) -> Path:
    """The same with something changed in it."""
    file = offline(village)
    document = json.loads(file.read_text())
    change(document["data"])
    file.write_text(json.dumps(document))
    return file


def submit(village: Village, file: Path) -> Ran:
    return village.run("ballot", "submit", file, as_="gus")


# Each row: what is wrong, exit code, error code, and how it comes about.
# The vote on proposal 1 is open in each case, and nobody has voted.


def no_member(village: Village) -> Ran:
    return vote(village, as_="gus")


def unknown_proposal(village: Village) -> Ran:
    return vote(village, number=7)


def unknown_pay_vote(village: Village) -> Ran:
    return village.run("pay", "vote", 7, 2_000, "--yes")


def wrong_choice(village: Village) -> Ran:
    return village.run("vote", 1, "yes", "--yes")


def long_reason(village: Village) -> Ran:
    return vote(village, "--reason", "é" * 251)


def closed_vote(village: Village) -> Ran:
    village.coop.close(1)
    return vote(village)


def unopened_vote(village: Village) -> Ran:
    village.propose("# Second", by="ben")
    return vote(village, number=2)


def person_concerned(village: Village) -> Ran:
    village.open(village.propose("Eve", [build("expel", village.own, {"member": 5})], by="ben"))
    return vote(village, number=2, as_="eve")


def reason_about_a_person(village: Village) -> Ran:
    village.open(village.propose("Eve", [build("expel", village.own, {"member": 5})], by="ben"))
    return vote(village, "--reason", "she sings", number=2)


def changed_text(village: Village) -> Ran:
    village.forge("UPDATE proposals SET description = '# Buy a motorbike'")
    return vote(village)


def changed_opening(village: Village) -> Ran:
    village.forge("UPDATE proposals SET opens_at = opens_at - 1")
    return vote(village)


def stale_sequence(village: Village) -> Ran:
    file = offline(village)
    document = json.loads(file.read_text())
    assert submit(village, file).exit_code == 0
    file.write_text(json.dumps(document))
    village.baseline()
    return submit(village, file)


def wrong_chain(village: Village) -> Ran:
    village.change_instance("chain_id = 31337", "chain_id = 1")
    return vote(village)


def other_contracts(village: Village) -> Ran:
    village.change_instance(
        f'membership = "{village.own.membership}"', f'membership = "{village.own.assembly}"'
    )
    return vote(village)


def other_title(village: Village) -> Ran:
    village.change_instance('title = "Weavers"', 'title = "Potters"')
    return vote(village)


def mirror_of_another_chain(village: Village) -> Ran:
    village.forge("UPDATE mirror SET chain_id = 1")
    return vote(village)


def outbox_of_another_chain(village: Village) -> Ran:
    village.outbox()
    village.forge_outbox("UPDATE owner SET chain_id = 1")
    return vote(village)


def locked_outbox(village: Village) -> Ran:
    with village.outbox_held():
        return vote(village)


def unreachable_rpc(village: Village) -> Ran:
    return vote(village, "--rpc", NOWHERE)


def wrong_password(village: Village) -> Ran:
    village.file("password", "wrong\n")
    return vote(village)


def missing_key(village: Village) -> Ran:
    return vote(village, as_="nobody")


def missing_instance(village: Village) -> Ran:
    return vote(village, "--instance", "potters")


def no_instance(village: Village) -> Ran:
    (village.home / "instances" / "weavers.toml").unlink()
    return vote(village)


def broken_instance(village: Village) -> Ran:
    village.change_instance("chain_id = 31337", "chain_id = ")
    return vote(village)


def no_ballot_file(village: Village) -> Ran:
    return submit(village, village.home / "none.json")


def malformed_ballot_file(village: Village) -> Ran:
    return submit(village, village.file("ballot.json", "{"))


def altered_ballot(village: Village) -> Ran:
    def change(data: Any) -> None:
        data["typed_data"]["message"]["choice"] = "against"

    return submit(village, edited(village, change))


def ballot_for_another_chain(village: Village) -> Ran:
    def change(data: Any) -> None:
        data["typed_data"]["domain"]["chainId"] = 1
        data["ballot_hash"] = village.hash_of(data)

    return submit(village, edited(village, change))


def ballot_with_another_content(village: Village) -> Ran:
    def change(data: Any) -> None:
        data["typed_data"]["message"]["content"] = "0x" + "11" * 32
        data["ballot_hash"] = village.hash_of(data)

    return submit(village, edited(village, change))


def ballot_of_an_unknown_member(village: Village) -> Ran:
    def change(data: Any) -> None:
        data["typed_data"]["message"]["memberId"] = 99
        data["ballot_hash"] = village.hash_of(data)

    return submit(village, edited(village, change))


def malleable_signature(village: Village) -> Ran:
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

    def change(data: Any) -> None:
        proper = bytes.fromhex(data["signature"][2:])
        s = (order - int.from_bytes(proper[32:64])).to_bytes(32)
        data["signature"] = "0x" + (proper[:32] + s + bytes([55 - proper[64]])).hex()

    return submit(village, edited(village, change))


ROWS: list[tuple[Callable[[Village], Ran], int, str]] = [
    (no_member, 4, "not_a_member"),
    (unknown_proposal, 3, "not_found"),
    (unknown_pay_vote, 3, "not_found"),
    (wrong_choice, 2, "usage"),
    (long_reason, 2, "malformed"),
    (closed_vote, 5, "voting_closed"),
    (unopened_vote, 5, "voting_closed"),
    (person_concerned, 4, "not_allowed"),
    (reason_about_a_person, 2, "usage"),
    (changed_text, 9, "content_disagrees"),
    (changed_opening, 9, "content_disagrees"),
    (stale_sequence, 5, "stale_ballot"),
    (wrong_chain, 8, "mirror_of_another_chain"),
    (other_contracts, 8, "mirror_of_another_chain"),
    (other_title, 8, "mirror_of_another_chain"),
    (mirror_of_another_chain, 8, "mirror_of_another_chain"),
    (outbox_of_another_chain, 8, "mirror_of_another_chain"),
    (locked_outbox, 1, "outbox_locked"),
    (unreachable_rpc, 7, "chain_unreachable"),
    (wrong_password, 10, "wrong_password"),
    (missing_key, 10, "key_missing"),
    (missing_instance, 3, "not_found"),
    (no_instance, 11, "configuration"),
    (broken_instance, 11, "configuration"),
    (no_ballot_file, 3, "not_found"),
    (malformed_ballot_file, 2, "malformed"),
    (altered_ballot, 2, "malformed"),
    (ballot_for_another_chain, 8, "mirror_of_another_chain"),
    (ballot_with_another_content, 6, "refused_by_contract"),
    (ballot_of_an_unknown_member, 4, "not_a_member"),
    (malleable_signature, 6, "refused_by_contract"),
]


@pytest.mark.parametrize(("act", "exit_code", "code"), ROWS, ids=[row[0].__name__ for row in ROWS])
def test_bad_input_ends_with_its_exit_code_and_changes_nothing(
    village: Village, act: Callable[[Village], Ran], exit_code: int, code: str
) -> None:
    village.opened()
    village.baseline()

    ran = act(village)

    assert (ran.exit_code, ran.error["code"]) == (exit_code, code), ran.stderr
    assert ran.error["hint"] or code == "wrong_password"  # which explains itself
    assert ran.stdout == ""
    assert "Traceback" not in ran.stderr
    assert PASSWORD not in ran.stderr
    assert village.votes_since_baseline() == 0


def test_people_are_told_the_same_without_json(village: Village) -> None:
    village.opened()

    ran = village.run("vote", 1, "for", "--yes", as_="gus", json=False)

    assert ran.exit_code == 4
    assert ran.stderr.splitlines()[0].startswith("Error: Account 0x")
    assert "Your vote was not sent." in ran.stderr
