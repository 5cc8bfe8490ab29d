"""The state of a proposal at any moment."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.rules.bylaws import Rule, Tally
from indexer.rules.proposals import Course, State, due, expires_at, quorum, session, state
from tests.rules.strategies import DAY, PLAIN, counts, rules

OPENS, CLOSES = 1_000_000, 1_000_000 + 4 * DAY
PASSING, FAILING, THIN = Tally(6, 1), Tally(3, 3), Tally(1, 0)
TWICE = replace(PLAIN, second_call_delay=DAY, second_call_bps=1_000, quorum_min=1)


def course(tally: Tally = PASSING, rule: Rule = PLAIN, **changed: object) -> Course:
    made = Course(opens_at=OPENS, deadline=CLOSES, rule=rule, tally=tally, roll=10)
    return replace(made, **changed)  # type: ignore[arg-type]


def states(of: Course, *moments: int) -> list[State]:
    return [state(of, moment) for moment in moments]


def test_voting_begins_after_the_freeze_and_includes_the_deadline() -> None:
    moments = (OPENS, OPENS + 1, CLOSES, CLOSES + 1)
    assert states(course(), *moments) == ["pending", "active", "active", "succeeded"]


def test_a_proposal_that_nobody_voted_on_is_defeated() -> None:
    assert state(course(Tally()), CLOSES + 1) == "defeated"


def test_a_passed_proposal_waits_for_queueing_only_as_long_as_its_grace() -> None:
    end = CLOSES + PLAIN.grace
    assert states(course(), end, end + 1) == ["succeeded", "expired"]
    assert expires_at(course(), CLOSES + 1) == end
    assert expires_at(course(), end + 1) == end


def test_a_queued_proposal_waits_for_execution_only_as_long_as_its_grace() -> None:
    queued = course(eta=CLOSES + 2 * DAY)
    end = queued.eta + PLAIN.grace
    assert states(queued, queued.eta, end, end + 1) == ["queued", "queued", "expired"]
    assert (due(queued, end), expires_at(queued, end)) == (queued.eta, end)


def test_a_canceled_or_executed_proposal_stays_so() -> None:
    moments = (OPENS, CLOSES + 1, CLOSES + 900 * DAY)
    assert states(course(canceled=True), *moments) == ["canceled"] * 3
    assert states(course(executed=True, eta=CLOSES), *moments) == ["executed"] * 3


def test_a_missed_quorum_opens_the_second_call_by_itself() -> None:
    thin = course(THIN, TWICE)
    assert states(thin, CLOSES + 1, CLOSES + DAY, CLOSES + DAY + 1) == [
        "active",
        "active",
        "succeeded",
    ]
    assert session(thin, CLOSES) == (CLOSES, False)
    assert session(thin, CLOSES + 1) == (CLOSES + DAY, True)
    assert (quorum(thin, CLOSES), quorum(thin, CLOSES + 1)) == (5, 1)


def test_a_reached_quorum_opens_no_second_call() -> None:
    assert state(course(FAILING, TWICE), CLOSES + 1) == "defeated"
    assert state(course(PASSING, TWICE), CLOSES + 1) == "succeeded"


def test_there_is_no_third_call() -> None:
    second = course(Tally(), TWICE, second_called=True, deadline=CLOSES + DAY)
    assert states(second, CLOSES + DAY, CLOSES + DAY + 1) == ["active", "defeated"]


def test_an_extension_moves_the_end() -> None:
    extended = course(deadline=CLOSES + DAY)
    assert states(extended, CLOSES + DAY, CLOSES + DAY + 1) == ["active", "succeeded"]


def test_a_passed_confirming_vote_never_expires() -> None:
    assert state(course(confirms=7), CLOSES + 900 * DAY) == "succeeded"
    assert expires_at(course(confirms=7), CLOSES + 900 * DAY) == 0


class TestAnAppeal:
    """A Removal in its execution delay, with a confirming vote."""

    confirming = replace(course(confirms=1), opens_at=CLOSES + 3 * DAY, deadline=CLOSES + 7 * DAY)
    appealed = course(eta=CLOSES + 2 * DAY, confirmation=confirming)

    @pytest.mark.parametrize("moment", [CLOSES + 2 * DAY, CLOSES + 5 * DAY, CLOSES + 7 * DAY])
    def test_keeps_the_proposal_waiting(self, moment: int) -> None:
        assert state(self.appealed, moment) == "queued"

    def test_makes_it_due_at_the_end_of_the_confirming_vote(self) -> None:
        assert due(self.appealed, CLOSES + 8 * DAY) == CLOSES + 7 * DAY

    def test_counts_the_grace_from_there(self) -> None:
        end = CLOSES + 7 * DAY + PLAIN.grace
        assert states(self.appealed, end, end + 1) == ["queued", "expired"]

    def test_defeats_the_proposal_when_it_is_not_confirmed(self) -> None:
        refused = replace(self.appealed, confirmation=replace(self.confirming, tally=FAILING))
        assert states(refused, CLOSES + 7 * DAY, CLOSES + 7 * DAY + 1) == ["queued", "defeated"]

    def test_never_makes_it_due_before_its_own_delay(self) -> None:
        late = replace(self.appealed, eta=CLOSES + 9 * DAY)
        assert due(late, CLOSES + 8 * DAY) == CLOSES + 9 * DAY

    def test_follows_the_second_call_of_the_confirming_vote(self) -> None:
        thin = replace(self.confirming, rule=TWICE, tally=THIN)
        appealed = replace(self.appealed, confirmation=thin)
        assert state(appealed, CLOSES + 8 * DAY) == "queued"
        assert due(appealed, CLOSES + 8 * DAY) == CLOSES + 8 * DAY


ORDER = ("pending", "active", "succeeded", "queued", "expired", "defeated")


@given(rules(), counts(), st.integers(0, 1), st.lists(st.integers(0, 400 * DAY), min_size=2))
def test_without_events_time_only_carries_a_proposal_forward(
    rule: Rule, counted: tuple[int, Tally], queued: int, moments: list[int]
) -> None:
    roll, tally = counted
    made = Course(OPENS, CLOSES, rule, tally, roll, eta=queued * (CLOSES + 40 * DAY))
    passed = [ORDER.index(state(made, OPENS + moment)) for moment in sorted(moments)]
    assert passed == sorted(passed)
