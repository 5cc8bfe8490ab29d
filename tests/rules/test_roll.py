"""Who is on the roll at a moment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.rules.roll import Change, MemberEvent, Roll, eligible

ADA, BEN = "0xAda", "0xBen"


def admitted(moment: int, member_id: int, account: str) -> MemberEvent:
    return MemberEvent(moment, member_id, "admitted", account)


def test_a_member_counts_from_the_second_of_admission() -> None:
    roll = Roll([admitted(100, 1, ADA)])
    assert [roll.size_at(moment) for moment in (99, 100, 101)] == [0, 1, 1]


def test_who_leaves_in_the_second_of_the_freeze_is_not_on_the_roll() -> None:
    roll = Roll([admitted(100, 1, ADA), MemberEvent(200, 1, "left")])
    assert (roll.holds(1, 199), roll.holds(1, 200)) == (True, False)


def test_a_suspended_member_is_off_the_roll_until_reinstated() -> None:
    events = [
        admitted(100, 1, ADA),
        MemberEvent(200, 1, "suspended", ends_at=300),
        MemberEvent(400, 1, "reinstated"),
    ]
    roll = Roll(events)
    assert [roll.holds(1, moment) for moment in (150, 250, 350, 400)] == [True, False, False, True]
    member = roll.members[1]
    assert (member.since, member.until, member.suspended_until) == (400, 0, 0)


def test_a_reinstated_member_has_no_vote_on_what_froze_before() -> None:
    events = [
        admitted(100, 1, ADA),
        MemberEvent(200, 1, "suspended"),
        MemberEvent(300, 1, "reinstated"),
    ]
    member = Roll(events).members[1]
    assert not eligible(member, 299)
    assert eligible(member, 300)


def test_who_leaves_while_suspended_was_off_since_the_suspension() -> None:
    events = [
        admitted(100, 1, ADA),
        MemberEvent(200, 1, "suspended", ends_at=900),
        MemberEvent(300, 1, "left"),
    ]
    member = Roll(events).members[1]
    assert (member.standing, member.until, member.suspended_until) == ("left", 200, 0)


def test_who_comes_back_has_the_same_number_key_and_epoch() -> None:
    events = [
        admitted(100, 1, ADA),
        MemberEvent(150, 1, "rotated", BEN, epoch=1),
        MemberEvent(200, 1, "left"),
        admitted(300, 1, BEN),
    ]
    roll = Roll(events)
    assert (roll.members[1].epoch, roll.members[1].since, roll.members[1].until) == (1, 300, 0)
    assert roll.size_at(300) == 1


def test_an_old_key_still_names_its_member_but_may_not_act() -> None:
    roll = Roll([admitted(100, 1, ADA), MemberEvent(150, 1, "rotated", BEN, epoch=1)])
    assert roll.member_ids == {ADA: 1, BEN: 1}
    assert roll.current(ADA) is None
    current = roll.current(BEN)
    assert current is not None
    assert current.member_id == 1


def test_the_person_concerned_is_taken_out_only_if_on_the_roll() -> None:
    roll = Roll([admitted(100, 1, ADA), admitted(100, 2, BEN), MemberEvent(200, 2, "left")])
    assert roll.size_without(150, 2) == 1
    assert roll.size_without(250, 2) == 1
    assert roll.size_without(150, 0) == 2
    assert roll.size_without(150, 99) == 2


def test_an_event_of_somebody_never_admitted_is_refused() -> None:
    with pytest.raises(ValueError, match="member 1 left before being admitted"):
        Roll([MemberEvent(100, 1, "left")])


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 3)), max_size=40), st.data())
def test_the_size_is_the_number_of_members_on_the_roll(
    acts: list[tuple[int, int]], data: st.DataObject
) -> None:
    events: list[MemberEvent] = []
    on: dict[int, bool] = {}
    for act, (member_id, pause) in enumerate(acts):
        moment = (events[-1].moment if events else 100) + pause
        if member_id not in on:
            change: Change = "admitted"
        elif on[member_id]:
            change = ("left", "suspended", "expelled")[act % 3]
        else:
            change = "reinstated"
        on[member_id] = change in ("admitted", "reinstated")
        events.append(MemberEvent(moment, member_id, change, f"0x{member_id}"))
    roll = Roll(events)
    assert roll.size_at(10_000) == sum(on.values())
    moment = data.draw(st.integers(90, 250))
    assert roll.size_at(moment) == sum(roll.holds(member_id, moment) for member_id in on)
