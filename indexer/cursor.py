"""The cursor: how far the mirror has read, under a digest of its own."""

from sqlalchemy import inspect
from sqlmodel import Session

from indexer.digests import digest
from indexer.tables import Cursor


def of_cursor(cursor: Cursor) -> str:
    """Return the digest of a cursor's columns."""
    names = (column.key for column in inspect(Cursor).columns)
    values = " ".join(str(getattr(cursor, name)) for name in names if name != "digest")
    return digest(values.encode())


def move_cursor(session: Session, **values: int | None) -> Cursor:
    """Change columns of the cursor, and its digest with them: the only way to change it."""
    cursor = session.get_one(Cursor, 1)
    for name, value in values.items():
        setattr(cursor, name, value)
    cursor.digest = of_cursor(cursor)
    session.add(cursor)
    return cursor
