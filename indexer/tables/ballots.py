"""Ballots on proposals and in pay votes, counted and skipped."""

from sqlalchemy import Index
from sqlmodel import Field

from indexer.tables.base import CLUSTERED, Fact, big


class BallotRow(Fact, table=True):
    """A counted ballot. Member, epoch and sequence follow from earlier events (rules.ballots).

    The `votes_…` are the proposal's tally with this ballot, so that a tally as of any block is read
    from one row.
    """

    __tablename__ = "ballots"
    __table_args__ = (
        Index("ballots_of_proposal", "proposal_id", "block", "log_index"),
        Index("ballots_of_member", "member_id", "proposal_id"),
        CLUSTERED,
    )

    proposal_id: int = big()
    member_id: int
    voter: str
    epoch: int
    choice: str
    weight: str
    sequence: int
    reason: str
    votes_for: int
    votes_against: int
    votes_abstain: int


class SequenceAnnouncement(Fact, table=True):
    """The next ballot of this proposal and member bears this sequence."""

    __tablename__ = "sequence_announcements"

    proposal_id: int = big()
    member_id: int
    sequence: int


class PayBallotRow(Fact, table=True):
    """A counted pay ballot; `rate` in minor units per hour."""

    __tablename__ = "pay_ballots"

    pay_vote_id: int = big(index=True)
    member_id: int = Field(index=True)
    rate: int = big()
    epoch: int
    sequence: int
    reason: str


class SkippedBallot(Fact, table=True):
    """A ballot in a batch was not counted; one of `proposal_id` and `pay_vote_id` is set."""

    __tablename__ = "skipped_ballots"

    proposal_id: int | None = big(default=None)
    pay_vote_id: int | None = big(default=None)
    member_id: int = big()
    sequence: int = big()
    refusal: str
