"""Between which bounds a rate may lie, and which rungs a pay vote offers."""

import random
from fractions import Fraction
from math import ceil, floor

import pytest
from web3.contract import Contract as Factory

from node.devnet import Devnet
from tests.contracts.ledger import Contract
from tests.contracts.pay import Coop

MAX_RATE = 2**40 - 1


class Probe:
    def __init__(self, coop: Coop) -> None:
        self.coop = coop
        self.at: Contract = coop.deploy("PayLadderProbe")

    def bounds(self, *arguments: int) -> tuple[int, int]:
        lowest, highest = self.coop.ask(self.at, "bounds", *arguments)
        return lowest, highest

    def ladder(self, *arguments: int) -> tuple[int, int, int]:
        start, rungs, present = self.coop.ask(self.at, "ladder", *arguments)
        return start, rungs, present


@pytest.fixture
def probe(factory: Factory, chain: Devnet) -> Probe:
    return Probe(Coop(chain, factory.address))


def reference(
    earlier: int, bps: int, minimum: int, least: int, most: int, cap: int
) -> tuple[int, int]:
    """The same rule in exact fractions and by the words of the design."""
    change = Fraction(bps, 10_000)
    lowest_change = max(1, ceil(earlier * (1 - change)))
    highest_change = min(MAX_RATE, floor(earlier * (1 + change)))
    lowest, highest = lowest_change, highest_change
    if cap and least:
        ratio = Fraction(cap, 100)
        lowest = min(max(ceil(most / ratio), lowest_change), highest_change)
        highest = min(max(floor(least * ratio), lowest_change), highest_change)
    lowest = min(lowest, highest)
    return max(lowest, minimum), max(highest, minimum)


def test_the_change_band_is_rounded_inwards(probe: Probe) -> None:
    assert probe.bounds(1999, 1000, 0, 0, 0, 0) == (1800, 2198)


def test_the_lowest_rate_is_at_least_one(probe: Probe) -> None:
    assert probe.bounds(5, 10_000, 0, 0, 0, 0) == (1, 10)


def test_the_highest_rate_is_the_largest_that_a_role_can_hold(probe: Probe) -> None:
    assert probe.bounds(MAX_RATE, 10_000, 0, 0, 0, 0) == (1, MAX_RATE)


def test_the_ratio_cap_narrows_the_band_from_both_sides(probe: Probe) -> None:
    # others earn 1,000 and 2,500; at 2:1 nobody earns under 1,250 or over 2,000
    assert probe.bounds(1500, 5000, 0, 1000, 2500, 200) == (1250, 2000)


def test_the_largest_change_beats_the_ratio_cap(probe: Probe) -> None:
    assert probe.bounds(1000, 1000, 0, 3000, 3000, 200) == (1100, 1100)
    assert probe.bounds(9000, 1000, 0, 3000, 3000, 200) == (8100, 8100)


def test_where_the_others_break_the_ratio_cap_the_upper_bound_counts(probe: Probe) -> None:
    # at 2:1 to both 1,000 and 5,000 there is no rate at all
    assert probe.bounds(2400, 5000, 0, 1000, 5000, 200) == (2000, 2000)


def test_the_floor_beats_everything(probe: Probe) -> None:
    assert probe.bounds(1000, 1000, 1500, 400, 400, 200) == (1500, 1500)
    assert probe.bounds(1000, 1000, 950, 0, 0, 0) == (950, 1100)


def test_a_cap_without_other_roles_bounds_nothing(probe: Probe) -> None:
    assert probe.bounds(1000, 1000, 0, 0, 0, 300) == (900, 1100)


def test_bounds_equal_an_independent_reference(probe: Probe) -> None:
    dice = random.Random(20_261_123)
    for _ in range(150):
        least = dice.choice([0, dice.randint(1, 6000)])
        arguments = (
            dice.randint(1, 5000),
            dice.randint(1, 10_000),
            dice.choice([0, dice.randint(1, 6000)]),
            least,
            least + dice.choice([0, dice.randint(0, 6000)]) if least else 0,
            dice.choice([0, 100, dice.randint(100, 900)]),
        )
        assert probe.bounds(*arguments) == reference(*arguments), arguments


def test_the_ladder_runs_across_the_band_in_steps_from_the_present_rate(probe: Probe) -> None:
    assert probe.ladder(2000, 10, 1800, 2205) == (1800, 41, 20)
    assert probe.ladder(2000, 30, 1800, 2200) == (1820, 13, 6)


def test_a_step_wider_than_the_band_leaves_the_present_rate_alone(probe: Probe) -> None:
    assert probe.ladder(2000, 500, 1800, 2200) == (2000, 1, 0)


def test_a_present_rate_under_the_band_is_the_lowest_rung(probe: Probe) -> None:
    # the floor was raised above it
    assert probe.ladder(1000, 10, 1500, 1520) == (1000, 53, 0)


def test_a_present_rate_over_the_band_is_the_highest_rung(probe: Probe) -> None:
    assert probe.ladder(2000, 10, 1500, 1900) == (1500, 51, 50)


@pytest.mark.parametrize(
    ("lowest", "highest", "expected"),
    [
        (1, 5000, (1873, 256, 127)),
        (1873, 2128, (1873, 256, 127)),
        (1990, 5000, (1990, 139, 10)),
        (1, 2010, (1873, 138, 127)),
    ],
)
def test_the_ladder_is_cut_to_127_rungs_below_and_128_above(
    probe: Probe, lowest: int, highest: int, expected: tuple[int, int, int]
) -> None:
    assert probe.ladder(2000, 1, lowest, highest) == expected


def test_the_present_rate_is_always_a_rung_and_there_are_never_more_than_256(probe: Probe) -> None:
    dice = random.Random(256)
    for _ in range(150):
        present, step = dice.randint(1, 5000), dice.randint(1, 60)
        lowest = dice.randint(1, 6000)
        highest = lowest + dice.randint(0, 5000)

        start, rungs, rung = probe.ladder(present, step, lowest, highest)

        assert start + rung * step == present
        assert 1 <= rungs <= 256
        assert start >= min(lowest, present)
        assert start + (rungs - 1) * step <= max(highest, present)
