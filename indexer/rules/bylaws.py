"""What a rule asks for and what a tally means under it (contracts/modules/Outcome, BylawBounds).

Rounding never favours passing; a tie is lost; silence never passes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

NO_LIMIT = 65_535
"""`max_against` without a limit."""
MAX_QUORUM_MIN = 16_383
"""The highest `quorum_min`: the contract keeps a rule in one word."""

_BPS = 10_000
_HOUR = 3_600
_DAY = 86_400


class DecisionClass(IntEnum):
    """Which rule applies; the numbers are the contract's."""

    ORDINARY = 0
    ADMISSION = 1
    REMOVAL = 2
    RECOVERY = 3
    PAY = 4
    BYLAWS = 5
    EXTERNAL = 6

    @property
    def word(self) -> str:
        """The class as it is written everywhere: `removal`."""
        return self.name.lower()


PERSONAL = frozenset({DecisionClass.ADMISSION, DecisionClass.REMOVAL, DecisionClass.RECOVERY})
"""Classes about a person: text only as a hash, ballots without reasons."""


@dataclass(frozen=True)
class Rule:
    """The rule of a decision class; times in seconds, votes in members, bps in 1/10,000."""

    notice: int
    voting_period: int
    execution_delay: int
    grace: int
    second_call_delay: int
    cool_down: int
    swing_window: int
    swing_cap: int
    quorum_min: int
    quorum_bps: int
    second_call_bps: int
    max_against: int
    pass_num: int
    pass_den: int
    strict: bool
    basis_roll: bool
    presence: bool
    subject_votes: bool


class Tally(NamedTuple):
    """Counted ballots, in members."""

    for_: int = 0
    against: int = 0
    abstain: int = 0


def quorum_needed(rule: Rule, roll: int, second_call: bool = False) -> int:
    """Return the votes that make a quorum of `roll` members: at least one, at most all."""
    bps = rule.second_call_bps if second_call else rule.quorum_bps
    return min(max(rule.quorum_min, _ceil_div(roll * bps, _BPS)), max(roll, 1))


def quorum_reached(rule: Rule, tally: Tally, roll: int, second_call: bool = False) -> bool:
    """Return whether enough members took part or, without presence, voted for."""
    counted = sum(tally) if rule.presence else tally.for_
    return counted >= quorum_needed(rule, roll, second_call)


def passes(rule: Rule, tally: Tally, roll: int, second_call: bool = False) -> bool:
    """Return whether a proposal passes with this tally of a roll of `roll` members."""
    if not quorum_reached(rule, tally, roll, second_call):
        return False
    if tally.for_ <= tally.against:
        return False
    if rule.max_against != NO_LIMIT and tally.against > rule.max_against:
        return False
    basis = roll if rule.basis_roll else tally.for_ + tally.against
    reached, needed = tally.for_ * rule.pass_den, basis * rule.pass_num
    return reached > needed if rule.strict else reached >= needed


def reachable(rule: Rule, roll: int) -> bool:
    """Return whether the contract takes the rule with this roll: all members together, without the
    person concerned, could pass a proposal, and the least quorum is not above the roll."""
    voters = roll if rule.subject_votes or roll <= 1 else roll - 1
    return rule.quorum_min <= roll and passes(rule, Tally(for_=voters), voters)


def out_of_bounds(decision_class: DecisionClass, rule: Rule) -> tuple[str, ...]:
    """Return the names of the values that no vote can set, in the contract's order."""
    once = rule.second_call_delay == 0
    removal = decision_class is DecisionClass.REMOVAL
    checks = (
        ("notice", 0 <= rule.notice <= 60 * _DAY),
        ("voting_period", _HOUR <= rule.voting_period <= 60 * _DAY),
        ("execution_delay", 0 <= rule.execution_delay <= 60 * _DAY),
        ("grace", _DAY <= rule.grace <= 180 * _DAY),
        ("cool_down", 0 <= rule.cool_down <= 180 * _DAY),
        ("swing_window", 0 <= rule.swing_window <= min(7 * _DAY, rule.voting_period)),
        ("swing_cap", rule.swing_window <= rule.swing_cap <= 14 * _DAY),
        ("swing_cap", rule.swing_window != 0 or rule.swing_cap == 0),
        ("second_call_delay", once or _HOUR <= rule.second_call_delay <= 30 * _DAY),
        ("second_call_bps", 0 <= rule.second_call_bps <= (0 if once else rule.quorum_bps)),
        ("quorum_min", 1 <= rule.quorum_min <= MAX_QUORUM_MIN),
        ("quorum_bps", 0 <= rule.quorum_bps <= _BPS),
        ("max_against", 0 <= rule.max_against <= NO_LIMIT),
        ("pass_num", 1 <= rule.pass_num <= rule.pass_den),
        ("pass_den", 1 <= rule.pass_den <= 100),
        ("strict", not rule.strict or rule.pass_num < rule.pass_den),
        # Nobody loses membership without a day to be heard and a day to appeal.
        ("notice", not removal or rule.notice >= _DAY),
        ("execution_delay", not removal or rule.execution_delay >= _DAY),
    )
    return tuple(dict.fromkeys(name for name, within in checks if not within))


def recovery_too_quick(rules: Mapping[DecisionClass, Rule]) -> bool:
    """Return whether a key could be replaced with less notice than a member is removed."""
    return rules[DecisionClass.RECOVERY].notice < rules[DecisionClass.REMOVAL].notice


def _ceil_div(number: int, divisor: int) -> int:
    return -(-number // divisor)
