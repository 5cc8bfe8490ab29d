"""Brings a mirror of an earlier schema up to this one, in one transaction, never back.

What the chain said is kept as it is: identity, cursor, headers, logs, chronicle. All other rows
are derived from it again, so that a step only says what became of those five tables.
"""

from collections.abc import Mapping

from sqlalchemy import Connection
from sqlmodel import Session, col, select

from indexer import digests
from indexer.cursor import of_cursor
from indexer.databases import Database
from indexer.derivation import derive_again
from indexer.identity import Identity
from indexer.tables import SCHEMA, Block, Cursor, Log, Table
from indexer.tables.views import make_views

_RAW = ("mirror", "cursor", "blocks", "logs", "chronicle_heads")
EARLIER: Mapping[int, Mapping[str, Mapping[str, str]]] = {
    2: {
        "mirror": {"genesis": "''"},
        "cursor": {"proven": "0", "digest": "''"},
        "blocks": {"digest": "''"},
    },
    3: {},
}
"""Schema number -> columns that its tables lack, with their values; digests are computed below."""


def migrate(place: Database, connection: Connection, number: int, identity: Identity) -> None:
    """Bring the mirror from one of the EARLIER schemas to SCHEMA.

    The caller's transaction binds it all: a kill leaves the old mirror.
    """
    for name in _RAW:
        connection.exec_driver_sql(f"CREATE TEMPORARY TABLE old_{name} AS SELECT * FROM {name}")
    place.empty(connection)
    Table.metadata.create_all(connection, checkfirst=False)
    make_views(connection)
    for name in _RAW:
        columns = {column.name: column.name for column in Table.metadata.tables[name].columns}
        columns |= EARLIER[number].get(name, {})
        into, values = ", ".join(columns), ", ".join(columns.values())
        connection.exec_driver_sql(f"INSERT INTO {name} ({into}) SELECT {values} FROM old_{name}")
        connection.exec_driver_sql(f"DROP TABLE old_{name}")
    connection.exec_driver_sql(f"UPDATE mirror SET schema_number = {SCHEMA}")
    with Session(connection) as session:
        derive_again(session, identity)
        _digest(session)
        session.flush()


def _digest(session: Session) -> None:
    for block in session.exec(select(Block).order_by(col(Block.number))).all():
        logs = session.exec(select(Log).where(Log.block == block.number).order_by(Log.log_index))  # type: ignore[arg-type]
        block.digest = digests.of_block(block.ref, (log.values for log in logs))
        session.add(block)
    cursor = session.get_one(Cursor, 1)
    cursor.digest = of_cursor(cursor)
    session.add(cursor)
