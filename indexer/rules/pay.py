"""Pay votes: bounds of a rate, the ladder, the histogram's middle ballot (contracts/PayRates).

Rates are integer minor units per hour. Nobody gains by misreporting or by staying at home.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

State = Literal["pending", "open", "counting", "closed", "expired"]

_BPS = 10_000
_BELOW = 127  # the most rungs below the present rate …
_ABOVE = 128  # … and above it: 256 with the present one


@dataclass(frozen=True)
class PayRule:
    """How pay votes run; times in seconds, `ratio_cap` in 1/100 (0 = none), bps in 1/10,000."""

    notice: int
    voting_period: int
    grace: int
    rest: int
    period: int
    ratio_cap: int
    quorum_min: int
    quorum_bps: int
    fill_to_roll: bool


class Bounds(NamedTuple):
    """The lowest and the highest legal rate, both included."""

    lowest: int
    highest: int

    def clamp(self, rate: int) -> int:
        """Return the legal rate nearest to a rate."""
        return min(max(rate, self.lowest), self.highest)


class Ladder(NamedTuple):
    """The rates that a pay vote offers: `from_`, `from_` + `step` … `to`."""

    from_: int
    to: int
    step: int

    @property
    def rates(self) -> range:
        """All rungs, lowest first."""
        return range(self.from_, self.to + self.step, self.step)


class Result(NamedTuple):
    """What a pay vote gave: ballots cast, ballots filled in, the middle ballot's rate."""

    ballots: int
    filled: int
    median: int


def bounds(
    reference: int, floor: int, max_change_bps: int, ratio_cap: int, others: Iterable[int]
) -> Bounds:
    """Return the legal band of a role's rate.

    `reference` is the rate one period ago, `others` are the rates of the other roles that are not
    retired. The floor beats the largest change, which beats the ratio cap.
    """
    lowest = -(-reference * max(_BPS - max_change_bps, 0) // _BPS)
    highest = reference * (_BPS + max_change_bps) // _BPS
    rates = list(others)
    if ratio_cap and rates:
        band = Bounds(lowest, highest)
        low = band.clamp(-(-max(rates) * 100 // ratio_cap))
        highest = band.clamp(min(rates) * ratio_cap // 100)
        lowest = min(low, highest)
    return Bounds(max(lowest, floor), max(highest, floor))


def ladder(present: int, step: int, legal: Bounds) -> Ladder:
    """Return the ladder through the present rate, cut to the legal band and to 256 rungs."""
    below = (present - legal.lowest) // step if present >= legal.lowest else 0
    above = (legal.highest - present) // step if legal.highest >= present else 0
    return Ladder(present - min(below, _BELOW) * step, present + min(above, _ABOVE) * step, step)


def target(rule: PayRule, roll: int) -> int:
    """Return up to how many ballots absences are filled in."""
    if rule.fill_to_roll:
        return roll
    return max(rule.quorum_min, -(-roll * rule.quorum_bps // _BPS))


def result(counts: Mapping[int, int], present: int, fill_to: int) -> Result:
    """Return the outcome of rate -> ballots, absences counting as ballots for the present rate.

    A fill up to `fill_to` and one more when the count is then even make it odd, so that there is
    one middle ballot.
    """
    cast = sum(counts.values())
    filled = max(0, fill_to - cast)
    if (cast + filled) % 2 == 0:
        filled += 1
    weights = dict(counts)
    weights[present] = weights.get(present, 0) + filled
    middle = (cast + filled) // 2
    for rate in sorted(weights):
        middle -= weights[rate]
        if middle < 0:
            return Result(cast, filled, rate)
    raise AssertionError("an odd number of ballots has a middle one")


def state(opens_at: int, deadline: int, grace: int, closed: bool, now: int) -> State:
    """Return the state of a pay vote at a moment; all in seconds."""
    if closed:
        return "closed"
    if now <= opens_at:
        return "pending"
    if now <= deadline:
        return "open"
    return "counting" if now <= deadline + grace else "expired"
