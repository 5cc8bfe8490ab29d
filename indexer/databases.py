"""Where a mirror is kept: a file of SQLite's, or a schema of its own in a PostgreSQL database.

Both give the same: a writer's transaction takes the lock first, readers see one moment, and every
fault comes out as one of our own errors.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, Table, create_engine, event, inspect, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from indexer.errors import MirrorDamaged, MirrorLocked, MirrorUnusable
from indexer.identity import Identity

PATIENCE = 5.0
"""Seconds to wait for another writer."""
_VALUES = 2_000  # a statement; SQLite takes 32,766
_SQLITE_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")
_POSTGRES_BUSY = "55P03"
# What our own statements can't cause: the disk, the server, the file, permissions.
_UNUSABLE = tuple(
    f"SQLITE_{fault}" for fault in ("FULL", "READONLY", "IOERR", "CANTOPEN", "NOTADB", "PERM")
)
_POSTGRES_UNUSABLE = ("08", "25006", "28", "3D", "42501", "53", "57P", "58", "XX")


class Database:
    """A place for one mirror; `engine` writes or reads in it, `location` may be shown to people."""

    def __init__(self, engine: Engine, location: str, schema: str | None = None) -> None:
        self._engine = engine
        self.location = location
        self._schema = schema
        self._held = False

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one moment and writes nothing."""
        engine = self._engine
        if self._schema:
            engine = engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with self._faults_named(), engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection that holds the writer's lock, whose changes are stored at its end.

        MirrorLocked if another process writes for longer than the patience.
        """
        engine = self._engine.execution_options(immediate=True)
        with self._faults_named(), engine.begin() as connection:
            if self._schema:
                connection.exec_driver_sql(
                    "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (self._schema,)
                )
            yield connection

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the database open meanwhile: SQLite tidies up whenever its last user leaves."""
        if self._held:
            yield
            return
        with self._faults_named(), self._engine.connect():
            self._held = True
            try:
                yield
            finally:
                self._held = False

    def tables(self, connection: Connection) -> list[str]:
        """Return the names of the tables that are there."""
        return inspect(connection).get_table_names(self._schema)

    def empty(self, connection: Connection) -> None:
        """Drop whatever is there, also what another version made, and leave room for new tables."""
        if self._schema:
            connection.exec_driver_sql(f'DROP SCHEMA IF EXISTS "{self._schema}" CASCADE')
        else:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            found = inspect(connection)
            for name in found.get_view_names():
                connection.exec_driver_sql(f'DROP VIEW "{name}"')
            for name in found.get_table_names():
                connection.exec_driver_sql(f'DROP TABLE "{name}"')
        self.prepare(connection)

    def prepare(self, connection: Connection) -> None:
        """Make the room for the tables."""
        if self._schema:
            connection.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{self._schema}"')

    def set_aside(self) -> None:
        """Move a damaged file, and what SQLite keeps beside it, out of the way; lose nothing."""
        for suffix in ("", "-wal", "-shm"):
            file = Path(self.location + suffix)
            if file.exists():
                file.replace(f"{self.location}.damaged{suffix}")

    def _may_not_write(self) -> bool:
        folder = Path(self.location).parent
        return self._schema is None and folder.is_dir() and not os.access(folder, os.W_OK)

    @contextmanager
    def _faults_named(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, sqlite3.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            name = str(getattr(cause, "sqlite_errorname", ""))
            state = str(getattr(cause, "sqlstate", "") or "")
            if name.startswith(_SQLITE_BUSY) or state == _POSTGRES_BUSY:
                raise MirrorLocked(self.location) from error
            lost = isinstance(error, DBAPIError) and error.connection_invalidated
            # psycopg gives no state when there is no connection.
            absent = self._schema and not state and type(cause).__name__ == "OperationalError"
            if name.startswith("SQLITE_CORRUPT"):
                raise MirrorDamaged(self.location, str(cause)) from error
            if name.startswith("SQLITE_CANTOPEN") and self._may_not_write():
                raise MirrorUnusable(self.location, "its folder is read-only") from error
            if name.startswith(_UNUSABLE) or state.startswith(_POSTGRES_UNUSABLE) or lost or absent:
                raise MirrorUnusable(self.location, str(cause).strip()) from error
            raise


def database(
    place: Path | str, identity: Identity | None, patience: float, *, read_only: bool = False
) -> Database:
    """Return the place of an instance's mirror: a file's path, or a database's URL.

    ValueError for a URL without an identity: a database may hold the mirrors of many instances.
    """
    if isinstance(place, Path) or "://" not in place or place.startswith("sqlite:"):
        path = str(place).removeprefix("sqlite:///")
        return Database(_sqlite(path, patience, read_only), path)
    if identity is None:
        raise ValueError("A database's URL does not say which instance's mirror is meant.")
    return _postgres(place, schema_of(identity), patience)


def schema_of(identity: Identity) -> str:
    """Return the name of an instance's schema in a database that many instances share."""
    return f"coop_{identity.chain_id}_{identity.membership[2:].lower()}"


def insert_all(
    connection: Connection, table: Table, names: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Add rows, values in the order of the columns' `names`, the fastest way the database has.

    Past SQLAlchemy's own handling of parameters, which took half of the time.
    """
    if not rows:
        return
    columns = ", ".join(f'"{name}"' for name in names)
    if connection.dialect.name != "postgresql":
        _insert_in_sqlite(connection, f'INSERT INTO "{table.name}" ({columns}) VALUES', rows)
        return
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
        for each in rows:
            copy.write_row(each)


def _insert_in_sqlite(connection: Connection, insert: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Add rows, many a statement: meanwhile another thread has the interpreter for itself."""
    width = len(rows[0])
    place, together = f"({', '.join('?' * width)})", max(1, _VALUES // width)
    whole = len(rows) - len(rows) % together
    if whole:
        starts = range(0, whole, together)
        parts = [tuple(chain.from_iterable(rows[at : at + together])) for at in starts]
        connection.exec_driver_sql(f"{insert} {', '.join([place] * together)}", parts)
    if whole < len(rows):
        connection.exec_driver_sql(f"{insert} {place}", rows[whole:])


def _sqlite(path: str, patience: float, read_only: bool) -> Engine:
    def connect() -> sqlite3.Connection:
        mode = "ro" if read_only else "rwc"
        # No transactions of its own making: SQLAlchemy's event below begins them.
        connection = sqlite3.connect(
            f"file:{quote(path)}?mode={mode}", uri=True, timeout=patience, isolation_level=None
        )
        connection.execute("PRAGMA foreign_keys = ON")
        if not read_only:
            # Of a new file: larger pages are read and written less often.
            connection.execute("PRAGMA page_size = 16384")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            # 64 MB for pages, and a checkpoint every 32 MB: both halve the time of large batches.
            (page,) = connection.execute("PRAGMA page_size").fetchone()
            connection.execute("PRAGMA cache_size = -65536")
            connection.execute(f"PRAGMA wal_autocheckpoint = {2**25 // page}")
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        # A deferred transaction that turns into a writing one fails at once when others wrote
        # meanwhile, whatever the time-out: writers take the lock first.
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _postgres(url: str, schema: str, patience: float) -> Database:
    try:
        place = make_url(url)
        if place.drivername in ("postgres", "postgresql"):
            place = place.set(drivername="postgresql+psycopg")
        shown = place.render_as_string(hide_password=True)
        settings = f"-csearch_path={schema} -clock_timeout={int(patience * 1000)}"
        engine = create_engine(place, poolclass=NullPool, connect_args={"options": settings})
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise MirrorUnusable(url.rpartition("@")[2], str(error)) from error
    return Database(engine, f"{shown}#{schema}", schema)
