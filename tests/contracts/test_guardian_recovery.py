"""A lost key replaced by people whom the member named: support, delay, completion, cancellation.

supportRecovery ── no member any more, account taken, another list, no guardian, twice, enough
                ├─ fewer than needed
                └─ the last one needed ── the delay runs
completeRecovery ── nothing begun, void, too few, too old, not due, twice in 30 days
                 └─ the caller is the member's key
cancelRecovery ── not the present key, nothing begun
               └─ all that was begun is void
"""

import pytest

from tests.contracts.acts import refused, rotate
from tests.contracts.coop import DAY, Coop
from tests.contracts.guardianship import (
    DELAY,
    LIFETIME,
    NONE,
    PAUSE,
    account_of,
    complete,
    family,
    listed,
    name,
    started,
    support,
)
from tests.contracts.roll import PROFILE, SUSPENDED, ZERO, act, ask, order, standing

# Support


def test_the_delay_starts_when_the_last_guardian_needed_has_vouched(coop: Coop) -> None:
    mine = name(coop, coop.ada, family(coop))
    first = support(coop, coop.ben, coop.fay, mine)
    assert coop.events(first, "RecoveryStarted") == []
    with refused("MembershipNoRecovery", 1, coop.fay.address):
        complete(coop, coop.fay)
    second = support(coop, coop.ida, coop.fay, mine)
    [supported] = coop.events(second, "RecoverySupported")
    [begun] = coop.events(second, "RecoveryStarted")
    names = {"memberId": 1, "newAccount": coop.fay.address}
    assert supported["args"] == {**names, "guardian": coop.ida.address}
    assert begun["args"] == {**names, "dueAt": coop.now() + DELAY}


def test_a_guardian_counts_once(coop: Coop) -> None:
    mine = name(coop, coop.ada, family(coop))
    support(coop, coop.ida, coop.fay, mine)
    with refused("MembershipAlreadySupported", 1, coop.fay.address, coop.ida.address):
        support(coop, coop.ida, coop.fay, mine)


def test_nobody_else_vouches_and_the_member_never_for_themselves(coop: Coop) -> None:
    mine = name(coop, coop.ada, listed(2, coop.ada, coop.fay, coop.ida, coop.jon))
    rotate(coop, coop.ada, coop.fay)
    for by in (coop.tom, coop.ada, coop.fay):
        with refused("MembershipNotGuardian", by.address):
            support(coop, by, coop.gus, mine)


def test_one_support_too_many_does_not_put_the_end_of_the_delay_off(coop: Coop) -> None:
    mine = name(coop, coop.ada, family(coop))
    due = started(coop, coop.fay, mine)
    with refused("MembershipSupportSuffices", 1, coop.fay.address, due):
        support(coop, coop.ben, coop.fay, mine)


def test_support_for_one_account_is_none_for_another(coop: Coop) -> None:
    mine = name(coop, coop.ada, family(coop))
    support(coop, coop.ida, coop.fay, mine)
    support(coop, coop.jon, coop.gus, mine)
    for new in (coop.fay, coop.gus):
        assert ask(coop, "recoveryOf", 1, new.address)[1] == 0


def test_one_bad_guardian_does_not_hold_up_the_others(coop: Coop) -> None:
    mine = name(coop, coop.ada, family(coop))
    support(coop, coop.ben, coop.tom, mine)
    due = started(coop, coop.fay, mine)
    support(coop, coop.ben, coop.sue, mine)
    complete(coop, coop.fay, at=due)
    assert account_of(coop) == coop.fay.address


def test_support_is_too_old_thirty_days_after_the_newest(coop: Coop) -> None:
    mine = name(coop, coop.ada, family(coop))
    support(coop, coop.ida, coop.fay, mine)
    first = coop.now()
    support(coop, coop.jon, coop.fay, mine, at=first + LIFETIME)
    assert ask(coop, "recoveryOf", 1, coop.fay.address)[1] == 0
    second = coop.now()
    support(coop, coop.ida, coop.fay, mine, at=second + LIFETIME - 1)
    assert ask(coop, "recoveryOf", 1, coop.fay.address)[1] == coop.now() + DELAY


@pytest.mark.parametrize("whose", ["a member", "the member", "a candidate", "nobody"])
def test_an_account_that_is_taken_is_not_vouched_for(coop: Coop, whose: str) -> None:
    mine = name(coop, coop.ada, family(coop))
    act(coop, coop.fay, "applyToJoin", PROFILE)
    taken = {
        "a member": coop.cleo.address,
        "the member": coop.ada.address,
        "a candidate": coop.fay.address,
        "nobody": ZERO,
    }[whose]
    with refused("MembershipAccountTaken", taken):
        act(coop, coop.ida, "supportRecovery", 1, taken, mine.values)


# Completion


def test_the_new_account_takes_over_from_the_end_of_the_delay_on(coop: Coop) -> None:
    due = started(coop, coop.fay, name(coop, coop.ada, family(coop)))
    with refused("MembershipRecoveryNotDue", 1, due):
        complete(coop, coop.fay, at=due - 1)
    receipt = complete(coop, coop.fay, at=due)
    names = {"memberId": 1, "newAccount": coop.fay.address}
    [completed] = coop.events(receipt, "RecoveryCompleted")
    [recovered] = coop.events(receipt, "KeyRecovered")
    assert completed["args"] == names
    assert recovered["args"] == {**names, "presentAccount": coop.ada.address, "epoch": 1}
    assert ask(coop, "activeMemberIdOf", coop.fay.address) == 1
    assert ask(coop, "activeMemberIdOf", coop.ada.address) == 0
    assert ask(coop, "guardiansOf", 1)[3] == due


def test_a_recovery_can_be_completed_until_thirty_days_after_the_newest_support(coop: Coop) -> None:
    due = started(coop, coop.fay, name(coop, coop.ada, family(coop)))
    end = due - DELAY + LIFETIME
    assert ask(coop, "recoveryOf", 1, coop.fay.address)[2] == end
    snapshot = coop.chain.rpc("evm_snapshot")
    complete(coop, coop.fay, at=end - 1)
    coop.chain.rpc("evm_revert", snapshot)
    with refused("MembershipNoRecovery", 1, coop.fay.address):
        complete(coop, coop.fay, at=end)


def test_nobody_but_the_new_account_completes(coop: Coop) -> None:
    due = started(coop, coop.fay, name(coop, coop.ada, family(coop)))
    coop.warp(due)
    for by in (coop.ida, coop.ben, coop.ada, coop.tom):
        with refused("MembershipNoRecovery", 1, by.address):
            complete(coop, by)
    with refused("MembershipNoRecovery", 2, coop.fay.address):
        complete(coop, coop.fay, member=2)


def test_an_account_that_was_taken_meanwhile_cannot_complete(coop: Coop) -> None:
    due = started(coop, coop.fay, name(coop, coop.ada, family(coop)))
    act(coop, coop.fay, "applyToJoin", PROFILE)
    with refused("MembershipAccountTaken", coop.fay.address):
        complete(coop, coop.fay, at=due)
    act(coop, coop.fay, "withdrawApplication")
    rotate(coop, coop.cleo, coop.fay)
    with refused("MembershipAccountTaken", coop.fay.address):
        complete(coop, coop.fay)
    assert account_of(coop) == coop.ada.address


def test_guardians_replace_a_key_at_most_once_in_thirty_days(coop: Coop) -> None:
    mine = name(coop, coop.ada, family(coop))
    due = started(coop, coop.fay, mine)
    complete(coop, coop.fay, at=due)
    earliest = coop.now() + PAUSE
    coop.warp(coop.now() + 10 * DAY)
    started(coop, coop.gus, mine)
    with refused("MembershipRecoveryTooSoon", 1, earliest):
        complete(coop, coop.gus, at=earliest - 1)
    complete(coop, coop.gus, at=earliest)
    assert ask(coop, "memberOf", 1)[::3] == (coop.gus.address, 2)


def test_the_pause_of_one_members_guardians_holds_up_no_other(coop: Coop) -> None:
    both = listed(2, coop.ida, coop.jon)
    name(coop, coop.ada, both)
    name(coop, coop.cleo, both)
    due = started(coop, coop.fay, both)
    complete(coop, coop.fay, at=due)
    due = started(coop, coop.gus, both, member=3)
    complete(coop, coop.gus, member=3, at=due)
    assert account_of(coop, 3) == coop.gus.address


# Cancelling


def test_the_present_key_cancels_to_the_last_moment_all_that_was_begun(coop: Coop) -> None:
    mine = name(coop, coop.ada, family(coop))
    support(coop, coop.ben, coop.gus, mine)
    due = started(coop, coop.fay, mine)
    receipt = act(coop, coop.ada, "cancelRecovery", coop.fay.address, at=due)
    [event] = coop.events(receipt, "RecoveryCancelled")
    assert event["args"] == {"memberId": 1}
    for new in (coop.fay, coop.gus):
        with refused("MembershipNoRecovery", 1, new.address):
            complete(coop, new)
        assert ask(coop, "recoveryOf", 1, new.address) == [0, 0, 0]


def test_after_a_cancellation_guardians_begin_anew_from_nothing(coop: Coop) -> None:
    mine = name(coop, coop.ada, family(coop))
    support(coop, coop.ida, coop.fay, mine)
    act(coop, coop.ada, "cancelRecovery", coop.fay.address)
    support(coop, coop.jon, coop.fay, mine)
    assert ask(coop, "recoveryOf", 1, coop.fay.address)[1] == 0
    support(coop, coop.ida, coop.fay, mine)
    complete(coop, coop.fay, at=coop.now() + DELAY)
    assert account_of(coop) == coop.fay.address


def test_only_the_present_key_cancels_and_only_what_was_begun(coop: Coop) -> None:
    mine = name(coop, coop.ada, family(coop))
    with refused("MembershipNoRecovery", 1, coop.fay.address):
        act(coop, coop.ada, "cancelRecovery", coop.fay.address)
    started(coop, coop.fay, mine)
    for other in (coop.tom, coop.fay):
        with refused("MembershipNotMember", other.address):
            act(coop, other, "cancelRecovery", coop.fay.address)
    with refused("MembershipNoRecovery", 2, coop.fay.address):
        act(coop, coop.ben, "cancelRecovery", coop.fay.address)


# Standing


def test_a_suspended_members_key_is_replaced_and_stays_off_the_roll(coop: Coop) -> None:
    mine = name(coop, coop.ada, family(coop))
    order(coop, "suspend", 1, 60 * DAY)
    due = started(coop, coop.fay, mine)
    complete(coop, coop.fay, at=due)
    assert (account_of(coop), standing(coop, 1)) == (coop.fay.address, SUSPENDED)
    assert ask(coop, "getVotes", coop.fay.address) == 0
    order(coop, "reinstate", 1)
    assert ask(coop, "getVotes", coop.fay.address) == 1


@pytest.mark.parametrize(("ends", "standing_"), [("leaves", 3), ("expelled", 4)])
def test_who_is_no_member_any_more_is_not_recovered(coop: Coop, ends: str, standing_: int) -> None:
    mine = name(coop, coop.ada, family(coop))
    due = started(coop, coop.fay, mine)
    if ends == "leaves":
        act(coop, coop.ada, "leaveCooperative")
    else:
        order(coop, "expel", 1)
    with refused("MembershipWrongStanding", 1, standing_):
        complete(coop, coop.fay, at=due)
    with refused("MembershipWrongStanding", 1, standing_):
        support(coop, coop.ida, coop.gus, mine)
    assert account_of(coop) == coop.ada.address


def test_a_number_never_given_has_no_guardians(coop: Coop) -> None:
    with refused("MembershipUnknownMember", 9):
        support(coop, coop.ida, coop.fay, family(coop), member=9)
    with refused("MembershipUnknownMember", 9):
        complete(coop, coop.fay, member=9)
    assert ask(coop, "guardiansOf", 9) == (NONE, NONE, 0, 0, 0)
