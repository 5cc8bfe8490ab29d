"""A recovery gives a member another key, unless the present one objects: it is not lost then."""

import pytest
from web3.contract import Contract
from web3.types import TxReceipt

from node.devnet import Devnet
from tests.contracts.acts import (
    eta,
    execute,
    hashed,
    leave,
    mask,
    poll,
    queue,
    queued,
    refused,
    rotate,
    voted,
    wrong_state,
)
from tests.contracts.coop import CLASSES, DAY, STATES, Coop
from tests.contracts.founding import found, rule
from tests.contracts.people import Person

OPEN_STATES = ("pending", "active", "succeeded", "queued")


def recovery(coop: Coop) -> int:
    """A proposal to give eve, memberId 5, fay's key."""
    return coop.personal(coop.ada, "recover", 5, coop.fay.address)


def recover(coop: Coop, proposal: int, *, at: int | None = None) -> TxReceipt:
    """Executes the recovery."""
    action = coop.action(coop.membership, "recover", 5, coop.fay.address)
    text = hashed(f"recover{(5, coop.fay.address)}")
    return execute(coop, proposal, [action], text, at=at)


def object_to(coop: Coop, by: Person, proposal: int, *, at: int | None = None) -> TxReceipt:
    return coop.send(coop.assembly.functions.object(proposal), by, at=at)


def at_state(coop: Coop, proposal: int, state: str) -> None:
    """Brings a new proposal to one of the states in which it can be killed."""
    if state == "pending":
        return
    coop.open(proposal)
    if state == "active":
        return
    poll(coop, proposal, "ada ben cleo")
    coop.close(proposal)
    if state == "queued":
        queue(coop, proposal)


def test_without_an_objection_a_recovery_gives_the_member_another_key(coop: Coop) -> None:
    proposal = queued(coop, recovery(coop))
    receipt = recover(coop, proposal, at=eta(coop, proposal))
    (event,) = coop.events(receipt, "KeyRecovered")
    assert dict(event["args"]) == {
        "memberId": 5,
        "presentAccount": coop.eve.address,
        "newAccount": coop.fay.address,
        "epoch": 1,
    }
    assert coop.membership.functions.activeMemberIdOf(coop.fay.address).call() == 5
    assert coop.membership.functions.activeMemberIdOf(coop.eve.address).call() == 0


@pytest.mark.parametrize("state", OPEN_STATES)
def test_the_present_key_kills_a_recovery_until_it_is_executed(coop: Coop, state: str) -> None:
    proposal = recovery(coop)
    at_state(coop, proposal, state)
    assert coop.state(proposal) == state
    receipt = object_to(coop, coop.eve, proposal)
    (objected,) = coop.events(receipt, "RecoveryObjected")
    (canceled,) = coop.events(receipt, "ProposalCanceled")
    assert dict(objected["args"]) == {"proposalId": proposal, "memberId": 5}
    assert dict(canceled["args"]) == {"proposalId": proposal}
    assert objected["logIndex"] < canceled["logIndex"]
    assert coop.state(proposal) == "canceled"
    with wrong_state(proposal, "canceled", *OPEN_STATES):
        object_to(coop, coop.eve, proposal)
    coop.warp(coop.now() + DAY)
    with wrong_state(proposal, "canceled", "queued"):
        recover(coop, proposal)


def test_an_objection_in_the_last_second_of_grace_still_counts(coop: Coop) -> None:
    proposal = queued(coop, recovery(coop))
    object_to(coop, coop.eve, proposal, at=eta(coop, proposal) + 10 * DAY)
    assert coop.state(proposal) == "canceled"


def test_nobody_else_objects(coop: Coop) -> None:
    proposal = recovery(coop)
    for other in (coop.ada, coop.ben, coop.fay):
        with refused("AssemblyNotPersonConcerned", other.address):
            object_to(coop, other, proposal)
    assert coop.state(proposal) == "pending"


def test_a_former_key_does_not_object_and_the_present_one_does(coop: Coop) -> None:
    proposal = recovery(coop)
    rotate(coop, coop.eve, coop.gus)
    with refused("AssemblyNotPersonConcerned", coop.eve.address):
        object_to(coop, coop.eve, proposal)
    object_to(coop, coop.gus, proposal)
    assert coop.state(proposal) == "canceled"


def test_a_suspended_member_objects(coop: Coop) -> None:
    coop.decide(coop.ada, coop.membership, "suspend", 5, 60 * DAY)
    proposal = recovery(coop)
    object_to(coop, coop.eve, proposal)
    assert coop.state(proposal) == "canceled"


def test_an_executed_recovery_takes_no_objection_from_either_key(coop: Coop) -> None:
    proposal = queued(coop, recovery(coop))
    recover(coop, proposal, at=eta(coop, proposal))
    found_ = STATES.index("executed")
    for who in (coop.eve, coop.fay):
        with refused("AssemblyUnexpectedState", proposal, found_, mask(*OPEN_STATES)):
            object_to(coop, who, proposal)


def test_a_defeated_recovery_takes_no_objection(coop: Coop) -> None:
    proposal = recovery(coop)
    voted(coop, proposal, "", "ada ben cleo")
    with wrong_state(proposal, "defeated", *OPEN_STATES):
        object_to(coop, coop.eve, proposal)


@pytest.mark.parametrize("name", ["Removal", "Ordinary"])
def test_only_a_recovery_is_killed_by_an_objection(coop: Coop, name: str) -> None:
    removal = name == "Removal"
    proposal = coop.personal(coop.ada, "expel", 5) if removal else coop.propose(coop.eve)
    with refused("AssemblyWrongClass", proposal, CLASSES.index(name)):
        object_to(coop, coop.eve, proposal)


def test_the_member_whose_key_is_said_to_be_lost_has_no_vote_on_it(
    chain: Devnet, factory: Contract
) -> None:
    coop = found(chain, factory, rules={"Recovery": rule(basisRoll=True)})
    proposal = recovery(coop)
    coop.open(proposal)
    assert coop.assembly.functions.proposalRoll(proposal).call() == 4
    poll(coop, proposal, "ada ben")
    coop.close(proposal)
    assert coop.state(proposal) == "defeated"  # two of four are not more than half


def test_a_recovery_of_somebody_who_left_fails_when_executed(coop: Coop) -> None:
    proposal = recovery(coop)
    queued(coop, proposal)
    leave(coop, coop.eve)
    coop.warp(eta(coop, proposal))
    selector = bytes(coop.w3.keccak(text="MembershipWrongStanding(uint32,uint8)")[:4])
    reason = selector + (5).to_bytes(32, "big") + (3).to_bytes(32, "big")
    with refused("AssemblyActionFailed", 0, reason):
        recover(coop, proposal)
    assert coop.state(proposal) == "queued"
