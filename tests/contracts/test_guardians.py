"""Guardians: how a member names them, when they are in force, and which lists are of use.

setGuardians ── not a member ── refused
             ├─ those in force ── a waiting change is dropped
             └─ others ── in force after the delay
"""

from typing import Any

import pytest

from tests.contracts.acts import refused, rotate
from tests.contracts.coop import Coop
from tests.contracts.guardianship import (
    DELAY,
    NONE,
    SALT,
    List,
    account_of,
    complete,
    family,
    listed,
    name,
    started,
    support,
)
from tests.contracts.roll import ZERO, act, ask, order

ELEVEN = ["ida", "jon", "kim", "lea", "max", "nia", "oto", "pia", "quin", "rex", "sue"]

# Naming guardians


def guardians_of(coop: Coop, member: int = 1) -> list[Any]:
    """Hash in force, hash waiting, and from when."""
    return list(ask(coop, "guardiansOf", member)[:3])


def test_the_first_guardians_too_are_in_force_after_the_delay_to_the_second(coop: Coop) -> None:
    mine = family(coop).hash(1)
    receipt = act(coop, coop.ada, "setGuardians", mine)
    start = coop.now()
    [event] = coop.events(receipt, "GuardiansNamed")
    assert event["args"] == {"memberId": 1, "listHash": mine, "inForceFrom": start + DELAY}
    assert guardians_of(coop) == [NONE, mine, start + DELAY]
    with refused("MembershipBadGuardianList", 1):
        support(coop, coop.ida, coop.fay, family(coop), at=start + DELAY - 1)
    support(coop, coop.ida, coop.fay, family(coop), at=start + DELAY)
    assert guardians_of(coop) == [mine, NONE, 0]


def test_only_a_member_with_the_present_key_names_guardians(coop: Coop) -> None:
    rotate(coop, coop.ada, coop.fay)
    act(coop, coop.eve, "leaveCooperative")
    order(coop, "expel", 4)
    for stranger in (coop.tom, coop.ada):
        with refused("MembershipNotMember", stranger.address):
            act(coop, stranger, "setGuardians", SALT)
    for former, number, was in ((coop.eve, 5, 3), (coop.dan, 4, 4)):
        with refused("MembershipWrongStanding", number, was):
            act(coop, former, "setGuardians", SALT)


def test_guardians_are_removed_by_naming_none_and_after_the_delay(coop: Coop) -> None:
    name(coop, coop.ada, family(coop))
    act(coop, coop.ada, "setGuardians", NONE)
    end = coop.now() + DELAY
    support(coop, coop.ida, coop.fay, family(coop), at=end - 1)
    with refused("MembershipBadGuardianList", 1):
        support(coop, coop.jon, coop.fay, family(coop), at=end)
    assert guardians_of(coop) == [NONE, NONE, 0]


def test_no_list_has_the_hash_of_no_guardians(coop: Coop) -> None:
    with refused("MembershipBadGuardianList", 1):
        support(coop, coop.ida, coop.fay, family(coop))
    with refused("MembershipBadGuardianList", 1):
        support(coop, coop.ida, coop.fay, List(0, ()))


def test_a_thief_who_names_other_guardians_is_stopped_within_the_delay(coop: Coop) -> None:
    mine, thiefs = name(coop, coop.ada, family(coop)), listed(1, coop.tom)
    act(coop, coop.ada, "setGuardians", thiefs.hash(1))
    end = coop.now() + DELAY
    receipt = act(coop, coop.ada, "setGuardians", mine.hash(1), at=end - 1)
    [event] = coop.events(receipt, "GuardiansNamed")
    assert event["args"]["inForceFrom"] == end - 1
    with refused("MembershipBadGuardianList", 1):
        support(coop, coop.tom, coop.sue, thiefs, at=end)
    assert guardians_of(coop) == [mine.hash(1), NONE, 0]


def test_a_later_naming_replaces_the_waiting_one_and_waits_anew(coop: Coop) -> None:
    thiefs, mine = listed(1, coop.tom), family(coop)
    act(coop, coop.ada, "setGuardians", thiefs.hash(1))
    end = coop.now() + DELAY
    act(coop, coop.ada, "setGuardians", mine.hash(1), at=end - 1)
    with refused("MembershipBadGuardianList", 1):
        support(coop, coop.tom, coop.sue, thiefs, at=end)
    assert guardians_of(coop) == [NONE, mine.hash(1), end - 1 + DELAY]


def test_a_change_of_key_drops_the_guardians_that_a_thief_announced(coop: Coop) -> None:
    mine, thiefs = name(coop, coop.ada, family(coop)), listed(1, coop.tom)
    act(coop, coop.ada, "setGuardians", thiefs.hash(1))
    rotate(coop, coop.ada, coop.fay)
    coop.warp(coop.now() + DELAY)
    with refused("MembershipBadGuardianList", 1):
        support(coop, coop.tom, coop.sue, thiefs)
    assert guardians_of(coop) == [mine.hash(1), NONE, 0]


def test_a_change_of_key_keeps_guardians_that_came_into_force_a_moment_before(coop: Coop) -> None:
    name(coop, coop.ada, family(coop))
    rotate(coop, coop.ada, coop.fay)
    assert guardians_of(coop) == [family(coop).hash(1), NONE, 0]


def test_a_thief_who_changes_the_key_does_not_get_rid_of_the_guardians(coop: Coop) -> None:
    mine = name(coop, coop.ada, family(coop))
    rotate(coop, coop.ada, coop.tom)
    due = started(coop, coop.fay, mine)
    complete(coop, coop.fay, at=due)
    assert account_of(coop) == coop.fay.address


# The list


def test_a_list_is_valid_for_the_member_who_named_it_only(coop: Coop) -> None:
    mine = name(coop, coop.ada, family(coop))
    act(coop, coop.cleo, "setGuardians", mine.hash(1))
    coop.warp(coop.now() + DELAY)
    with refused("MembershipBadGuardianList", 3):
        support(coop, coop.ida, coop.fay, mine, member=3)


@pytest.mark.parametrize("changed", ["needed", "salt", "fewer", "more"])
def test_a_list_that_differs_from_the_one_in_force_is_refused(coop: Coop, changed: str) -> None:
    mine = name(coop, coop.ada, family(coop))
    other = {
        "needed": List(1, mine.accounts),
        "salt": List(2, mine.accounts, b"\x08" * 32),
        "fewer": List(2, mine.accounts[:2]),
        "more": listed(2, coop.ben, coop.ida, coop.jon, coop.tom),
    }[changed]
    by = coop.people[next(n for n in ("ida", "jon") if coop.people[n].address in other.accounts)]
    with refused("MembershipBadGuardianList", 1):
        support(coop, by, coop.fay, other)


def unfit(coop: Coop) -> dict[str, List]:
    """Lists that a careless or cunning member might name; ida is on each."""
    ida, jon = sorted((coop.ida.address, coop.jon.address), key=str.lower)
    people = [coop.people[each] for each in ELEVEN]
    return {
        "nobody needed": List(0, (ida, jon)),
        "more needed than there are": List(3, (ida, jon)),
        "one of them twice": List(2, (ida, ida, jon)),
        "out of order": List(2, (jon, ida)),
        "zero": List(1, (ZERO, ida)),
        "eleven": listed(2, *people),
    }


@pytest.mark.parametrize(
    "fault",
    [
        "nobody needed",
        "more needed than there are",
        "one of them twice",
        "out of order",
        "zero",
        "eleven",
    ],
)
def test_a_list_with_a_fault_helps_nobody(coop: Coop, fault: str) -> None:
    faulty = name(coop, coop.ada, unfit(coop)[fault])
    with refused("MembershipBadGuardianList", 1):
        support(coop, coop.ida, coop.fay, faulty)


def test_ten_guardians_all_needed_are_the_most(coop: Coop) -> None:
    ten = [coop.people[each] for each in ELEVEN[:10]]
    guardians = name(coop, coop.ada, listed(10, *ten))
    for guardian in ten[:9]:
        support(coop, guardian, coop.fay, guardians)
    assert ask(coop, "recoveryOf", 1, coop.fay.address)[1] == 0
    support(coop, ten[9], coop.fay, guardians)
    supporters, due, _ = ask(coop, "recoveryOf", 1, coop.fay.address)
    assert (supporters, due) == (0b11_1111_1111, coop.now() + DELAY)
