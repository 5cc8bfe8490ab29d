"""Bylaws: the rules of the decision classes and of pay votes."""

from collections.abc import Mapping
from typing import Any

from indexer.handlers.known import Known
from indexer.handlers.row import Row, columns, row
from indexer.rules.bylaws import DecisionClass
from indexer.tables import PayRuleRow, RuleRow


# Python reserves the ABI's name `class`, so the parameter bears the underscore.
def rule_set(_: Known, class_: int, version: int, rule: Mapping[str, Any]) -> list[Row]:
    """A rule is in force for proposals made from now on."""
    word = DecisionClass(class_).word
    return [row(RuleRow, decision_class=word, version=version, **columns(rule))]


def pay_rule_set(_: Known, version: int, rule: Mapping[str, Any]) -> list[Row]:
    """A pay rule is in force for pay votes opened from now on."""
    return [row(PayRuleRow, version=version, **columns(rule))]
