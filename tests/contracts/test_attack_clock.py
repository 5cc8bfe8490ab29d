"""Every edge of time, one second before, at and after: what is granted, what is refused.

Whoever builds blocks moves a timestamp by seconds; so no edge may leave a gap or overlap another.
"""

from collections.abc import Callable
from typing import Any

import pytest
from web3 import Web3
from web3.contract import Contract
from web3.contract.contract import ContractFunction

from node.devnet import Devnet
from tests.contracts.acts import (
    apply,
    ballot,
    deadline,
    eta,
    hashed,
    one_block,
    opening,
    queue,
    queued,
    voted,
)
from tests.contracts.coop import DAY, FOR, HOUR, Coop
from tests.contracts.founding import PAY_RULE, found
from tests.contracts.people import Sender
from tests.contracts.rates import DRIVER, cast_pay, driver, opened_pay_vote, pay_vote
from tests.contracts.refusals import Reverted
from tests.contracts.roll import act, ask, join, order, voted_just_now
from tests.contracts.rotation import signed

Trial = tuple[ContractFunction, Sender, int]  # what, who, and the second of the edge
GRACE = 10 * DAY


def granted(coop: Coop, trial: Trial) -> str:
    """Before, at and after the edge: + where the act is granted, - where it is refused."""
    call, by, edge = trial
    answers = ""
    for second in (edge - 1, edge, edge + 1):
        snapshot = coop.chain.rpc("evm_snapshot")
        try:
            coop.send(call, by, at=second)
            answers += "+"
        except Reverted:
            answers += "-"
        assert coop.now() == second
        assert coop.chain.rpc("evm_revert", snapshot)
    return answers


def removal(coop: Coop, name: str = "expel", *args: Any) -> int:
    return coop.personal(coop.ada, name, 5, *args)


def passed(coop: Coop) -> int:
    proposal = coop.propose(coop.ada)
    assert voted(coop, proposal, "ada ben cleo") == "succeeded"
    return proposal


def at_freeze(coop: Coop, name: str) -> Trial:
    functions, proposal = coop.assembly.functions, coop.propose(coop.ada)
    calls: dict[str, ContractFunction] = {
        "ballot": functions.castBallot(proposal, 1, FOR, 1, ""),
        "cancel": functions.cancel(proposal),
        "batch": functions.castBallots(proposal, b""),
    }
    return calls[name], coop.ada, opening(coop, proposal)


def at_deadline(coop: Coop, name: str) -> Trial:
    functions, proposal = coop.assembly.functions, coop.propose(coop.ada)
    end = deadline(coop, proposal)
    for voter in (coop.ada, coop.ben, coop.cleo):
        ballot(coop, voter, proposal, at=max(coop.now() + 1, end - 10))
    calls: dict[str, ContractFunction] = {
        "ballot": functions.castBallot(proposal, 1, FOR, 2, ""),
        "queue": functions.queue(proposal),
        "propose again": functions.propose([], "Next", end + 3 * DAY),
    }
    return calls[name], coop.ada, end


def end_of_queueing(coop: Coop) -> Trial:
    proposal = passed(coop)
    edge = deadline(coop, proposal) + GRACE
    return coop.assembly.functions.queue(proposal), coop.tom, edge


def executing(coop: Coop, after: int) -> Trial:
    proposal = passed(coop)
    queue(coop, proposal)
    text_hash = Web3.keccak(text="A resolution")
    call = coop.assembly.functions.execute(proposal, [], text_hash)
    return call, coop.tom, eta(coop, proposal) + after


def appealing(coop: Coop) -> Trial:
    proposal = queued(coop, removal(coop), "ada ben cleo")
    return coop.assembly.functions.appeal(proposal), coop.eve, eta(coop, proposal)


def replying(coop: Coop) -> Trial:
    proposal = queued(coop, removal(coop), "ada ben cleo")
    edge = eta(coop, proposal) + GRACE
    return coop.assembly.functions.reply(proposal, b"\1" * 32), coop.eve, edge


def objecting(coop: Coop) -> Trial:
    proposal = queued(coop, removal(coop, "recover", coop.fay.address), "ada ben cleo")
    edge = eta(coop, proposal) + GRACE
    return coop.assembly.functions.object(proposal), coop.eve, edge


def cooling_down(coop: Coop) -> Trial:
    proposal = coop.propose(coop.ada)
    assert voted(coop, proposal, "ada", "ben cleo") == "defeated"
    edge = deadline(coop, proposal) + 30 * DAY
    return coop.assembly.functions.propose([], "A resolution", edge + 5 * DAY), coop.ben, edge


def opening_after(coop: Coop, wait: int) -> Trial:
    opens_at = coop.now() + HOUR + wait
    return coop.assembly.functions.propose([], "x", opens_at), coop.ada, opens_at - wait


def reinstating(coop: Coop) -> Trial:
    order(coop, "suspend", 5, DAY)
    return coop.membership.functions.reinstate(5), coop.tom, ask(coop, "standingOf", 5)[1]


def admitting(coop: Coop) -> Trial:
    apply(coop, coop.fay)
    action = coop.action(coop.membership, "admit", coop.fay.address)
    admission = queued(coop, coop.propose(coop.ada, [action], hashed("fay")), "ada ben cleo")
    edge = eta(coop, admission) + HOUR
    order(coop, "setProbation", edge - ask(coop, "appliedAt", coop.fay.address))
    call = coop.assembly.functions.execute(admission, [action], Web3.keccak(text=hashed("fay")))
    return call, coop.tom, edge


def rotating(coop: Coop) -> Trial:
    edge = coop.now() + DAY
    message, present, new = signed(coop, coop.eve, coop.fay, edge)
    call = coop.membership.functions.rotate(5, message["newAccount"], edge, present, new)
    return call, coop.tom, edge


def rotating_again(coop: Coop) -> Trial:
    order(coop, "recover", 5, coop.gus.address)
    edge = coop.now() + 2 * DAY
    message, present, new = signed(coop, coop.gus, coop.fay, edge + DAY)
    call = coop.membership.functions.rotate(5, message["newAccount"], edge + DAY, present, new)
    return call, coop.tom, edge


EDGES: dict[str, tuple[Callable[[Coop], Trial], str]] = {
    "a ballot at the freeze": (lambda c: at_freeze(c, "ballot"), "--+"),
    "a batch at the freeze": (lambda c: at_freeze(c, "batch"), "--+"),
    "a withdrawal at the freeze": (lambda c: at_freeze(c, "cancel"), "++-"),
    "a ballot at the deadline": (lambda c: at_deadline(c, "ballot"), "++-"),
    "queueing at the deadline": (lambda c: at_deadline(c, "queue"), "--+"),
    "the proposers next one at the deadline": (lambda c: at_deadline(c, "propose again"), "--+"),
    "queueing at the end of grace": (end_of_queueing, "++-"),
    "execution at the eta": (lambda c: executing(c, 0), "-++"),
    "execution at the end of grace": (lambda c: executing(c, GRACE), "++-"),
    "an appeal at the eta": (appealing, "+--"),
    "a reply at the end of grace": (replying, "++-"),
    "an objection at the end of grace": (objecting, "++-"),
    "the same at the end of the cool-down": (cooling_down, "-++"),
    "an opening at the end of notice": (lambda c: opening_after(c, 2 * DAY), "++-"),
    "an opening ninety days ahead": (lambda c: opening_after(c, 90 * DAY), "-++"),
    "a reinstatement at the end of the term": (reinstating, "-++"),
    "an admission at the end of probation": (admitting, "-++"),
    "a change of key at its deadline": (rotating, "++-"),
    "a change of key at the end of the pause": (rotating_again, "-++"),
}


@pytest.mark.parametrize("edge", EDGES)
def test_an_edge_of_time_is_the_same_second_for_everybody(coop: Coop, edge: str) -> None:
    trial, expected = EDGES[edge]
    assert granted(coop, trial(coop)) == expected


def paid_at(coop: Coop, name: str) -> Trial:
    functions = coop.pay_rates.functions
    if name == "ballot at the freeze":
        coop.send(functions.openPayVote(DRIVER, coop.now() + 2 * DAY), coop.ada)
        vote = 1
    else:
        vote = opened_pay_vote(coop)
    terms = pay_vote(coop, vote)
    edges: dict[str, tuple[ContractFunction, int]] = {
        "ballot at the freeze": (functions.castPayBallot(1, 1, 2_000, 1, ""), terms["opensAt"]),
        "ballot at the deadline": (functions.castPayBallot(1, 1, 2_000, 1, ""), terms["deadline"]),
        "closing at the deadline": (functions.closePayVote(vote), terms["deadline"]),
        "closing at the end of grace": (
            functions.closePayVote(vote),
            terms["deadline"] + PAY_RULE["grace"],
        ),
    }
    return (edges[name][0], coop.ada, edges[name][1])


PAY_EDGES = {
    "ballot at the freeze": "--+",
    "ballot at the deadline": "++-",
    "closing at the deadline": "--+",
    "closing at the end of grace": "++-",
}


@pytest.mark.parametrize("edge", PAY_EDGES)
def test_an_edge_of_a_pay_vote_is_the_same_second_for_everybody(
    chain: Devnet, factory: Contract, edge: str
) -> None:
    coop = found(chain, factory, roles=[driver()])
    assert granted(coop, paid_at(coop, edge)) == PAY_EDGES[edge]


# The same block


@pytest.mark.parametrize("late", [0, 1])
def test_who_is_admitted_in_the_block_of_the_opening_is_in_roll_and_vote_or_in_neither(
    coop: Coop, late: int
) -> None:
    apply(coop, coop.fay)
    action = coop.action(coop.membership, "admit", coop.fay.address)
    admission = queued(coop, coop.propose(coop.ada, [action], hashed("fay")))
    running = coop.propose(coop.ben)
    functions = coop.assembly.functions
    second = opening(coop, running) + late
    calls = [
        (functions.execute(admission, [action], Web3.keccak(text=hashed("fay"))), coop.tom),
        (functions.castBallot(running, 6, FOR, 1, ""), coop.fay),
        (functions.castBallot(running, 1, FOR, 1, ""), coop.ada),
    ]
    statuses = [receipt["status"] for receipt in one_block(coop, calls, at=second)]
    assert statuses == [1, 0, late]  # in the second of the freeze nobody votes
    coop.warp(second + 1)
    assert functions.proposalRoll(running).call() == 6 - late
    assert granted(coop, (calls[1][0], coop.fay, coop.now() + 9)) == ("+++" if late == 0 else "---")


def test_who_leaves_and_is_back_within_the_second_of_the_freeze_is_counted_once(
    coop: Coop,
) -> None:
    running = coop.propose(coop.ada)
    order(coop, "setProbation", 0)
    second = opening(coop, running)
    functions = coop.membership.functions
    calls: list[tuple[ContractFunction, Any]] = [
        (functions.leaveCooperative(), coop.eve),
        (functions.applyToJoin(b"\1" * 32), coop.eve),
        (functions.admit(coop.eve.address), coop.assembly),
    ]
    with voted_just_now(coop):
        receipts = one_block(coop, calls, at=second)
    assert [receipt["status"] for receipt in receipts] == [1, 1, 1]
    coop.warp(second + 1)
    assert coop.assembly.functions.proposalRoll(running).call() == 5
    coop.vote(coop.eve, running, FOR)
    assert coop.votes(running) == (0, 1, 0)


def test_a_pay_vote_that_freezes_at_once_takes_in_who_is_admitted_in_that_block(
    chain: Devnet, factory: Contract
) -> None:
    coop = found(chain, factory, roles=[driver()], pay_rule={"notice": 0}, probation=0)
    act(coop, coop.fay, "applyToJoin", b"\1" * 32)
    order(coop, "setProbation", 0)
    second = coop.now() + 10
    calls: list[tuple[ContractFunction, Any]] = [
        (coop.pay_rates.functions.openPayVote(DRIVER, second), coop.ada),
        (coop.membership.functions.admit(coop.fay.address), coop.assembly),
    ]
    with voted_just_now(coop):
        receipts = one_block(coop, calls, at=second)
    assert [receipt["status"] for receipt in receipts] == [1, 1]
    coop.warp(second + 1)
    assert coop.pay_rates.functions.payVoteRoll(1).call() == 6
    cast_pay(coop, coop.fay, 1, 2_000)
    assert join(coop, coop.gus) == 7
    with pytest.raises(Reverted):
        cast_pay(coop, coop.gus, 1, 2_000)
