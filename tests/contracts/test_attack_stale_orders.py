"""Orders about a person, voted before their standing changed and carried out afterwards.

A passed proposal stays good until its grace ends. What it was about may be over by then: these are
the ways in which somebody would keep an order in the drawer and bring it out when it suits them.
"""

from contextlib import suppress

import pytest
from web3 import Web3
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.acts import Action, apply, eta, execute, hashed, leave, queued, refused, voted
from tests.contracts.coop import CLASSES, DAY, Coop
from tests.contracts.founding import found, rule
from tests.contracts.people import Person
from tests.contracts.refusals import Reverted
from tests.contracts.roll import ACTIVE, EXPELLED, LEFT, SUSPENDED, act, ask, order, standing

STALE = "an order voted on an earlier standing of the person is still carried out"
PROFILE_FREE = "admit names the account, not the profile that was voted on"


@pytest.fixture
def patient(chain: Devnet, factory: Contract) -> Coop:
    """A co-op whose passed proposals may wait for sixty days; no probation."""
    rules = {name: rule(grace=60 * DAY) for name in CLASSES}
    return found(chain, factory, rules=rules, probation=0)


def due(coop: Coop, by: Person, function: str, *args: object, text: str) -> tuple[int, Action]:
    """A proposal about a person that has passed and can be executed now."""
    action = coop.action(coop.membership, function, *args)
    proposal = queued(coop, coop.propose(by, [action], hashed(text)), "ada ben cleo")
    coop.warp(eta(coop, proposal))
    return proposal, action


@pytest.mark.xfail(strict=True, raises=AssertionError, reason=STALE)
def test_a_second_copy_of_an_admission_does_not_bring_back_who_was_expelled_since(
    patient: Coop,
) -> None:
    coop = patient
    apply(coop, coop.fay)
    action = coop.action(coop.membership, "admit", coop.fay.address)
    copies = [coop.propose(by, [action], hashed("fay")) for by in (coop.ada, coop.ben)]
    coop.open(copies[1])
    for copy in copies:
        for name in ("ada", "ben", "cleo"):
            coop.vote(coop.people[name], copy, 1)
    coop.close(copies[1])
    for copy in copies:
        coop.send(coop.assembly.functions.queue(copy), coop.tom)
    coop.warp(eta(coop, copies[1]))
    execute(coop, copies[0], [action], hashed("fay"))
    expulsion, expel = due(coop, coop.cleo, "expel", 6, text="out")
    execute(coop, expulsion, [expel], hashed("out"))
    assert standing(coop, 6) == EXPELLED

    apply(coop, coop.fay)
    with suppress(Reverted):  # whatever the refusal will be called
        execute(coop, copies[1], [action], hashed("fay"))
    assert standing(coop, 6) == EXPELLED


@pytest.mark.xfail(strict=True, raises=AssertionError, reason=STALE)
def test_an_old_reinstatement_does_not_end_a_later_suspension(patient: Coop) -> None:
    coop = patient
    order(coop, "suspend", 5, 10 * DAY)
    early, reinstate = due(coop, coop.ada, "reinstate", 5, text="come back")
    coop.warp(ask(coop, "standingOf", 5)[1])
    act(coop, coop.eve, "reinstate", 5)  # the term ended before the order was carried out
    again, suspend = due(coop, coop.ben, "suspend", 5, 60 * DAY, text="again")
    execute(coop, again, [suspend], hashed("again"))
    assert standing(coop, 5) == SUSPENDED

    with suppress(Reverted):  # whatever the refusal will be called
        execute(coop, early, [reinstate], hashed("come back"))
    assert standing(coop, 5) == SUSPENDED


@pytest.mark.xfail(strict=True, raises=AssertionError, reason=STALE)
def test_an_old_expulsion_does_not_hit_who_left_and_was_admitted_anew(patient: Coop) -> None:
    coop = patient
    expulsion, expel = due(coop, coop.ada, "expel", 5, text="out")
    leave(coop, coop.eve)
    with refused("AssemblyActionFailed", 0, wrong_standing(coop, 5, LEFT)):
        execute(coop, expulsion, [expel], hashed("out"))
    apply(coop, coop.eve)
    admission, admit = due(coop, coop.ben, "admit", coop.eve.address, text="eve again")
    execute(coop, admission, [admit], hashed("eve again"))
    assert standing(coop, 5) == ACTIVE

    with suppress(Reverted):  # whatever the refusal will be called
        execute(coop, expulsion, [expel], hashed("out"))
    assert standing(coop, 5) == ACTIVE


@pytest.mark.xfail(strict=True, raises=AssertionError, reason=PROFILE_FREE)
def test_a_candidate_does_not_change_the_profile_after_the_vote(patient: Coop) -> None:
    coop = patient
    act(coop, coop.fay, "applyToJoin", b"\x11" * 32)
    admission, admit = due(coop, coop.ada, "admit", coop.fay.address, text="fay the weaver")
    act(coop, coop.fay, "withdrawApplication")
    act(coop, coop.fay, "applyToJoin", b"\x22" * 32)  # somebody else, under the same account

    with suppress(Reverted):  # whatever the refusal will be called
        execute(coop, admission, [admit], hashed("fay the weaver"))
    assert coop.id_of(coop.fay) == 0


def wrong_standing(coop: Coop, member: int, found_: int) -> bytes:
    """The bytes of MembershipWrongStanding."""
    selector = Web3.keccak(text="MembershipWrongStanding(uint32,uint8)")[:4]
    return bytes(selector) + member.to_bytes(32, "big") + found_.to_bytes(32, "big")


# What holds


def test_a_candidate_who_withdraws_makes_the_admission_fail(patient: Coop) -> None:
    coop = patient
    apply(coop, coop.fay)
    admission, admit = due(coop, coop.ada, "admit", coop.fay.address, text="fay")
    act(coop, coop.fay, "withdrawApplication")
    selector = Web3.keccak(text="MembershipNotCandidate(address)")[:4]
    with refused(
        "AssemblyActionFailed", 0, bytes(selector) + bytes(12) + bytes.fromhex(coop.fay.address[2:])
    ):
        execute(coop, admission, [admit], hashed("fay"))
    assert coop.id_of(coop.fay) == 0


def test_who_applies_anew_waits_out_a_whole_probation_even_with_a_passed_admission(
    coop: Coop,
) -> None:
    apply(coop, coop.fay)
    coop.warp(coop.now() + 5 * DAY)
    admission, admit = due(coop, coop.ada, "admit", coop.fay.address, text="fay")
    act(coop, coop.fay, "withdrawApplication")
    apply(coop, coop.fay)
    since = int(ask(coop, "appliedAt", coop.fay.address))
    selector = bytes(Web3.keccak(text="MembershipProbationRuns(address,uint256)")[:4])
    values = bytes(12) + bytes.fromhex(coop.fay.address[2:]) + (since + 5 * DAY).to_bytes(32, "big")
    with refused("AssemblyActionFailed", 0, selector + values):
        execute(coop, admission, [admit], hashed("fay"))
    execute(coop, admission, [admit], hashed("fay"), at=since + 5 * DAY)
    assert coop.id_of(coop.fay) == 6


def test_the_same_account_admitted_again_is_one_member_with_one_vote(coop: Coop) -> None:
    leave(coop, coop.eve)
    apply(coop, coop.eve)
    coop.warp(coop.now() + 5 * DAY)
    order(coop, "admit", coop.eve.address)
    assert (coop.id_of(coop.eve), ask(coop, "rollSize"), ask(coop, "lastMemberId")) == (5, 5, 5)
    assert voted(coop, coop.propose(coop.eve), "ada ben eve") == "succeeded"


def test_a_suspended_members_recovery_does_not_end_the_suspension(patient: Coop) -> None:
    coop = patient
    order(coop, "suspend", 5, 60 * DAY)
    recovery, recover = due(coop, coop.ada, "recover", 5, coop.fay.address, text="lost")
    execute(coop, recovery, [recover], hashed("lost"))
    assert (standing(coop, 5), ask(coop, "rollSize")) == (SUSPENDED, 4)
    assert ask(coop, "activeMemberIdOf", coop.fay.address) == 0
    ends = ask(coop, "standingOf", 5)[1]
    act(coop, coop.tom, "reinstate", 5, at=ends)
    assert ask(coop, "activeMemberIdOf", coop.fay.address) == 5
    assert ask(coop, "activeMemberIdOf", coop.eve.address) == 0
