"""Every form that a signature can have, and every ballot that it could be taken for."""

from collections.abc import Callable
from typing import Any

import pytest
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.coop import ABSTAIN, AGAINST, FOR, Coop
from tests.contracts.founding import found
from tests.contracts.rates import DRIVER, cast_pay, driver, opened_pay_vote, pay_vote
from tests.contracts.roll import ballot_message, ballot_refused, skipped
from tests.contracts.signing import BALLOT, PAY_BALLOT, compact, entry, sign_typed

GROUP_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@pytest.fixture
def vote(coop: Coop) -> int:
    """An open vote on a resolution in words."""
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    return proposal


def word(number: int) -> bytes:
    return (number % 2**256).to_bytes(32, "big")


def parts(signature: bytes) -> tuple[int, int, int]:
    """r, s, v."""
    r, s = signature[:32], signature[32:64]
    return int.from_bytes(r, "big"), int.from_bytes(s, "big"), signature[64]


def joined(r: int, s: int, v: int) -> bytes:
    return word(r) + word(s) + bytes([v])


def high_s(signature: bytes) -> bytes:
    """The other signature over the same digest by the same key, as ECDSA alone would take it."""
    r, s, v = parts(signature)
    return joined(r, GROUP_ORDER - s, 55 - v)


def with_v(v: int) -> Callable[[bytes], bytes]:
    return lambda signature: signature[:64] + bytes([v])


def with_r(number: int) -> Callable[[bytes], bytes]:
    return lambda signature: word(number) + signature[32:]


def with_s(number: int) -> Callable[[bytes], bytes]:
    return lambda signature: signature[:32] + word(number) + signature[64:]


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "v = 0": with_v(0),
    "v = 1": with_v(1),
    "v = 26": with_v(26),
    "v = 29": with_v(29),
    "v = 255": with_v(255),
    "the other v": lambda signature: signature[:64] + bytes([55 - signature[64]]),
    "v before r": lambda signature: signature[64:] + signature[:64],
    "high s": high_s,
    "r = 0": with_r(0),
    "r = n": with_r(GROUP_ORDER),
    "r = n + 1": with_r(GROUP_ORDER + 1),
    "r = 2^256 - 1": with_r(2**256 - 1),
    "s = 0": with_s(0),
    "s = n / 2 + 1": with_s(GROUP_ORDER // 2 + 1),
    "s = n": with_s(GROUP_ORDER),
    "s = 2^256 - 1": with_s(2**256 - 1),
    "all zero": lambda signature: bytes(65),
    "empty": lambda signature: b"",
    "one byte": lambda signature: b"\x1b",
    "63 bytes": lambda signature: compact(signature)[:63],
    "66 bytes": lambda signature: signature + b"\0",
    "66 bytes, led by zero": lambda signature: b"\0" + signature,
    "128 bytes": lambda signature: compact(signature) * 2,
    "compact with the other parity": lambda signature: compact(
        signature[:64] + bytes([55 - signature[64]])
    ),
    "compact with zero padding": lambda signature: compact(signature) + b"\0",
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_signature_in_another_form_than_two_counts_for_nobody(
    coop: Coop, vote: int, how: str
) -> None:
    good = coop.sign(coop.ben, vote, FOR)
    packed = (
        entry(1, FOR, coop.sign(coop.ada, vote, FOR))
        + entry(2, FOR, BROKEN[how](good), long=True)
        + entry(3, FOR, coop.sign(coop.cleo, vote, FOR))
    )
    receipt = coop.cast_batch(coop.tom, vote, packed)
    assert skipped(coop, receipt) == [(2, 1, "BadSignature")]
    assert coop.votes(vote) == (0, 2, 0)
    coop.cast_batch(coop.tom, vote, entry(2, FOR, good))  # it was the form alone
    assert coop.votes(vote) == (0, 3, 0)


@pytest.mark.parametrize("form", ["64 bytes short", "64 bytes long", "65 bytes long"])
def test_the_same_ballot_counts_in_both_forms_and_only_once(
    coop: Coop, vote: int, form: str
) -> None:
    signature = coop.sign(coop.ben, vote, AGAINST)
    forms = {
        "64 bytes short": entry(2, AGAINST, signature),
        "64 bytes long": entry(2, AGAINST, compact(signature), long=True),
        "65 bytes long": entry(2, AGAINST, signature, long=True),
    }
    coop.cast_batch(coop.tom, vote, forms[form])
    assert coop.votes(vote) == (1, 0, 0)
    receipt = coop.cast_batch(coop.tom, vote, b"".join(forms.values()))
    assert skipped(coop, receipt) == [(2, 1, "StaleSequence")] * 3
    assert coop.votes(vote) == (1, 0, 0)


def test_nobodys_number_is_not_signed_for_by_a_signature_that_recovers_to_zero(
    coop: Coop, vote: int
) -> None:
    # ecrecover answers 0 to nonsense, and the record of nobody holds account 0.
    packed = b"".join(
        entry(member, FOR, signature, long=True)
        for member in (0, 6, 2**32 - 1)
        for signature in (bytes(65), b"", b"\xff" * 65, bytes(64))
    )
    receipt = coop.cast_batch(coop.tom, vote, packed)
    assert {why for _, _, why in skipped(coop, receipt)} == {"UnknownMember"}
    assert coop.votes(vote) == (0, 0, 0)
    for member in (0, 6, 2**32 - 1):
        with ballot_refused(vote, member, "UnknownMember"):
            coop.send(coop.assembly.functions.castBallot(vote, member, FOR, 1, ""), coop.ada)


def test_a_ballot_for_another_chain_instance_or_contract_counts_nowhere(
    coop: Coop, factory: Contract, vote: int
) -> None:
    twin = found(coop.chain, factory, nonce=1)
    twin_vote = twin.propose(twin.ada)
    assert twin_vote == vote
    packed = b""
    for chain_id in (1, 0, 31338, 31337 + 2**64):
        packed += entry(2, FOR, coop.sign(coop.ben, vote, FOR, chainId=chain_id))
    packed += entry(2, FOR, twin.sign(twin.ben, vote, FOR))
    for other in (coop.membership, coop.bylaws, coop.pay_rates, coop.factory):
        signature = coop.sign(coop.ben, vote, FOR, verifyingContract=other.address)
        packed += entry(2, FOR, signature)
    changes: tuple[dict[str, Any], ...] = ({"name": "Weaver"}, {"version": "2"}, {"name": ""})
    for change in changes:
        packed += entry(2, FOR, coop.sign(coop.ben, vote, FOR, **change))
    receipt = coop.cast_batch(coop.tom, vote, packed)
    assert skipped(coop, receipt) == [(2, 1, "BadSignature")] * 12
    assert coop.votes(vote) == (0, 0, 0)


def test_a_ballot_is_no_pay_ballot_and_a_pay_ballot_no_ballot(
    chain: Devnet, factory: Contract
) -> None:
    coop = found(chain, factory, roles=[driver()])
    vote, proposal = opened_pay_vote(coop, DRIVER), coop.propose(coop.ada)
    message = {
        "payVoteId": vote,
        "content": pay_vote(coop, vote)["content"],
        "rate": 2_000,
        "memberId": 2,
        "epoch": 0,
        "sequence": 1,
        "reason": "",
    }
    pay_domain = coop.domain(coop.pay_rates, {})
    signature = sign_typed(coop.ben, pay_domain, "PayBallot", PAY_BALLOT, message, {})
    ballot = ballot_message(coop, 2, proposal, "for")
    wrong_domain = sign_typed(coop.ben, pay_domain, "Ballot", BALLOT, ballot, {})
    rung = pay_vote(coop, vote)["presentRung"]
    packed = b"".join(
        entry(2, 0, each, rung=rung) for each in (wrong_domain, coop.sign(coop.ben, proposal, FOR))
    )
    call = coop.pay_rates.functions.castPayBallots(vote, packed)
    assert call.call({"from": coop.tom.address}) == 0
    coop.open(proposal)
    assert len(skipped(coop, coop.cast_batch(coop.tom, proposal, entry(2, FOR, signature)))) == 1
    assert coop.votes(proposal) == (0, 0, 0)


def test_a_pay_ballot_counts_once_in_either_form(chain: Devnet, factory: Contract) -> None:
    coop = found(chain, factory, roles=[driver()])
    vote = opened_pay_vote(coop)
    terms = pay_vote(coop, vote)
    message = {
        "payVoteId": vote,
        "content": terms["content"],
        "rate": terms["from"],
        "memberId": 2,
        "epoch": 0,
        "sequence": 1,
        "reason": "",
    }
    domain = coop.domain(coop.pay_rates, {})
    good = sign_typed(coop.ben, domain, "PayBallot", PAY_BALLOT, message, {})
    for how, broken in BROKEN.items():
        packed = entry(2, 0, broken(good), rung=0, long=True)
        call = coop.pay_rates.functions.castPayBallots(vote, packed)
        assert call.call({"from": coop.tom.address}) == 0, how
    both = entry(2, 0, good, rung=0) + entry(2, 0, good, rung=0, long=True)
    assert coop.pay_rates.functions.castPayBallots(vote, both).call() == 1
    cast_pay(coop, coop.ben, vote, terms["from"], 255)
    assert coop.pay_rates.functions.castPayBallots(vote, both).call() == 0


@pytest.mark.parametrize("signed", [AGAINST, FOR, ABSTAIN])
def test_the_choice_in_the_batch_must_be_the_choice_that_was_signed(
    coop: Coop, vote: int, signed: int
) -> None:
    signature = coop.sign(coop.ben, vote, signed)
    others = [choice for choice in (AGAINST, FOR, ABSTAIN) if choice != signed]
    packed = b"".join(entry(2, choice, signature) for choice in others)
    packed += entry(2, 3, signature)  # no choice at all
    receipt = coop.cast_batch(coop.tom, vote, packed)
    expected = ["BadSignature", "BadSignature", "BadChoice"]
    assert [why for _, _, why in skipped(coop, receipt)] == expected
    assert coop.votes(vote) == (0, 0, 0)


@pytest.mark.parametrize("bit", [4, 5, 6, 7])
def test_unknown_flags_do_not_change_what_is_counted(coop: Coop, vote: int, bit: int) -> None:
    packed = bytearray(entry(2, FOR, coop.sign(coop.ben, vote, FOR)))
    packed[0] |= 1 << bit
    coop.cast_batch(coop.tom, vote, bytes(packed))
    assert coop.votes(vote) == (0, 1, 0)
    assert coop.assembly.functions.ballotOf(vote, 2).call() == [FOR, 0, 1]
