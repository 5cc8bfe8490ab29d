"""The states of a proposal at the exact seconds at which they change; what each refuses."""

from collections.abc import Callable

import pytest
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.acts import (
    ballot,
    deadline,
    eta,
    execute,
    opening,
    poll,
    queue,
    queued,
    refused,
    voted,
    wrong_state,
)
from tests.contracts.coop import AGAINST, DAY, Coop
from tests.contracts.founding import found, rule

GRACE, DELAY = 10 * DAY, DAY


def test_a_vote_is_open_after_its_opening_through_its_deadline(coop: Coop) -> None:
    proposal = coop.propose(coop.ada)
    start, end = opening(coop, proposal), deadline(coop, proposal)
    assert end == start + 4 * DAY
    assert coop.state(proposal) == "pending"
    states = []
    for moment in (start, start + 1, end, end + 1):
        coop.warp(moment)
        states.append(coop.state(proposal))
    assert states == ["pending", "active", "active", "defeated"]


def test_ballots_are_counted_from_the_second_after_the_freeze_through_the_deadline(
    coop: Coop,
) -> None:
    proposal = coop.propose(coop.ada)
    start, end = opening(coop, proposal), deadline(coop, proposal)
    with wrong_state(proposal, "pending", "active"):
        ballot(coop, coop.ada, proposal, at=start)
    ballot(coop, coop.ada, proposal, at=start + 1)
    ballot(coop, coop.ben, proposal, at=end)
    assert coop.votes(proposal) == (0, 2, 0)
    with wrong_state(proposal, "defeated", "active"):
        ballot(coop, coop.cleo, proposal, at=end + 1)


def test_a_passed_proposal_waits_for_queueing_through_its_grace(coop: Coop) -> None:
    proposal = coop.propose(coop.ada)
    assert voted(coop, proposal, "ada ben cleo") == "succeeded"
    end = deadline(coop, proposal)
    coop.warp(end + GRACE)
    assert coop.state(proposal) == "succeeded"
    coop.warp(end + GRACE + 1)
    assert coop.state(proposal) == "expired"


def test_a_passed_proposal_is_queued_in_the_last_second_of_its_grace(coop: Coop) -> None:
    proposal = coop.propose(coop.ada)
    voted(coop, proposal, "ada ben cleo")
    at = deadline(coop, proposal) + GRACE
    receipt = queue(coop, proposal, at=at)
    assert [dict(e["args"]) for e in coop.events(receipt, "ProposalQueued")] == [
        {"proposalId": proposal, "etaSeconds": at + DELAY}
    ]
    assert eta(coop, proposal) == at + DELAY
    assert coop.state(proposal) == "queued"


def test_a_passed_proposal_that_nobody_queued_has_expired(coop: Coop) -> None:
    proposal = coop.propose(coop.ada)
    voted(coop, proposal, "ada ben cleo")
    with wrong_state(proposal, "expired", "succeeded"):
        queue(coop, proposal, at=deadline(coop, proposal) + GRACE + 1)


def test_a_queued_proposal_is_executed_at_its_eta_and_not_a_second_earlier(coop: Coop) -> None:
    proposal = queued(coop, coop.propose(coop.ada))
    due = eta(coop, proposal)
    with refused("AssemblyNotDue", proposal, due):
        execute(coop, proposal, at=due - 1)
    receipt = execute(coop, proposal, at=due)
    assert [dict(e["args"]) for e in coop.events(receipt, "ProposalExecuted")] == [
        {"proposalId": proposal}
    ]
    assert coop.state(proposal) == "executed"


def test_a_queued_proposal_is_executed_in_the_last_second_of_its_grace(coop: Coop) -> None:
    proposal = queued(coop, coop.propose(coop.ada))
    execute(coop, proposal, at=eta(coop, proposal) + GRACE)
    assert coop.state(proposal) == "executed"


def test_a_queued_proposal_expires_after_its_grace(coop: Coop) -> None:
    proposal = queued(coop, coop.propose(coop.ada))
    due = eta(coop, proposal)
    coop.warp(due + GRACE)
    assert coop.state(proposal) == "queued"
    with wrong_state(proposal, "expired", "queued"):
        execute(coop, proposal, at=due + GRACE + 1)
    assert coop.state(proposal) == "expired"


def test_grace_for_execution_runs_from_the_eta_however_late_it_was_queued(coop: Coop) -> None:
    proposal = coop.propose(coop.ada)
    voted(coop, proposal, "ada ben cleo")
    late = deadline(coop, proposal) + GRACE
    queue(coop, proposal, at=late)
    coop.warp(late + DELAY + GRACE)
    assert coop.state(proposal) == "queued"


def test_without_a_delay_a_proposal_is_due_when_it_is_queued(
    chain: Devnet, factory: Contract
) -> None:
    coop = found(chain, factory, rules={"Ordinary": rule(executionDelay=0, notice=0)})
    proposal = coop.propose(coop.ada, opens_in=10)
    queued(coop, proposal)
    assert eta(coop, proposal) == coop.now()
    execute(coop, proposal)
    assert coop.state(proposal) == "executed"


def test_an_executed_proposal_stays_executed(coop: Coop) -> None:
    proposal = queued(coop, coop.propose(coop.ada))
    execute(coop, proposal, at=eta(coop, proposal))
    coop.warp(coop.now() + 400 * DAY)
    assert coop.state(proposal) == "executed"


def _pending(coop: Coop) -> int:
    return coop.propose(coop.ada)


def _active(coop: Coop) -> int:
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    return proposal


def _canceled(coop: Coop) -> int:
    proposal = coop.propose(coop.ada)
    coop.send(coop.assembly.functions.cancel(proposal), coop.ada)
    return proposal


def _defeated(coop: Coop) -> int:
    proposal = coop.propose(coop.ada)
    voted(coop, proposal, against="ada ben cleo")
    return proposal


def _succeeded(coop: Coop) -> int:
    proposal = coop.propose(coop.ada)
    voted(coop, proposal, "ada ben cleo")
    return proposal


def _queued(coop: Coop) -> int:
    return queued(coop, coop.propose(coop.ada))


def _expired(coop: Coop) -> int:
    proposal = _succeeded(coop)
    coop.warp(deadline(coop, proposal) + GRACE + 1)
    return proposal


def _executed(coop: Coop) -> int:
    proposal = _queued(coop)
    execute(coop, proposal, at=eta(coop, proposal))
    return proposal


WAYS: dict[str, Callable[[Coop], int]] = {
    "pending": _pending,
    "active": _active,
    "canceled": _canceled,
    "defeated": _defeated,
    "succeeded": _succeeded,
    "queued": _queued,
    "expired": _expired,
    "executed": _executed,
}


@pytest.mark.parametrize("state", WAYS)
def test_each_act_is_refused_in_every_state_but_its_own(coop: Coop, state: str) -> None:
    proposal = WAYS[state](coop)
    assert coop.state(proposal) == state
    cancel = coop.assembly.functions.cancel(proposal)
    if state != "pending":
        with wrong_state(proposal, state, "pending"):
            coop.send(cancel, coop.ada)
    if state != "active":
        with wrong_state(proposal, state, "active"):
            ballot(coop, coop.eve, proposal, AGAINST)
        with wrong_state(proposal, state, "active"):
            coop.cast_batch(coop.tom, proposal, b"")
    if state != "succeeded":
        with wrong_state(proposal, state, "succeeded"):
            queue(coop, proposal)
    if state != "queued":
        with wrong_state(proposal, state, "queued"):
            execute(coop, proposal)
    assert coop.state(proposal) == state


def test_an_unknown_proposal_is_refused_by_every_act_and_view(coop: Coop) -> None:
    coop.propose(coop.ada)
    functions = coop.assembly.functions
    for unknown in (0, 2, 2**256 - 1):
        acts = [
            functions.cancel(unknown),
            functions.queue(unknown),
            functions.execute(unknown, [], bytes(32)),
            functions.reply(unknown, bytes(32)),
            functions.appeal(unknown),
            functions.object(unknown),
            functions.castBallot(unknown, 1, 1, 1, ""),
            functions.castBallots(unknown, b""),
        ]
        views = [
            functions.state(unknown),
            functions.proposal(unknown),
            functions.proposalSnapshot(unknown),
            functions.proposalDeadline(unknown),
            functions.proposalProposer(unknown),
            functions.proposalEta(unknown),
            functions.proposalVotes(unknown),
            functions.proposalQuorum(unknown),
            functions.proposalRoll(unknown),
            functions.hasVoted(unknown, coop.ada.address),
        ]
        for call in (*acts, *views):
            with refused("AssemblyUnknownProposal", unknown):
                call.call({"from": coop.ada.address})


def test_votes_of_one_proposal_do_not_touch_another(coop: Coop) -> None:
    first, second = coop.propose(coop.ada), coop.propose(coop.ben, text="Another")
    coop.open(second)
    poll(coop, first, "ada ben cleo")
    poll(coop, second, "", "ada ben cleo")
    assert (coop.votes(first), coop.votes(second)) == ((0, 3, 0), (3, 0, 0))
    coop.close(second)
    assert [coop.state(first), coop.state(second)] == ["succeeded", "defeated"]
