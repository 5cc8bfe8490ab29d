"""Roles replayed: pay rules, terms, and every rate with the moment from which it holds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from indexer.audit.replay.proceedings import Proceedings
from indexer.rules import pay
from indexer.rules.pay import MAX_RATE, Bounds, PayRule

_MAX_ROLES, _MAX_ROLES_EVER = 32, 255

Args = Mapping[str, Any]


class Rate(NamedTuple):
    """A rate in minor units per hour, the second from which it holds, and the pay vote that set it;
    0 for a role's first."""

    since: int
    rate: int
    pay_vote: int


@dataclass
class Role:
    """One role; `name` its 32 bytes, `rates` the oldest first."""

    name: bytes
    floor: int
    step: int
    max_change_bps: int
    rates: list[Rate] = field(default_factory=list)
    retired: bool = False
    newest_vote: int = 0
    """Its newest pay vote; 0 if there was none."""

    @property
    def rate(self) -> int:
        """The present rate; 0 before the first."""
        return self.rates[-1].rate if self.rates else 0

    @property
    def word(self) -> str:
        """The name as text."""
        return self.name.rstrip(b"\0").decode("utf-8", "backslashreplace")


class Roles:
    """Currency, pay rules and roles. A rate is set only by what pay votes announce, or at first."""

    def __init__(self, proceedings: Proceedings) -> None:
        self.rules: list[PayRule] = []
        """The pay rules, version 1 first."""
        self.roles: dict[bytes, Role] = {}
        self.currency = b""
        self.handlers: dict[str, Callable[[Args], None]] = {
            "PayRates.CurrencySet": self._currency_set,
            "PayRates.PayRuleSet": self._pay_rule_set,
            "PayRates.RoleAdded": self._role_added,
            "PayRates.RoleChanged": self._role_changed,
            "PayRates.RoleRetired": self._role_retired,
            "PayRates.RateSet": self._rate_set,
        }
        self._proceedings, self._checks = proceedings, proceedings.checks
        proceedings.at_beginning.append(self._is_complete)

    def bounds(self, role: Role) -> Bounds:
        """The legal band of a role's rate now."""
        rule, history = self.rules[-1], [(each.since, each.rate) for each in role.rates]
        before = pay.reference(history, self._proceedings.now, rule.period)
        others = self._others(role.name)
        return pay.bounds(before, role.floor, role.max_change_bps, rule.ratio_cap, others)

    def present(self, name: bytes) -> Role | None:
        """The role of that name that is not retired."""
        role = self.roles.get(name)
        return None if role is None or role.retired else role

    def _currency_set(self, args: Args) -> None:
        currency = args["currency"]
        first = self._proceedings.founding and not self.currency and any(currency)
        self._checks.that("4.5.1", "currency", first, "one at the beginning", currency)
        self.currency = currency

    def _pay_rule_set(self, args: Args) -> None:
        version, values = args["version"], args["rule"]
        self._proceedings.ordered("setPayRule", rule=values)
        expected, rule = len(self.rules) + 1, PayRule(*values.values())
        self._checks.that("4.5.2", "version", version == expected, expected, version)
        faults = ", ".join(pay.out_of_bounds(rule))
        self._checks.that("4.5.2", "out_of_bounds", not faults, "values within bounds", faults)
        self.rules.append(rule)

    def _role_added(self, args: Args) -> None:
        name = args["role"]
        role = Role(name, args["floor"], args["step"], args["maxChangeBps"])
        self._checks.about("role", role.word)
        fresh = pay.is_role_name(name) and name not in self.roles
        self._checks.that("4.5.1", "role_name", fresh, "a new name", role.word)
        count, ever = len(self._others(name)), len(self.roles)
        few = count < _MAX_ROLES and ever < _MAX_ROLES_EVER
        self._checks.that("4.5.3", "too_many", few, (_MAX_ROLES, _MAX_ROLES_EVER), (count, ever))
        self._see_terms(role)
        self.roles[name] = role
        self._proceedings.must_follow(
            "4.5.4", "no_rate", "PayRates.RateSet", role=name, payVoteId=0
        )

    def _role_changed(self, args: Args) -> None:
        role = self._known(args["role"])
        terms = (args["floor"], args["step"], args["maxChangeBps"])
        names = ("floor", "step", "maxChangeBps")
        said = dict(zip(names, terms, strict=True))
        self._proceedings.ordered("changeRole", role_=args["role"], **said)
        if role is not None:
            role.floor, role.step, role.max_change_bps = terms
            self._see_terms(role)

    def _role_retired(self, args: Args) -> None:
        role = self._known(args["role"])
        self._proceedings.ordered("retireRole", role_=args["role"])
        if role is not None:
            role.retired = True

    def _rate_set(self, args: Args) -> None:
        name, rate, vote = args["role"], args["rate"], args["payVoteId"]
        role, followed = self.roles.get(name), self._proceedings.followed
        self._checks.about("role", role.word if role else name)
        expected = "a new role or a closed pay vote right before"
        self._checks.that("4.5.20", "set_by_nobody", followed, expected, rate)
        if role is None:
            return
        if followed and vote == 0:
            self._see_first_rate(role, rate)
        legal = Bounds(max(role.floor, 1), MAX_RATE)
        self._checks.that("4.5.21", "rate", legal.clamp(rate) == rate, tuple(legal), rate)
        role.rates.append(Rate(self._proceedings.now, rate, vote))

    def _see_first_rate(self, role: Role, rate: int) -> None:
        terms = {"role": role.name, "rate": rate, "floor": role.floor, "step": role.step}
        terms |= {"maxChangeBps": role.max_change_bps}
        self._proceedings.ordered("addRole", terms=terms)
        legal = pay.first_bounds(role.floor, self.rules[-1].ratio_cap, self._others(role.name))
        within = 0 < rate <= MAX_RATE and legal.clamp(rate) == rate
        self._checks.that("4.5.4", "first_rate", within, tuple(legal), rate)

    def _see_terms(self, role: Role) -> None:
        faults = ", ".join(pay.terms_out_of_bounds(role.floor, role.step, role.max_change_bps))
        self._checks.that("4.5.3", "terms", not faults, "values within bounds", faults)

    def _known(self, name: bytes) -> Role | None:
        role = self.present(name)
        self._checks.about("role", role.word if role else name)
        self._checks.that("4.5.3", "no_role", role is not None, "a present role", name)
        return role

    def _others(self, name: bytes) -> list[int]:
        roles = [each for each in self.roles.values() if each.name != name and not each.retired]
        return [each.rate for each in roles if each.rates]

    def _is_complete(self) -> bool:
        return bool(self.rules and self.currency)
