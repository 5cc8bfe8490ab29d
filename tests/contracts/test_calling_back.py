"""What an action may do in the co-op that carries it out: propose and execute no more, but vote."""

from typing import Any

from web3 import Web3
from web3.contract import Contract

from tests.contracts.acts import (
    NOT_ELIGIBLE,
    apply,
    ballot,
    eta,
    execute,
    hashed,
    one_block,
    opening,
    queued,
    refused,
    wrong_state,
)
from tests.contracts.artifacts import deploy
from tests.contracts.coop import DAY, FOR, HOUR, Coop
from tests.contracts.ledger import fold
from tests.contracts.roll import skipped
from tests.contracts.signing import entry


def test_an_action_cannot_come_back_to_propose_or_execute(coop: Coop) -> None:
    shop = deploy(coop.w3, "Shop")
    order = [coop.action(shop, "order", 1)]
    orders = coop.propose(coop.ada, order)
    returner, returns, back = returning(coop, [orders])
    text_hash = Web3.keccak(text="A resolution")
    calls = [
        coop.assembly.encode_abi("execute", [orders, order, text_hash]),
        coop.assembly.encode_abi("execute", [returns, back, text_hash]),
        coop.assembly.encode_abi("propose", [[], "x", coop.now() + 3 * DAY]),
    ]
    coop.send(returner.functions.tell([bytes.fromhex(call[2:]) for call in calls]), coop.tom)
    execute(coop, returns, back)
    successes, answers = returner.functions.answers().call()
    entered = bytes(Web3.keccak(text="ReentrancyGuardReentrantCall()")[:4])
    assert (successes, answers) == ([False] * 3, [entered] * 3)
    assert coop.state(orders) == "queued"
    execute(coop, orders, order)


def test_an_action_that_comes_back_with_ballots_carries_them_like_anybody(coop: Coop) -> None:
    # Casting has no guard: what it needs is stored before the actions are carried out.
    running = coop.propose(coop.cleo, opens_in=6 * DAY + HOUR)
    returner, returns, back = returning(coop, [])
    coop.warp(max(coop.now(), opening(coop, running)) + 1)
    packed = entry(4, FOR, coop.sign(coop.dan, running, FOR))
    calls = [
        coop.assembly.encode_abi("castBallots", [running, packed]),
        coop.assembly.encode_abi("castBallots", [running, packed]),  # skipped: counted before
        coop.assembly.encode_abi("castBallot", [running, 4, FOR, 2, ""]),  # not its number
        coop.assembly.encode_abi("castBallots", [returns, packed]),  # executed already
    ]
    coop.send(returner.functions.tell([bytes.fromhex(call[2:]) for call in calls]), coop.tom)
    receipt = execute(coop, returns, back)
    assert returner.functions.answers().call()[0] == [True, True, False, False]
    assert skipped(coop, receipt) == [(4, 1, "StaleSequence")]
    assert (coop.votes(running), coop.state(returns)) == ((0, 1, 0), "executed")
    assert fold(coop.chain, coop.assembly.address) == coop.assembly.functions.chronicleHead().call()


def returning(coop: Coop, others: list[int]) -> tuple[Contract, int, list[Any]]:
    """A passed proposal that is due, whose action calls back; the others pass with it."""
    returner = deploy(coop.w3, "Returner")
    back = [coop.action(returner, "goBack")]
    returns = coop.propose(coop.ben, back)
    coop.open(returns)
    for each in (*others, returns):
        for name in ("ada", "ben", "cleo"):
            coop.vote(coop.people[name], each, FOR)
    coop.close(returns)
    for each in (*others, returns):
        coop.send(coop.assembly.functions.queue(each), coop.tom)
    coop.warp(eta(coop, returns))
    return returner, returns, back


def test_joining_proposing_voting_and_executing_in_one_block_is_refused(coop: Coop) -> None:
    # Beanstalk: votes taken up and used in one transaction.
    apply(coop, coop.fay)
    action = coop.action(coop.membership, "admit", coop.fay.address)
    admission = coop.propose(coop.ada, [action], hashed("fay"))
    running = coop.propose(coop.ben, (), "Running", opens_in=6 * DAY + HOUR)
    queued(coop, admission)
    due = max(eta(coop, admission), opening(coop, running) + 1)
    functions = coop.assembly.functions
    text_hash = Web3.keccak(text=hashed("fay"))
    receipts = one_block(
        coop,
        [
            (functions.execute(admission, [action], text_hash), coop.tom),
            (functions.propose([], "Mine", due + 2 * DAY), coop.fay),
            (functions.castBallot(running, 6, FOR, 1, ""), coop.fay),
            (functions.castBallot(running + 1, 6, FOR, 1, ""), coop.fay),
            (functions.queue(running + 1), coop.fay),
            (functions.execute(running + 1, [], Web3.keccak(text="Mine")), coop.fay),
        ],
        at=due,
    )
    assert len({receipt["blockNumber"] for receipt in receipts}) == 1
    # Admitted and proposed; every ballot and what follows from ballots was refused.
    assert [receipt["status"] for receipt in receipts] == [1, 1, 0, 0, 0, 0]
    assert (coop.votes(running), coop.votes(running + 1)) == ((0, 0, 0), (0, 0, 0))
    with refused("AssemblyBallotRefused", running, 6, NOT_ELIGIBLE):
        ballot(coop, coop.fay, running)
    with wrong_state(running + 1, "pending", "active"):
        ballot(coop, coop.fay, running + 1)
