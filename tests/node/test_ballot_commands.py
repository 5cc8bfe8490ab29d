"""`coop ballot`: building, signing elsewhere, checking and carrying ballots."""

import json
from pathlib import Path

import pytest

from node import ballot_file
from node.typed_data import sign
from tests.node.village import Village


def built(village: Village, name: str = "ada") -> Path:
    village.opened()
    file = village.home / f"{name}.json"
    ran = village.run_with_key(
        *("ballot", "build", "--proposal", 1, "--choice", "for", "--out", file), as_=name
    )
    assert ran.exit_code == 0, ran.stderr
    return file


def signed(village: Village, file: Path, name: str = "ada") -> Path:
    ran = village.run("ballot", "sign", file, "--yes", as_=name)
    assert ran.exit_code == 0, ran.stderr
    return file


def test_the_steps_of_a_vote_apart_end_in_a_counted_ballot(village: Village) -> None:
    file = built(village)
    unsigned = village.ask("ballot", "show", file)
    signed(village, file)
    checked = village.ask("ballot", "verify", file)

    carried = village.run("ballot", "submit", file, as_="gus")

    assert unsigned.data["signature"] is None
    assert (checked.exit_code, checked.data["signed_by_account"]) == (0, True)
    (receipt,) = carried.data
    assert (receipt["status"], receipt["member_id"], receipt["reason"]) == ("counted", 1, None)
    assert village.coop.votes(1) == (0, 1, 0)


def test_a_file_is_signed_in_any_wallet_that_knows_eip_712(village: Village) -> None:
    file = built(village)
    whole = json.loads(file.read_text())["data"]["typed_data"]
    elsewhere = sign(whole, village.key("ada"))

    ran = village.ask("ballot", "sign", file, "--signature", "0x" + elsewhere.hex())

    assert (ran.exit_code, ran.data["signed_by_account"]) == (0, True)
    assert village.run("ballot", "submit", file, as_="gus").data[0]["status"] == "counted"


def test_signing_and_showing_need_no_network(village: Village) -> None:
    file = built(village)
    nowhere = ("--rpc", "http://127.0.0.1:1")

    ran = village.run("ballot", "sign", file, "--yes", *nowhere)
    shown = village.ask("ballot", "show", file, *nowhere, json=False)

    assert (ran.exit_code, shown.exit_code) == (0, 0)
    assert "It is signed by the key of" in shown.stdout
    assert village.instance.title in shown.stdout


def test_a_ballot_is_signed_by_its_own_members_key_only(village: Village) -> None:
    file = built(village, "ada")
    before = file.read_bytes()

    ran = village.run("ballot", "sign", file, "--yes", as_="ben")

    assert (ran.exit_code, ran.error["code"]) == (10, "key_problem")
    assert file.read_bytes() == before


def test_a_ballot_is_signed_only_after_a_yes(village: Village) -> None:
    file = built(village)
    before = file.read_bytes()

    ran = village.run("ballot", "sign", file)

    assert (ran.exit_code, ran.error["code"]) == (2, "missing_answer")
    assert file.read_bytes() == before


def test_building_never_writes_over_a_file(village: Village) -> None:
    file = built(village)
    before = file.read_bytes()

    ran = village.run_with_key(
        *("ballot", "build", "--proposal", 1, "--choice", "for", "--out", file)
    )

    assert ran.exit_code == 2
    assert file.read_bytes() == before


def test_a_ballot_is_built_for_an_account_whose_key_is_elsewhere(village: Village) -> None:
    village.opened()
    account, file = village.key("ben").address, village.home / "ben.json"

    ran = village.ask(
        *("ballot", "build", "--proposal", 1, "--choice", "abstain"),
        *("--account", account.lower(), "--out", file),
    )

    assert (ran.exit_code, ran.data["account"]) == (0, account)
    assert ballot_file.parse(file.read_text()).ballot.member_id == 2


@pytest.mark.parametrize(
    "words",
    [
        ("--proposal", 1),
        ("--choice", "for"),
        ("--pay-vote", 1),
        ("--proposal", 1, "--choice", "for", "--pay-vote", 1, "--rate", 5),
    ],
)
def test_a_ballot_is_built_for_one_vote(village: Village, words: tuple[object, ...]) -> None:
    ran = village.run_with_key("ballot", "build", *words, "--out", village.home / "x.json")

    assert (ran.exit_code, ran.error["code"]) == (2, "usage")


def test_several_files_go_in_one_transaction_and_the_bad_ones_are_told(village: Village) -> None:
    parts = village.opened()
    files = []
    for name in ("ada", "ben"):
        file = village.home / f"{name}.json"
        words = ("vote", parts.proposal_id, "for", "--offline", file, "--yes")
        assert village.run(*words, as_=name).exit_code == 0
        files.append(file)
    village.run("ballot", "submit", files[0], as_="gus")

    ran = village.run("ballot", "submit", *files, as_="gus")

    assert ran.exit_code == 0
    assert [each["status"] for each in ran.data] == ["skipped", "counted"]
    assert "counted already" in ran.data[0]["reason"]
    people = village.run("ballot", "submit", *files, as_="gus", json=False)
    assert people.exit_code == 5  # now nothing of it would count
    assert "counted already" in people.stderr


def test_ballots_of_which_nothing_counts_are_not_sent_and_end_with_their_reason(
    village: Village,
) -> None:
    file = signed(village, built(village))
    assert village.run("ballot", "submit", file, as_="gus").exit_code == 0
    before = village.chain.head().number

    stale = village.run("ballot", "submit", file, as_="gus")
    verified = village.ask("ballot", "verify", file)

    for ran in (stale, verified):
        assert (ran.exit_code, ran.error["code"]) == (5, "stale_ballot")
    assert "Nothing was sent." in stale.error["message"]
    (skipped,) = stale.error["details"]["skipped"]
    assert skipped["member_id"] == 1
    assert village.chain.head().number == before


def test_a_signature_of_another_key_is_not_counted(village: Village) -> None:
    file = built(village, "ada")
    whole = json.loads(file.read_text())["data"]["typed_data"]
    forged = sign(whole, village.key("ben"))
    village.ask("ballot", "sign", file, "--signature", "0x" + forged.hex())

    ran = village.run("ballot", "submit", file, as_="gus")

    assert ran.exit_code == 6
    assert "not that of member 1's present key" in ran.error["message"]


def test_a_ballot_signed_before_the_key_changed_is_void(village: Village) -> None:
    file = signed(village, built(village))
    password = ("--new-password-file", village.home / "password")
    village.run("member", "rotate", "--new-key", "gus", "--yes", *password)

    ran = village.ask("ballot", "verify", file)

    assert ran.exit_code == 6


def test_an_unsigned_file_is_not_carried(village: Village) -> None:
    ran = village.run("ballot", "submit", built(village), as_="gus")

    assert (ran.exit_code, ran.error["code"]) == (2, "malformed")
    assert "Nothing was sent." in ran.error["message"]
