"""Who may join, and how membership pauses and ends. What the past looked like: test_roll."""

from typing import Any

import pytest
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.acts import hashed, info, refused, rotate
from tests.contracts.coop import CLASSES, DAY, FOR, Coop
from tests.contracts.founding import found
from tests.contracts.people import person
from tests.contracts.roll import (
    ACTIVE,
    EXPELLED,
    LEFT,
    NONE,
    PROFILE,
    SUSPENDED,
    ZERO,
    act,
    ask,
    ballot_refused,
    join,
    order,
    standing,
)

PROBATION = 5 * DAY
ONLY_ASSEMBLY: list[tuple[str, tuple[Any, ...]]] = [
    ("admit", (person("fay").address,)),
    ("suspend", (2, DAY)),
    ("expel", (2,)),
    ("recover", (2, person("fay").address)),
    ("setProbation", (0,)),
]


# Founders


def test_founders_are_members_from_number_one_on(coop: Coop) -> None:
    born = ask(coop, "memberOf", 1)[1]
    for number, name in enumerate(("ada", "ben", "cleo", "dan", "eve"), 1):
        assert ask(coop, "memberOf", number) == (coop.people[name].address, born, 0, 0)
        assert standing(coop, number) == ACTIVE
    assert (ask(coop, "lastMemberId"), ask(coop, "rollSize")) == (5, 5)
    assert standing(coop, 6) == NONE
    assert ask(coop, "memberOf", 6) == (ZERO, 0, 0, 0)


# Applying


def test_an_application_is_recorded_with_its_moment(coop: Coop) -> None:
    moment = coop.now() + 100
    receipt = act(coop, coop.fay, "applyToJoin", PROFILE, at=moment)
    [event] = coop.events(receipt, "CandidateApplied")
    assert event["args"] == {"account": coop.fay.address, "profileHash": PROFILE}
    assert ask(coop, "appliedAt", coop.fay.address) == moment
    assert coop.id_of(coop.fay) == 0
    assert ask(coop, "rollSize") == 5


def test_an_application_needs_the_hash_of_a_profile(coop: Coop) -> None:
    with refused("MembershipNoProfile"):
        act(coop, coop.fay, "applyToJoin", bytes(32))


def test_nobody_applies_twice(coop: Coop) -> None:
    act(coop, coop.fay, "applyToJoin", PROFILE)
    with refused("MembershipAlreadyCandidate", coop.fay.address):
        act(coop, coop.fay, "applyToJoin", PROFILE)


def test_active_and_suspended_members_cannot_apply(coop: Coop) -> None:
    order(coop, "suspend", 2, DAY)
    for somebody in (coop.ada, coop.ben):
        with refused("MembershipAccountTaken", somebody.address):
            act(coop, somebody, "applyToJoin", PROFILE)


def test_a_key_that_was_given_up_cannot_apply_even_after_its_owner_left(coop: Coop) -> None:
    rotate(coop, coop.ada, coop.fay)
    for _ in range(2):
        with refused("MembershipAccountTaken", coop.ada.address):
            act(coop, coop.ada, "applyToJoin", PROFILE)
        if standing(coop, 1) == ACTIVE:
            act(coop, coop.fay, "leaveCooperative")


def test_a_candidate_takes_the_application_back_and_may_apply_again(coop: Coop) -> None:
    act(coop, coop.fay, "applyToJoin", PROFILE)
    receipt = act(coop, coop.fay, "withdrawApplication")
    [event] = coop.events(receipt, "CandidateWithdrew")
    assert event["args"] == {"account": coop.fay.address}
    assert ask(coop, "appliedAt", coop.fay.address) == 0
    act(coop, coop.fay, "applyToJoin", PROFILE)
    assert ask(coop, "appliedAt", coop.fay.address) == coop.now()


def test_only_a_candidate_can_withdraw(coop: Coop) -> None:
    for somebody in (coop.ada, coop.fay):
        with refused("MembershipNotCandidate", somebody.address):
            act(coop, somebody, "withdrawApplication")


# Admission


def test_a_candidate_is_admitted_from_the_last_second_of_probation_on(coop: Coop) -> None:
    act(coop, coop.fay, "applyToJoin", PROFILE)
    ends = ask(coop, "appliedAt", coop.fay.address) + PROBATION
    with refused("MembershipProbationRuns", coop.fay.address, ends):
        order(coop, "admit", coop.fay.address, at=ends - 1)
    receipt = order(coop, "admit", coop.fay.address, at=ends)
    [event] = coop.events(receipt, "MemberAdmitted")
    assert event["args"] == {"memberId": 6, "account": coop.fay.address}
    assert ask(coop, "memberOf", 6) == (coop.fay.address, ends, 0, 0)
    assert ask(coop, "appliedAt", coop.fay.address) == 0
    assert (ask(coop, "rollSize"), ask(coop, "lastMemberId")) == (6, 6)


def test_only_a_candidate_is_admitted(coop: Coop) -> None:
    for account in (coop.fay.address, coop.ada.address, ZERO):
        with refused("MembershipNotCandidate", account):
            order(coop, "admit", account)


def test_nobody_is_admitted_twice_on_one_application(coop: Coop) -> None:
    join(coop, coop.fay)
    with refused("MembershipNotCandidate", coop.fay.address):
        order(coop, "admit", coop.fay.address)


def test_admission_by_a_real_vote(coop: Coop) -> None:
    act(coop, coop.fay, "applyToJoin", PROFILE)
    coop.decide(coop.ada, coop.membership, "admit", coop.fay.address)
    assert coop.id_of(coop.fay) == 6
    assert ask(coop, "activeMemberIdOf", coop.fay.address) == 6


@pytest.mark.parametrize(("function", "args"), ONLY_ASSEMBLY)
def test_only_the_assembly_changes_the_roll(
    coop: Coop, function: str, args: tuple[Any, ...]
) -> None:
    for somebody in (coop.ada, coop.ben, coop.tom):
        with refused("MembershipOnlyAssembly", somebody.address):
            act(coop, somebody, function, *args)


def test_numbers_go_on_counting_and_are_never_given_again(coop: Coop) -> None:
    assert join(coop, coop.fay) == 6
    act(coop, coop.fay, "leaveCooperative")
    assert join(coop, coop.gus) == 7
    order(coop, "expel", 7)
    assert join(coop, coop.hal) == 8
    assert ask(coop, "lastMemberId") == 8


def test_who_left_and_comes_back_has_the_same_number_and_a_new_since(coop: Coop) -> None:
    act(coop, coop.ben, "leaveCooperative")
    assert join(coop, coop.ben) == 2
    assert ask(coop, "memberOf", 2) == (coop.ben.address, coop.now(), 0, 0)
    assert standing(coop, 2) == ACTIVE
    assert (ask(coop, "lastMemberId"), ask(coop, "rollSize")) == (5, 5)


def test_who_was_expelled_can_be_admitted_again_by_vote(coop: Coop) -> None:
    order(coop, "expel", 2)
    assert join(coop, coop.ben) == 2
    assert standing(coop, 2) == ACTIVE


def test_who_comes_back_keeps_the_epoch_of_the_last_key(coop: Coop) -> None:
    rotate(coop, coop.ben, coop.fay)
    act(coop, coop.fay, "leaveCooperative")
    assert join(coop, coop.fay) == 2
    assert ask(coop, "memberOf", 2)[3] == 1


# Leaving


def test_a_member_leaves_at_once(coop: Coop) -> None:
    moment = coop.now() + 50
    receipt = act(coop, coop.ben, "leaveCooperative", at=moment)
    [event] = coop.events(receipt, "MemberLeft")
    assert event["args"] == {"memberId": 2}
    born = ask(coop, "memberOf", 1)[1]
    assert ask(coop, "memberOf", 2) == (coop.ben.address, born, moment, 0)
    assert standing(coop, 2) == LEFT
    assert ask(coop, "rollSize") == 4
    assert ask(coop, "activeMemberIdOf", coop.ben.address) == 0
    assert coop.id_of(coop.ben) == 2


def test_a_suspended_member_leaves_and_is_counted_off_once(coop: Coop) -> None:
    order(coop, "suspend", 2, DAY)
    act(coop, coop.ben, "leaveCooperative")
    assert ask(coop, "standingOf", 2) == [LEFT, 0]
    assert ask(coop, "rollSize") == 4
    with refused("MembershipWrongStanding", 2, LEFT):
        act(coop, coop.ada, "reinstate", 2)


def test_strangers_and_given_up_keys_cannot_leave(coop: Coop) -> None:
    rotate(coop, coop.ben, coop.fay)
    for somebody in (coop.tom, coop.ben):
        with refused("MembershipNotMember", somebody.address):
            act(coop, somebody, "leaveCooperative")
    assert standing(coop, 2) == ACTIVE


def test_nobody_leaves_twice(coop: Coop) -> None:
    act(coop, coop.ben, "leaveCooperative")
    with refused("MembershipWrongStanding", 2, LEFT):
        act(coop, coop.ben, "leaveCooperative")
    order(coop, "expel", 3)
    with refused("MembershipWrongStanding", 3, EXPELLED):
        act(coop, coop.cleo, "leaveCooperative")
    assert ask(coop, "rollSize") == 3


# Suspension


@pytest.mark.parametrize("duration", [0, 60 * DAY + 1, 2**40 - 1])
def test_a_suspension_lasts_at_least_a_second_and_at_most_sixty_days(
    coop: Coop, duration: int
) -> None:
    with refused("MembershipSuspensionOutOfBounds", duration, 60 * DAY):
        order(coop, "suspend", 2, duration)


@pytest.mark.parametrize("duration", [1, 60 * DAY])
def test_a_suspended_member_is_off_the_roll(coop: Coop, duration: int) -> None:
    moment = coop.now() + 10
    receipt = order(coop, "suspend", 2, duration, at=moment)
    [event] = coop.events(receipt, "MemberSuspended")
    assert event["args"] == {"memberId": 2, "endsAt": moment + duration}
    assert ask(coop, "standingOf", 2) == [SUSPENDED, moment + duration]
    assert ask(coop, "memberOf", 2)[2] == moment
    assert (ask(coop, "rollSize"), ask(coop, "getVotes", coop.ben.address)) == (4, 0)


def test_anyone_reinstates_from_the_very_end_of_the_suspension_on(coop: Coop) -> None:
    order(coop, "suspend", 2, DAY)
    ends = ask(coop, "standingOf", 2)[1]
    with refused("MembershipSuspensionRuns", 2, ends):
        act(coop, coop.tom, "reinstate", 2, at=ends - 1)
    receipt = act(coop, coop.tom, "reinstate", 2, at=ends)
    [event] = coop.events(receipt, "MemberReinstated")
    assert event["args"] == {"memberId": 2}
    assert ask(coop, "memberOf", 2) == (coop.ben.address, ends, 0, 0)
    assert ask(coop, "standingOf", 2) == [ACTIVE, 0]
    assert ask(coop, "rollSize") == 5


def test_a_suspension_that_ran_out_ends_with_the_call_and_not_before(coop: Coop) -> None:
    order(coop, "suspend", 2, DAY)
    coop.warp(coop.now() + 30 * DAY)
    assert standing(coop, 2) == SUSPENDED
    assert ask(coop, "activeMemberIdOf", coop.ben.address) == 0
    act(coop, coop.ben, "reinstate", 2)
    assert ask(coop, "activeMemberIdOf", coop.ben.address) == 2


def test_a_vote_reinstates_before_the_end(coop: Coop) -> None:
    order(coop, "suspend", 2, 60 * DAY)
    action = [coop.action(coop.membership, "reinstate", 2)]
    proposal = coop.propose(coop.ada, action, hashed("Ben comes back"))
    voters = [coop.ada, coop.cleo, coop.dan]
    coop.carry(proposal, action, hashed("Ben comes back"), voters)
    assert standing(coop, 2) == ACTIVE
    assert ask(coop, "memberOf", 2)[1] == coop.now()


def test_an_early_reinstatement_bears_neither_text_nor_reasons(coop: Coop) -> None:
    order(coop, "suspend", 2, 60 * DAY)
    action = [coop.action(coop.membership, "reinstate", 2)]
    opens_at = coop.now() + 3 * DAY
    with refused("AssemblyTextMustBeHash"):
        call = coop.assembly.functions.propose(action, "Ben is well again", opens_at)
        coop.send(call, coop.ada)
    proposal = coop.propose(coop.ada, action, hashed("Ben is well again"))
    assert CLASSES[info(coop, proposal)["class"]] == "Admission"
    coop.open(proposal)
    with ballot_refused(proposal, 1, "BadReason"):
        coop.vote(coop.ada, proposal, FOR, reason="He is well again")
    coop.vote(coop.ada, proposal, FOR)


def test_a_reinstated_member_has_no_vote_in_what_froze_before(coop: Coop) -> None:
    order(coop, "suspend", 2, 2 * DAY)
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    act(coop, coop.tom, "reinstate", 2)
    with ballot_refused(proposal, 2, "NotEligible"):
        coop.vote(coop.ben, proposal, FOR)
    assert coop.assembly.functions.proposalRoll(proposal).call() == 4


def test_only_active_members_are_suspended_and_only_suspended_ones_reinstated(coop: Coop) -> None:
    order(coop, "suspend", 2, DAY)
    act(coop, coop.cleo, "leaveCooperative")
    order(coop, "expel", 4)
    for member, now in ((2, SUSPENDED), (3, LEFT), (4, EXPELLED), (9, NONE)):
        with refused("MembershipWrongStanding", member, now):
            order(coop, "suspend", member, DAY)
    for member, now in ((1, ACTIVE), (3, LEFT), (4, EXPELLED), (9, NONE), (0, NONE)):
        with refused("MembershipWrongStanding", member, now):
            act(coop, coop.ada, "reinstate", member)


# Expulsion


def test_an_active_member_is_expelled(coop: Coop) -> None:
    receipt = order(coop, "expel", 2)
    [event] = coop.events(receipt, "MemberExpelled")
    assert event["args"] == {"memberId": 2}
    assert ask(coop, "standingOf", 2) == [EXPELLED, 0]
    assert ask(coop, "memberOf", 2)[2] == coop.now()
    assert ask(coop, "rollSize") == 4


def test_a_suspended_member_is_expelled_and_counted_off_once(coop: Coop) -> None:
    order(coop, "suspend", 2, DAY)
    off = coop.now()
    order(coop, "expel", 2)
    assert ask(coop, "standingOf", 2) == [EXPELLED, 0]
    assert ask(coop, "memberOf", 2)[2] == off
    assert ask(coop, "rollSize") == 4
    coop.warp(coop.now() + 2 * DAY)
    with refused("MembershipWrongStanding", 2, EXPELLED):
        act(coop, coop.ben, "reinstate", 2)


def test_nobody_is_expelled_who_is_no_member(coop: Coop) -> None:
    act(coop, coop.ben, "leaveCooperative")
    order(coop, "expel", 3)
    for member, now in ((2, LEFT), (3, EXPELLED)):
        with refused("MembershipWrongStanding", member, now):
            order(coop, "expel", member)
    for member in (0, 6):
        with refused("MembershipUnknownMember", member):
            order(coop, "expel", member)


# Probation


def test_probation_is_at_most_a_year(coop: Coop) -> None:
    receipt = order(coop, "setProbation", 365 * DAY)
    [event] = coop.events(receipt, "ProbationSet")
    assert event["args"] == {"probation": 365 * DAY}
    with refused("MembershipProbationOutOfBounds", 365 * DAY + 1, 365 * DAY):
        order(coop, "setProbation", 365 * DAY + 1)
    assert ask(coop, "probation") == 365 * DAY


def test_candidates_wait_as_long_as_the_probation_of_the_day_says(coop: Coop) -> None:
    act(coop, coop.fay, "applyToJoin", PROFILE)
    order(coop, "setProbation", 0)
    order(coop, "admit", coop.fay.address)
    assert coop.id_of(coop.fay) == 6


def test_the_last_member_can_leave_and_the_roll_is_empty(factory: Contract, chain: Devnet) -> None:
    coop = found(chain, factory, founders=("ada", "ben", "cleo"))
    for name in ("ada", "ben", "cleo"):
        act(coop, coop.people[name], "leaveCooperative")
    assert ask(coop, "rollSize") == 0
    assert [standing(coop, member) for member in (1, 2, 3)] == [LEFT] * 3
