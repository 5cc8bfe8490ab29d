"""Members whose account is a contract (ERC-1271) vote by its word; a hostile one fails alone."""

import pytest
from web3.contract import Contract
from web3.exceptions import ContractCustomError, ContractLogicError, Web3RPCError

from tests.contracts.artifacts import deploy
from tests.contracts.coop import AGAINST, FOR, Coop
from tests.contracts.refusals import reverted
from tests.contracts.roll import (
    ballot_digest,
    ballot_message,
    ballot_refused,
    open_account,
    order,
    skipped,
    tell,
)
from tests.contracts.signing import entry

STIPEND = 100_000
HOSTILE: list[tuple[str, tuple[int, ...]]] = [
    ("HostileAccount", (0,)),  # reverts
    ("HostileAccount", (1,)),  # burns all gas
    ("HostileAccount", (2,)),  # answers short
    ("HostileAccount", (3,)),  # reverts with much data
    ("HostileAccount", (4,)),  # answers a dirty word
    ("WrongMagicAccount", ()),
    ("ListAccount", ()),  # has not accepted the digest
    ("Membership", ()),  # is no account at all
]


@pytest.fixture
def vote(coop: Coop) -> int:
    """An open vote on a resolution in words."""
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    return proposal


def becomes(coop: Coop, member: int, name: str, *args: int) -> Contract:
    """Gives a member a contract as account."""
    account = deploy(coop.w3, name, *args)
    order(coop, "recover", member, account.address)
    return account


def accept(coop: Coop, account: Contract, proposal: int, choice: str, sequence: int = 1) -> None:
    """The account accepts a ballot of member 2."""
    message = ballot_message(coop, 2, proposal, choice, sequence)
    tell(coop, account, "accept", ballot_digest(coop, message))


def test_a_contract_account_votes_by_its_own_word(coop: Coop, vote: int) -> None:
    account = becomes(coop, 2, "ListAccount")
    accept(coop, account, vote, "for")
    receipt = coop.cast_batch(coop.tom, vote, entry(2, FOR, b"", long=True))
    [event] = coop.events(receipt, "VoteCast")
    assert event["args"]["voter"] == account.address
    accept(coop, account, vote, "against", 2)
    coop.cast_batch(coop.tom, vote, entry(2, AGAINST, b"any" * 100, 2, long=True))
    assert coop.votes(vote) == (1, 0, 0)


def test_a_contract_account_is_asked_also_about_64_and_65_bytes(coop: Coop, vote: int) -> None:
    account = becomes(coop, 2, "ListAccount")
    accept(coop, account, vote, "for")
    accept(coop, account, vote, "against", 2)
    coop.cast_batch(coop.tom, vote, entry(2, FOR, coop.sign(coop.ben, vote, FOR)))
    coop.cast_batch(coop.tom, vote, entry(2, AGAINST, bytes(65), 2, long=True))
    assert coop.votes(vote) == (1, 0, 0)


def test_a_contract_account_casts_directly(coop: Coop, vote: int) -> None:
    account = becomes(coop, 2, "ListAccount")
    open_account(coop, account.address)
    coop.send(coop.assembly.functions.castBallot(vote, 2, FOR, 1, ""), account)
    assert coop.votes(vote) == (0, 1, 0)
    with ballot_refused(vote, 2, "BadSignature"):
        coop.send(coop.assembly.functions.castBallot(vote, 2, FOR, 2, ""), coop.ben)


def test_an_account_that_talks_too_much_is_heard_to_the_first_word(coop: Coop, vote: int) -> None:
    becomes(coop, 2, "TalkativeAccount")
    coop.cast_batch(coop.tom, vote, entry(2, FOR, b"", long=True))
    assert coop.votes(vote) == (0, 1, 0)


@pytest.mark.parametrize(("name", "args"), HOSTILE, ids=lambda value: str(value))
def test_a_hostile_account_fails_alone(
    coop: Coop, vote: int, name: str, args: tuple[int, ...]
) -> None:
    becomes(coop, 2, name, *args)
    packed = (
        entry(1, FOR, coop.sign(coop.ada, vote, FOR))
        + entry(2, FOR, b"\x01" * 65, long=True)
        + entry(3, FOR, coop.sign(coop.cleo, vote, FOR))
    )
    receipt = coop.cast_batch(coop.tom, vote, packed)
    assert skipped(coop, receipt) == [(2, 1, "BadSignature")]
    assert coop.votes(vote) == (0, 2, 0)
    assert receipt["gasUsed"] < STIPEND + 200_000


def test_a_starved_check_reverts_the_batch_and_never_looks_like_a_bad_ballot(
    coop: Coop, vote: int
) -> None:
    account = becomes(coop, 2, "ListAccount")
    tell(coop, account, "spend", 90_000)
    accept(coop, account, vote, "for")
    call = coop.assembly.functions.castBallots(vote, entry(2, FOR, b"", long=True))
    outcomes: list[bool] = []
    starved = 0
    for gas in range(60_000, 330_000, 1_500):
        try:
            assert call.call({"from": coop.tom.address, "gas": gas}) == 1
            outcomes.append(True)
        except (ContractCustomError, ContractLogicError, Web3RPCError) as error:
            starved += reverted(error).name == "SignaturesTooLittleGas"
            outcomes.append(False)
    assert outcomes == sorted(outcomes)  # from some gas on it succeeds, and below it never does
    assert (outcomes[0], outcomes[-1]) == (False, True)
    assert starved > 30


def test_a_starved_batch_changes_nothing(coop: Coop, vote: int) -> None:
    account = becomes(coop, 2, "ListAccount")
    accept(coop, account, vote, "for")
    head = coop.assembly.functions.chronicleHead().call()
    packed = entry(1, FOR, coop.sign(coop.ada, vote, FOR)) + entry(2, FOR, b"", long=True)
    call = coop.assembly.functions.castBallots(vote, packed)
    sent = call.transact({"from": coop.tom.address, "gas": 165_000})
    assert coop.w3.eth.wait_for_transaction_receipt(sent)["status"] == 0
    assert coop.votes(vote) == (0, 0, 0)
    assert coop.assembly.functions.chronicleHead().call() == head
    coop.cast_batch(coop.tom, vote, packed)
    assert coop.votes(vote) == (0, 2, 0)


def test_the_stipend_is_a_hundred_thousand_gas(coop: Coop, vote: int) -> None:
    account = becomes(coop, 2, "ListAccount")
    accept(coop, account, vote, "for")
    for spend, good in ((95_000, 1), (STIPEND, 0)):
        tell(coop, account, "spend", spend)
        call = coop.assembly.functions.castBallots(vote, entry(2, FOR, b"", long=True))
        assert call.call({"from": coop.tom.address, "gas": 20_000_000}) == good
