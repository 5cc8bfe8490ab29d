"""Mirrors that earlier versions wrote are brought up to the present schema, and never spoilt.

`released/schema-N.sql` is a mirror as the version with that schema number wrote it.
"""

import re
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import inspect

from indexer import migrations
from indexer.check import check
from indexer.errors import MirrorSchemaUnknown
from indexer.identity import Identity
from indexer.store import Store, open_mirror, read_mirror
from indexer.tables import SCHEMA, Table
from tests.indexer.mirrored import rows

RELEASED = Path(__file__).parent / "released"
NUMBERS = sorted(int(re.findall(r"\d+", path.stem)[0]) for path in RELEASED.glob("*.sql"))


def released(number: int, path: Path) -> Identity:
    """Writes that mirror into a file, and says whose it is."""
    connection = sqlite3.connect(path)
    connection.executescript((RELEASED / f"schema-{number}.sql").read_text(encoding="utf-8"))
    columns = ", ".join(Identity._fields)
    (found,) = connection.execute(f"SELECT {columns} FROM mirror")
    connection.close()
    return Identity(*found)


def test_there_is_a_mirror_of_every_earlier_schema_that_can_be_migrated() -> None:
    assert sorted(migrations.EARLIER) == NUMBERS
    assert max(NUMBERS) == SCHEMA - 1


@pytest.mark.parametrize("number", NUMBERS)
def test_a_released_mirror_is_whole_after_its_migration(tmp_path: Path, number: int) -> None:
    path = tmp_path / "old.db"
    identity = released(number, path)
    before = sqlite3.connect(path)
    logs = before.execute("SELECT * FROM logs").fetchall()
    before.close()
    with pytest.raises(MirrorSchemaUnknown, match=f"schema {number}"):
        read_mirror(path, identity)
    store = open_mirror(path, identity)
    assert check(store).faults == ()
    assert rows(store)["logs"] == logs
    assert check(store).events == len(logs) > 50


@pytest.mark.parametrize("number", NUMBERS)
def test_a_migrated_mirror_has_the_tables_of_a_new_one(tmp_path: Path, number: int) -> None:
    identity = released(number, tmp_path / "old.db")
    migrated = tables_of(open_mirror(tmp_path / "old.db", identity))
    assert migrated == tables_of(open_mirror(tmp_path / "new.db", identity))
    assert migrated.keys() == Table.metadata.tables.keys()


def test_a_migration_that_fails_leaves_the_old_mirror(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.db"
    identity = released(NUMBERS[-1], path)
    before = path.read_bytes()
    monkeypatch.setattr(migrations, "derive_again", lambda *_: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        open_mirror(path, identity)
    monkeypatch.undo()
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT schema_number FROM mirror").fetchone() == (NUMBERS[-1],)
    connection.close()
    assert len(path.read_bytes()) == len(before)
    assert check(open_mirror(path, identity)).faults == ()


def tables_of(store: Store) -> dict[str, list[str]]:
    """Columns by table."""
    with store.reading() as session:
        found = inspect(session.connection())
        return {
            name: [column["name"] for column in found.get_columns(name)]
            for name in found.get_table_names()
        }
