"""Whole tables row by row, the same from either database."""

import tempfile
from pathlib import Path

import pytest

from indexer import queries
from indexer.queries import exports
from indexer.store import Store, open_mirror
from indexer.sync import sync
from tests import postgres
from tests.indexer.mirrored import Mirrored
from tests.indexer.season import Season


def rows(store: Store, table: str) -> list[tuple[object, ...]]:
    """All rows of an exported table."""
    with store.reading() as session:
        return list(queries.ROWS[table][1](session, queries.as_of(session)))


def test_a_season_is_exported_alike_from_either_database(
    mirror: Mirrored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "TOGETHER", 2)
    Season(mirror.coop, 6).play(150)
    mirror.sync()
    with (
        tempfile.TemporaryDirectory(prefix="rochdale-pg-") as folder,
        postgres.server(Path(folder)) as url,
    ):
        other = open_mirror(url, mirror.identity, fresh=True)
        sync(mirror.chain, other)
        for table in queries.ROWS:
            expected = rows(mirror.store, table)
            assert expected, table
            assert rows(other, table) == expected
