"""Pay votes: the middle ballot, exhaustively on small grids, and the bounds of rates."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations_with_replacement
from statistics import median_high, median_low

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.rules.pay import (
    MAX_RATE,
    Bounds,
    Ladder,
    PayRule,
    bounds,
    first_bounds,
    is_role_name,
    ladder,
    out_of_bounds,
    reference,
    result,
    state,
    target,
    terms_out_of_bounds,
)

HOUR, DAY = 3_600, 86_400
GRID = range(7)
RULE = PayRule(DAY, 3 * DAY, 5 * DAY, 7 * DAY, 365 * DAY, 300, 2, 5_000, False)
Outcome = Callable[[Mapping[int, int], int, int], float]


def middle(counts: Mapping[int, int], present: int, fill_to: int) -> float:
    return result(counts, present, fill_to).median


def gains(voters: int, outcome: Outcome) -> Iterator[str]:
    """Give each case in which a member comes nearer to their wish by lying or staying at home.

    Nearer in the strictest sense: with single-peaked wishes, any result that moves towards the wish
    could be liked better, even one that oversteps it.
    """
    for others in combinations_with_replacement(GRID, voters - 1):
        for present in GRID:
            for fill_to in range(voters + 2):
                absent = outcome(Counter(others), present, fill_to)
                said = [outcome(Counter([*others, told]), present, fill_to) for told in GRID]
                for wish in GRID:
                    honest = said[wish]
                    for other in (*said, absent):
                        if wish < honest > other or wish > honest < other:
                            yield f"{others}, present {present}, fill to {fill_to}, wish {wish}"


@pytest.mark.parametrize("voters", [1, 2, 3, 4, 5])
def test_nobody_gains_by_misreporting_or_by_staying_at_home(voters: int) -> None:
    assert list(gains(voters, middle)) == []


def test_the_search_finds_what_other_rules_reward() -> None:
    def mean_of_two_middles(counts: Mapping[int, int], present: int, fill_to: int) -> float:
        ballots = sorted(Counter(counts).elements()) or [present]
        return (median_low(ballots) + median_high(ballots)) / 2

    def void_below_quorum(counts: Mapping[int, int], present: int, fill_to: int) -> float:
        return middle(counts, present, 0) if sum(counts.values()) >= fill_to else present

    def odd_one_only_after_a_fill(counts: Mapping[int, int], present: int, fill_to: int) -> float:
        ballots = sorted(Counter(counts).elements())
        if len(ballots) >= max(fill_to, 1):
            return median_low(ballots)
        return middle(counts, present, fill_to)

    for flawed in (mean_of_two_middles, void_below_quorum, odd_one_only_after_a_fill):
        assert next(gains(4, flawed), None) is not None, flawed.__name__


rungs, fills = st.integers(0, 255), st.integers(0, 400)
histograms = st.dictionaries(st.integers(0, 255), st.integers(1, 50), max_size=12)


@given(histograms, rungs, fills)
def test_the_median_is_the_middle_of_the_ballots_written_out(
    counts: dict[int, int], present: int, fill_to: int
) -> None:
    found = result(counts, present, fill_to)
    written = sorted([*Counter(counts).elements(), *[present] * found.filled])
    assert len(written) % 2 == 1
    assert found.median == written[len(written) // 2]


@given(histograms, rungs, fills)
def test_absences_are_filled_up_to_the_target_and_to_an_odd_count(
    counts: dict[int, int], present: int, fill_to: int
) -> None:
    found = result(counts, present, fill_to)
    total = found.ballots + found.filled
    assert total >= fill_to
    assert found.filled <= max(0, fill_to - found.ballots) + 1


@given(
    histograms, st.integers(0, 255), st.integers(0, 400), st.integers(0, 255), st.integers(0, 255)
)
def test_clamping_the_ballots_or_the_result_is_the_same(
    counts: dict[int, int], present: int, fill_to: int, one: int, other: int
) -> None:
    legal = Bounds(min(one, other), max(one, other))
    clamped = Counter[int]()
    for rate, ballots in counts.items():
        clamped[legal.clamp(rate)] += ballots
    inside = result(clamped, legal.clamp(present), fill_to).median
    assert inside == legal.clamp(result(counts, present, fill_to).median)


def test_without_ballots_the_rate_stays() -> None:
    assert result({}, 1_500, 0) == (0, 1, 1_500)
    assert result({}, 1_500, 10) == (0, 11, 1_500)


def test_absences_are_filled_up_to_the_quorum_or_to_the_whole_roll() -> None:
    assert target(RULE, 11) == 6
    assert target(RULE, 2) == 2
    assert target(replace(RULE, fill_to_roll=True), 11) == 11


# Bounds

rates = st.integers(1, MAX_RATE)
changes, caps = st.integers(1, 10_000), st.sampled_from([0]) | st.integers(100, 10_000)


@given(
    rates,
    st.integers(0, MAX_RATE),
    st.integers(1, 10_000),
    st.integers(0, 10_000),
    st.lists(rates, max_size=4),
)
def test_the_floor_beats_the_largest_change_which_beats_the_ratio_cap(
    earlier: int, floor: int, change: int, cap: int, others: list[int]
) -> None:
    legal = bounds(earlier, floor, change, cap, others)
    assert floor <= legal.lowest <= legal.highest
    if legal.lowest > floor:
        assert abs(earlier - legal.lowest) * 10_000 <= change * earlier
    if legal.highest > floor:
        assert abs(legal.highest - earlier) * 10_000 <= change * earlier


@given(
    rates, st.integers(1, 10_000), st.integers(100, 10_000), st.lists(rates, min_size=1, max_size=4)
)
def test_where_the_ratio_cap_can_be_kept_it_is_kept_exactly(
    earlier: int, change: int, cap: int, others: list[int]
) -> None:
    legal = bounds(earlier, 0, change, cap, others)
    free = bounds(earlier, 0, change, 0, others)
    keeps = [
        rate
        for rate in {legal.lowest, legal.highest, free.lowest, free.highest, earlier}
        if free.lowest <= rate <= free.highest
        and (not cap or (rate * 100 <= min(others) * cap and max(others) * 100 <= rate * cap))
    ]
    assert all(legal.lowest <= rate <= legal.highest for rate in keeps)


def test_a_rate_changes_by_a_tenth_of_the_rate_a_year_ago() -> None:
    assert bounds(1_505, 0, 1_000, 0, []) == (1_355, 1_655)


def test_three_to_one_binds_both_ways() -> None:
    assert bounds(1_000, 0, 10_000, 300, [900, 1_200]) == (400, 2_000)
    assert bounds(2_600, 0, 10_000, 300, [900, 1_200]) == (400, 2_700)


def test_a_floor_above_everything_is_the_only_rate() -> None:
    assert bounds(1_000, 5_000, 1_000, 300, [900]) == (5_000, 5_000)


@given(rates, st.integers(1, MAX_RATE), st.integers(0, MAX_RATE), st.integers(0, MAX_RATE))
def test_the_ladder_holds_the_present_rate_and_keeps_within_bounds(
    present: int, step: int, one: int, other: int
) -> None:
    legal = Bounds(min(one, other), max(one, other))
    offered = ladder(present, step, legal).rates
    assert present in offered
    assert len(offered) <= 256
    # A present rate outside the band has rungs up to the band's far side, none beyond.
    assert min(present, legal.lowest) <= offered[0]
    assert offered[-1] <= max(present, legal.highest)


def test_a_ladder_is_cut_to_256_rungs() -> None:
    assert ladder(1_000, 1, Bounds(0, 10_000)) == Ladder(873, 1_128, 1)


def test_the_largest_change_counts_from_the_rate_one_period_ago() -> None:
    history = [(100, 10), (200, 20), (300, 30)]
    assert [reference(history, now, 100) for now in (299, 300, 399, 400)] == [10, 20, 20, 30]


def test_a_young_role_counts_from_its_first_rate() -> None:
    assert reference([(100, 10)], 150, 1_000) == 10


# States and rules


def test_a_pay_vote_goes_from_pending_to_expired() -> None:
    moments = (100, 101, 200, 201, 250, 251)
    assert [state(100, 200, 50, False, now) for now in moments] == [
        "pending",
        "open",
        "open",
        "counting",
        "counting",
        "expired",
    ]
    assert {state(100, 200, 50, True, now) for now in moments} == {"closed"}


@pytest.mark.parametrize(
    ("place", "value", "name"),
    [
        (0, 60 * DAY + 1, "notice"),
        (1, HOUR - 1, "voting_period"),
        (2, DAY - 1, "grace"),
        (3, 180 * DAY + 1, "rest"),
        (4, DAY - 1, "period"),
        (5, 99, "ratio_cap"),
        (6, 0, "quorum_min"),
        (7, 10_001, "quorum_bps"),
    ],
)
def test_a_value_of_a_pay_rule_out_of_bounds_is_named(place: int, value: int, name: str) -> None:
    values = list(vars(RULE).values())
    values[place] = value
    assert out_of_bounds(RULE) == ()
    assert out_of_bounds(PayRule(*values)) == (name,)


@pytest.mark.parametrize(
    ("floor", "ratio_cap", "others", "legal"),
    [
        (1, 0, [1_000], (1, MAX_RATE)),
        (1, 300, [], (1, MAX_RATE)),
        (1, 300, [1_000, 1_200], (400, 3_000)),
        (500, 300, [1_000, 1_200], (500, 3_000)),
        (5_000, 300, [1_000], (5_000, 5_000)),
        (1, 150, [1_000, 2_000], (1_334, 1_500)),
        (1, 110, [1_000, 2_000], (1_000, 2_000)),  # broken already: between the others
    ],
)
def test_a_first_rate_keeps_the_cap_to_the_others_and_the_floor(
    floor: int, ratio_cap: int, others: list[int], legal: tuple[int, int]
) -> None:
    assert first_bounds(floor, ratio_cap, others) == legal


@pytest.mark.parametrize(
    ("terms", "faults"),
    [
        ((0, 1, 1), ()),
        ((MAX_RATE, MAX_RATE, 10_000), ()),
        ((MAX_RATE + 1, 0, 0), ("floor", "step", "max_change_bps")),
        ((1, MAX_RATE + 1, 10_001), ("step", "max_change_bps")),
    ],
)
def test_terms_of_a_role_out_of_bounds_are_named(
    terms: tuple[int, int, int], faults: tuple[str, ...]
) -> None:
    assert terms_out_of_bounds(*terms) == faults


@pytest.mark.parametrize(
    ("name", "fits"),
    [(b"weaver", True), (b"x" * 31, True), (b"x" * 32, False), (b"", False), (b"a\0b", False)],
)
def test_a_role_s_name_is_1_to_31_bytes_and_hides_nothing(name: bytes, fits: bool) -> None:
    assert is_role_name(name.ljust(32, b"\0")) is fits
