"""The bylaws in force, as of a block: the newest version of every rule."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlmodel import Session

from indexer import queries
from indexer.queries import AsOf, PayRuleVersion, RuleVersion
from indexer.rules.bylaws import DecisionClass
from node.output import At as At


@dataclass(frozen=True)
class RulesInForce:
    """All rules that a proposal or pay vote made then would freeze."""

    rules: Mapping[DecisionClass, RuleVersion]
    pay: PayRuleVersion
    currency: str
    probation: int

    def data(self) -> dict[str, Any]:
        """The rules as `--json` shows them."""
        return {
            "classes": {
                each.word: {"version": found.version, "since": found.since, **asdict(found.rule)}
                for each, found in self.rules.items()
            },
            "pay_votes": {
                "version": self.pay.version,
                "since": self.pay.since,
                **asdict(self.pay.rule),
            },
            "currency": self.currency,
            "probation": self.probation,
        }


def read(session: Session, as_of: AsOf) -> RulesInForce:
    """Return the rules in force as the mirror has them."""
    return RulesInForce(
        rules=queries.rules_in_force(session, as_of),
        pay=queries.pay_rules(session, as_of)[-1],
        currency=queries.currency(session, as_of),
        probation=queries.probation_of(session, as_of),
    )
