"""Roles and pay rules as a pure model: what passed proposals do in PayRates."""

from dataclasses import astuple, dataclass, field

from indexer.rules import pay
from indexer.rules.pay import MAX_RATE, Bounds, PayRule
from tests.model.bylaws import field as named
from tests.model.words import Refused
from tests.model.world import World

MAX_ROLES, MAX_ROLES_EVER = 32, 255


@dataclass
class Role:
    """One role; `history` holds (moment, rate)."""

    name: bytes
    floor: int
    step: int
    max_change_bps: int
    history: list[tuple[int, int]] = field(default_factory=list)
    retired: bool = False
    votes: list[int] = field(default_factory=list)

    @property
    def rate(self) -> int:
        """The present rate."""
        return self.history[-1][1]


class Roles:
    """The roles in the order of their adding, and the versions of the pay rule."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rules: list[PayRule] = []
        self.roles: dict[bytes, Role] = {}

    def begin(self, currency: bytes, rule: PayRule, roles: tuple[tuple[object, ...], ...]) -> None:
        """Currency, rule and roles of the start."""
        self._put_rule(rule)
        self.log("CurrencySet", currency)
        for terms in roles:
            self._add(*terms)  # type: ignore[arg-type]

    # Only a passed proposal

    def add_role(self, sender: str, terms: tuple[object, ...]) -> None:
        self._only_assembly(sender)
        self._add(*terms)  # type: ignore[arg-type]

    def change_role(
        self, sender: str, name: bytes, floor: int, step: int, max_change_bps: int
    ) -> None:
        self._only_assembly(sender)
        role = self.active(name)
        _refuse_terms(floor, step, max_change_bps)
        role.floor, role.step, role.max_change_bps = floor, step, max_change_bps
        self.log("RoleChanged", name, floor, step, max_change_bps)

    def retire_role(self, sender: str, name: bytes) -> None:
        self._only_assembly(sender)
        self.active(name).retired = True
        self.log("RoleRetired", name)

    def set_pay_rule(self, sender: str, values: tuple[int, ...]) -> None:
        self._only_assembly(sender)
        rule = PayRule(*values)  # type: ignore[arg-type]
        if faults := pay.out_of_bounds(rule):
            raise Refused("PayRatesOutOfBounds", named(faults[0]))
        self._put_rule(rule)

    # What pay votes need

    def active(self, name: bytes) -> Role:
        """A role that is there and not retired."""
        role = self.roles.get(name)
        if role is None or role.retired:
            raise Refused("PayRatesUnknownRole", name)
        return role

    def bounds(self, role: Role) -> Bounds:
        """The legal band of the role's rate now."""
        rule, now = self.rules[-1], self.world.now
        others = self._others(role.name)
        reference = pay.reference(role.history, now, rule.period)
        return pay.bounds(reference, role.floor, role.max_change_bps, rule.ratio_cap, others)

    def set_rate(self, role: Role, rate: int, vote: int) -> None:
        """Puts a rate in force from now on."""
        role.history.append((self.world.now, rate))
        self.log("RateSet", role.name, rate, vote)

    def log(self, name: str, *values: object) -> None:
        """Logs an event of PayRates."""
        self.world.record("PayRates", name, *values)

    # Private

    def _add(self, name: bytes, rate: int, floor: int, step: int, max_change_bps: int) -> None:
        if not pay.is_role_name(name):
            raise Refused("PayRatesOutOfBounds", named("role"))
        if name in self.roles:
            raise Refused("PayRatesRoleExists", name)
        if len(self._others(b"")) == MAX_ROLES:
            raise Refused("PayRatesTooManyRoles", MAX_ROLES + 1)
        if len(self.roles) == MAX_ROLES_EVER:
            raise Refused("PayRatesTooManyRoles", MAX_ROLES_EVER + 1)
        _refuse_terms(floor, step, max_change_bps)
        if not 0 < rate <= MAX_RATE:
            raise Refused("PayRatesOutOfBounds", named("rate"))
        first = pay.first_bounds(floor, self.rules[-1].ratio_cap, self._others(name))
        if not first.lowest <= rate <= first.highest:
            raise Refused("PayRatesRateOutOfBounds", name, rate, first.lowest, first.highest)
        role = Role(name, floor, step, max_change_bps)
        self.roles[name] = role
        self.log("RoleAdded", name, floor, step, max_change_bps)
        self.set_rate(role, rate, 0)

    def _others(self, name: bytes) -> list[int]:
        return [each.rate for each in self.roles.values() if each.name != name and not each.retired]

    def _put_rule(self, rule: PayRule) -> None:
        self.rules.append(rule)
        self.log("PayRuleSet", len(self.rules), astuple(rule))

    def _only_assembly(self, sender: str) -> None:
        self.world.only_assembly(sender, "PayRatesOnlyAssembly")


def _refuse_terms(floor: int, step: int, max_change_bps: int) -> None:
    for name in pay.terms_out_of_bounds(floor, step, max_change_bps):
        raise Refused("PayRatesOutOfBounds", named(name))
