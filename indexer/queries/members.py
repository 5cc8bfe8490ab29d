"""Members and candidates, and who may act now."""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from sqlalchemy import func, null
from sqlalchemy import select as columns
from sqlmodel import Session, col

from indexer.abi import checksummed
from indexer.collector import collector_resting
from indexer.errors import NotFound
from indexer.moment import Moment
from indexer.queries.as_of import AsOf
from indexer.queries.facts import facts, streamed
from indexer.rules.roll import Member, MemberEvent, Roll, Standing
from indexer.tables import Application, Block, MemberChange, ProbationChange

MEMBERS_TOGETHER = 100
"""Members whose histories are held in memory at once where all are given one by one."""


class MemberInfo(NamedTuple):
    """A member or candidate; `since` is when the membership, or the candidate's wait, began.

    `until` is when they went off the roll, `admissible_at` when a candidate's probation ends.
    """

    member_id: int | None
    account: str
    status: Literal["candidate"] | Standing
    since: Moment
    until: Moment | None = None
    suspended_until: Moment | None = None
    admissible_at: Moment | None = None
    epoch: int = 0
    profile_hash: str | None = None


def roll(session: Session, as_of: AsOf, *where: Any) -> Roll:
    """Return all members over time, to be asked about any moment up to the block's."""
    change = MemberChange
    query = (
        columns(
            *(col(Block.timestamp), col(change.member_id), col(change.change)),
            *(col(change.account), col(change.epoch), col(change.ends_at)),
        )
        .join(Block, col(change.block) == col(Block.number))
        .where(col(change.block) <= as_of.block, *where)
        .order_by(col(change.block), col(change.log_index))
    )
    # By position: every list of votes reads all changes of all members.
    return Roll(
        MemberEvent(
            moment,
            member_id,
            what,  # type: ignore[arg-type]  # handlers.members writes only these
            account or "",
            epoch or 0,
            ends_at or 0,
        )
        for moment, member_id, what, account, epoch, ends_at in session.connection().execute(query)
    )


@collector_resting()
def members(session: Session, as_of: AsOf) -> tuple[MemberInfo, ...]:
    """Return all members by memberId, whatever their status, then the candidates by date."""
    known = roll(session, as_of)
    joined = tuple(_info(known.members[member_id]) for member_id in sorted(known.members))
    return joined + candidates(session, as_of)


def each_member(
    session: Session, as_of: AsOf, together: int = MEMBERS_TOGETHER
) -> Iterator[MemberInfo]:
    """Give what `members` returns, holding the histories of `together` members at a time."""
    first = 1
    while found := roll(
        session, as_of, col(MemberChange.member_id).between(first, first + together - 1)
    ).members:
        # A memberId is given to one after the other, so that an empty stretch is the end.
        yield from (_info(found[member_id]) for member_id in sorted(found))
        first += together
    yield from each_candidate(session, as_of)


def member(session: Session, as_of: AsOf, member_id: int) -> MemberInfo:
    """Return one member; NotFound if the number was never given."""
    found = roll(session, as_of).members.get(member_id)
    if found is None:
        raise NotFound("member", member_id, as_of.block)
    return _info(found)


def current_member(session: Session, as_of: AsOf, account: str) -> MemberInfo | None:
    """Return the active member whose present key is the account; None if there is none."""
    found = roll(session, as_of).current(checksummed(account))
    return _info(found) if found else None


def member_of(session: Session, as_of: AsOf, account: str) -> MemberInfo | None:
    """Return the member, in any status, to whom an account belongs or once belonged."""
    known = roll(session, as_of)
    member_id = known.member_ids.get(checksummed(account))
    return _info(known.members[member_id]) if member_id else None


def candidates(session: Session, as_of: AsOf) -> tuple[MemberInfo, ...]:
    """Return those who applied and were neither admitted nor withdrew, by date."""
    return tuple(each_candidate(session, as_of))


def each_candidate(session: Session, as_of: AsOf) -> Iterator[MemberInfo]:
    """Give the candidates by date, a page of them in memory at a time."""
    # Each account's last word: an application, its withdrawal, or an admission.
    applied = columns(
        *(col(Application.block), col(Application.log_index), col(Application.account)),
        *(col(Application.change), col(Application.profile_hash)),
    ).where(col(Application.block) <= as_of.block)
    admitted = columns(
        *(col(MemberChange.block), col(MemberChange.log_index), col(MemberChange.account)),
        *(col(MemberChange.change), null()),
    ).where(col(MemberChange.change) == "admitted", col(MemberChange.block) <= as_of.block)
    words = applied.union_all(admitted).subquery().c
    place = func.row_number().over(
        partition_by=words.account, order_by=(words.block.desc(), words.log_index.desc())
    )
    last = columns(*words, place.label("place")).subquery().c
    query = (
        columns(col(Block.timestamp), last.account, last.profile_hash)
        .join_from(last.block.table, Block, last.block == col(Block.number))
        .where(last.place == 1, last.change == "applied")
        .order_by(last.block, last.log_index)
    )
    probation = probation_of(session, as_of)
    for timestamp, account, profile_hash in streamed(session, query):
        yield MemberInfo(
            member_id=None,
            account=account,
            status="candidate",
            since=Moment(timestamp),
            admissible_at=Moment(timestamp + probation),
            profile_hash=profile_hash,
        )


def probation_of(session: Session, as_of: AsOf) -> int:
    """Return how long candidates wait, in seconds."""
    return [row.probation for _, row in facts(session, as_of, ProbationChange)][-1]


def _info(member: Member) -> MemberInfo:
    return MemberInfo(
        member_id=member.member_id,
        account=member.account,
        status=member.standing,
        since=Moment(member.since),
        until=Moment(member.until) if member.until else None,
        suspended_until=Moment(member.suspended_until) if member.suspended_until else None,
        epoch=member.epoch,
    )
