"""The rules in force, and those of the past."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlmodel import Session, SQLModel

from indexer.errors import NotFound
from indexer.moment import Moment
from indexer.queries.as_of import AsOf
from indexer.queries.facts import facts
from indexer.rules.bylaws import DecisionClass, Rule
from indexer.rules.pay import PayRule
from indexer.tables import PayRuleRow, RuleRow


@dataclass(frozen=True)
class RuleVersion:
    """A rule of a decision class and since when it is in force."""

    class_: str
    version: int
    since: Moment
    rule: Rule


@dataclass(frozen=True)
class PayRuleVersion:
    """A pay rule and since when it is in force."""

    version: int
    since: Moment
    rule: PayRule


def rules(session: Session, as_of: AsOf) -> tuple[RuleVersion, ...]:
    """Return all rules of all classes in the order in which they were set."""
    return tuple(
        RuleVersion(row.decision_class, row.version, moment, Rule(**_values(row, Rule)))
        for moment, row in facts(session, as_of, RuleRow)
    )


def rules_in_force(session: Session, as_of: AsOf) -> Mapping[DecisionClass, RuleVersion]:
    """Return the newest rule of each class."""
    newest = {found.class_: found for found in rules(session, as_of)}
    return {each: newest[each.word] for each in DecisionClass if each.word in newest}


def rule_in_force(session: Session, as_of: AsOf, decision_class: DecisionClass) -> RuleVersion:
    """Return the rule under which a proposal made now would be decided."""
    return rules_in_force(session, as_of)[decision_class]


def rule_version(session: Session, as_of: AsOf, word: str, version: int) -> RuleVersion:
    """Return a version of the rule of a class, given by its word; NotFound if there is none."""
    for found in rules(session, as_of):
        if (found.class_, found.version) == (word, version):
            return found
    raise NotFound(f"version {version} of the rule for", word, as_of.block)


def pay_rules(session: Session, as_of: AsOf) -> tuple[PayRuleVersion, ...]:
    """Return all pay rules in the order in which they were set; the last is in force."""
    return tuple(
        PayRuleVersion(row.version, moment, PayRule(**_values(row, PayRule)))
        for moment, row in facts(session, as_of, PayRuleRow)
    )


def _values(row: SQLModel, kind: type[Rule] | type[PayRule]) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(kind)}
