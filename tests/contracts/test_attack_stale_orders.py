"""Orders about a person, voted before their standing changed and carried out afterwards.

A passed proposal stays good until its grace ends. What it was about may be over by then: these are
the ways in which somebody would keep an order in the drawer and bring it out when it suits them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from web3 import Web3
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.acts import (
    Action,
    apply,
    eta,
    execute,
    hashed,
    leave,
    opening,
    queued,
    refused,
    voted,
)
from tests.contracts.coop import CLASSES, DAY, Coop
from tests.contracts.founding import found, rule
from tests.contracts.guardianship import account_of, complete, family, name, started
from tests.contracts.people import Person
from tests.contracts.roll import ACTIVE, EXPELLED, LEFT, SUSPENDED, act, ask, join, order, standing


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


def test_a_second_copy_of_an_admission_does_not_bring_back_who_was_expelled_since(
    patient: Coop,
) -> None:
    coop = patient
    apply(coop, coop.fay)
    action = coop.action(coop.membership, "admit", coop.fay.address)
    copies = [coop.propose(by, [action], hashed("fay")) for by in (coop.ada, coop.ben)]
    coop.open(copies[1])
    for copy in copies:
        for each in ("ada", "ben", "cleo"):
            coop.vote(coop.people[each], copy, 1)
    coop.close(copies[1])
    for copy in copies:
        coop.send(coop.assembly.functions.queue(copy), coop.tom)
    coop.warp(eta(coop, copies[1]))
    execute(coop, copies[0], [action], hashed("fay"))
    expulsion, expel = due(coop, coop.cleo, "expel", 6, text="out")
    execute(coop, expulsion, [expel], hashed("out"))
    assert standing(coop, 6) == EXPELLED

    apply(coop, coop.fay)
    with outdated(coop, copies[1], ask(coop, "appliedAt", coop.fay.address)):
        execute(coop, copies[1], [action], hashed("fay"))
    assert standing(coop, 6) == EXPELLED


def test_an_old_reinstatement_does_not_end_a_later_suspension(patient: Coop) -> None:
    coop = patient
    order(coop, "suspend", 5, 10 * DAY)
    early, reinstate = due(coop, coop.ada, "reinstate", 5, text="come back")
    coop.warp(ask(coop, "standingOf", 5)[1])
    act(coop, coop.eve, "reinstate", 5)  # the term ended before the order was carried out
    again, suspend = due(coop, coop.ben, "suspend", 5, 60 * DAY, text="again")
    execute(coop, again, [suspend], hashed("again"))
    assert standing(coop, 5) == SUSPENDED

    with outdated(coop, early, ask(coop, "memberOf", 5)[2]):
        execute(coop, early, [reinstate], hashed("come back"))
    assert standing(coop, 5) == SUSPENDED


def test_an_old_expulsion_does_not_hit_who_left_and_was_admitted_anew(patient: Coop) -> None:
    coop = patient
    expulsion, expel = due(coop, coop.ada, "expel", 5, text="out")
    leave(coop, coop.eve)
    with refused("AssemblyActionFailed", 0, wrong_standing(coop, 5, LEFT)):
        execute(coop, expulsion, [expel], hashed("out"))
    come_back(coop)
    with outdated(coop, expulsion, ask(coop, "memberOf", 5)[1]):
        execute(coop, expulsion, [expel], hashed("out"))
    assert standing(coop, 5) == ACTIVE


def test_a_candidate_does_not_change_the_profile_after_the_vote(patient: Coop) -> None:
    coop = patient
    act(coop, coop.fay, "applyToJoin", b"\x11" * 32)
    admission, admit = due(coop, coop.ada, "admit", coop.fay.address, text="fay the weaver")
    act(coop, coop.fay, "withdrawApplication")
    act(coop, coop.fay, "applyToJoin", b"\x22" * 32)  # somebody else, under the same account

    with outdated(coop, admission, ask(coop, "appliedAt", coop.fay.address)):
        execute(coop, admission, [admit], hashed("fay the weaver"))
    assert coop.id_of(coop.fay) == 0


@contextmanager
def outdated(coop: Coop, proposal: int, changed_at: int) -> Iterator[None]:
    """Executing it must be refused: what it is about came to be after its vote had opened."""
    selector = bytes(Web3.keccak(text="MembershipOrderOutdated(uint256,uint256)")[:4])
    moments = (changed_at, opening(coop, proposal))
    inner = selector + b"".join(moment.to_bytes(32, "big") for moment in moments)
    with refused("AssemblyActionFailed", 0, inner):
        yield


def wrong_standing(coop: Coop, member: int, found_: int) -> bytes:
    """The bytes of MembershipWrongStanding."""
    selector = Web3.keccak(text="MembershipWrongStanding(uint32,uint8)")[:4]
    return bytes(selector) + member.to_bytes(32, "big") + found_.to_bytes(32, "big")


def test_an_old_suspension_does_not_hit_who_left_and_was_admitted_anew(patient: Coop) -> None:
    coop = patient
    suspension, suspend = due(coop, coop.ada, "suspend", 5, 60 * DAY, text="for a while")
    leave(coop, coop.eve)
    come_back(coop)
    with outdated(coop, suspension, ask(coop, "memberOf", 5)[1]):
        execute(coop, suspension, [suspend], hashed("for a while"))
    assert standing(coop, 5) == ACTIVE


def test_an_old_recovery_does_not_replace_the_key_of_a_later_membership(patient: Coop) -> None:
    coop = patient
    recovery, recover = due(coop, coop.ada, "recover", 5, coop.fay.address, text="lost")
    leave(coop, coop.eve)
    come_back(coop)
    with outdated(coop, recovery, ask(coop, "memberOf", 5)[1]):
        execute(coop, recovery, [recover], hashed("lost"))
    assert ask(coop, "memberOf", 5)[0] == coop.eve.address


def test_nobody_dodges_an_expulsion_by_a_suspension_that_ends_during_its_vote(
    patient: Coop,
) -> None:
    coop = patient
    order(coop, "suspend", 5, 4 * DAY)
    expulsion, expel = due(coop, coop.ada, "expel", 5, text="out")
    act(coop, coop.eve, "reinstate", 5)
    execute(coop, expulsion, [expel], hashed("out"))
    assert standing(coop, 5) == EXPELLED


def test_an_application_in_the_second_of_the_opening_is_what_was_voted_on(patient: Coop) -> None:
    coop = patient
    action = coop.action(coop.membership, "admit", coop.fay.address)
    for late, by in ((0, "ada"), (1, "ben")):
        admission = coop.propose(coop.people[by], [action], hashed(by))
        act(coop, coop.fay, "applyToJoin", b"\x11" * 32, at=opening(coop, admission) + late)
        coop.warp(eta(coop, queued(coop, admission, "ada ben cleo")))
        if late:
            with outdated(coop, admission, opening(coop, admission) + 1):
                execute(coop, admission, [action], hashed(by))
        else:
            execute(coop, admission, [action], hashed(by))
            leave(coop, coop.fay)


def come_back(coop: Coop) -> None:
    """Eve applies and is admitted under her old number."""
    apply(coop, coop.eve)
    admission, admit = due(coop, coop.ben, "admit", coop.eve.address, text="eve again")
    execute(coop, admission, [admit], hashed("eve again"))
    assert standing(coop, 5) == ACTIVE


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


def test_who_applies_anew_needs_a_vote_anew_even_with_a_passed_admission(
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
    with outdated(coop, admission, since):
        execute(coop, admission, [admit], hashed("fay"), at=since + 5 * DAY)
    again, admit = due(coop, coop.ben, "admit", coop.fay.address, text="fay again")
    execute(coop, again, [admit], hashed("fay again"))
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


@pytest.mark.parametrize("ended", [LEFT, EXPELLED])
def test_guardians_do_not_let_their_delay_run_out_while_the_member_is_away(
    patient: Coop, ended: int
) -> None:
    coop = patient
    mine = name(coop, coop.ada, family(coop))
    due = started(coop, coop.fay, mine)
    if ended == LEFT:
        leave(coop, coop.ada)
    else:
        order(coop, "expel", 1)
    with refused("MembershipWrongStanding", 1, ended):  # who is away cannot say no
        act(coop, coop.ada, "cancelRecovery", coop.fay.address)
    coop.warp(due)
    assert join(coop, coop.ada) == 1
    with refused("MembershipNoRecovery", 1, coop.fay.address):
        complete(coop, coop.fay)
    assert account_of(coop) == coop.ada.address
    again = started(coop, coop.fay, mine)  # her guardians are still hers, and wait anew
    complete(coop, coop.fay, at=again)
    assert account_of(coop) == coop.fay.address
