"""Coming back in: through the word of a contract account, and through a carried-out action."""

from typing import Any

import pytest
from web3 import Web3
from web3.contract import Contract
from web3.logs import DISCARD

from node.devnet import Devnet
from tests.contracts.acts import eta, execute, leave, queued, voted
from tests.contracts.artifacts import deploy
from tests.contracts.coop import AGAINST, DAY, FOR, HOUR, Coop
from tests.contracts.founding import found
from tests.contracts.ledger import fold
from tests.contracts.rates import DRIVER, driver, opened_pay_vote, pay_vote
from tests.contracts.roll import act, ask, open_account, order, skipped, tell
from tests.contracts.rotation import rotation, sign_rotation
from tests.contracts.signing import entry

Attempt = tuple[str, bytes]


@pytest.fixture
def paid(chain: Devnet, factory: Contract) -> Coop:
    """A co-op with drivers."""
    return found(chain, factory, roles=[driver()])


@pytest.fixture
def meddler(paid: Coop) -> Contract:
    """Member 5's account is a contract that tries to act when it is asked."""
    account = deploy(paid.w3, "MeddlingAccount")
    order(paid, "recover", 5, account.address)
    open_account(paid, account.address)
    return account


def attempt(contract: Contract, name: str, *args: Any) -> Attempt:
    return contract.address, bytes.fromhex(contract.encode_abi(name, args)[2:])


def heads(coop: Coop) -> list[bytes]:
    """The chronicle heads, and on the way that each is the fold of its logs."""
    found_heads = []
    for contract in (coop.membership, coop.bylaws, coop.assembly, coop.pay_rates):
        head = contract.functions.chronicleHead().call()
        assert fold(coop.chain, contract.address) == head
        found_heads.append(head)
    return found_heads


def own_acts(coop: Coop, running: int, pending: int) -> list[Attempt]:
    """What the meddler may do as a member, when nobody asks for its word."""
    return [
        attempt(coop.assembly, "castBallot", running, 5, AGAINST, 1, ""),
        attempt(coop.assembly, "cancel", pending),
        attempt(coop.membership, "applyToJoin", b"\x11" * 32),
        attempt(coop.membership, "leaveCooperative"),
        attempt(coop.pay_rates, "openPayVote", DRIVER, coop.now() + 2 * DAY),
    ]


@pytest.mark.parametrize("number", range(6))
def test_a_contract_account_that_is_asked_for_its_word_can_do_nothing_else(
    paid: Coop, meddler: Contract, number: int
) -> None:
    coop = paid
    pending = coop.propose(meddler, opens_in=60 * DAY)  # type: ignore[arg-type]
    running = coop.propose(coop.ada)
    coop.open(running)
    ballot = entry(5, FOR, b"", long=True)
    acts = [
        *own_acts(coop, running, pending),
        attempt(coop.assembly, "castBallots", running, ballot),
    ]
    tell(coop, meddler, "tell", [acts[number]])
    others = heads(coop)
    receipt = coop.cast_batch(coop.tom, running, ballot)
    assert skipped(coop, receipt) == []
    assert coop.votes(running) == (0, 1, 0)
    assert coop.state(pending) == "pending"
    after = heads(coop)
    assert (after[0], after[1], after[3]) == (others[0], others[1], others[3])


def test_what_it_tried_then_it_may_do_when_nobody_asks(paid: Coop, meddler: Contract) -> None:
    # Or the test above would show nothing.
    coop = paid
    pending = coop.propose(meddler, opens_in=60 * DAY)  # type: ignore[arg-type]
    running = coop.propose(coop.ada)
    coop.open(running)
    acts = own_acts(coop, running, pending)
    acts[2], acts[4] = acts[4], acts[2]  # leaves before it applies anew
    acts[3], acts[4] = attempt(coop.membership, "leaveCooperative"), acts[4]
    tell(coop, meddler, "tell", acts)
    assert meddler.functions.tryNow().call({"from": coop.tom.address}) == 5
    tell(coop, meddler, "tryNow")
    assert coop.votes(running) == (1, 0, 0)
    assert (coop.state(pending), ask(coop, "rollSize")) == ("canceled", 4)
    heads(coop)


@pytest.mark.parametrize("number", range(3))
def test_a_batch_of_pay_ballots_is_not_entered_again_either(
    paid: Coop, meddler: Contract, number: int
) -> None:
    coop = paid
    vote = opened_pay_vote(coop)
    rung = pay_vote(coop, vote)["presentRung"]
    packed = entry(5, 0, b"", rung=rung, long=True)
    acts = [
        attempt(coop.pay_rates, "castPayBallot", vote, 5, 2_000, 200, ""),
        attempt(coop.pay_rates, "castPayBallots", vote, packed),
        attempt(coop.membership, "leaveCooperative"),
    ]
    tell(coop, meddler, "tell", [acts[number]])
    coop.send(coop.pay_rates.functions.castPayBallots(vote, packed), coop.tom)
    assert coop.pay_rates.functions.payBallotOf(vote, 5).call() == [2_000, 1, 1]
    assert pay_vote(coop, vote)["ballots"] == 1
    assert ask(coop, "rollSize") == 5
    heads(coop)


@pytest.mark.parametrize("number", range(2))
def test_a_change_of_key_is_not_entered_by_the_new_account(paid: Coop, number: int) -> None:
    coop = paid
    account = deploy(coop.w3, "MeddlingAccount")
    until = coop.now() + DAY
    message = rotation(coop, 1, account.address, until)
    present = sign_rotation(coop, coop.ada, message)
    call = ("rotate", 1, account.address, until, present, b"")
    acts = [
        attempt(coop.membership, *call),
        attempt(coop.membership, "applyToJoin", b"\x11" * 32),
    ]
    tell(coop, account, "tell", [acts[number]])
    act(coop, coop.tom, *call)
    assert ask(coop, "memberOf", 1)[3] == 1
    assert ask(coop, "appliedAt", account.address) == 0
    heads(coop)


def test_an_action_that_comes_back_does_only_what_its_account_may(paid: Coop) -> None:
    # The parts that no guard covers: they end before they call anybody.
    coop = paid
    returner = deploy(coop.w3, "Returner")
    order(coop, "recover", 5, returner.address)
    open_account(coop, returner.address)
    pending = coop.propose(returner, opens_in=80 * DAY)  # type: ignore[arg-type]
    passed = coop.propose(coop.ben, (), "Passed")
    back = [coop.action(returner, "goBack")]
    proposal = coop.propose(coop.ada, back)
    coop.open(proposal)
    for name in ("ada", "ben", "cleo"):
        for each in (passed, proposal):
            coop.vote(coop.people[name], each, FOR)
    coop.close(proposal)
    coop.send(coop.assembly.functions.queue(proposal), coop.tom)
    calls = [
        coop.assembly.encode_abi("cancel", [pending]),  # its own: granted
        coop.assembly.encode_abi("queue", [passed]),  # anybody's: granted
        coop.assembly.encode_abi("cancel", [proposal]),
        coop.assembly.encode_abi("queue", [proposal]),
        coop.assembly.encode_abi("appeal", [proposal]),
        coop.assembly.encode_abi("object", [proposal]),
        coop.assembly.encode_abi("reply", [proposal, b"\x01" * 32]),
    ]
    coop.send(returner.functions.tell([bytes.fromhex(call[2:]) for call in calls]), coop.tom)
    coop.warp(eta(coop, proposal))
    execute(coop, proposal, back)
    assert returner.functions.answers().call()[0] == [True, True] + [False] * 5
    assert coop.state(proposal) == "executed"
    assert (coop.state(pending), coop.state(passed)) == ("canceled", "queued")
    heads(coop)


def test_an_action_cannot_order_our_own_contracts_about_by_a_detour(paid: Coop) -> None:
    coop = paid
    carrier = deploy(coop.w3, "Carrier")
    inner = bytes.fromhex(coop.membership.encode_abi("expel", [1])[2:])
    actions = [coop.action(carrier, "carry", coop.membership.address, inner, 10**6)]
    proposal = queued(coop, coop.propose(coop.eve, actions))
    coop.warp(eta(coop, proposal))
    receipt = execute(coop, proposal, actions)
    (event,) = carrier.events.Carried().process_receipt(receipt, errors=DISCARD)
    assert event["args"]["success"] is False
    assert ask(coop, "rollSize") == 5


def test_a_failing_batch_of_actions_undoes_what_an_earlier_one_did(paid: Coop) -> None:
    coop = paid
    shop, echo = deploy(coop.w3, "Shop"), deploy(coop.w3, "Echo")
    actions = [coop.action(shop, "order", 7), coop.action(echo, "refuse", 4)]
    proposal = queued(coop, coop.propose(coop.eve, actions))
    coop.warp(eta(coop, proposal))
    before = heads(coop)
    with pytest.raises(Exception, match="AssemblyActionFailed"):
        execute(coop, proposal, actions)
    assert shop.functions.orders().call() == []
    assert heads(coop) == before


def test_whoever_leaves_in_an_action_of_the_vote_they_lost_stays_counted_in_it(paid: Coop) -> None:
    coop = paid
    running = coop.propose(coop.cleo, opens_in=2 * DAY + HOUR)
    coop.open(running)
    coop.vote(coop.eve, running, AGAINST)
    leave(coop, coop.eve)
    assert voted(coop, running, "ada ben") == "succeeded"
    assert coop.votes(running) == (1, 2, 0)
    assert coop.assembly.functions.proposalRoll(running).call() == 5
    assert Web3.to_int(heads(coop)[2]) != 0
