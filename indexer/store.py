"""The mirror of one instance: opened for that instance only, written in one transaction at a time.

Readers see one moment for as long as their session lasts, whatever a writer does meanwhile.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import Connection, text
from sqlmodel import Session

from indexer import migrations
from indexer.cursor import of_cursor
from indexer.databases import PATIENCE, Database, database
from indexer.errors import MirrorDamaged, MirrorMissing, MirrorOfAnotherChain, MirrorSchemaUnknown
from indexer.identity import Identity
from indexer.tables import SCHEMA, Cursor, Mirror, Table
from indexer.tables.views import make_views


class Store:
    """An open mirror; make one with `open_mirror` or `read_mirror`."""

    def __init__(self, place: Database, identity: Identity) -> None:
        self._database = place
        self.location = place.location
        self.identity = identity

    def held(self) -> AbstractContextManager[None]:
        """Keep the mirror open over many transactions, which makes each of them quicker."""
        return self._database.held()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that sees the mirror as of one moment and writes nothing."""
        with self._database.reading() as connection, Session(connection) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a session whose changes are stored together at the end, or not at all.

        MirrorLocked if another process writes for longer than the store's patience.
        """
        with self._database.writing() as connection, Session(connection) as session:
            yield session
            session.flush()


def open_mirror(
    place: Path | str, identity: Identity, *, fresh: bool = False, patience: float = PATIENCE
) -> Store:
    """Open the mirror of an instance for writing, making it if need be; `fresh` empties it first.

    A mirror of an earlier schema is brought up to this one. MirrorOfAnotherChain,
    MirrorSchemaUnknown if it is somebody else's; MirrorLocked while busy. A file too damaged to be
    emptied is set aside beside the new one.
    """
    store = database(place, identity, patience)
    if fresh:
        try:
            _empty(store, identity)
        except MirrorDamaged:
            store.set_aside()
            _empty(store, identity)
        return Store(store, identity)
    with store.writing() as connection:
        if not store.tables(connection):
            store.prepare(connection)
            _make(connection, identity)
        else:
            number = _schema_number(store, connection)
            if number != SCHEMA and number not in migrations.EARLIER:
                raise MirrorSchemaUnknown(store.location, number, SCHEMA)
            _refuse_others(store, connection, identity)
            if number != SCHEMA:
                migrations.migrate(store, connection, number, identity)
    return Store(store, identity)


def read_mirror(
    place: Path | str, identity: Identity | None = None, *, patience: float = PATIENCE
) -> Store:
    """Open an existing mirror for reading only; a file also without an identity, whosever it is."""
    if isinstance(place, Path) and not place.exists():
        raise MirrorMissing(str(place))
    store = database(place, identity, patience, read_only=True)
    with store.reading() as connection:
        if not store.tables(connection):
            raise MirrorMissing(store.location)
        if (found := _schema_number(store, connection)) != SCHEMA:
            raise MirrorSchemaUnknown(store.location, found, SCHEMA)
        found_identity = _refuse_others(store, connection, identity)
    return Store(store, found_identity)


def _empty(store: Database, identity: Identity) -> None:
    with store.writing() as connection:
        store.empty(connection)
        _make(connection, identity)


def _make(connection: Connection, identity: Identity) -> None:
    Table.metadata.create_all(connection, checkfirst=False)
    make_views(connection)
    before = identity.first_block - 1
    with Session(connection) as session:
        session.add(Mirror(schema_number=SCHEMA, **identity._asdict()))
        cursor = Cursor(block=before, verified=before, proven=before, head=before)
        cursor.digest = of_cursor(cursor)
        session.add(cursor)
        session.flush()


def _schema_number(store: Database, connection: Connection) -> int:
    """Return the schema's number; MirrorSchemaUnknown if this is no mirror at all."""
    if "mirror" not in store.tables(connection):
        raise MirrorSchemaUnknown(store.location, "none", SCHEMA)
    return int(connection.execute(text("SELECT schema_number FROM mirror")).scalar_one())


def _refuse_others(store: Database, connection: Connection, identity: Identity | None) -> Identity:
    """Return whose mirror this is; raise unless it is the identity's, if one is given."""
    found = connection.execute(text("SELECT * FROM mirror")).mappings().one()
    stored = Identity(**{name: found[name] for name in Identity._fields})
    for name, expected in (identity or stored)._asdict().items():
        if found[name] != expected:
            words = name.replace("_", " ")
            raise MirrorOfAnotherChain(store.location, words, expected, found[name])
    return stored
