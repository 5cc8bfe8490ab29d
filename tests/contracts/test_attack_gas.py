"""Gas as a weapon: batches that are starved, accounts and targets that burn, floods of data."""

from itertools import pairwise

import pytest
from web3.contract import Contract
from web3.contract.contract import ContractFunction
from web3.exceptions import ContractCustomError, ContractLogicError, Web3RPCError
from web3.types import TxReceipt

from node.devnet import Devnet
from tests.contracts.acts import eta, execute, hashed, queued, refused
from tests.contracts.artifacts import deploy
from tests.contracts.coop import FOR, Coop
from tests.contracts.founding import found
from tests.contracts.ledger import fold
from tests.contracts.people import NAMES
from tests.contracts.rates import driver, opened_pay_vote, pay_vote
from tests.contracts.roll import ballot_digest, ballot_message, order, skipped, tell
from tests.contracts.signing import PAY_BALLOT, entry, typed_digest

SWEEP = 40


@pytest.fixture
def vote(coop: Coop) -> int:
    """An open vote on a resolution in words."""
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    return proposal


def slow_account(coop: Coop, member: int, spend: int = 90_000) -> Contract:
    """Makes the member's account a contract that needs nearly all of its stipend."""
    account = deploy(coop.w3, "ListAccount")
    order(coop, "recover", member, account.address)
    tell(coop, account, "spend", spend)
    return account


def mixed_batch(coop: Coop, vote: int) -> bytes:
    """A contract account first, in the middle and last; keys in between: five good ballots."""
    packed = b""
    for member, name in enumerate(("ada", "ben", "cleo", "dan", "eve"), start=1):
        if member % 2:
            account = slow_account(coop, member)
            message = ballot_message(coop, member, vote, "for")
            tell(coop, account, "accept", ballot_digest(coop, message))
            packed += entry(member, FOR, b"", long=True)
        else:
            packed += entry(member, FOR, coop.sign(coop.people[name], vote, FOR))
    return packed


def counted_with(coop: Coop, call: ContractFunction, gas: int) -> int | None:
    """How many ballots the batch counts with that much gas; None if it reverts as a whole."""
    try:
        return int(call.call({"from": coop.tom.address, "gas": gas}))
    except (ContractCustomError, ContractLogicError, Web3RPCError):
        return None


def sweep(coop: Coop, call: ContractFunction) -> list[int | None]:
    """The same batch with every amount of gas from none to plenty."""
    plenty = call.estimate_gas({"from": coop.tom.address}) * 5 // 4
    floor = 60_000
    step = (plenty - floor) // SWEEP
    answers = [counted_with(coop, call, floor + step * n) for n in range(SWEEP + 1)]
    answers.append(counted_with(coop, call, 20_000_000))
    return answers


def test_a_batch_counts_all_its_good_ballots_or_reverts_whatever_gas_it_gets(
    coop: Coop, vote: int
) -> None:
    call = coop.assembly.functions.castBallots(vote, mixed_batch(coop, vote))
    answers = sweep(coop, call)
    assert set(answers) == {None, 5}
    assert answers == sorted(answers, key=lambda answer: answer or 0)
    assert answers.count(None) > SWEEP // 3


def test_an_account_that_gives_up_early_is_never_starved_into_a_bad_signature(
    coop: Coop, vote: int
) -> None:
    # It leaves gas over when it gives up, so only the check before the call can tell.
    order(coop, "recover", 2, deploy(coop.w3, "ImpatientAccount").address)
    call = coop.assembly.functions.castBallots(vote, entry(2, FOR, b"", long=True))
    answers = [counted_with(coop, call, gas) for gas in range(60_000, 300_000, 3_000)]
    assert set(answers) == {None, 1}
    assert answers == sorted(answers, key=lambda answer: answer or 0)


def test_a_pay_batch_counts_all_its_good_ballots_or_reverts_whatever_gas_it_gets(
    chain: Devnet, factory: Contract
) -> None:
    coop = found(chain, factory, roles=[driver()])
    vote = opened_pay_vote(coop)
    terms, packed = pay_vote(coop, vote), b""
    for member in (1, 2, 3):
        account = slow_account(coop, member)
        message = {
            "payVoteId": vote,
            "content": terms["content"],
            "rate": terms["from"],
            "memberId": member,
            "epoch": 1,
            "sequence": 1,
            "reason": "",
        }
        digest = typed_digest(coop.domain(coop.pay_rates, {}), "PayBallot", PAY_BALLOT, message)
        tell(coop, account, "accept", digest)
        packed += entry(member, 0, b"", rung=0, long=True)
    answers = sweep(coop, coop.pay_rates.functions.castPayBallots(vote, packed))
    assert set(answers) == {None, 3}
    assert answers == sorted(answers, key=lambda answer: answer or 0)


@pytest.mark.parametrize("gas", [90_000, 150_000, 200_000, 250_000, 300_000, 350_000])
def test_a_carrier_that_starves_a_batch_leaves_no_trace_of_a_bad_signature(
    coop: Coop, vote: int, gas: int
) -> None:
    packed = mixed_batch(coop, vote)
    carrier = deploy(coop.w3, "Carrier")
    data = bytes.fromhex(coop.assembly.encode_abi("castBallots", [vote, packed])[2:])
    head = coop.assembly.functions.chronicleHead().call()
    receipt = coop.send(carrier.functions.carry(coop.assembly.address, data, gas), coop.tom)
    assert coop.events(receipt, "BallotSkipped") == []
    assert coop.votes(vote) == (0, 0, 0)
    assert coop.assembly.functions.chronicleHead().call() == head
    coop.send(carrier.functions.carry(coop.assembly.address, data, 3_000_000), coop.tom)
    assert coop.votes(vote) == (0, 5, 0)


@pytest.mark.parametrize("gas", range(100_000, 320_000, 20_000))
def test_an_execution_that_is_starved_is_undone_and_never_half_done(coop: Coop, gas: int) -> None:
    shop = deploy(coop.w3, "Shop")
    actions = [coop.action(shop, "order", number) for number in (1, 2, 3)]
    proposal = queued(coop, coop.propose(coop.eve, actions))
    carrier = deploy(coop.w3, "Carrier")
    text_hash = coop.w3.keccak(text="A resolution")
    data = coop.assembly.encode_abi("execute", [proposal, actions, text_hash])
    coop.warp(eta(coop, proposal))
    call = carrier.functions.carry(coop.assembly.address, bytes.fromhex(data[2:]), gas)
    coop.send(call, coop.tom)
    done = coop.state(proposal) == "executed"
    assert shop.functions.orders().call() == ([1, 2, 3] if done else [])
    if not done:
        execute(coop, proposal, actions)
        assert shop.functions.orders().call() == [1, 2, 3]


# Floods


def batch_of_three(coop: Coop, vote: int, middle: bytes) -> TxReceipt:
    """A doubtful entry between two good ones, of ada and of cleo."""
    packed = entry(1, FOR, coop.sign(coop.ada, vote, FOR)) + middle
    return coop.cast_batch(coop.tom, vote, packed + entry(3, FOR, coop.sign(coop.cleo, vote, FOR)))


@pytest.mark.parametrize("length", [501, 5_000, 65_535])
def test_a_huge_reason_is_skipped_alone_for_little_more_than_its_calldata(
    coop: Coop, vote: int, length: int
) -> None:
    reason = "x" * length
    signature = coop.sign(coop.ben, vote, FOR, reason=reason)
    receipt = batch_of_three(coop, vote, entry(2, FOR, signature, reason=reason))
    assert skipped(coop, receipt) == [(2, 1, "BadReason")]
    assert coop.votes(vote) == (0, 2, 0)
    assert receipt["gasUsed"] < 250_000 + 42 * length


@pytest.mark.parametrize(
    ("text", "good"),
    [("x" * 500, True), ("x" * 501, False), ("é" * 250, True), ("é" * 250 + "x", False)],
)
def test_a_reason_is_measured_in_bytes_and_five_hundred_are_the_most(
    coop: Coop, vote: int, text: str, good: bool
) -> None:
    signature = coop.sign(coop.ben, vote, FOR, reason=text)
    receipt = coop.cast_batch(coop.tom, vote, entry(2, FOR, signature, reason=text))
    assert skipped(coop, receipt) == ([] if good else [(2, 1, "BadReason")])
    told = [event["args"]["reason"] for event in coop.events(receipt, "VoteCast")]
    assert told == ([text] if good else [])


@pytest.mark.parametrize("function", ["suspend", "recover", "reinstate", "admit"])
def test_where_people_are_discussed_one_byte_of_reason_is_too_much(
    coop: Coop, function: str
) -> None:
    arguments = {
        "suspend": (5, 100),
        "recover": (5, coop.fay.address),
        "reinstate": (5,),
        "admit": (coop.fay.address,),
    }
    vote = coop.personal(coop.dan, function, *arguments[function])
    coop.open(vote)
    packed = b"".join(
        entry(2, FOR, coop.sign(coop.ben, vote, FOR, 1, text), 1, text) for text in ("x", "é", "")
    )
    receipt = batch_of_three(coop, vote, packed)
    assert skipped(coop, receipt) == [(2, 1, "BadReason")] * 2
    assert coop.votes(vote) == (0, 3, 0)


def test_a_reason_of_no_bytes_is_no_reason(coop: Coop, vote: int) -> None:
    packed = bytearray(entry(2, FOR, coop.sign(coop.ben, vote, FOR)))
    packed[0] |= 4  # a reason follows
    packed += bytes(2)  # of length 0
    coop.cast_batch(coop.tom, vote, bytes(packed))
    assert coop.votes(vote) == (0, 1, 0)


def test_a_huge_signature_is_skipped_alone(coop: Coop, vote: int) -> None:
    flood = entry(2, FOR, b"\x01" * 65_535, long=True)
    receipt = batch_of_three(coop, vote, flood)
    assert skipped(coop, receipt) == [(2, 1, "BadSignature")]
    assert coop.votes(vote) == (0, 2, 0)
    assert receipt["gasUsed"] < 250_000 + 42 * 65_535


@pytest.mark.parametrize(
    ("name", "argument"), [("TalkativeAccount", None), ("HostileAccount", 3), ("HostileAccount", 1)]
)
def test_an_account_that_floods_or_burns_costs_the_batch_its_stipend_at_most(
    coop: Coop, vote: int, name: str, argument: int | None
) -> None:
    cheap = batch_of_three(coop, vote, entry(4, FOR, bytes(65), long=True))["gasUsed"]
    other = coop.propose(coop.ben)
    account = deploy(coop.w3, name, *(() if argument is None else (argument,)))
    order(coop, "recover", 4, account.address)
    coop.open(other)
    dear = batch_of_three(coop, other, entry(4, FOR, bytes(65), long=True))["gasUsed"]
    assert dear < cheap + 100_000 + 30_000


@pytest.mark.parametrize("length", [1_025, 30_000, 500_000])
def test_a_target_that_answers_a_flood_costs_no_more_than_making_it(
    coop: Coop, length: int
) -> None:
    echo = deploy(coop.w3, "Echo")
    loud, quiet = [coop.action(echo, "answer", length)], [coop.action(echo, "refuse", length)]
    first, second = coop.propose(coop.ada, loud), coop.propose(coop.ben, quiet)
    coop.open(second)
    for name in ("ada", "ben", "cleo"):
        for each in (first, second):
            coop.vote(coop.people[name], each, FOR)
    coop.close(second)
    for each in (first, second):
        coop.send(coop.assembly.functions.queue(each), coop.tom)
    coop.warp(eta(coop, second))
    alone = echo.functions.answer(length).estimate_gas({"from": coop.assembly.address})
    with refused("AssemblyActionFailed", 0, b""):
        execute(coop, second, quiet)
    assert execute(coop, first, loud)["gasUsed"] < alone + 150_000
    assert fold(coop.chain, coop.assembly.address) == coop.assembly.functions.chronicleHead().call()


def test_many_copies_of_a_proposal_make_the_next_one_dearer_by_a_bounded_step(
    chain: Devnet, factory: Contract
) -> None:
    # Whoever proposes the same walks the undecided ones: nineteen colluding members cannot bar it.
    coop = found(chain, factory, founders=NAMES[:19])
    action = coop.action(coop.membership, "admit", coop.tom.address)
    costs = []
    for name in NAMES[:19]:
        call = coop.assembly.functions.propose([action], hashed("tom"), coop.now() + 80 * 86_400)
        costs.append(coop.send(call, coop.people[name])["gasUsed"])
    steps = [later - earlier for earlier, later in pairwise(costs[1:])]
    assert max(steps) < 40_000
    assert costs[-1] < 1_000_000
