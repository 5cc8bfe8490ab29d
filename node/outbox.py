"""The outbox: signed ballots, kept until the chain shows at the finality depth what became of them.

A ballot is committed here before it is sent, and so is each transaction that carries it: a crash, a
lost transaction or a reorganisation ends in a resend. Not safe to delete: it also remembers which
sequence numbers were used. It knows its instance and refuses others.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar, get_args

from sqlalchemy import bindparam, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from node import ballot_file
from node.ballot import AnyBallot, SignedBallot
from node.errors import NotFound, StaleBallot
from node.outbox_file import (
    PATIENCE,
    AttemptRow,
    BallotRow,
    CarriedRow,
    OutboxFile,
    OutboxLocked,
    OutboxUnusable,
    Owner,
    PromiseRow,
    owner,
)
from node.sender import SignedTransaction

T = TypeVar("T")

_REMEMBERED = 20_000  # documents whose ballots are kept in memory

End = Literal["final", "expired", "refused"]
"""final: counted, at the finality depth. expired: the vote closed without it. refused: it never can
be counted, or its owner dropped it."""
ENDS: tuple[End, ...] = get_args(End)


@dataclass(frozen=True)
class Letter:
    """A ballot in the outbox."""

    number: int
    signed: SignedBallot
    saved_at: int
    """Seconds since 1970, by this machine's clock."""
    tx: str | None
    """The newest transaction that carries it; None if none was made here."""
    block: int | None
    """The block that held that transaction when last looked at."""
    state: str
    """waiting (never sent), sent, counted (not final yet), or how it ended: see `End`."""
    why: str = ""


@dataclass(frozen=True)
class Attempt:
    """A transaction that was made to carry letters."""

    number: int
    transaction: SignedTransaction
    made_at: int
    block: int | None
    letters: frozenset[int]
    """The numbers of the letters that it carries."""


@dataclass(frozen=True)
class Promised:
    """A relayer's word for a letter."""

    number: int
    letter: int
    relay: str
    before: int
    """Seconds since 1970, by the chain's clock."""
    document: str
    broken: bool


class Outbox:
    """The outbox of one instance; every method is one transaction."""

    def __init__(self, path: Path, owner: Owner, patience: float = PATIENCE) -> None:
        self._file = OutboxFile(path, owner, patience)
        self.sending = self._file.sending
        self._ballots: dict[str, SignedBallot] = {}

    def put(self, signed: SignedBallot) -> Letter:
        """Keep a signed ballot; `StaleBallot` if its sequence was used for another one."""
        (kept,) = self.put_all([signed])
        if isinstance(kept, StaleBallot):
            raise kept
        return kept

    def put_all(self, ballots: Iterable[SignedBallot]) -> list[Letter | StaleBallot]:
        """Keep signed ballots together; in place of one whose sequence was used, why it was not."""
        rows = [self._row_of(signed) for signed in ballots]
        with self._file.session() as session:
            if _added(session, rows):
                return [self._letter(row, {}) for row in rows]
            return [
                self._letter(row, {})
                if _added(session, [row])
                else StaleBallot(
                    f"The outbox holds another ballot with sequence {row.sequence} already.",
                    hint="Another command made one at the same time. Vote again.",
                )
                for row in rows
            ]

    def highest_sequence(self, contract: str, ballot: AnyBallot) -> int:
        """The highest sequence used for this subject, member and epoch (dropped ones too), or 0."""
        with self._file.session() as session:
            found = session.exec(
                select(func.max(BallotRow.sequence)).where(
                    BallotRow.contract == contract,
                    BallotRow.subject == ballot.subject,
                    BallotRow.member_id == ballot.member_id,
                    BallotRow.epoch == ballot.epoch,
                )
            ).one()
        return found or 0

    def letters(self, *, everything: bool = False) -> list[Letter]:
        """Ballots that are still on their way, or all ever kept, oldest first."""
        wanted = select(BallotRow).order_by(col(BallotRow.number))
        with self._file.session() as session:
            rows = session.exec(
                wanted if everything else wanted.where(col(BallotRow.ended).is_(None))
            ).all()
            places = _places(session, [row.number for row in rows if row.number])
            return [self._letter(row, places) for row in rows]

    def named(self, ballot_hash: str) -> Letter | None:
        """The letter whose ballot has that hash (0x-hex)."""
        return self.known([ballot_hash]).get(ballot_hash)

    def known(self, ballot_hashes: Sequence[str]) -> dict[str, Letter]:
        """By ballot hash (0x-hex) those of these ballots that are in the outbox."""
        with self._file.session() as session:
            rows = [
                row
                for part in _parts(ballot_hashes)
                for row in session.exec(
                    select(BallotRow).where(col(BallotRow.ballot_hash).in_(part))
                )
            ]
            places = _places(session, [row.number for row in rows if row.number])
        return {row.ballot_hash: self._letter(row, places) for row in rows}

    def count(self) -> int:
        """How many ballots are on their way."""
        with self._file.session() as session:
            return session.exec(
                select(func.count()).select_from(BallotRow).where(col(BallotRow.ended).is_(None))
            ).one()

    def unsent(self) -> tuple[int, float]:
        """How many ballots on their way no transaction was made for, and since when the oldest of
        them waits (0 if there is none)."""
        sent = select(CarriedRow.ballot).where(CarriedRow.ballot == BallotRow.number).exists()
        with self._file.session() as session:
            number, oldest = session.exec(
                select(func.count(), func.min(BallotRow.saved_at))
                .select_from(BallotRow)
                .where(col(BallotRow.ended).is_(None), ~sent)
            ).one()
        return number, float(oldest or 0)

    def letter(self, number: int) -> Letter:
        """One ballot by its number in the outbox."""
        with self._file.session() as session:
            return self._letter(_row(session, number), _places(session, [number]))

    def attempt(self, transaction: SignedTransaction, letters: Iterable[int]) -> Attempt:
        """Keep a signed transaction that carries these letters, before it is sent.

        Made of the same parts a second time it is the same one, and is kept as that.
        """
        now, carried = int(time.time()), frozenset(letters)
        with self._file.session() as session:
            kept = session.exec(select(AttemptRow).where(AttemptRow.tx == transaction.tx)).first()
            if kept:
                kept.made_at = now
                return _attempt(kept, carried)
            row = AttemptRow(**transaction._asdict(), made_at=now)
            session.add(row)
            session.flush()
            assert row.number is not None
            session.add_all(CarriedRow(attempt=row.number, ballot=each) for each in carried)
            return _attempt(row, carried)

    def attempts(self, letters: Iterable[int]) -> list[Attempt]:
        """The transactions that carry any of these letters, oldest first."""
        wanted = set(letters)
        found: dict[int, tuple[AttemptRow, set[int]]] = {}
        with self._file.session() as session:
            for part in _parts(sorted(wanted)):
                for row, ballot in session.exec(
                    select(AttemptRow, CarriedRow.ballot)
                    .join(CarriedRow, col(CarriedRow.attempt) == AttemptRow.number)
                    .where(col(CarriedRow.ballot).in_(part))
                ):
                    assert row.number is not None
                    found.setdefault(row.number, (row, set()))[1].add(ballot)
        return [_attempt(row, frozenset(carried)) for _, (row, carried) in sorted(found.items())]

    def promise(self, number: int, relay: str, before: int, document: str) -> None:
        """Keep a relayer's word for a letter."""
        with self._file.session() as session:
            session.add(PromiseRow(ballot=number, relay=relay, before=before, document=document))

    def promises(self) -> list[Promised]:
        """The words of relayers, oldest first; a letter can have several, none is forgotten."""
        with self._file.session() as session:
            return [
                Promised(
                    row.number or 0, row.ballot, row.relay, row.before, row.document, row.broken
                )
                for row in session.exec(select(PromiseRow).order_by(col(PromiseRow.number)))
            ]

    def broken(self, numbers: Iterable[int]) -> None:
        """Note that relayers broke these promises."""
        broken = list(numbers)
        if not broken:
            return
        with self._file.session() as session:
            for number in broken:
                session.get_one(PromiseRow, number).broken = True

    def carried(self, tx: str) -> list[Letter]:
        """All letters that a transaction carries."""
        with self._file.session() as session:
            rows = session.exec(
                select(BallotRow)
                .join(CarriedRow, col(CarriedRow.ballot) == BallotRow.number)
                .join(AttemptRow, col(CarriedRow.attempt) == AttemptRow.number)
                .where(AttemptRow.tx == tx)
            ).all()
            return [self._letter(row, {}) for row in rows]

    def note(
        self,
        *,
        counted: Mapping[int, bool] | None = None,
        ended: Mapping[int, tuple[End, str]] | None = None,
        blocks: Mapping[int, int | None] | None = None,
    ) -> None:
        """Keep what the chain shows: by letter whether it is counted and how it ended (with why),
        by attempt the block that holds it. What ended stays so."""
        ballot, attempt = col(BallotRow.number), col(AttemptRow.number)
        seen = [{"at": number, "counted": each} for number, each in (counted or {}).items()]
        ends = [
            {"at": number, "ended": end, "why": why} for number, (end, why) in (ended or {}).items()
        ]
        places = [{"at": number, "block": block} for number, block in (blocks or {}).items()]
        with self._file.session() as session:
            connection = session.connection()
            # Statements of many rows: loading each of thousands took most of a relayer's time.
            if seen:
                connection.execute(update(BallotRow).where(ballot == bindparam("at")), seen)
            if ends:
                still_open = col(BallotRow.ended).is_(None)
                connection.execute(
                    update(BallotRow).where(ballot == bindparam("at"), still_open), ends
                )
            if places:
                connection.execute(update(AttemptRow).where(attempt == bindparam("at")), places)

    def drop(self, number: int) -> Letter:
        """Send a ballot no more. Its sequence stays used: somebody else may carry it."""
        self.note(ended={number: ("refused", "You dropped it.")})
        return self.letter(number)

    def _row_of(self, signed: SignedBallot) -> BallotRow:
        ballot, domain = signed.ballot, signed.domain
        document = ballot_file.compact(ballot_file.signed_file(signed))
        self._remembered(document, signed)
        return BallotRow(
            contract=domain.verifying_contract,
            subject=ballot.subject,
            member_id=ballot.member_id,
            epoch=ballot.epoch,
            sequence=ballot.sequence,
            ballot_hash="0x" + signed.ballot_hash.hex(),
            document=document,
            saved_at=int(time.time()),
        )

    def _letter(self, row: BallotRow, places: Mapping[int, tuple[str, int | None]]) -> Letter:
        assert row.number is not None
        tx, block = places.get(row.number, (None, None))
        on_the_way = "counted" if row.counted else "sent" if tx else "waiting"
        return Letter(
            number=row.number,
            signed=self._ballot(row.document),
            saved_at=row.saved_at,
            tx=tx,
            block=block,
            state=row.ended or on_the_way,
            why=row.why,
        )

    def _ballot(self, document: str) -> SignedBallot:
        found = self._ballots.get(document)
        return found or self._remembered(document, ballot_file.parse(document).signed())

    def _remembered(self, document: str, signed: SignedBallot) -> SignedBallot:
        """Remember what a document says: a relayer looks at each of thousands many times."""
        if len(self._ballots) >= _REMEMBERED:
            self._ballots.clear()
        self._ballots[document] = signed
        return signed


def _added(session: Session, rows: Sequence[BallotRow]) -> bool:
    """Add all of the rows, or none if one of them has a sequence that was used."""
    try:
        with session.begin_nested():
            session.add_all(rows)
            session.flush()
    except IntegrityError:
        return False
    return True


def _row(session: Session, number: int) -> BallotRow:
    row = session.get(BallotRow, number)
    if row is None:
        raise NotFound(f"The outbox has no ballot {number}.", hint="See: coop outbox list --all")
    return row


def _places(session: Session, numbers: Sequence[int]) -> dict[int, tuple[str, int | None]]:
    """By letter: transaction and block, of the attempt that a block holds or else the newest."""
    found: dict[int, tuple[str, int | None]] = {}
    for part in _parts(numbers):
        for ballot, tx, block in session.exec(
            select(CarriedRow.ballot, AttemptRow.tx, AttemptRow.block)
            .join(AttemptRow, col(CarriedRow.attempt) == AttemptRow.number)
            .where(col(CarriedRow.ballot).in_(part))
            .order_by(col(AttemptRow.number))
        ):
            if block is not None or found.get(ballot, ("", None))[1] is None:
                found[ballot] = tx, block
    return found


def _attempt(row: AttemptRow, letters: frozenset[int]) -> Attempt:
    assert row.number is not None
    transaction = SignedTransaction(
        **{name: getattr(row, name) for name in SignedTransaction._fields}
    )
    return Attempt(row.number, transaction, row.made_at, row.block, letters)


def _parts(values: Sequence[T]) -> Iterable[Sequence[T]]:
    """As many as one statement of SQLite takes safely."""
    return (values[at : at + 500] for at in range(0, len(values), 500))


__all__ = [
    "ENDS",
    "Attempt",
    "End",
    "Letter",
    "Outbox",
    "OutboxLocked",
    "OutboxUnusable",
    "Owner",
    "Promised",
    "owner",
]
