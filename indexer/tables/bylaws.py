"""The bylaws in all their versions."""

from indexer.tables.base import Fact, big


class RuleRow(Fact, table=True):
    """A rule of a decision class came into force; columns as in `rules.bylaws.Rule`."""

    __tablename__ = "rules"

    decision_class: str
    version: int
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


class PayRuleRow(Fact, table=True):
    """A pay rule came into force; columns as in `rules.pay.PayRule`."""

    __tablename__ = "pay_rules"

    version: int
    notice: int
    voting_period: int
    grace: int
    rest: int
    period: int = big()
    ratio_cap: int
    quorum_min: int
    quorum_bps: int
    fill_to_roll: bool
