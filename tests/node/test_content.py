"""The word that ballots commit to. Expected hashes come from ethers."""

import dataclasses
from typing import Any

import pytest
from eth_utils.crypto import keccak

from node.content import (
    Action,
    PayVoteParts,
    ProposalParts,
    changed_targets,
    code_hash,
    hashed_description,
    is_hashed,
    pay_vote_content,
    proposal_content,
    text_hash,
)
from node.packing import Ladder

CONTRACT = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
BIKE_SHOP = Action("0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512", 5, bytes.fromhex("deadbeef00"))
COURIER = Action("0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0", 0, b"")
PARTS = ProposalParts(
    chain_id=31337,
    assembly=CONTRACT,
    proposal_id=9,
    decision_class=6,
    rule_version=1,
    opens_at=1_800_000_000,
    actions=(BIKE_SHOP, COURIER),
    code_hashes=(b"\x11" * 32, bytes(32)),
    description="# Buy a bicycle\n\nFor the couriers.",
)
PAY_PARTS = PayVoteParts(
    chain_id=31337,
    pay_rates=CONTRACT,
    pay_vote_id=4,
    role=b"courier".ljust(32, b"\0"),
    rule_version=2,
    opens_at=1_800_000_000,
    deadline=1_800_604_800,
    ladder=Ladder(start=1900, step=50, rungs=11),
    present_rung=5,
)
CONTENT = "495972fcdbce597abcb55637ad45d3b9c11ae09f27d292790bd1ef614d97eb81"
PAY_CONTENT = "dfb59430d54254196aa89b72b337291d5ab07c7e18c0dde36fdb9bbf2957ba78"


def test_the_content_of_a_proposal_is_what_ethers_computes() -> None:
    assert proposal_content(PARTS).hex() == CONTENT


def test_the_content_of_a_pay_vote_is_what_ethers_computes() -> None:
    assert pay_vote_content(PAY_PARTS).hex() == PAY_CONTENT


@pytest.mark.parametrize(
    "change",
    [
        {"chain_id": 1},
        {"assembly": COURIER.target},
        {"proposal_id": 10},
        {"decision_class": 5},
        {"rule_version": 2},
        {"opens_at": 1_800_000_001},
        {"actions": (COURIER, BIKE_SHOP)},
        {"code_hashes": (b"\x11" * 32, b"\x22" * 32)},
        {"description": "# Buy a bicycle\n\nFor the couriers. "},
        {"confirms": bytes(31) + b"\1"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_everything_that_a_proposal_froze_is_in_its_content(change: dict[str, Any]) -> None:
    assert proposal_content(dataclasses.replace(PARTS, **change)).hex() != CONTENT


def test_the_content_of_the_confirmed_proposal_stands_for_a_confirming_votes_text() -> None:
    confirming = dataclasses.replace(PARTS, description="", confirms=text_hash(PARTS.description))

    assert proposal_content(confirming).hex() == CONTENT


def test_a_text_about_a_person_goes_on_chain_as_its_hash_only() -> None:
    description = hashed_description("Cleo has not been seen since May.")

    assert description == "0x" + keccak(b"Cleo has not been seen since May.").hex()
    assert is_hashed(description)


@pytest.mark.parametrize("text", ["", "0x", "0x" + "0" * 63, "0x" + "G" * 64, " 0x" + "0" * 64])
def test_another_text_is_not_taken_for_a_hash(text: str) -> None:
    assert not is_hashed(text)


def test_the_text_hash_is_over_the_bytes_of_utf_8() -> None:
    assert text_hash("é") == keccak(b"\xc3\xa9")


def test_a_target_without_code_has_the_hash_zero() -> None:
    assert code_hash(b"") == bytes(32)
    assert code_hash(b"\x60") == keccak(b"\x60")


def test_a_target_whose_code_changed_after_proposing_is_named() -> None:
    then, now = (b"\x11" * 32, bytes(32)), (b"\x11" * 32, b"\x22" * 32)

    assert changed_targets((BIKE_SHOP, COURIER), then, now) == (COURIER.target,)
    assert changed_targets((BIKE_SHOP, COURIER), then, then) == ()
