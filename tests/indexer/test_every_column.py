"""One changed value in any column of any table is found: `coop index check` sees everything.

The history is one in which everything happens that the contracts can log, so that no table is
empty that can be filled.
"""

import sqlite3
from pathlib import Path
from typing import Any

from web3.contract import Contract

from indexer.check import check
from indexer.errors import MirrorOfAnotherChain, MirrorSchemaUnknown
from indexer.store import read_mirror
from indexer.tables import Table
from node.devnet import Devnet
from tests.indexer.audit.story import Story, founded
from tests.indexer.mirrored import mirrored

# Where a database says nothing of itself: rows are numbered 1 in tables of one row.
OF_NO_MEANING = {("mirror", "id"), ("cursor", "id")}
NEVER_FILLED = {"domain_changes"}  # our contracts' domains never change


def test_a_changed_value_in_any_column_is_found(
    factory: Contract, chain: Devnet, tmp_path: Path
) -> None:
    coop = founded(chain, factory)
    mirror = mirrored(coop, tmp_path / "mirror.db")
    Story(coop).all()
    mirror.sync()
    assert check(mirror.store).faults == ()
    connection = sqlite3.connect(mirror.path, isolation_level=None)
    unseen, tried = [], 0
    for table in Table.metadata.sorted_tables:
        if table.name in NEVER_FILLED:
            continue
        for column in table.columns:
            if (table.name, column.name) in OF_NO_MEANING:
                continue
            before = changed(connection, table.name, column.name, keys(table))
            try:
                # The first block's hash is compared with the chain alone.
                asked = mirror.chain if table.name == "mirror" else None
                if not check(read_mirror(mirror.path, mirror.identity), asked).faults:
                    unseen.append(f"{table.name}.{column.name}")
            except (MirrorOfAnotherChain, MirrorSchemaUnknown):
                pass  # found before anything was looked at
            restore(connection, table.name, column.name, before)
            tried += 1
    assert unseen == []
    assert tried > 150
    assert check(mirror.store).faults == ()


def keys(table: Any) -> list[str]:
    """The names of a table's key columns."""
    return [column.name for column in table.primary_key]


def changed(
    connection: sqlite3.Connection, table: str, column: str, key: list[str]
) -> dict[str, Any]:
    """Changes one value of a row in the middle; returns what the row was."""
    connection.row_factory = sqlite3.Row
    rows = connection.execute(f'SELECT * FROM "{table}" ORDER BY {", ".join(key)}').fetchall()
    assert rows, f"{table} is empty: the history lacks something"
    row = dict(rows[len(rows) // 2])
    value = other(row[column])
    where = " AND ".join(f'"{name}" = ?' for name in key)
    statement = f'UPDATE "{table}" SET "{column}" = ? WHERE {where}'
    done = connection.execute(statement, (value, *(row[name] for name in key)))
    assert done.rowcount == 1
    return {"where": {name: value if name == column else row[name] for name in key}, "row": row}


def restore(
    connection: sqlite3.Connection, table: str, column: str, before: dict[str, Any]
) -> None:
    """Puts the value back."""
    where = " AND ".join(f'"{name}" = ?' for name in before["where"])
    statement = f'UPDATE "{table}" SET "{column}" = ? WHERE {where}'
    connection.execute(statement, (before["row"][column], *before["where"].values()))


def other(value: Any) -> Any:
    """Another value of the same kind, as one flipped bit gives it; a number where there is none."""
    if value is None:
        return 7
    if isinstance(value, int):
        return value ^ 0x4000_0000
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:] if value else b"\1"
    return value[:-1] + chr(ord(value[-1]) ^ 1) if value else "x"
