"""Guardians of a member, and the recoveries that they began."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import Session, col

from indexer.moment import Moment
from indexer.queries.as_of import AsOf
from indexer.queries.facts import facts
from indexer.queries.members import member
from indexer.rules.guardians import NOBODY, GuardianEvent, Guardians, Kind, Recovery
from indexer.tables import Fact, GuardianNaming, MemberChange, RecoveryStep


@dataclass(frozen=True)
class RecoveryInfo:
    """What guardians began for an account; it may take over from `due_at` on (None: not yet)."""

    account: str
    supporters: tuple[str, ...]
    due_at: Moment | None
    expires_at: Moment


@dataclass(frozen=True)
class GuardiansInfo:
    """A member's guardians by the hash of their list, None for none.

    `next_hash` is in force from `next_from` on; that is None if no change waits.
    """

    member_id: int
    list_hash: str | None
    next_hash: str | None
    next_from: Moment | None
    recovered_at: Moment | None
    """When guardians last replaced the key."""
    recoveries: tuple[RecoveryInfo, ...]


def guardians(session: Session, as_of: AsOf, member_id: int) -> GuardiansInfo:
    """Return a member's guardians; NotFound if the number was never given."""
    member(session, as_of, member_id)
    found = Guardians(_events(session, as_of, member_id)).of(member_id, as_of.timestamp)
    return GuardiansInfo(
        member_id=member_id,
        list_hash=_hash(found.list_hash),
        next_hash=_hash(found.next_hash),
        next_from=_moment(found.next_from),
        recovered_at=_moment(found.recovered_at),
        recoveries=tuple(_info(*each) for each in found.recoveries.items()),
    )


def _events(session: Session, as_of: AsOf, member_id: int) -> list[GuardianEvent]:
    told = [
        *_named(session, as_of, member_id),
        *_done(session, as_of, member_id),
        *_changes(session, as_of, member_id),
    ]
    return [event for _, event in sorted(told, key=lambda each: each[0])]


_Placed = tuple[tuple[int, int], GuardianEvent]


def _named(session: Session, as_of: AsOf, member_id: int) -> Iterator[_Placed]:
    where = col(GuardianNaming.member_id) == member_id
    for moment, row in facts(session, as_of, GuardianNaming, where):
        event = GuardianEvent(
            moment, member_id, "named", list_hash=row.list_hash, at=row.in_force_from
        )
        yield _place(row), event


def _done(session: Session, as_of: AsOf, member_id: int) -> Iterator[_Placed]:
    for moment, row in facts(
        session, as_of, RecoveryStep, col(RecoveryStep.member_id) == member_id
    ):
        event = GuardianEvent(
            moment=moment,
            member_id=member_id,
            kind=row.step,  # type: ignore[arg-type]  # handlers.guardians writes only these
            account=row.account or "",
            guardian=row.guardian or "",
            at=row.due_at or 0,
        )
        yield _place(row), event


def _changes(session: Session, as_of: AsOf, member_id: int) -> Iterator[_Placed]:
    """Admissions and changes of key: both void what guardians began."""
    changed = col(MemberChange.change).in_(["admitted", "rotated", "recovered"])
    where = (col(MemberChange.member_id) == member_id, changed)
    for moment, row in facts(session, as_of, MemberChange, *where):
        kind: Kind = "admitted" if row.change == "admitted" else "key_changed"
        yield _place(row), GuardianEvent(moment, member_id, kind)


def _place(row: Fact) -> tuple[int, int]:
    return row.block, row.log_index


def _info(account: str, begun: Recovery) -> RecoveryInfo:
    due_at = _moment(begun.due_at)
    return RecoveryInfo(account, begun.supporters, due_at, Moment(begun.expires_at))


def _hash(list_hash: str) -> str | None:
    return None if list_hash == NOBODY else list_hash


def _moment(second: int) -> Moment | None:
    return Moment(second) if second else None
