"""Digests over what the mirror keeps of the chain, so that a flipped byte is found and named.

SQLite's own integrity check does not see a changed value. Derived rows need no digest: they are
derived again. Each digest is 16 bytes of BLAKE2b as hex; bytes stand behind their lengths.
"""

from collections.abc import Iterable
from hashlib import blake2b

from sqlalchemy import inspect
from sqlmodel import Session

from indexer.blocks import BlockRef
from indexer.tables import Cursor, LogRow

_SIZE = 16


def of_block(block: BlockRef, logs: Iterable[LogRow]) -> str:
    """Return the digest of a header and its logs, in order."""
    parts = [f"{block.number} {block.hash} {block.parent_hash} {block.timestamp}\n".encode()]
    for _, log_index, tx_hash, tx_index, contract, topics, data in logs:
        place = f"{log_index} {tx_hash} {tx_index} {contract} {len(topics)} {len(data)}\n"
        parts += (place.encode(), topics, data)
    return blake2b(b"".join(parts), digest_size=_SIZE).hexdigest()


def of_cursor(cursor: Cursor) -> str:
    """Return the digest of a cursor's columns."""
    names = (column.key for column in inspect(Cursor).columns)
    values = " ".join(str(getattr(cursor, name)) for name in names if name != "digest")
    return blake2b(values.encode(), digest_size=_SIZE).hexdigest()


def move_cursor(session: Session, **values: int | None) -> Cursor:
    """Change columns of the cursor, and its digest with them: the only way to change it."""
    cursor = session.get_one(Cursor, 1)
    for name, value in values.items():
        setattr(cursor, name, value)
    cursor.digest = of_cursor(cursor)
    session.add(cursor)
    return cursor
