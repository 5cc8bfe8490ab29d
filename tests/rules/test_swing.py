"""How far a late swing of the outcome moves the deadline."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.rules.swing import extended, is_late
from tests.rules.strategies import HOUR, PLAIN

END = 1_000_000
SWINGING = replace(PLAIN, swing_window=HOUR, swing_cap=3 * HOUR)


@pytest.mark.parametrize(
    ("before_end", "late"), [(HOUR + 1, False), (HOUR, True), (0, True), (-HOUR, True)]
)
def test_a_vote_is_late_from_one_window_before_its_planned_end(before_end: int, late: bool) -> None:
    assert is_late(SWINGING, END, END - before_end) is late


def test_without_a_window_nothing_is_late() -> None:
    assert not is_late(PLAIN, END, END)
    assert extended(PLAIN, END, END, END) is None


@pytest.mark.parametrize(
    ("now", "deadline", "moved"),
    [
        (END - HOUR - 1, END, None),
        (END - HOUR, END, None),  # a window from then is the planned end
        (END - HOUR + 1, END, END + 1),
        (END, END, END + HOUR),
        (END + HOUR, END + HOUR, END + 2 * HOUR),
        (END + 2 * HOUR + 5, END + 2 * HOUR + 9, END + 3 * HOUR),  # capped
        (END + 3 * HOUR, END + 3 * HOUR, None),
        (END, END + HOUR, None),  # another swing in the same second
    ],
)
def test_a_swing_moves_the_deadline_to_a_window_from_now_within_the_cap(
    now: int, deadline: int, moved: int | None
) -> None:
    assert extended(SWINGING, END, deadline, now) == moved


@given(st.integers(-2 * HOUR, 3 * HOUR), st.integers(0, 3 * HOUR))
def test_a_deadline_moves_forward_only_and_never_beyond_the_cap(since: int, before: int) -> None:
    moved = extended(SWINGING, END, END + before, END + since)
    assert moved is None or END + before < moved <= END + 3 * HOUR
