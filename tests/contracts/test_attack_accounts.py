"""Accounts that are not plain keys: EIP-7702 delegations, and contracts that change their mind."""

from typing import Any

import pytest
from web3 import Web3
from web3.contract import Contract

from tests.contracts.artifacts import at, deploy
from tests.contracts.coop import ABSTAIN, AGAINST, FOR, Coop
from tests.contracts.people import Person
from tests.contracts.roll import ask, ballot_digest, ballot_message, order, skipped, tell
from tests.contracts.signing import entry

ZERO = "0x" + "00" * 20
DELEGATION = b"\xef\x01\x00"


@pytest.fixture
def vote(coop: Coop) -> int:
    """An open vote on a resolution in words."""
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    return proposal


def delegate(coop: Coop, who: Person, code: str) -> None:
    """A real transaction of type 4, carried by tom: who's account runs that code from now on."""
    eth = coop.w3.eth
    account = Web3.to_checksum_address(who.address)
    nonce = eth.get_transaction_count(account)
    authorization = who.key.sign_authorization({"chainId": 31337, "address": code, "nonce": nonce})
    transaction: dict[str, Any] = {
        "chainId": 31337,
        "nonce": eth.get_transaction_count(Web3.to_checksum_address(coop.tom.address)),
        "gas": 200_000,
        "maxFeePerGas": 10 * 10**9,
        "maxPriorityFeePerGas": 0,
        "to": account,
        "value": 0,
        "data": b"",
        "authorizationList": [authorization],
    }
    signed = coop.tom.key.sign_transaction(transaction)
    receipt = eth.wait_for_transaction_receipt(eth.send_raw_transaction(signed.raw_transaction))
    assert receipt["type"] == 4
    expected = b"" if code == ZERO else DELEGATION + bytes.fromhex(code[2:])
    assert bytes(eth.get_code(account)) == expected


def carry(coop: Coop, vote: int, *packed: bytes) -> list[tuple[int, int, str]]:
    """What a batch skipped."""
    return skipped(coop, coop.cast_batch(coop.sue, vote, b"".join(packed)))


# EIP-7702


def test_a_delegating_member_votes_by_key_and_by_the_codes_word(coop: Coop, vote: int) -> None:
    code = deploy(coop.w3, "ListAccount")
    delegate(coop, coop.ben, code.address)
    assert carry(coop, vote, entry(2, FOR, coop.sign(coop.ben, vote, FOR))) == []
    as_contract = at(coop.w3, "ListAccount", coop.ben.address)
    unasked = entry(2, AGAINST, b"", 2, long=True)
    assert carry(coop, vote, unasked) == [(2, 2, "BadSignature")]
    tell(
        coop,
        as_contract,
        "accept",
        ballot_digest(coop, ballot_message(coop, 2, vote, "against", 2)),
    )
    assert carry(coop, vote, unasked) == []
    assert coop.votes(vote) == (1, 0, 0)
    # What the code's own address holds is nobody's word: the storage is the member's account's.
    assert code.functions.isValidSignature(bytes(32), b"").call() == b"\xff\xff\xff\xff"
    coop.vote(coop.ben, vote, ABSTAIN, 3)
    assert coop.votes(vote) == (0, 0, 1)


CODES = ("HostileAccount", "BurningAccount", "TalkativeAccount", "WrongMagicAccount", "Echo")


@pytest.mark.parametrize("name", CODES)
def test_delegating_to_hostile_code_takes_nobodys_vote_away(
    coop: Coop, vote: int, name: str
) -> None:
    # The storage is that of the member's account, so HostileAccount reverts here in any case.
    code = deploy(coop.w3, name, *((1,) if name == "HostileAccount" else ()))
    delegate(coop, coop.ben, code.address)
    stranger = entry(2, AGAINST, b"\x02" * 65, long=True)
    good = entry(2, FOR, coop.sign(coop.ben, vote, FOR, 2), 2)
    neighbour = entry(3, FOR, coop.sign(coop.cleo, vote, FOR))
    # TalkativeAccount says yes to everybody, and that is the member's own doing.
    expected = [] if name == "TalkativeAccount" else [(2, 1, "BadSignature")]
    assert carry(coop, vote, stranger, good, neighbour) == expected
    assert coop.votes(vote) == (0, 2, 0)


def test_a_revoked_delegation_speaks_no_more(coop: Coop, vote: int) -> None:
    code = deploy(coop.w3, "TalkativeAccount")
    delegate(coop, coop.ben, code.address)
    assert carry(coop, vote, entry(2, FOR, b"", long=True)) == []
    delegate(coop, coop.ben, ZERO)
    assert carry(coop, vote, entry(2, AGAINST, b"", 2, long=True)) == [(2, 2, "BadSignature")]
    assert carry(coop, vote, entry(2, AGAINST, coop.sign(coop.ben, vote, AGAINST, 3), 3)) == []
    assert coop.votes(vote) == (1, 0, 0)


def test_a_delegation_signed_by_one_member_does_not_speak_for_another(
    coop: Coop, vote: int
) -> None:
    code = deploy(coop.w3, "TalkativeAccount")
    delegate(coop, coop.ben, code.address)
    # The code itself, and a member who delegated nothing.
    packed = (entry(3, FOR, b"", long=True), entry(3, FOR, bytes(65), long=True))
    assert carry(coop, vote, *packed) == [(3, 1, "BadSignature")] * 2
    assert coop.votes(vote) == (0, 0, 0)


def test_the_digest_of_another_proposal_is_no_word_for_this_one(coop: Coop, vote: int) -> None:
    code = deploy(coop.w3, "ListAccount")
    delegate(coop, coop.ben, code.address)
    other = coop.propose(coop.cleo, (), "Another")
    as_contract = at(coop.w3, "ListAccount", coop.ben.address)
    tell(coop, as_contract, "accept", ballot_digest(coop, ballot_message(coop, 2, other, "for")))
    assert carry(coop, vote, entry(2, FOR, b"", long=True)) == [(2, 1, "BadSignature")]


# Contracts that change their mind


@pytest.fixture
def moody(coop: Coop, vote: int) -> Contract:
    """Member 2's account, willing to say yes to everything for now."""
    account = deploy(coop.w3, "MoodyAccount")
    order(coop, "recover", 2, account.address)
    tell(coop, account, "setWilling", True)
    return account


def test_what_was_said_between_signing_and_casting_counts(
    coop: Coop, vote: int, moody: Contract
) -> None:
    ballot = entry(2, FOR, b"signed on Monday", long=True)
    tell(coop, moody, "setWilling", False)  # on Tuesday
    assert carry(coop, vote, ballot) == [(2, 1, "BadSignature")]
    tell(coop, moody, "setWilling", True)  # on Wednesday: it was not counted before, so it is now
    assert carry(coop, vote, ballot) == []
    assert coop.votes(vote) == (0, 1, 0)


def test_a_ballot_that_was_counted_stays_whatever_the_account_says_later(
    coop: Coop, vote: int, moody: Contract
) -> None:
    assert carry(coop, vote, entry(2, FOR, b"", long=True)) == []
    tell(coop, moody, "setWilling", False)
    again = carry(coop, vote, entry(2, AGAINST, b"", 2, long=True), entry(2, FOR, b"", long=True))
    assert again == [(2, 2, "BadSignature"), (2, 1, "StaleSequence")]
    assert coop.votes(vote) == (0, 1, 0)
    tell(coop, moody, "setWilling", True)
    assert carry(coop, vote, entry(2, AGAINST, b"", 2, long=True)) == []
    assert coop.votes(vote) == (1, 0, 0)


def test_an_account_that_says_yes_to_all_votes_once_and_for_its_own_number_only(
    coop: Coop, vote: int, moody: Contract
) -> None:
    assert moody.address
    packed = [entry(2, FOR, b"", s, long=True) for s in (1, 2, 3, 3, 2)]
    packed += [entry(m, FOR, b"", long=True) for m in (1, 3, 4, 5, 6)]
    refusals = [why for _, _, why in carry(coop, vote, *packed)]
    assert refusals == ["StaleSequence"] * 2 + ["BadSignature"] * 4 + ["UnknownMember"]
    assert coop.votes(vote) == (0, 1, 0)


def test_an_account_that_was_given_up_is_not_asked_any_more(
    coop: Coop, vote: int, moody: Contract
) -> None:
    assert carry(coop, vote, entry(2, FOR, b"", 255, long=True)) == []
    order(coop, "recover", 2, coop.fay.address)
    assert carry(coop, vote, entry(2, FOR, b"", long=True)) == [(2, 1, "BadSignature")]
    assert carry(coop, vote, entry(2, AGAINST, coop.sign(coop.fay, vote, AGAINST))) == []
    assert coop.votes(vote) == (1, 0, 0)
    assert ask(coop, "memberIdOf", moody.address) == 2


def test_an_account_that_lost_its_code_has_no_word(coop: Coop, vote: int, moody: Contract) -> None:
    coop.chain.rpc("anvil_setCode", moody.address, "0x")
    assert carry(coop, vote, entry(2, FOR, b"", long=True)) == [(2, 1, "BadSignature")]
    assert coop.votes(vote) == (0, 0, 0)
