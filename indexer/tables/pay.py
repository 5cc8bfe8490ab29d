"""Roles, rates and pay votes; rates are integer minor units per hour."""

from indexer.tables.base import Fact, big


class Currency(Fact, table=True):
    """The currency of all rates."""

    __tablename__ = "currencies"

    currency: str


class RoleChange(Fact, table=True):
    """A role was added, changed or retired (`change`); `role` is its bytes32 as 0x-hex."""

    __tablename__ = "role_changes"

    role: str
    name: str
    """The role as text, for people."""
    change: str
    floor: int | None = big(default=None)
    step: int | None = big(default=None)
    max_change_bps: int | None = None


class Rate(Fact, table=True):
    """A rate is in force from this block's moment; `pay_vote_id` 0 for a role's first."""

    __tablename__ = "rates"

    role: str
    rate: int = big()
    pay_vote_id: int = big()


class PayVoteRow(Fact, table=True):
    """A pay vote was called; the ladder has `rungs` rates from `from_` in steps of `step`."""

    __tablename__ = "pay_votes"

    pay_vote_id: int = big(index=True)
    role: str
    opener_id: int
    rule_version: int
    opens_at: int = big()
    closes_at: int = big()
    from_: int = big()
    step: int = big()
    rungs: int
    present_rung: int
    content: str


class PayVoteResult(Fact, table=True):
    """A pay vote was closed: ballots cast, ballots filled in, middle ballot, rate after bounds."""

    __tablename__ = "pay_vote_results"

    pay_vote_id: int = big(index=True)
    ballots: int
    filled: int
    median: int = big()
    result: int = big()
