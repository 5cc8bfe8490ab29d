"""The outbox: signed ballots of this member, kept until the chain shows them at the finality depth.

A ballot is committed here before it is sent, so that a crash, a lost transaction or a
reorganisation ends in a resend. Not safe to delete: it also remembers which sequence numbers were
used. It knows its instance and refuses others.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.orm import registry
from sqlalchemy.pool import NullPool
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, create_engine, select

from node import ballot_file
from node.ballot import AnyBallot, SignedBallot
from node.errors import CoopError, MirrorOfAnotherChain, NotFound, StaleBallot

SCHEMA = 1
_PATIENCE = 5.0  # seconds to wait for another process


class OutboxLocked(CoopError):
    """Another process holds the outbox."""

    code = "outbox_locked"


class OutboxUnusable(CoopError):
    """The outbox's file is damaged, full, read-only or no outbox."""

    code = "outbox_unusable"


class _Kept(SQLModel, registry=registry()):
    """Base of the outbox's tables: apart from the mirror's, which are another database's."""


class OwnerRow(_Kept, table=True):
    """Whose ballots the file holds: one row."""

    __tablename__ = "owner"

    id: int = Field(default=1, primary_key=True)
    schema_number: int
    chain_id: int
    assembly: str
    pay_rates: str


class BallotRow(_Kept, table=True):
    """One signed ballot and what is known of its way. Facts only; `Letter.state` is derived."""

    __tablename__ = "ballots"
    __table_args__ = (UniqueConstraint("contract", "subject", "member_id", "epoch", "sequence"),)

    number: int | None = Field(default=None, primary_key=True)
    contract: str
    subject: int
    member_id: int
    epoch: int
    sequence: int
    document: str
    """The signed ballot as a coop/ballot/v1 file."""
    saved_at: int
    tx: str | None = None
    block: int | None = None
    final: bool = False
    """Whether the chain showed the ballot at the finality depth."""
    replaced: bool = False
    dropped: bool = False


@dataclass(frozen=True)
class Owner:
    """The instance whose ballots an outbox holds."""

    chain_id: int
    assembly: str
    pay_rates: str


@dataclass(frozen=True)
class Letter:
    """A ballot in the outbox."""

    number: int
    signed: SignedBallot
    saved_at: int
    """Seconds since 1970, by this machine's clock."""
    tx: str | None
    block: int | None
    state: str
    """waiting (no transaction known), sent, counted (final), replaced (by a newer) or dropped."""


class Outbox:
    """The outbox of one instance; every method is one transaction."""

    def __init__(self, path: Path, owner: Owner, patience: float = _PATIENCE) -> None:
        self._path = path
        self._engine = _engine(path, patience)
        with self._session() as session:
            _Kept.metadata.create_all(session.connection())
            self._belong(session, owner)

    def put(self, signed: SignedBallot) -> Letter:
        """Keep a signed ballot; `StaleBallot` if its sequence was used for another one."""
        ballot, domain = signed.ballot, signed.domain
        row = BallotRow(
            contract=domain.verifying_contract,
            subject=ballot.subject,
            member_id=ballot.member_id,
            epoch=ballot.epoch,
            sequence=ballot.sequence,
            document=ballot_file.dump(ballot_file.signed_file(signed)),
            saved_at=int(time.time()),
        )
        try:
            with self._session() as session:
                session.add(row)
                session.flush()
                return _letter(row)
        except IntegrityError as error:
            raise StaleBallot(
                f"The outbox holds another ballot with sequence {ballot.sequence} already.",
                hint="Another command made one at the same time. Vote again.",
            ) from error

    def highest_sequence(self, contract: str, ballot: AnyBallot) -> int:
        """The highest sequence used for this subject, member and epoch (dropped ones too), or 0."""
        with self._session() as session:
            found = session.exec(
                select(BallotRow.sequence)
                .where(
                    BallotRow.contract == contract,
                    BallotRow.subject == ballot.subject,
                    BallotRow.member_id == ballot.member_id,
                    BallotRow.epoch == ballot.epoch,
                )
                .order_by(col(BallotRow.sequence).desc())
            ).first()
        return found or 0

    def letters(self, *, everything: bool = False) -> list[Letter]:
        """Ballots that are still on their way, or all ever kept, oldest first."""
        with self._session() as session:
            rows = session.exec(select(BallotRow).order_by(col(BallotRow.number))).all()
            found = [_letter(row) for row in rows]
        return [letter for letter in found if everything or letter.state in ("waiting", "sent")]

    def letter(self, number: int) -> Letter:
        """One ballot by its number in the outbox."""
        with self._session() as session:
            return _letter(_row(session, number))

    def sent(self, number: int, tx: str, block: int) -> Letter:
        """Note the transaction that carries a ballot and its block."""
        return self._change(number, tx=tx, block=block)

    def lost(self, number: int) -> Letter:
        """Forget a transaction that the chain no longer holds."""
        return self._change(number, tx=None, block=None)

    def final(self, number: int) -> Letter:
        """Note that the chain shows a ballot at the finality depth."""
        return self._change(number, final=True)

    def replaced(self, number: int) -> Letter:
        """Note that a newer ballot of the member was counted, so that this one never will be."""
        return self._change(number, replaced=True)

    def drop(self, number: int) -> Letter:
        """Send a ballot no more. Its sequence stays used: somebody else may carry it."""
        return self._change(number, dropped=True)

    def _change(self, number: int, **values: Any) -> Letter:
        with self._session() as session:
            row = _row(session, number)
            for name, value in values.items():
                setattr(row, name, value)
            session.add(row)
            session.flush()
            return _letter(row)

    def _belong(self, session: Session, owner: Owner) -> None:
        found = session.get(OwnerRow, 1)
        if found is None:
            session.add(
                OwnerRow(
                    schema_number=SCHEMA,
                    chain_id=owner.chain_id,
                    assembly=owner.assembly,
                    pay_rates=owner.pay_rates,
                )
            )
            return
        if found.schema_number != SCHEMA:
            raise OutboxUnusable(
                f"The outbox {self._path} has schema {found.schema_number}; this node knows "
                f"{SCHEMA}.",
                hint="Use the version of coop that wrote it. Do not delete it.",
            )
        if (found.chain_id, found.assembly, found.pay_rates) != (
            owner.chain_id,
            owner.assembly,
            owner.pay_rates,
        ):
            raise MirrorOfAnotherChain(
                f"The outbox {self._path} belongs to chain {found.chain_id}, "
                f"Assembly {found.assembly}, not to this instance.",
                hint="Choose the right --instance, or move the file away and keep it.",
            )

    @contextmanager
    def _session(self) -> Iterator[Session]:
        try:
            with Session(self._engine, expire_on_commit=False) as session, session.begin():
                yield session
        except IntegrityError:
            raise
        except DatabaseError as error:
            raise self._trouble(error) from error

    def _trouble(self, error: DatabaseError) -> CoopError:
        reason = str(error.orig)
        if "locked" in reason or "busy" in reason:
            return OutboxLocked(
                f"Another process is using the outbox {self._path}.",
                hint="Wait for the other coop command to end and try again.",
            )
        return OutboxUnusable(
            f"The outbox {self._path} cannot be used: {reason}.",
            hint="Check the disk and the file's rights. Do not delete the file.",
        )


def _engine(path: Path, patience: float) -> Engine:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    engine = create_engine(
        f"sqlite:///{path}", connect_args={"timeout": patience}, poolclass=NullPool
    )

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: Any) -> None:
        # The driver must not begin transactions by itself: ours take the write lock at once.
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def begun(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _row(session: Session, number: int) -> BallotRow:
    row = session.get(BallotRow, number)
    if row is None:
        raise NotFound(f"The outbox has no ballot {number}.", hint="See: coop outbox list --all")
    return row


def _letter(row: BallotRow) -> Letter:
    assert row.number is not None
    return Letter(
        number=row.number,
        signed=ballot_file.parse(row.document).signed(),
        saved_at=row.saved_at,
        tx=row.tx,
        block=row.block,
        state=_state(row),
    )


def _state(row: BallotRow) -> str:
    if row.final:
        return "counted"
    if row.replaced:
        return "replaced"
    if row.dropped:
        return "dropped"
    return "sent" if row.tx else "waiting"
