"""Answers from the mirror about guardians, against the contract at every turn."""

import pytest

from indexer import queries
from indexer.errors import NotFound
from tests.contracts.acts import rotate
from tests.contracts.coop import DAY
from tests.contracts.guardianship import (
    DELAY,
    LIFETIME,
    complete,
    family,
    listed,
    name,
    started,
    support,
)
from tests.contracts.roll import act, join, order
from tests.indexer.agreement import assert_agrees
from tests.indexer.mirrored import Mirrored


def known(mirror: Mirrored, member_id: int = 1) -> queries.GuardiansInfo:
    """What the mirror says now, after it was compared with the contracts."""
    mirror.sync()
    assert_agrees(mirror)
    with mirror.asking() as (session, as_of):
        return queries.guardians(session, as_of, member_id)


def test_guardians_are_in_force_after_the_delay_without_another_event(mirror: Mirrored) -> None:
    coop = mirror.coop
    mine = "0x" + family(coop).hash(1).hex()
    act(coop, coop.ada, "setGuardians", family(coop).hash(1))
    in_force = coop.now() + DELAY
    coop.warp(in_force - 1)
    waiting = known(mirror)
    assert (waiting.list_hash, waiting.next_hash, waiting.next_from) == (None, mine, in_force)
    coop.warp(in_force)
    found = known(mirror)
    assert (found.list_hash, found.next_hash, found.next_from) == (mine, None, None)
    assert found.recoveries == ()


def test_a_recovery_is_followed_from_the_first_support_to_the_new_key(mirror: Mirrored) -> None:
    coop = mirror.coop
    mine = name(coop, coop.ada, family(coop))
    support(coop, coop.ben, coop.fay, mine)
    (begun,) = known(mirror).recoveries
    assert (begun.account, begun.supporters) == (coop.fay.address, (coop.ben.address,))
    assert begun.due_at is None
    due = started(coop, coop.fay, mine, [coop.ida])
    (begun,) = known(mirror).recoveries
    assert begun.supporters == (coop.ben.address, coop.ida.address)
    assert (begun.due_at, begun.expires_at) == (due, due - DELAY + LIFETIME)
    complete(coop, coop.fay, at=due)
    after = known(mirror)
    assert (after.recoveries, after.recovered_at) == ((), due)
    with mirror.asking() as (session, as_of):
        assert queries.member(session, as_of, 1).account == coop.fay.address


@pytest.mark.parametrize(
    "end", ["cancelled", "rotated", "recovered", "readmitted", "other guardians", "too old"]
)
def test_what_voids_a_recovery_on_the_chain_voids_it_in_the_mirror(
    mirror: Mirrored, end: str
) -> None:
    coop = mirror.coop
    mine = name(coop, coop.ada, family(coop))
    if end == "other guardians":
        act(coop, coop.ada, "setGuardians", listed(1, coop.tom).hash(1))
        coop.warp(coop.now() + DAY)
    started(coop, coop.fay, mine)
    support(coop, coop.ben, coop.gus, mine)
    assert len(known(mirror).recoveries) == 2
    if end == "cancelled":
        act(coop, coop.ada, "cancelRecovery", coop.gus.address)
    elif end == "rotated":
        rotate(coop, coop.ada, coop.hal)
    elif end == "recovered":
        order(coop, "recover", 1, coop.hal.address)
    elif end == "readmitted":
        order(coop, "expel", 1)
        join(coop, coop.ada)
    else:
        coop.warp(coop.now() + (LIFETIME if end == "too old" else 6 * DAY))
    found = known(mirror)
    assert found.recoveries == ()
    assert (found.list_hash is None) == (end == "recovered")


def test_naming_those_in_force_again_drops_a_change_and_keeps_what_was_begun(
    mirror: Mirrored,
) -> None:
    coop = mirror.coop
    mine = name(coop, coop.ada, family(coop))
    support(coop, coop.ben, coop.gus, mine)
    act(coop, coop.ada, "setGuardians", listed(1, coop.tom).hash(1))
    act(coop, coop.ada, "setGuardians", mine.hash(1))
    found = known(mirror)
    assert (found.next_from, len(found.recoveries)) == (None, 1)


def test_old_support_is_forgotten_when_a_guardian_vouches_anew(mirror: Mirrored) -> None:
    coop = mirror.coop
    mine = name(coop, coop.ada, family(coop))
    support(coop, coop.ida, coop.fay, mine)
    support(coop, coop.jon, coop.fay, mine, at=coop.now() + LIFETIME)
    (begun,) = known(mirror).recoveries
    assert begun.supporters == (coop.jon.address,)


def test_a_removal_that_waits_is_told_from_no_change(mirror: Mirrored) -> None:
    coop = mirror.coop
    name(coop, coop.ada, family(coop))
    act(coop, coop.ada, "setGuardians", b"\0" * 32)
    found = known(mirror)
    assert (found.next_hash, found.next_from) == (None, coop.now() + DELAY)


def test_a_member_who_was_never_admitted_has_no_guardians(mirror: Mirrored) -> None:
    mirror.sync()
    with mirror.asking() as (session, as_of), pytest.raises(NotFound, match="member 99"):
        queries.guardians(session, as_of, 99)
