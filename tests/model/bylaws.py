"""Bylaws as a pure model: every version of every rule, and which class an action belongs to."""

from collections.abc import Sequence
from dataclasses import astuple

from indexer.rules.bylaws import (
    DecisionClass,
    Rule,
    out_of_bounds,
    reachable,
    recovery_too_quick,
)
from indexer.rules.classes import CLASS_OF, CONCERNING_MEMBERS, MAX_ACTIONS
from tests.model.words import Call, Refused
from tests.model.world import World


class Bylaws:
    """The rules of the classes, the oldest version first."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.versions: dict[DecisionClass, list[Rule]] = {each: [] for each in DecisionClass}

    def begin(self, rules: Sequence[Rule]) -> None:
        """The first rule of each class."""
        for decision_class, rule in zip(DecisionClass, rules, strict=True):
            self._put(decision_class, rule)

    def in_force(self, decision_class: DecisionClass) -> Rule:
        """The newest rule of a class."""
        return self.versions[decision_class][-1]

    def set_rule(self, sender: str, number: int, values: tuple[int, ...], roll: int) -> None:
        self.world.only_assembly(sender, "BylawsOnlyAssembly")
        decision_class, rule = DecisionClass(number), Rule(*values)  # type: ignore[arg-type]
        if faults := out_of_bounds(decision_class, rule):
            raise Refused("BylawsRuleOutOfBounds", number, field(faults[0]))
        if not reachable(rule, roll):
            raise Refused("BylawsRuleUnreachable", number, roll)
        newest = {each: self.in_force(each) for each in DecisionClass} | {decision_class: rule}
        if recovery_too_quick(newest):
            raise Refused("BylawsRuleOutOfBounds", int(DecisionClass.RECOVERY), field("notice"))
        self._put(decision_class, rule)

    def _put(self, decision_class: DecisionClass, rule: Rule) -> None:
        self.versions[decision_class].append(rule)
        version = len(self.versions[decision_class])
        self.world.record("Bylaws", "RuleSet", int(decision_class), version, astuple(rule))


def classify(actions: Sequence[Call], address: dict[str, str]) -> tuple[DecisionClass, int]:
    """The class of all actions, and the member whom a removal or recovery concerns."""
    if len(actions) > MAX_ACTIONS:
        raise Refused("BylawsActionCount", len(actions))
    if not actions:
        return DecisionClass.ORDINARY, 0
    first = _class_of(actions[0], 0, address)
    for index, action in enumerate(actions):
        found = _class_of(action, index, address)
        if found != first:
            raise Refused("BylawsMixedClasses", index, int(first), int(found))
    if first not in CONCERNING_MEMBERS:
        return first, 0
    if len(actions) != 1:
        raise Refused("BylawsActionCount", len(actions))
    return first, int(actions[0].args[0])


def _class_of(action: Call, index: int, address: dict[str, str]) -> DecisionClass:
    if action.contract not in ("Membership", "Bylaws", "Assembly", "PayRates"):
        return DecisionClass.EXTERNAL
    found = CLASS_OF.get((action.contract, action.function))
    if found is None:
        raise Refused("BylawsActionRefused", index, address[action.contract], action.data[:4])
    return found


def field(name: str) -> bytes:
    """A field's name as the contracts spell it: quorum_min -> quorumMin, padded with zeros."""
    head, *rest = name.split("_")
    return (head + "".join(word.capitalize() for word in rest)).encode().ljust(32, b"\0")
