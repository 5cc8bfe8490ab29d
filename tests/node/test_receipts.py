"""Receipts: shown from the mirror, checked against the chain alone."""

import json
from typing import Any

import pytest

from node import casting
from node.ballot import ballot_hash
from tests.node.test_vote import signed_by
from tests.node.village import DAY, Village


def voted(village: Village) -> Any:
    """Ada votes for proposal 1; the receipt's document."""
    village.opened()
    ran = village.run("vote", 1, "for", "--reason", "ça", "--yes")
    assert ran.exit_code == 0, ran.stderr
    return json.loads(ran.stdout)


def test_a_receipt_holds_what_scripts_rely_on(village: Village) -> None:
    data = voted(village)["data"]

    wanted = {"proposal_id", "member_id", "choice", "sequence", "ballot_hash", "tx", "block"}
    assert wanted | {"log_index", "status"} <= set(data)
    assert data["status"] == "counted"


def test_a_receipt_from_the_mirror_is_the_one_that_voting_gave(village: Village) -> None:
    given = voted(village)["data"]

    shown = village.run_with_key("receipt", "show", 1).data
    named = village.ask("receipt", "show", 1, "--member", 1).data

    assert shown == named == given


def test_the_hash_of_a_receipt_is_what_the_member_signed(village: Village) -> None:
    parts = village.opened()
    signed = signed_by(village, "ben", parts, "abstain", sequence=4, reason="weil")
    casting.submit(village.sender("gus"), village.instance, [signed])

    shown = village.ask("receipt", "show", 1, "--member", 2).data

    assert shown["ballot_hash"] == "0x" + ballot_hash(signed.ballot, signed.domain).hex()
    assert shown["sequence"] == 4


def test_no_receipt_is_shown_before_its_block_is_final(village: Village) -> None:
    voted(village)

    early = village.run_with_key("receipt", "show", 1, "--finality", "finalized")
    village.coop.chain.rpc("anvil_mine", hex(100))
    late = village.run_with_key("receipt", "show", 1, "--finality", "finalized")

    assert early.exit_code in (3, 8)
    assert (late.exit_code, late.data["status"]) == (0, "counted")
    assert json.loads(late.stdout)["as_of"]["finality"] == "finalized"


def test_who_did_not_vote_has_no_receipt(village: Village) -> None:
    voted(village)

    ran = village.ask("receipt", "show", 1, "--member", 2)

    assert ran.exit_code == 3
    assert "coop outbox list" in ran.error["hint"]


def test_the_command_that_proves_a_receipt_works_as_pasted(village: Village) -> None:
    data = voted(village)["data"]

    words = data["prove"].removeprefix("coop ").split()

    assert village.ask(*words).data["ballot_hash"] == data["ballot_hash"]


# Checking against the chain alone


def test_a_receipt_is_borne_out_by_the_chain_without_the_mirror(village: Village) -> None:
    file = village.file("receipt.json", json.dumps(voted(village)))
    (village.home / "weavers.db").unlink()

    ran = village.ask("receipt", "verify", file)

    assert (ran.exit_code, ran.data["status"]) == (0, "counted")
    assert not (village.home / "weavers.db").exists()


def test_a_receipt_of_a_replaced_ballot_is_true_and_says_so(village: Village) -> None:
    file = village.file("receipt.json", json.dumps(voted(village)))
    assert village.run("vote", 1, "against", "--yes").exit_code == 0

    ran = village.ask("receipt", "verify", file)

    assert (ran.exit_code, ran.data["status"]) == (0, "replaced")


def test_a_receipt_of_a_pay_ballot_is_checked_too(village: Village) -> None:
    village.run("pay", "open", "courier", "--yes")
    village.coop.warp(village.chain.head().timestamp + 2 * DAY)
    document = village.run("pay", "vote", 1, 2_050, "--yes").stdout

    ran = village.ask("receipt", "verify", village.file("receipt.json", document))

    assert (ran.exit_code, ran.data["rate"]) == (0, 2_050)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("proposal_id", 2),
        ("member_id", 2),
        ("choice", "against"),
        ("sequence", 2),
        ("epoch", 1),
        ("ballot_hash", "0x" + "00" * 32),
        ("block", 1),
        ("log_index", 9),
        ("tx", "0x" + "00" * 32),
    ],
)
def test_a_receipt_with_any_wrong_value_is_refused(
    village: Village, field: str, value: object
) -> None:
    document = voted(village)
    document["data"][field] = value

    ran = village.ask("receipt", "verify", village.file("receipt.json", json.dumps(document)))

    assert (ran.exit_code, ran.error["code"]) == (9, "receipt_mismatch")


def test_a_log_of_another_contract_is_no_receipt(village: Village) -> None:
    document = voted(village)
    sent = village.sender("fay").send(
        "Membership", village.instance.membership, "applyToJoin", b"\1" * 32
    )
    document["data"] |= {"tx": sent.tx, "block": sent.block, "log_index": 0}

    ran = village.ask("receipt", "verify", village.file("receipt.json", json.dumps(document)))

    assert (ran.exit_code, ran.error["details"]["field"]) == (9, "contract")


def test_another_log_of_the_contract_is_no_receipt(village: Village) -> None:
    document = voted(village)
    made = village.run("proposal", "create", village.file("b.md", "# B"), "--yes", as_="ben").data
    document["data"] |= {"tx": made["tx"], "block": made["block"], "log_index": 0}

    ran = village.ask("receipt", "verify", village.file("receipt.json", json.dumps(document)))

    assert (ran.exit_code, ran.error["details"]["found"]) == (9, "ProposalCreated")


@pytest.mark.parametrize(
    "text", ["", "[]", '{"schema": "coop/receipt/v1", "data": {}}', "[" * 9_999]
)
def test_what_is_no_receipt_is_a_usage_problem(village: Village, text: str) -> None:
    ran = village.ask("receipt", "verify", village.file("receipt.json", text))

    assert (ran.exit_code, ran.error["code"]) == (2, "malformed")


def test_the_proof_of_a_pay_ballot_names_its_pay_vote(village: Village) -> None:
    village.run("pay", "open", "courier", "--yes")
    village.coop.warp(village.chain.head().timestamp + 2 * DAY)

    data = village.run("pay", "vote", 1, 2_050, "--yes").data

    assert data["prove"] == "coop receipt show --pay-vote 1 --member 1"
