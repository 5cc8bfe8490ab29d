"""What the person concerned by a removal can do: reply to it, and appeal against it."""

from typing import Any

import pytest
from eth_abi.abi import encode
from web3 import Web3
from web3.contract import Contract
from web3.types import TxReceipt

from node.devnet import Devnet
from tests.contracts.acts import (
    CONCERNED,
    NOTHING,
    ballot,
    deadline,
    eta,
    execute,
    hashed,
    info,
    leave,
    mask,
    opening,
    poll,
    queue,
    queued,
    refused,
    rotate,
    voted,
    wrong_state,
)
from tests.contracts.coop import AGAINST, CLASSES, DAY, HOUR, Coop
from tests.contracts.founding import found, rule
from tests.contracts.people import Person

REPLY = Web3.keccak(text="I did not")
OPEN_STATES = ("pending", "active", "succeeded", "queued")
NOTICE = 60 * HOUR
RULES = {
    "Removal": rule(notice=NOTICE, votingPeriod=5 * DAY, executionDelay=15 * DAY),
    "Recovery": rule(notice=NOTICE),
}


@pytest.fixture
def weavers(chain: Devnet, factory: Contract) -> Coop:
    return found(chain, factory, rules=RULES)


def removal(coop: Coop, by: str = "ada") -> int:
    """A proposal to expel eve, memberId 5."""
    return coop.personal(coop.people[by], "expel", 5, opens_in=3 * DAY + 10)


def recovery(coop: Coop, by: str = "ada") -> int:
    """A proposal to give eve fay's key."""
    return coop.personal(coop.people[by], "recover", 5, coop.fay.address, opens_in=3 * DAY + 10)


def expel(coop: Coop, proposal: int, *, at: int | None = None) -> TxReceipt:
    """Executes the removal."""
    action = coop.action(coop.membership, "expel", 5)
    return execute(coop, proposal, [action], hashed("expel(5,)"), at=at)


def reply(coop: Coop, by: Person, proposal: int, *, at: int | None = None) -> TxReceipt:
    return coop.send(coop.assembly.functions.reply(proposal, REPLY), by, at=at)


def appeal(coop: Coop, by: Person, proposal: int, *, at: int | None = None) -> TxReceipt:
    return coop.send(coop.assembly.functions.appeal(proposal), by, at=at)


def object_to(coop: Coop, by: Person, proposal: int, *, at: int | None = None) -> TxReceipt:
    return coop.send(coop.assembly.functions.object(proposal), by, at=at)


def standing(coop: Coop) -> str:
    """Where eve stands."""
    number = coop.membership.functions.standingOf(5).call()[0]
    return ("none", "active", "suspended", "left", "expelled")[number]


# Reply


def test_the_person_concerned_replies_while_the_removal_is_undecided_or_waits(
    weavers: Coop,
) -> None:
    proposal = removal(weavers)
    told: list[dict[str, Any]] = []

    def replied() -> None:
        events = weavers.events(reply(weavers, weavers.eve, proposal), "ReplyRecorded")
        told.extend(dict(event["args"]) for event in events)

    replied()  # pending
    weavers.open(proposal)
    replied()  # active
    poll(weavers, proposal, "ada ben cleo")
    weavers.close(proposal)
    replied()  # succeeded
    queue(weavers, proposal)
    replied()  # queued
    assert told == [{"proposalId": proposal, "memberId": 5, "replyHash": bytes(REPLY)}] * 4


def test_nobody_else_replies(weavers: Coop) -> None:
    proposal = removal(weavers)
    for other in (weavers.ada, weavers.ben, weavers.tom):
        with refused("AssemblyNotPersonConcerned", other.address):
            reply(weavers, other, proposal)


def test_a_decided_removal_takes_no_reply(weavers: Coop) -> None:
    beaten = removal(weavers)
    voted(weavers, beaten, "", "ada ben cleo")
    with refused("AssemblyUnexpectedState", beaten, 3, mask(*OPEN_STATES)):
        reply(weavers, weavers.eve, beaten)


def test_an_executed_removal_takes_no_reply(weavers: Coop) -> None:
    proposal = queued(weavers, removal(weavers))
    expel(weavers, proposal, at=eta(weavers, proposal))
    with refused("AssemblyUnexpectedState", proposal, 7, mask(*OPEN_STATES)):
        reply(weavers, weavers.eve, proposal)


def test_a_suspended_member_replies(weavers: Coop) -> None:
    weavers.decide(weavers.ada, weavers.membership, "suspend", 5, 30 * DAY)
    proposal = removal(weavers)
    assert standing(weavers) == "suspended"
    assert len(weavers.events(reply(weavers, weavers.eve, proposal), "ReplyRecorded")) == 1


def test_somebody_who_left_replies(weavers: Coop) -> None:
    proposal = removal(weavers)
    leave(weavers, weavers.eve)
    assert len(weavers.events(reply(weavers, weavers.eve, proposal), "ReplyRecorded")) == 1


def test_the_present_key_replies_and_a_former_one_does_not(weavers: Coop) -> None:
    proposal = removal(weavers)
    rotate(weavers, weavers.eve, weavers.fay)
    with refused("AssemblyNotPersonConcerned", weavers.eve.address):
        reply(weavers, weavers.eve, proposal)
    reply(weavers, weavers.fay, proposal)


def test_a_reply_belongs_to_a_removal_only(weavers: Coop) -> None:
    change = recovery(weavers)
    words = weavers.propose(weavers.ben, opens_in=5 * DAY)
    for proposal, name in ((change, "Recovery"), (words, "Ordinary")):
        with refused("AssemblyWrongClass", proposal, CLASSES.index(name)):
            reply(weavers, weavers.eve, proposal)


# Appeal


def test_an_appeal_starts_one_confirming_vote_under_the_rule_of_the_removal(
    weavers: Coop,
) -> None:
    proposal = queued(weavers, removal(weavers))
    at = eta(weavers, proposal) - 1
    receipt = appeal(weavers, weavers.eve, proposal, at=at)
    (event,) = weavers.events(receipt, "ProposalAppealed")
    assert dict(event["args"]) == {"proposalId": proposal, "confirmation": proposal + 1}
    (created,) = weavers.events(receipt, "ProposalCreated")
    assert dict(created["args"]) == {
        "proposalId": proposal + 1,
        "proposer": weavers.eve.address,
        "targets": [],
        "values": [],
        "signatures": [],
        "calldatas": [],
        "voteStart": at + NOTICE,
        "voteEnd": at + NOTICE + 5 * DAY,
        "description": "",
    }
    assert info(weavers, proposal)["confirmation"] == proposal + 1
    confirming = info(weavers, proposal + 1)
    original = info(weavers, proposal)["content"]
    types = ["uint256", "address", "uint256", "uint8", "uint32", "uint40"]
    types += ["bytes32", "bytes32", "bytes32"]
    none = [Web3.keccak(encode(["(address,uint256,bytes)[]"], [[]])), Web3.keccak(b"")]
    values = [31337, weavers.assembly.address, proposal + 1, 2, 1, at + NOTICE, *none, original]
    content = bytes(Web3.keccak(encode(types, values)))
    frozen = {
        "class": CLASSES.index("Removal"),
        "ruleVersion": 1,
        "proposerId": 0,
        "subjectId": 5,
        "confirms": proposal,
        "content": content,
    }
    end = at + NOTICE + 5 * DAY
    times = {"opensAt": at + NOTICE, "deadline": end, "eta": 0}
    assert confirming == {**frozen, **times, "secondCalled": False, "confirmation": 0}
    (event,) = weavers.events(receipt, "ProposalFrozen")
    bound = {"codeHashes": [], "textHash": original}
    assert dict(event["args"]) == {"proposalId": proposal + 1, **frozen, **bound}


def test_an_appeal_is_made_after_queueing_and_before_the_eta(weavers: Coop) -> None:
    proposal = removal(weavers)
    with wrong_state(proposal, "pending", "queued"):
        appeal(weavers, weavers.eve, proposal)
    voted(weavers, proposal, "ada ben cleo")
    with wrong_state(proposal, "succeeded", "queued"):
        appeal(weavers, weavers.eve, proposal)
    queue(weavers, proposal)
    due = eta(weavers, proposal)
    with refused("AssemblyNoAppeal", proposal, due):
        appeal(weavers, weavers.eve, proposal, at=due)


def test_an_appeal_is_made_once(weavers: Coop) -> None:
    proposal = queued(weavers, removal(weavers))
    appeal(weavers, weavers.eve, proposal)
    with refused("AssemblyNoAppeal", proposal, info(weavers, proposal)["eta"]):
        appeal(weavers, weavers.eve, proposal)


def test_only_the_person_concerned_appeals_and_only_against_a_removal(weavers: Coop) -> None:
    proposal, change = removal(weavers), recovery(weavers, "ben")
    weavers.open(change)
    for each in (proposal, change):
        poll(weavers, each, "ada ben cleo")
    weavers.close(proposal)
    for each in (proposal, change):
        queue(weavers, each)
    for other in (weavers.ada, weavers.tom):
        with refused("AssemblyNotPersonConcerned", other.address):
            appeal(weavers, other, proposal)
    with refused("AssemblyWrongClass", change, CLASSES.index("Recovery")):
        appeal(weavers, weavers.eve, change)


def test_a_suspended_member_appeals(weavers: Coop) -> None:
    weavers.decide(weavers.ada, weavers.membership, "suspend", 5, 60 * DAY)
    proposal = queued(weavers, removal(weavers))
    assert standing(weavers) == "suspended"
    appeal(weavers, weavers.eve, proposal)
    assert info(weavers, proposal)["confirmation"] == proposal + 1


def test_membership_goes_on_until_the_confirming_vote_has_passed(weavers: Coop) -> None:
    proposal = queued(weavers, removal(weavers))
    due = eta(weavers, proposal)
    appeal(weavers, weavers.eve, proposal, at=due - 1)
    confirmation = proposal + 1
    end = deadline(weavers, confirmation)
    assert eta(weavers, proposal) == end
    for moment in (due, opening(weavers, confirmation)):
        with refused("AssemblyNotDue", proposal, end):
            expel(weavers, proposal, at=moment)
    weavers.open(confirmation)
    poll(weavers, confirmation, "ada ben cleo")
    with refused("AssemblyNotDue", proposal, end):
        expel(weavers, proposal, at=end)
    assert (weavers.state(proposal), standing(weavers)) == ("queued", "active")
    receipt = expel(weavers, proposal, at=end + 1)
    assert len(weavers.events(receipt, "MemberExpelled")) == 1
    assert (weavers.state(proposal), standing(weavers)) == ("executed", "expelled")


def test_an_early_appeal_does_not_bring_execution_forward(weavers: Coop) -> None:
    proposal = queued(weavers, removal(weavers))
    due = eta(weavers, proposal)
    appeal(weavers, weavers.eve, proposal)
    assert deadline(weavers, proposal + 1) < due
    assert voted(weavers, proposal + 1, "ada ben cleo") == "succeeded"
    assert eta(weavers, proposal) == due
    with refused("AssemblyNotDue", proposal, due):
        expel(weavers, proposal, at=due - 1)
    expel(weavers, proposal, at=due)
    assert standing(weavers) == "expelled"


def test_grace_runs_from_the_end_of_the_confirming_vote(weavers: Coop) -> None:
    proposal = queued(weavers, removal(weavers))
    appeal(weavers, weavers.eve, proposal, at=eta(weavers, proposal) - 1)
    voted(weavers, proposal + 1, "ada ben cleo")
    last = deadline(weavers, proposal + 1) + 10 * DAY
    weavers.warp(last)
    assert weavers.state(proposal) == "queued"
    weavers.warp(last + 1)
    assert weavers.state(proposal) == "expired"
    with wrong_state(proposal, "expired", "queued"):
        expel(weavers, proposal)


def test_a_lost_confirming_vote_defeats_the_removal(weavers: Coop) -> None:
    proposal = queued(weavers, removal(weavers))
    appeal(weavers, weavers.eve, proposal, at=eta(weavers, proposal) - 1)
    assert voted(weavers, proposal + 1, "ada", "ben cleo") == "defeated"
    assert weavers.state(proposal) == "defeated"
    with wrong_state(proposal, "defeated", "queued"):
        expel(weavers, proposal)
    assert standing(weavers) == "active"


def test_silence_in_the_confirming_vote_defeats_the_removal(weavers: Coop) -> None:
    proposal = queued(weavers, removal(weavers))
    appeal(weavers, weavers.eve, proposal)
    assert voted(weavers, proposal + 1) == "defeated"
    assert (weavers.state(proposal), standing(weavers)) == ("defeated", "active")


def test_the_person_concerned_has_no_vote_in_the_confirming_vote_either(weavers: Coop) -> None:
    proposal = queued(weavers, removal(weavers))
    appeal(weavers, weavers.eve, proposal)
    weavers.open(proposal + 1)
    with refused("AssemblyBallotRefused", proposal + 1, 5, CONCERNED):
        ballot(weavers, weavers.eve, proposal + 1, AGAINST)
    assert weavers.assembly.functions.proposalRoll(proposal + 1).call() == 4


def test_a_rule_set_in_between_does_not_bind_the_confirming_vote(weavers: Coop) -> None:
    change = weavers.action(weavers.bylaws, "setRule", 2, rule(notice=NOTICE, maxAgainst=0))
    proposal = removal(weavers)
    bylaw = weavers.propose(weavers.ben, [change], "All of us", opens_in=3 * DAY + 10)
    weavers.open(bylaw)
    for each in (proposal, bylaw):
        poll(weavers, each, "ada ben cleo")
    weavers.close(proposal)
    for each in (proposal, bylaw):
        queue(weavers, each)
    weavers.warp(eta(weavers, bylaw))
    weavers.execute(bylaw, [change], "All of us", weavers.ada)
    assert weavers.bylaws.functions.ruleVersion(2).call() == 2
    appeal(weavers, weavers.eve, proposal)
    confirmation = info(weavers, proposal)["confirmation"]
    assert info(weavers, confirmation)["ruleVersion"] == 1
    assert voted(weavers, confirmation, "ada ben", "cleo") == "succeeded"


def test_a_confirming_vote_is_neither_withdrawn_queued_executed_nor_appealed(
    weavers: Coop,
) -> None:
    proposal = queued(weavers, removal(weavers))
    appeal(weavers, weavers.eve, proposal)
    confirmation = proposal + 1
    for somebody in (weavers.ada, weavers.eve):
        with refused("AssemblyNotProposer", somebody.address):
            weavers.send(weavers.assembly.functions.cancel(confirmation), somebody)
    with refused("AssemblyWrongClass", confirmation, CLASSES.index("Removal")):
        object_to(weavers, weavers.eve, confirmation)
    assert voted(weavers, confirmation, "ada ben cleo") == "succeeded"
    with refused("AssemblyUnexpectedState", confirmation, 4, 0):
        queue(weavers, confirmation)
    call = weavers.assembly.functions.execute(confirmation, [], NOTHING)
    with wrong_state(confirmation, "succeeded", "queued"):
        weavers.send(call, weavers.ada)
    with wrong_state(confirmation, "succeeded", "queued"):
        appeal(weavers, weavers.eve, confirmation)


def test_the_second_call_of_a_confirming_vote_delays_execution(
    chain: Devnet, factory: Contract
) -> None:
    twice = rule(quorumBps=7_500, secondCallDelay=2 * DAY, secondCallBps=5_000)
    coop = found(chain, factory, rules={"Removal": twice})
    proposal = queued(coop, coop.personal(coop.ada, "expel", 5))
    appeal(coop, coop.eve, proposal)
    first = deadline(coop, proposal + 1)
    assert voted(coop, proposal + 1, "ada ben") == "active"
    assert eta(coop, proposal) == first + 2 * DAY
    with refused("AssemblyNotDue", proposal, first + 2 * DAY):
        expel(coop, proposal, at=first + 2 * DAY)
    expel(coop, proposal, at=first + 2 * DAY + 1)
