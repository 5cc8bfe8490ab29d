"""The same mirror in PostgreSQL: the same rows, many instances beside one another."""

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer import queries
from indexer.check import check
from indexer.databases import schema_of
from indexer.errors import MirrorLocked, MirrorMissing, MirrorOfAnotherChain, MirrorUnusable
from indexer.store import open_mirror, read_mirror
from indexer.sync import sync
from tests import postgres
from tests.indexer.acts import act
from tests.indexer.mirrored import Mirrored, fresh, rows
from tests.indexer.season import Season


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """The URL of a database on a real server."""
    with (
        tempfile.TemporaryDirectory(prefix="rochdale-pg-") as folder,
        postgres.server(Path(folder)) as url,
    ):
        yield url


def test_a_season_is_the_same_in_either_database(
    mirror: Mirrored, database: str, tmp_path: Path
) -> None:
    Season(mirror.coop, 5).play(120)
    store = open_mirror(database, mirror.identity, fresh=True)
    assert sync(mirror.chain, store).chronicle_ok
    assert rows(store) == fresh(mirror, tmp_path)
    assert check(store, mirror.chain).faults == ()


def test_a_reorganisation_is_followed_in_postgres_too(
    mirror: Mirrored, database: str, tmp_path: Path
) -> None:
    store = open_mirror(database, mirror.identity, fresh=True)
    snapshot = mirror.coop.chain.rpc("evm_snapshot")
    act(mirror.coop, "What the chain forgets")
    sync(mirror.chain, store)
    assert mirror.coop.chain.rpc("evm_revert", snapshot) is True
    act(mirror.coop, "What happened instead")
    act(mirror.coop, "And then")
    assert sync(mirror.chain, store).dropped > 0
    assert rows(store) == fresh(mirror, tmp_path)


def test_instances_in_one_database_are_kept_apart(mirror: Mirrored, database: str) -> None:
    other = mirror.identity._replace(membership="0x" + "ab" * 20)
    sync(mirror.chain, open_mirror(database, mirror.identity, fresh=True))
    before = rows(read_mirror(database, mirror.identity))
    open_mirror(database, other)
    open_mirror(database, other, fresh=True)
    assert rows(read_mirror(database, mirror.identity)) == before
    assert rows(read_mirror(database, other))["logs"] == []
    assert schema_of(other) != schema_of(mirror.identity)


def test_a_mirror_that_was_never_made_is_missing(mirror: Mirrored, database: str) -> None:
    with pytest.raises(MirrorMissing):
        read_mirror(database, mirror.identity._replace(membership="0x" + "cd" * 20))


def test_another_code_at_the_same_address_is_refused(mirror: Mirrored, database: str) -> None:
    open_mirror(database, mirror.identity, fresh=True)
    with pytest.raises(MirrorOfAnotherChain, match="code hash"):
        open_mirror(database, mirror.identity._replace(code_hash="0x" + "99" * 32))


def test_a_second_writer_waits_and_then_says_so(mirror: Mirrored, database: str) -> None:
    store = open_mirror(database, mirror.identity, fresh=True)
    impatient = open_mirror(database, mirror.identity, patience=0.05)
    with store.writing(), pytest.raises(MirrorLocked), impatient.writing():
        pytest.fail("two writers at once")
    with impatient.writing():
        pass


def test_readers_see_one_moment_while_a_writer_writes(mirror: Mirrored, database: str) -> None:
    store = open_mirror(database, mirror.identity, fresh=True)
    sync(mirror.chain, store)
    act(mirror.coop)
    with store.reading() as session:
        before = queries.mirror_status(session)
        writer = threading.Thread(target=sync, args=(mirror.chain, store))
        writer.start()
        writer.join(timeout=60)
        session.expire_all()
        assert queries.mirror_status(session) == before
    with store.reading() as session:
        assert queries.mirror_status(session).events > before.events


def test_a_server_that_does_not_answer_is_named_without_its_password(
    mirror: Mirrored, tmp_path: Path
) -> None:
    url = f"postgresql+psycopg://ada:secret@/coops?host={tmp_path}"
    with pytest.raises(MirrorUnusable) as caught:
        open_mirror(url, mirror.identity)
    assert "secret" not in caught.value.message
    assert caught.value.exit_code == 8
