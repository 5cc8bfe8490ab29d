"""Pay votes: bounds of a rate, the ladder, the histogram's middle ballot (contracts/PayRates).

Rates are integer minor units per hour. Nobody gains by misreporting or by staying at home.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

State = Literal["pending", "open", "counting", "closed", "expired"]

_BPS = 10_000
MAX_RATE = 2**40 - 1
"""The highest rate that is ever paid or voted on."""

_DAY = 86_400
_HOUR = 3_600
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


class LoggedBallot(NamedTuple):
    """What the word `ballot` of PayBallotCast and PayBallotCastWithReason says."""

    pay_vote_id: int
    member_id: int
    sequence: int
    rate: int


def logged_ballot(word: int) -> LoggedBallot:
    """Take the word apart: payVoteId (bits 88–119), memberId (56–87), sequence (48–55), rate."""
    return LoggedBallot(
        pay_vote_id=word >> 88,
        member_id=word >> 56 & 0xFFFF_FFFF,
        sequence=word >> 48 & 0xFF,
        rate=word & 0xFFFF_FFFF_FFFF,
    )


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
    change = Bounds(
        max(_ceil_div(reference * (_BPS - max_change_bps), _BPS), 1),
        min(reference * (_BPS + max_change_bps) // _BPS, MAX_RATE),
    )
    ratio, rates = Bounds(1, MAX_RATE), list(others)
    if ratio_cap and rates:
        ratio = Bounds(
            _ceil_div(max(rates) * 100, ratio_cap), min(min(rates) * ratio_cap // 100, MAX_RATE)
        )
    lowest, highest = change.clamp(ratio.lowest), change.clamp(ratio.highest)
    return Bounds(max(min(lowest, highest), floor), max(highest, floor))


def first_bounds(floor: int, ratio_cap: int, others: Iterable[int]) -> Bounds:
    """Return the legal band of a new role's first rate: the ratio cap to the other roles' rates, or
    between those where they break the cap already. The floor is stronger."""
    ratio, rates = Bounds(1, MAX_RATE), list(others)
    if ratio_cap and rates:
        ratio = Bounds(
            _ceil_div(max(rates) * 100, ratio_cap), min(min(rates) * ratio_cap // 100, MAX_RATE)
        )
    if ratio.lowest > ratio.highest:
        ratio = Bounds(min(rates), max(rates))
    lowest = max(ratio.lowest, floor)
    return Bounds(lowest, max(ratio.highest, lowest))


def terms_out_of_bounds(floor: int, step: int, max_change_bps: int) -> tuple[str, ...]:
    """Return the names of a role's terms that no vote can set, in the contract's order."""
    checks = (
        ("floor", 0 <= floor <= MAX_RATE),
        ("step", 0 < step <= MAX_RATE),
        ("max_change_bps", 0 < max_change_bps <= _BPS),
    )
    return tuple(name for name, within in checks if not within)


def is_role_name(role: bytes) -> bool:
    """Return whether 32 bytes can name a role: 1 to 31 of them, then zeros and nothing hidden."""
    name = role.rstrip(b"\0")
    return len(role) == 32 and 0 < len(name) < 32 and b"\0" not in name


def reference(history: Sequence[tuple[int, int]], moment: int, period: int) -> int:
    """Return the rate in force one period before a moment, or a younger role's first.

    `history` holds (moment, rate) in order, at least one.
    """
    earlier = [rate for since, rate in history if since <= moment - period]
    return earlier[-1] if earlier else history[0][1]


def ladder(present: int, step: int, legal: Bounds) -> Ladder:
    """Return the ladder through the present rate, cut to the legal band and to 256 rungs."""
    below = (present - legal.lowest) // step if present >= legal.lowest else 0
    above = (legal.highest - present) // step if legal.highest >= present else 0
    return Ladder(present - min(below, _BELOW) * step, present + min(above, _ABOVE) * step, step)


def target(rule: PayRule, roll: int) -> int:
    """Return up to how many ballots absences are filled in: the quorum or the whole roll."""
    if rule.fill_to_roll:
        return roll
    return min(max(rule.quorum_min, _ceil_div(roll * rule.quorum_bps, _BPS)), roll)


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


def out_of_bounds(rule: PayRule) -> tuple[str, ...]:
    """Return the names of the values that no vote can set, in the contract's order."""
    checks = (
        ("notice", 0 <= rule.notice <= 60 * _DAY),
        ("voting_period", _HOUR <= rule.voting_period <= 60 * _DAY),
        ("grace", _DAY <= rule.grace <= 180 * _DAY),
        ("rest", 0 <= rule.rest <= 180 * _DAY),
        ("period", _DAY <= rule.period <= 3650 * _DAY),
        ("ratio_cap", rule.ratio_cap == 0 or 100 <= rule.ratio_cap <= 10_000),
        ("quorum_min", 1 <= rule.quorum_min <= 65_535),
        ("quorum_bps", 0 <= rule.quorum_bps <= _BPS),
    )
    return tuple(name for name, within in checks if not within)


def _ceil_div(number: int, divisor: int) -> int:
    return -(-number // divisor)
