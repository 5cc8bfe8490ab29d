"""Ballots: which stand, which were replaced, and where on the chain each is."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from indexer.collector import collector_resting
from indexer.moment import Moment
from indexer.queries.as_of import AsOf
from indexer.queries.facts import sourced
from indexer.rules.bylaws import Tally
from indexer.tables import BallotRow, PayBallotRow, ProposalRow, SkippedBallot

Status = Literal["counted", "replaced"]


class BallotInfo(NamedTuple):
    """A ballot that the contract counted; `replaced` when a later one of the member stands."""

    proposal_id: int
    member_id: int
    choice: str
    sequence: int
    epoch: int
    reason: str
    voter: str
    cast_at: Moment
    block: int
    log_index: int
    tx: str
    status: Status


class PayBallotInfo(NamedTuple):
    """A pay ballot that the contract counted; `rate` in minor units per hour."""

    pay_vote_id: int
    member_id: int
    rate: int
    sequence: int
    epoch: int
    reason: str
    cast_at: Moment
    block: int
    log_index: int
    tx: str
    status: Status


class SkippedInfo(NamedTuple):
    """A ballot that a batch carried and the contract did not count, with the reason's word."""

    proposal_id: int | None
    pay_vote_id: int | None
    member_id: int
    sequence: int
    refusal: str
    block: int
    log_index: int
    tx: str


@collector_resting()
def ballots(
    session: Session,
    as_of: AsOf,
    *,
    proposal_id: int | None = None,
    member_id: int | None = None,
) -> tuple[BallotInfo, ...]:
    """Return ballots on proposals in the chain's order, replaced ones included."""
    where = []
    if proposal_id is not None:
        where.append(BallotRow.proposal_id == proposal_id)
    if member_id is not None:
        where.append(BallotRow.member_id == member_id)
    rows = list(sourced(session, as_of, BallotRow, *where))
    standing = _last((row.proposal_id, row.member_id) for _, row in rows)
    return tuple(
        BallotInfo(
            proposal_id=row.proposal_id,
            member_id=row.member_id,
            choice=row.choice,
            sequence=row.sequence,
            epoch=row.epoch,
            reason=row.reason,
            voter=row.voter,
            cast_at=source.moment,
            block=row.block,
            log_index=row.log_index,
            tx=source.tx,
            status="counted" if position in standing else "replaced",
        )
        for position, (source, row) in enumerate(rows)
    )


@collector_resting()
def pay_ballots(
    session: Session,
    as_of: AsOf,
    *,
    pay_vote_id: int | None = None,
    member_id: int | None = None,
) -> tuple[PayBallotInfo, ...]:
    """Return pay ballots in the chain's order, replaced ones included."""
    where = []
    if pay_vote_id is not None:
        where.append(PayBallotRow.pay_vote_id == pay_vote_id)
    if member_id is not None:
        where.append(PayBallotRow.member_id == member_id)
    rows = list(sourced(session, as_of, PayBallotRow, *where))
    standing = _last((row.pay_vote_id, row.member_id) for _, row in rows)
    return tuple(
        PayBallotInfo(
            pay_vote_id=row.pay_vote_id,
            member_id=row.member_id,
            rate=row.rate,
            sequence=row.sequence,
            epoch=row.epoch,
            reason=row.reason,
            cast_at=source.moment,
            block=row.block,
            log_index=row.log_index,
            tx=source.tx,
            status="counted" if position in standing else "replaced",
        )
        for position, (source, row) in enumerate(rows)
    )


def skipped_ballots(
    session: Session, as_of: AsOf, *, member_id: int | None = None
) -> tuple[SkippedInfo, ...]:
    """Return the ballots that batches carried in vain, in the chain's order."""
    where = [] if member_id is None else [SkippedBallot.member_id == member_id]
    return tuple(
        SkippedInfo(
            proposal_id=row.proposal_id,
            pay_vote_id=row.pay_vote_id,
            member_id=row.member_id,
            sequence=row.sequence,
            refusal=row.refusal,
            block=row.block,
            log_index=row.log_index,
            tx=source.tx,
        )
        for source, row in sourced(session, as_of, SkippedBallot, *where)
    )


def tallies(session: Session, as_of: AsOf, ids: Sequence[int] | None = None) -> dict[int, Tally]:
    """Return proposal -> tally of the standing ballots, for the proposals that have any."""
    # Each ballot bears the tally with it, so the last one's counts. Asked from the proposals' side,
    # for its place and then for its row by the key, it is one look into an index a proposal.
    other, same = aliased(BallotRow), aliased(BallotRow)
    block = (
        select(func.max(other.block))
        .where(col(other.proposal_id) == ProposalRow.proposal_id, col(other.block) <= as_of.block)
        .correlate(ProposalRow)
        .scalar_subquery()
    )
    asked = select(col(ProposalRow.proposal_id), block.label("block"))
    if ids is not None:
        asked = asked.where(col(ProposalRow.proposal_id).in_(ids))
    blocks = asked.subquery()
    log_index = (
        select(func.max(same.log_index))
        .where(col(same.proposal_id) == blocks.c.proposal_id, col(same.block) == blocks.c.block)
        .correlate(blocks)
        .scalar_subquery()
    )
    places = select(blocks.c.block, log_index.label("log_index")).subquery()
    last = select(
        BallotRow.proposal_id,
        BallotRow.votes_for,
        BallotRow.votes_against,
        BallotRow.votes_abstain,
    ).join(
        places,
        (col(BallotRow.block) == places.c.block) & (col(BallotRow.log_index) == places.c.log_index),
    )
    return {proposal_id: Tally(*counts) for proposal_id, *counts in session.exec(last)}


def _last(keys: Iterable[tuple[int, int]]) -> frozenset[int]:
    """Return the positions at which each key occurs for the last time."""
    return frozenset({key: position for position, key in enumerate(keys)}.values())
