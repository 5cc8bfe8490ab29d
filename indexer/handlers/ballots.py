# ruff: noqa: N803 -- the parameters bear the names of the ABI
"""Ballots on proposals, and those skipped in either kind of batch."""

from indexer.handlers.known import Known
from indexer.handlers.row import Row, row
from indexer.rules.ballots import CHOICES, REFUSALS
from indexer.tables import BallotRow, SequenceAnnouncement, SkippedBallot


def vote_cast(
    known: Known, voter: str, proposalId: int, support: int, weight: int, reason: str
) -> list[Row]:
    """A ballot was counted; whose it is and its sequence follow from earlier events."""
    member_id = known.member_of(voter)
    counted = known.ballot_counted(proposalId, member_id, support)
    return [
        row(
            BallotRow,
            proposal_id=proposalId,
            member_id=member_id,
            voter=voter,
            choice=CHOICES[support],
            weight=str(weight),
            reason=reason,
            epoch=counted.epoch,
            sequence=counted.sequence,
            votes_for=counted.votes_for,
            votes_against=counted.votes_against,
            votes_abstain=counted.votes_abstain,
        )
    ]


def ballot_sequence(known: Known, proposalId: int, memberId: int, sequence: int) -> list[Row]:
    """The member's next ballot here bears this sequence: numbers were left out."""
    known.sequence_announced(proposalId, memberId, sequence)
    return [
        row(SequenceAnnouncement, proposal_id=proposalId, member_id=memberId, sequence=sequence)
    ]


def ballot_skipped(
    _: Known, proposalId: int, memberId: int, sequence: int, refusal: int
) -> list[Row]:
    """A ballot in a batch was not counted."""
    return [_skipped(proposalId, None, memberId, sequence, refusal)]


def pay_ballot_skipped(
    _: Known, payVoteId: int, memberId: int, sequence: int, refusal: int
) -> list[Row]:
    """A pay ballot in a batch was not counted."""
    return [_skipped(None, payVoteId, memberId, sequence, refusal)]


def _skipped(
    proposal_id: int | None, pay_vote_id: int | None, member_id: int, sequence: int, refusal: int
) -> Row:
    return row(
        SkippedBallot,
        proposal_id=proposal_id,
        pay_vote_id=pay_vote_id,
        member_id=member_id,
        sequence=sequence,
        refusal=REFUSALS[refusal],
    )
