"""The mirror's file: opened for one instance only, written in one transaction at a time.

SQLite in WAL mode; other databases by URL, with the same tables. Readers see one moment for as long
as their session lasts, whatever a writer does meanwhile.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, event, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool
from sqlmodel import Session, create_engine

from indexer.errors import (
    MirrorLocked,
    MirrorMissing,
    MirrorOfAnotherChain,
    MirrorSchemaUnknown,
    MirrorUnusable,
)
from indexer.identity import Identity
from indexer.tables import SCHEMA, Cursor, Mirror, Table

_PATIENCE = 5.0  # seconds to wait for another writer
_UNUSABLE = tuple(
    f"SQLITE_{fault}"
    for fault in ("FULL", "READONLY", "IOERR", "CANTOPEN", "CORRUPT", "NOTADB", "PERM")
)


class Store:
    """An open mirror; make one with `open_mirror` or `read_mirror`."""

    def __init__(self, engine: Engine, location: str, identity: Identity) -> None:
        self._engine = engine
        self.location = location
        self.identity = identity

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that sees the mirror as of one moment and writes nothing."""
        with faults_named(self.location), Session(self._engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a session whose changes are stored together at the end, or not at all.

        MirrorLocked if another process writes for longer than the store's patience.
        """
        engine = self._engine.execution_options(immediate=True)
        with faults_named(self.location), Session(engine) as session:
            session.connection()  # takes the lock now, so that what is read below stays true
            yield session
            session.commit()


def open_mirror(
    location: Path | str, identity: Identity, *, fresh: bool = False, patience: float = _PATIENCE
) -> Store:
    """Open the mirror of an instance for writing, making it if need be; `fresh` empties it first.

    MirrorOfAnotherChain, MirrorSchemaUnknown if it is somebody else's; MirrorLocked while busy.
    """
    engine = _engine(location, patience)
    store = Store(engine, str(location), identity)
    with store.writing() as session:
        connection = session.connection()
        if fresh:
            _drop_all(connection)
        if _is_empty(connection):
            Table.metadata.create_all(connection)
            before = identity.first_block - 1
            session.add(Mirror(schema_number=SCHEMA, **identity._asdict()))
            session.add(Cursor(block=before, verified=before, head=before))
        else:
            _refuse_others(connection, str(location), identity)
    return store


def read_mirror(
    location: Path | str, identity: Identity | None = None, *, patience: float = _PATIENCE
) -> Store:
    """Open an existing mirror for reading only; without an identity, whosever it is."""
    if isinstance(location, Path) and not location.exists():
        raise MirrorMissing(str(location))
    engine = _engine(location, patience, read_only=True)
    with faults_named(str(location)), engine.connect() as connection:
        if _is_empty(connection):
            raise MirrorMissing(str(location))
        found = _refuse_others(connection, str(location), identity)
    return Store(engine, str(location), found)


@contextmanager
def faults_named(location: str) -> Iterator[None]:
    """Turn the database's faults into MirrorLocked and MirrorUnusable."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        name = str(getattr(cause, "sqlite_errorname", ""))
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise MirrorLocked(location) from error
        if name.startswith(_UNUSABLE):
            raise MirrorUnusable(location, str(cause)) from error
        raise


def _engine(location: Path | str, patience: float, *, read_only: bool = False) -> Engine:
    if isinstance(location, str) and "://" in location and not location.startswith("sqlite:"):
        return create_engine(location, poolclass=NullPool)
    path = str(location).removeprefix("sqlite:///")

    def connect() -> sqlite3.Connection:
        mode = "ro" if read_only else "rwc"
        # No transactions of its own making: SQLAlchemy's event below begins them.
        connection = sqlite3.connect(
            f"file:{quote(path)}?mode={mode}", uri=True, timeout=patience, isolation_level=None
        )
        connection.execute("PRAGMA foreign_keys = ON")
        if not read_only:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        # A deferred transaction that turns into a writing one fails at once when others wrote
        # meanwhile, whatever the time-out: writers take the lock first.
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _is_empty(connection: Connection) -> bool:
    return not inspect(connection).get_table_names()


def _drop_all(connection: Connection) -> None:
    """Drop whatever tables there are, also those of another version."""
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    for name in inspect(connection).get_table_names():
        connection.exec_driver_sql(f'DROP TABLE "{name}"')


def _refuse_others(connection: Connection, location: str, identity: Identity | None) -> Identity:
    """Return whose mirror this is; raise unless it is of this schema and, if given, identity."""
    if "mirror" not in inspect(connection).get_table_names():
        raise MirrorSchemaUnknown(location, "none", SCHEMA)
    found = connection.execute(text("SELECT * FROM mirror")).mappings().one()
    if found["schema_number"] != SCHEMA:
        raise MirrorSchemaUnknown(location, found["schema_number"], SCHEMA)
    stored = Identity(**{name: found[name] for name in Identity._fields})
    for name in Identity._fields if identity else ():
        expected, there = getattr(identity, name), getattr(stored, name)
        if expected != there:
            raise MirrorOfAnotherChain(location, name.replace("_", " "), expected, there)
    return stored
