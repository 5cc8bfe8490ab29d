"""Ballots on proposals and in pay votes, counted and skipped."""

from indexer.tables.base import Fact, big


class BallotRow(Fact, table=True):
    """A counted ballot. Member, epoch and sequence follow from earlier events (rules.ballots)."""

    __tablename__ = "ballots"

    proposal_id: int = big(index=True)
    member_id: int
    voter: str
    epoch: int
    choice: str
    weight: str
    sequence: int
    reason: str


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
    member_id: int
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
    sequence: int
    refusal: str
