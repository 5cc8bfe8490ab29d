"""The outbox's file: its tables, whose it is, and who may send from it at the moment."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.orm import registry
from sqlalchemy.pool import NullPool
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, create_engine

from node.errors import CoopError, MirrorOfAnotherChain
from node.files import alone
from node.instance import Instance

SCHEMA = 4
PATIENCE = 5.0
"""Seconds to wait for another process."""


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
    """One signed ballot and what became of it; it is never deleted."""

    __tablename__ = "ballots"
    __table_args__ = (UniqueConstraint("contract", "subject", "member_id", "epoch", "sequence"),)

    number: int | None = Field(default=None, primary_key=True)
    contract: str
    subject: int
    member_id: int
    epoch: int
    sequence: int
    ballot_hash: str = Field(index=True)
    document: str
    """The signed ballot as a coop/ballot/v1 file."""
    saved_at: int
    counted: bool = False
    """Whether the chain showed it when last looked at; a reorganisation may take that back."""
    ended: str | None = None
    """final, expired or refused, each for good: a block at the finality depth says so."""
    why: str = ""
    """Why it was refused or expired, in words."""


class _Transaction(_Kept):
    """A signed transaction, kept before it is sent."""

    number: int | None = Field(default=None, primary_key=True)
    account: str
    nonce: int
    tip: int
    """Wei for a unit of gas, as is `most`."""
    most: int
    gas: int
    tx: str = Field(unique=True)
    raw: str
    """The signed transaction in 0x-hex."""
    made_at: int
    block: int | None = None
    """The block that held it when last looked at."""


class AttemptRow(_Transaction, table=True):
    """One that carries ballots."""

    __tablename__ = "attempts"


class CarriedRow(_Kept, table=True):
    """Which ballots an attempt carries."""

    __tablename__ = "carried"

    attempt: int = Field(primary_key=True, foreign_key="attempts.number")
    ballot: int = Field(primary_key=True, foreign_key="ballots.number", index=True)


class ActRow(_Transaction, table=True):
    """One that a command made to do anything else."""

    __tablename__ = "acts"

    what: str
    """The command that made it."""
    call: str
    """What it calls, as JSON: to make it again with another fee."""
    told: bool = False
    """Whether its owner was told of the block that holds it."""
    ended: str | None = None
    """final (a block at the finality depth holds it) or refused, each for good."""
    why: str = ""
    """Why it was refused, in words."""


class PromiseRow(_Kept, table=True):
    """A relayer's word for a ballot."""

    __tablename__ = "promises"

    number: int | None = Field(default=None, primary_key=True)
    ballot: int = Field(foreign_key="ballots.number", index=True)
    relay: str
    """The relayer's address."""
    before: int
    document: str
    """The promise as a coop/promise/v1 file."""
    broken: bool = False


@dataclass(frozen=True)
class Owner:
    """The instance whose ballots an outbox holds."""

    chain_id: int
    assembly: str
    pay_rates: str


def owner(instance: Instance) -> Owner:
    """Whose ballots the outbox of an instance holds."""
    return Owner(instance.chain_id, instance.assembly, instance.pay_rates)


class OutboxFile:
    """One SQLite file, readable for its owner only; every session is one transaction."""

    def __init__(self, path: Path, owner: Owner, patience: float) -> None:
        self.path = path
        self._engine = _engine(path, patience)
        with self.session() as session:
            self._belong(session, owner)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Give a session whose changes are on the disk once it ends, or not at all."""
        try:
            with Session(self._engine, expire_on_commit=False) as session, session.begin():
                yield session
        except IntegrityError:
            raise
        except DatabaseError as error:
            raise self._trouble(error) from error

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Be the only process that sends from this outbox; OutboxLocked if another one is.

        The lock goes with the process that holds it, however that ends.
        """
        refusal = OutboxLocked(
            f"Another coop process is sending from the outbox {self.path}.",
            undone="This one sent nothing.",
            hint="What is in the outbox will be sent by the other one: coop outbox list",
        )
        with alone(self.path.with_suffix(".lock"), refusal):
            yield

    def _belong(self, session: Session, owner: Owner) -> None:
        connection = session.connection()
        _Kept.metadata.create_all(connection, tables=[OwnerRow.metadata.tables["owner"]])
        found = session.get(OwnerRow, 1)
        if found is None:
            _Kept.metadata.create_all(connection)
            session.add(
                OwnerRow(
                    schema_number=SCHEMA,
                    chain_id=owner.chain_id,
                    assembly=owner.assembly,
                    pay_rates=owner.pay_rates,
                )
            )
            return
        if (found.chain_id, found.assembly, found.pay_rates) != (
            owner.chain_id,
            owner.assembly,
            owner.pay_rates,
        ):
            raise MirrorOfAnotherChain(
                f"The outbox {self.path} belongs to chain {found.chain_id}, "
                f"Assembly {found.assembly}, not to this instance.",
                hint="Choose the right --instance, or move the file away and keep it.",
            )
        if found.schema_number in (1, 2, 3):
            if found.schema_number == 1:
                _from_schema_1(session)
            _Kept.metadata.create_all(connection)  # 2 had no acts
            if found.schema_number == 3:
                _from_schema_3(session)
            found.schema_number = SCHEMA
            session.add(found)
        elif found.schema_number != SCHEMA:
            raise OutboxUnusable(
                f"The outbox {self.path} has schema {found.schema_number}; this node knows "
                f"{SCHEMA}.",
                hint="Use the version of coop that wrote it. Do not delete it.",
            )

    def _trouble(self, error: DatabaseError) -> CoopError:
        reason = str(error.orig)
        if "locked" in reason or "busy" in reason:
            return OutboxLocked(
                f"Another process is using the outbox {self.path}.",
                hint="Wait for the other coop command to end and try again.",
            )
        return OutboxUnusable(
            f"The outbox {self.path} cannot be used: {reason}.",
            hint="Check the disk and the file's rights. Do not delete the file.",
        )


def _from_schema_1(session: Session) -> None:
    """Keep the ballots; of their transactions schema 1 knew only hash and block."""
    connection = session.connection()
    connection.exec_driver_sql("ALTER TABLE ballots RENAME TO ballots_1")
    _Kept.metadata.create_all(connection)
    connection.exec_driver_sql(
        "INSERT INTO ballots (number, contract, subject, member_id, epoch, sequence, ballot_hash,"
        " document, saved_at, counted, ended, why) SELECT number, contract, subject, member_id,"
        " epoch, sequence, json_extract(document, '$.data.ballot_hash'), document,"
        " saved_at, final, CASE WHEN final THEN 'final'"
        " WHEN replaced OR dropped THEN 'refused' END, CASE WHEN final THEN ''"
        " WHEN replaced THEN 'A newer ballot or key took its place.'"
        " WHEN dropped THEN 'You dropped it.' ELSE '' END FROM ballots_1"
    )
    connection.exec_driver_sql(
        "INSERT INTO attempts (number, account, nonce, tip, most, gas, tx, raw, made_at, block)"
        " SELECT min(number), '', 0, 0, 0, 0, tx, '', saved_at, block FROM ballots_1"
        " WHERE tx IS NOT NULL GROUP BY tx"
    )
    connection.exec_driver_sql(
        "INSERT INTO carried (attempt, ballot) SELECT attempts.number, ballots_1.number"
        " FROM ballots_1 JOIN attempts ON attempts.tx = ballots_1.tx"
    )
    connection.exec_driver_sql("DROP TABLE ballots_1")


def _from_schema_3(session: Session) -> None:
    """Look again at the acts that a block held: schema 3 knew no finality of them."""
    connection = session.connection()
    connection.exec_driver_sql("ALTER TABLE acts ADD COLUMN told BOOLEAN NOT NULL DEFAULT 0")
    connection.exec_driver_sql("UPDATE acts SET ended = NULL, told = 1 WHERE ended = 'done'")
    connection.exec_driver_sql("UPDATE acts SET ended = 'refused' WHERE ended = 'void'")


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
