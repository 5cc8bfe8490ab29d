"""Whom members named as guardians, and what those began."""

import pytest

from indexer.rules.guardians import (
    NOBODY,
    SUPPORT_LIFETIME,
    GuardianEvent,
    Guardians,
    Kind,
    Recovery,
)

MINE, OTHERS = "0x11", "0x22"
FAY, GUS, BEN, IDA = "0xFay", "0xGus", "0xBen", "0xIda"
NAMED = GuardianEvent(100, 1, "named", MINE, at=200)


def supported(moment: int, account: str, guardian: str) -> GuardianEvent:
    return GuardianEvent(moment, 1, "supported", account=account, guardian=guardian)


def test_a_list_is_in_force_from_its_very_second() -> None:
    guardians = Guardians([NAMED])
    before, after = guardians.of(1, 199), guardians.of(1, 200)
    assert (before.list_hash, before.next_hash, before.next_from) == (NOBODY, MINE, 200)
    assert (after.list_hash, after.next_hash, after.next_from) == (MINE, NOBODY, 0)


def test_a_member_of_whom_nothing_was_said_has_no_guardians() -> None:
    found = Guardians([NAMED]).of(2, 300)
    assert (found.list_hash, found.next_from, found.recoveries) == (NOBODY, 0, {})


def test_a_recovery_collects_supporters_and_falls_due() -> None:
    started = GuardianEvent(310, 1, "started", account=FAY, at=900)
    events = [NAMED, supported(300, FAY, BEN), supported(310, FAY, IDA), started]
    found = Guardians(events).of(1, 310)
    assert found.recoveries == {FAY: Recovery((BEN, IDA), 310, 900)}


def test_recoveries_for_different_accounts_stand_apart() -> None:
    events = [NAMED, supported(300, FAY, BEN), supported(310, GUS, IDA)]
    assert list(Guardians(events).of(1, 320).recoveries) == [FAY, GUS]


def test_support_is_void_thirty_days_after_the_newest() -> None:
    events = [NAMED, supported(300, FAY, BEN), supported(310, FAY, IDA)]
    end = 310 + SUPPORT_LIFETIME
    assert list(Guardians(events).of(1, end - 1).recoveries) == [FAY]
    assert Guardians(events).of(1, end).recoveries == {}


def test_support_after_a_void_one_counts_from_nothing() -> None:
    late = 300 + SUPPORT_LIFETIME
    events = [NAMED, supported(300, FAY, BEN), supported(late, FAY, IDA)]
    assert Guardians(events).of(1, late).recoveries == {FAY: Recovery((IDA,), late)}


@pytest.mark.parametrize("kind", ["cancelled", "key_changed", "admitted"])
def test_what_was_begun_is_void_after_a_word_a_change_of_key_or_a_new_membership(
    kind: Kind,
) -> None:
    change = GuardianEvent(320, 1, "named", OTHERS, at=500)
    events = [NAMED, supported(310, FAY, BEN), change, GuardianEvent(330, 1, kind)]
    found = Guardians(events).of(1, 330)
    assert (found.list_hash, found.recoveries) == (MINE, {})
    assert (found.next_from == 500) == (kind != "key_changed")


def test_other_guardians_in_force_void_what_the_former_began_and_no_sooner() -> None:
    change = GuardianEvent(320, 1, "named", OTHERS, at=500)
    guardians = Guardians([NAMED, supported(310, FAY, BEN), change])
    assert list(guardians.of(1, 499).recoveries) == [FAY]
    assert guardians.of(1, 500).recoveries == {}


def test_naming_those_in_force_drops_the_change_and_nothing_else() -> None:
    change = GuardianEvent(320, 1, "named", OTHERS, at=500)
    again = GuardianEvent(330, 1, "named", MINE, at=330)
    found = Guardians([NAMED, supported(310, FAY, BEN), change, again]).of(1, 600)
    assert (found.list_hash, found.next_from, list(found.recoveries)) == (MINE, 0, [FAY])


def test_when_guardians_helped_is_remembered_when_others_come_into_force() -> None:
    completed = GuardianEvent(320, 1, "completed", account=FAY)
    changed = GuardianEvent(320, 1, "key_changed")
    others = GuardianEvent(330, 1, "named", OTHERS, at=500)
    found = Guardians([NAMED, supported(310, FAY, BEN), completed, changed, others]).of(1, 500)
    assert (found.list_hash, found.recovered_at, found.recoveries) == (OTHERS, 320, {})
