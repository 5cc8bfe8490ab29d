"""The second call: a missed quorum keeps the vote open once more, with a lower one."""

import pytest
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.acts import (
    ballot,
    deadline,
    info,
    opening,
    poll,
    queue,
    refused,
    voted,
    wrong_state,
)
from tests.contracts.coop import AGAINST, DAY, FOR, Coop
from tests.contracts.founding import found, rule
from tests.contracts.people import NAMES

# Ten founders: six for a quorum, three at the second call.
RULE = rule(quorumBps=6_000, secondCallDelay=3 * DAY, secondCallBps=3_000)


@pytest.fixture
def ten(chain: Devnet, factory: Contract) -> Coop:
    return found(chain, factory, rules={"Ordinary": RULE}, founders=NAMES[:10])


def test_a_missed_quorum_keeps_the_vote_open_without_anybodys_act(ten: Coop) -> None:
    proposal = ten.propose(ten.ada)
    first = opening(ten, proposal) + 4 * DAY
    ten.warp(first)
    assert (deadline(ten, proposal), info(ten, proposal)["secondCalled"]) == (first, False)
    assert ten.assembly.functions.proposalQuorum(proposal).call() == 6
    ten.warp(first + 1)
    assert ten.state(proposal) == "active"
    assert deadline(ten, proposal) == info(ten, proposal)["deadline"] == first + 3 * DAY
    assert info(ten, proposal)["secondCalled"] is True
    assert ten.assembly.functions.proposalQuorum(proposal).call() == 3


def test_a_quorum_missed_again_defeats_the_proposal(ten: Coop) -> None:
    proposal = ten.propose(ten.ada)
    ten.open(proposal)
    poll(ten, proposal, "ada ben")
    second = opening(ten, proposal) + 7 * DAY
    ten.warp(second)
    assert ten.state(proposal) == "active"
    ten.warp(second + 1)
    assert ten.state(proposal) == "defeated"
    with wrong_state(proposal, "defeated", "succeeded"):
        queue(ten, proposal)


def test_no_ballots_at_all_defeat_the_proposal_after_the_second_call(ten: Coop) -> None:
    proposal = ten.propose(ten.ada)
    ten.warp(opening(ten, proposal) + 7 * DAY + 1)
    assert ten.state(proposal) == "defeated"
    assert deadline(ten, proposal) == opening(ten, proposal) + 7 * DAY


def test_the_first_ballots_suffice_for_the_lower_quorum(ten: Coop) -> None:
    proposal = ten.propose(ten.ada)
    ten.open(proposal)
    poll(ten, proposal, "ada ben", "cleo")
    second = opening(ten, proposal) + 7 * DAY
    ten.warp(second)
    assert ten.state(proposal) == "active"
    ten.warp(second + 1)
    assert ten.state(proposal) == "succeeded"
    queue(ten, proposal)
    assert ten.state(proposal) == "queued"


def test_the_first_ballot_of_the_second_call_records_it(ten: Coop) -> None:
    proposal = ten.propose(ten.ada)
    ten.open(proposal)
    poll(ten, proposal, "ada ben")
    first = opening(ten, proposal) + 4 * DAY
    receipt = ballot(ten, ten.cleo, proposal, at=first + 1)
    (opened,) = ten.events(receipt, "SecondCallOpened")
    (cast,) = ten.events(receipt, "VoteCast")
    assert dict(opened["args"]) == {"proposalId": proposal, "deadline": first + 3 * DAY}
    assert opened["logIndex"] < cast["logIndex"]
    assert deadline(ten, proposal) == first + 3 * DAY
    again = ballot(ten, ten.dan, proposal)
    assert ten.events(again, "SecondCallOpened") == []
    assert ten.votes(proposal) == (0, 4, 0)
    assert deadline(ten, proposal) == first + 3 * DAY


def test_a_batch_opens_the_second_call_even_if_none_of_its_ballots_counts(ten: Coop) -> None:
    proposal = ten.propose(ten.ada)
    first = opening(ten, proposal) + 4 * DAY
    ten.warp(first + 1)
    receipt = ten.cast_batch(ten.tom, proposal, b"")
    assert len(ten.events(receipt, "SecondCallOpened")) == 1
    assert (ten.state(proposal), deadline(ten, proposal)) == ("active", first + 3 * DAY)


def test_ballots_are_cast_and_changed_through_the_deadline_of_the_second_call(ten: Coop) -> None:
    proposal = ten.propose(ten.ada)
    ten.open(proposal)
    poll(ten, proposal, "ada ben")
    second = opening(ten, proposal) + 7 * DAY
    ballot(ten, ten.ada, proposal, AGAINST, 2, at=second - 1)
    ballot(ten, ten.cleo, proposal, AGAINST, at=second)
    assert ten.votes(proposal) == (2, 1, 0)
    with wrong_state(proposal, "defeated", "active"):
        ballot(ten, ten.dan, proposal, FOR, at=second + 1)


def test_the_lower_quorum_binds_even_when_the_first_ones_number_is_reached_late(
    ten: Coop,
) -> None:
    proposal = ten.propose(ten.ada)
    first = opening(ten, proposal) + 4 * DAY
    ten.warp(first + 1)
    poll(ten, proposal, "ada ben cleo dan", "eve fay gus")
    assert ten.assembly.functions.proposalQuorum(proposal).call() == 3
    ten.warp(first + 3 * DAY)
    assert ten.state(proposal) == "active"
    ten.warp(first + 3 * DAY + 1)
    assert ten.state(proposal) == "succeeded"


def test_a_proposal_that_lost_with_quorum_gets_no_second_call(ten: Coop) -> None:
    proposal = ten.propose(ten.ada)
    assert voted(ten, proposal, "ada ben", "cleo dan eve fay") == "defeated"
    assert info(ten, proposal)["secondCalled"] is False
    assert deadline(ten, proposal) == opening(ten, proposal) + 4 * DAY


def test_a_proposal_that_passed_gets_no_second_call(ten: Coop) -> None:
    proposal = ten.propose(ten.ada)
    assert voted(ten, proposal, "ada ben cleo dan eve fay") == "succeeded"
    assert info(ten, proposal)["secondCalled"] is False


def test_without_a_second_call_in_the_rule_a_missed_quorum_defeats_at_once(
    chain: Devnet, factory: Contract
) -> None:
    rules = {"Ordinary": rule(quorumBps=6_000)}
    coop = found(chain, factory, rules=rules, founders=NAMES[:10])
    proposal = coop.propose(coop.ada)
    assert voted(coop, proposal, "ada ben cleo dan eve") == "defeated"
    assert deadline(coop, proposal) == opening(coop, proposal) + 4 * DAY


def test_the_proposer_is_busy_through_the_second_call(ten: Coop) -> None:
    proposal = ten.propose(ten.ada)
    second = opening(ten, proposal) + 7 * DAY
    propose = ten.assembly.functions.propose([], "Another", second + 5 * DAY)
    with refused("AssemblyProposerBusy", 1, proposal):
        ten.send(propose, ten.ada, at=second)
    ten.send(propose, ten.ada, at=second + 1)


def test_a_withdrawn_proposal_gets_no_second_call(ten: Coop) -> None:
    proposal = ten.propose(ten.ada)
    ten.send(ten.assembly.functions.cancel(proposal), ten.ada)
    first = opening(ten, proposal) + 4 * DAY
    ten.warp(first + 1)
    assert (deadline(ten, proposal), info(ten, proposal)["secondCalled"]) == (first, False)


def test_grace_runs_from_the_deadline_of_the_second_call(ten: Coop) -> None:
    proposal = ten.propose(ten.ada)
    ten.open(proposal)
    poll(ten, proposal, "ada ben cleo")
    second = opening(ten, proposal) + 7 * DAY
    ten.warp(second + 10 * DAY)
    assert ten.state(proposal) == "succeeded"
    ten.warp(second + 10 * DAY + 1)
    assert ten.state(proposal) == "expired"


def test_a_late_swing_of_the_second_call_moves_its_deadline_and_not_the_firsts(
    chain: Devnet, factory: Contract
) -> None:
    rules = {
        "Ordinary": rule(
            quorumBps=6_000,
            secondCallDelay=3 * DAY,
            secondCallBps=3_000,
            swingWindow=DAY,
            swingCap=2 * DAY,
        )
    }
    coop = found(chain, factory, rules=rules, founders=NAMES[:10])
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    poll(coop, proposal, "ada ben")
    second = opening(coop, proposal) + 7 * DAY
    early = ballot(coop, coop.cleo, proposal, at=second - DAY - 10)
    assert coop.events(early, "ProposalExtended") == []  # passes now, but not late
    late = ballot(coop, coop.cleo, proposal, AGAINST, 2, at=second - 100)
    assert coop.events(late, "ProposalExtended") == []  # still passes: two against one
    flips = ballot(coop, coop.dan, proposal, AGAINST, at=second - 50)
    (moved,) = coop.events(flips, "ProposalExtended")
    assert moved["args"]["extendedDeadline"] == second - 50 + DAY


def test_an_extension_of_the_first_call_bars_nobody_in_the_second(
    chain: Devnet, factory: Contract
) -> None:
    values = rule(
        quorumBps=3_000,
        presence=False,
        secondCallDelay=3 * DAY,
        secondCallBps=1_000,
        swingWindow=DAY,
        swingCap=2 * DAY,
    )
    coop = found(chain, factory, rules={"Ordinary": values}, founders=NAMES[:10])
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    poll(coop, proposal, "ada ben cleo")
    first = deadline(coop, proposal)
    # Two votes for are no quorum any more: the outcome flips, and the first call is extended.
    ballot(coop, coop.cleo, proposal, AGAINST, 2, at=first - 10)
    extended = first - 10 + DAY
    assert deadline(coop, proposal) == extended
    receipt = ballot(coop, coop.ada, proposal, AGAINST, 2, at=extended + 1)
    assert coop.events(receipt, "SecondCallOpened")[0]["args"]["deadline"] == extended + 3 * DAY
    assert coop.votes(proposal) == (2, 1, 0)
