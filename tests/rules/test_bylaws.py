"""Rules and tallies: nothing passes by rounding, by a tie or by silence."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.rules.bylaws import (
    NO_LIMIT,
    DecisionClass,
    Rule,
    Tally,
    out_of_bounds,
    passes,
    quorum_needed,
    quorum_reached,
    reachable,
    recovery_too_quick,
)
from tests.rules.strategies import DAY, HOUR, PLAIN, counts, rules


@given(rules(), counts(), st.booleans())
def test_what_passes_has_reached_its_threshold_and_quorum_exactly(
    rule: Rule, counted: tuple[int, Tally], second_call: bool
) -> None:
    roll, tally = counted
    if not passes(rule, tally, roll, second_call):
        return
    basis = roll if rule.basis_roll else tally.for_ + tally.against
    part, threshold = Fraction(tally.for_, basis), Fraction(rule.pass_num, rule.pass_den)
    assert part > threshold if rule.strict else part >= threshold

    took_part = sum(tally) if rule.presence else tally.for_
    bps = rule.second_call_bps if second_call else rule.quorum_bps
    assert Fraction(took_part, roll) >= Fraction(bps, 10_000)
    assert took_part >= min(rule.quorum_min, roll)


@given(rules(), st.integers(0, 100), st.integers(0, 200), st.booleans())
def test_a_tie_is_lost(rule: Rule, half: int, abstain: int, second_call: bool) -> None:
    assert not passes(rule, Tally(half, half, abstain), 2 * half + abstain, second_call)


@given(rules(), st.integers(0, 200), st.booleans())
def test_silence_never_passes(rule: Rule, roll: int, second_call: bool) -> None:
    assert not passes(rule, Tally(), roll, second_call)


@given(rules(), counts())
def test_a_vote_for_never_defeats_what_passes(rule: Rule, counted: tuple[int, Tally]) -> None:
    roll, tally = counted
    one_more = tally._replace(for_=tally.for_ + 1)
    assert not passes(rule, tally, roll + 1) or passes(rule, one_more, roll + 1)


@given(rules(), counts())
def test_without_presence_a_vote_against_never_helps(
    rule: Rule, counted: tuple[int, Tally]
) -> None:
    roll, tally = counted
    rule = replace(rule, presence=False)
    one_more = tally._replace(against=tally.against + 1)
    assert passes(rule, tally, roll + 1) or not passes(rule, one_more, roll + 1)


@given(rules(), counts())
def test_the_second_call_asks_for_no_more_than_the_first(
    rule: Rule, counted: tuple[int, Tally]
) -> None:
    roll, tally = counted
    first = quorum_reached(rule, tally, roll)
    assert not first or quorum_reached(rule, tally, roll, second_call=True)


@pytest.mark.parametrize(
    ("roll", "bps", "needed"),
    [
        (10, 5_000, 5),
        (11, 5_000, 6),
        (3, 3_333, 2),
        (30_000, 1, 3),
        (10, 0, 2),
        (1, 1, 1),
        (0, 0, 1),
    ],
)
def test_a_quorum_is_rounded_up_to_its_minimum_but_not_above_the_roll(
    roll: int, bps: int, needed: int
) -> None:
    assert quorum_needed(replace(PLAIN, quorum_min=2, quorum_bps=bps), roll) == needed


def test_one_vote_against_defeats_unanimity() -> None:
    unanimous = replace(PLAIN, max_against=0, pass_num=1, pass_den=1, strict=False)
    assert passes(unanimous, Tally(9, 0, 1), 10)
    assert not passes(unanimous, Tally(9, 1, 0), 10)


def test_consensus_minus_one_bears_one_vote_against() -> None:
    rule = replace(PLAIN, max_against=1)
    assert passes(rule, Tally(8, 1), 10)
    assert not passes(rule, Tally(8, 2), 10)


def test_three_quarters_of_the_votes_cast_are_three_of_four() -> None:
    special = replace(PLAIN, pass_num=3, pass_den=4, strict=False)
    assert passes(special, Tally(3, 1, 5), 10)
    assert not passes(special, Tally(2, 1, 5), 10)


def test_more_than_half_of_the_whole_roll_counts_absences_as_against() -> None:
    written = replace(PLAIN, basis_roll=True, quorum_bps=0)
    assert passes(written, Tally(6, 0), 10)
    assert not passes(written, Tally(5, 0), 10)


@given(rules(), st.integers(1, 60))
def test_a_rule_is_reachable_when_all_who_may_vote_together_can_pass_it(
    rule: Rule, roll: int
) -> None:
    voters = roll if rule.subject_votes or roll == 1 else roll - 1
    best = any(
        passes(rule, Tally(in_favour, 0, abstain), voters)
        for in_favour in range(voters + 1)
        for abstain in range(voters + 1 - in_favour)
    )
    assert best  # with the quorum capped at the roll, all together can pass whatever is in bounds
    assert reachable(rule, roll) == (rule.quorum_min <= roll)


@pytest.mark.parametrize("subject_votes", [False, True])
def test_a_least_quorum_above_the_roll_is_no_rule_for_it(subject_votes: bool) -> None:
    five = replace(PLAIN, quorum_min=5, subject_votes=subject_votes)
    assert not reachable(five, 4)
    assert reachable(five, 5)  # without the person concerned all four others suffice
    assert passes(five, Tally(4, 0), 4)


def test_a_co_op_that_shrank_below_the_quorum_can_still_decide_with_all_members() -> None:
    large = replace(PLAIN, quorum_min=9)
    assert passes(large, Tally(5, 0), 5)
    assert not passes(large, Tally(4, 0), 5)


def test_a_rule_is_reachable_for_the_last_member_and_for_nobody_none_is() -> None:
    for subject_votes in (False, True):
        alone = replace(PLAIN, quorum_min=1, subject_votes=subject_votes)
        assert reachable(alone, 1)
        assert not reachable(alone, 0)
        assert not reachable(replace(alone, quorum_min=2), 1)


@given(rules(), st.sampled_from(DecisionClass))
def test_the_drawn_rules_are_within_bounds(rule: Rule, decision_class: DecisionClass) -> None:
    assert out_of_bounds(decision_class, rule) == ()


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"notice": 60 * DAY + 1}, "notice"),
        ({"voting_period": HOUR - 1}, "voting_period"),
        ({"execution_delay": 60 * DAY + 1}, "execution_delay"),
        ({"grace": DAY - 1}, "grace"),
        ({"cool_down": 180 * DAY + 1}, "cool_down"),
        ({"swing_window": 5 * DAY, "swing_cap": 5 * DAY}, "swing_window"),
        ({"swing_window": DAY, "swing_cap": HOUR}, "swing_cap"),
        ({"swing_cap": DAY}, "swing_cap"),
        ({"second_call_delay": HOUR - 1}, "second_call_delay"),
        ({"second_call_bps": 1}, "second_call_bps"),
        ({"second_call_delay": DAY, "second_call_bps": 5_001}, "second_call_bps"),
        ({"quorum_min": 0}, "quorum_min"),
        ({"quorum_bps": 10_001}, "quorum_bps"),
        ({"pass_num": 0}, "pass_num"),
        ({"pass_den": 101}, "pass_den"),
        ({"pass_num": 1, "pass_den": 1}, "strict"),
    ],
)
def test_a_value_out_of_bounds_is_named(changed: dict[str, int], name: str) -> None:
    assert out_of_bounds(DecisionClass.ORDINARY, replace(PLAIN, **changed)) == (name,)  # type: ignore[arg-type]


def test_a_removal_needs_a_day_to_be_heard_and_a_day_to_appeal() -> None:
    hasty = replace(PLAIN, notice=DAY - 1, execution_delay=DAY - 1)
    assert out_of_bounds(DecisionClass.REMOVAL, hasty) == ("notice", "execution_delay")
    assert out_of_bounds(DecisionClass.ORDINARY, hasty) == ()


def test_a_key_is_not_replaced_with_less_notice_than_a_member_is_removed() -> None:
    same = dict.fromkeys(DecisionClass, PLAIN)
    assert not recovery_too_quick(same)
    assert recovery_too_quick({**same, DecisionClass.RECOVERY: replace(PLAIN, notice=DAY)})


def test_no_limit_is_no_limit() -> None:
    assert passes(replace(PLAIN, max_against=NO_LIMIT), Tally(30_000, 29_999), 60_000)
