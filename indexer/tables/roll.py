"""Candidates and members."""

from indexer.tables.base import Fact, big


class ProbationChange(Fact, table=True):
    """How long candidates wait from then on, in seconds."""

    __tablename__ = "probation_changes"

    probation: int = big()


class Application(Fact, table=True):
    """A candidate applied or withdrew (`change`: applied, withdrew)."""

    __tablename__ = "applications"

    account: str
    change: str
    profile_hash: str | None = None


class MemberChange(Fact, table=True):
    """A member was admitted, left, was suspended, reinstated, expelled, rotated or recovered."""

    __tablename__ = "member_changes"

    member_id: int
    change: str
    account: str | None = None
    """The present key from then on, where the event changes or names it."""
    former_account: str | None = None
    epoch: int | None = None
    ends_at: int | None = big(default=None)


class DomainChange(Fact, table=True):
    """A contract said that its EIP-712 domain changed; ours never do."""

    __tablename__ = "domain_changes"

    contract: str
