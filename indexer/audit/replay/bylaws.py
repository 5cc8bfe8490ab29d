"""Bylaws replayed: every rule by class and version."""

from collections.abc import Callable, Mapping
from typing import Any

from indexer.audit.replay.proceedings import Proceedings
from indexer.rules.bylaws import (
    DecisionClass,
    Rule,
    out_of_bounds,
    reachable,
    recovery_too_quick,
)
from indexer.rules.roll import Roll

Args = Mapping[str, Any]


class BylawsReplay:
    """The rules as they were set at the founding and by passed proposals."""

    def __init__(self, proceedings: Proceedings, roll: Roll) -> None:
        self.versions: dict[DecisionClass, list[Rule]] = {each: [] for each in DecisionClass}
        """The rules of each class, version 1 first."""
        self.handlers: dict[str, Callable[[Args], None]] = {"Bylaws.RuleSet": self._rule_set}
        self._proceedings, self._checks, self._roll = proceedings, proceedings.checks, roll
        proceedings.at_beginning.append(self._is_complete)

    def in_force(self, decision_class: DecisionClass) -> Rule | None:
        """The newest rule of a class; None before its first."""
        versions = self.versions[decision_class]
        return versions[-1] if versions else None

    def _rule_set(self, args: Args) -> None:
        number, version, values = args["class"], args["version"], args["rule"]
        decision_class, rule = DecisionClass(number), Rule(*values.values())
        checks, versions = self._checks, self.versions[decision_class]
        checks.about("class", decision_class.word)
        if self._proceedings.founding:
            first = sum(bool(each) for each in self.versions.values())
            checks.that("4.2.1", "class_order", number == first, first, number)
        self._proceedings.ordered("setRule", **{"class": number, "rule": values})

        expected = len(versions) + 1
        checks.that("4.2.1", "version", version == expected, expected, version)
        faults = ", ".join(out_of_bounds(decision_class, rule))
        checks.that("4.2.2", "out_of_bounds", not faults, "values within bounds", faults)
        roll = self._roll.size_at(self._proceedings.now)
        if not faults:  # bounds come first: without them reaching it has no meaning
            can_pass = reachable(rule, roll)
            checks.that("4.2.3", "unreachable", can_pass, "a roll that can pass", roll)
        versions.append(rule)
        if all(self.versions.values()):
            self._see_notice()

    def _see_notice(self) -> None:
        newest = {each: versions[-1] for each, versions in self.versions.items()}
        notices = (
            newest[DecisionClass.REMOVAL].notice,
            newest[DecisionClass.RECOVERY].notice,
        )
        too_quick = recovery_too_quick(newest)
        self._checks.that("4.2.4", "too_quick", not too_quick, f"from {notices[0]}", notices[1])

    def _is_complete(self) -> bool:
        return all(self.versions.values())
