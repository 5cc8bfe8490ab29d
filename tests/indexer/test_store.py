"""The mirror's file: whose it is, who may write, and what happens when that fails."""

import sqlite3
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from indexer.databases import insert_all
from indexer.errors import (
    MirrorLocked,
    MirrorMissing,
    MirrorOfAnotherChain,
    MirrorSchemaUnknown,
    MirrorUnusable,
)
from indexer.identity import Identity
from indexer.store import open_mirror, read_mirror
from indexer.tables import SCHEMA, Block, Cursor

IDENTITY = Identity(
    chain_id=31337,
    membership="0x" + "11" * 20,
    bylaws="0x" + "22" * 20,
    assembly="0x" + "33" * 20,
    pay_rates="0x" + "44" * 20,
    code_hash="0x" + "55" * 32,
    first_block=6,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a co-op's mirror?.db"


def test_a_new_mirror_knows_whose_it_is_and_has_read_nothing(path: Path) -> None:
    open_mirror(path, IDENTITY)
    store = read_mirror(path)
    assert store.identity == IDENTITY
    with store.reading() as session:
        assert session.get_one(Cursor, 1).block == IDENTITY.first_block - 1
        assert session.exec(select(func.count()).select_from(Block)).one() == 0


def test_opening_again_changes_nothing(path: Path) -> None:
    open_mirror(path, IDENTITY)
    with open_mirror(path, IDENTITY).reading() as session:
        assert session.get_one(Cursor, 1).block == IDENTITY.first_block - 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("chain_id", 1),
        ("membership", "0x" + "99" * 20),
        ("bylaws", "0x" + "99" * 20),
        ("assembly", "0x" + "99" * 20),
        ("pay_rates", "0x" + "99" * 20),
        ("code_hash", "0x" + "99" * 32),
        ("first_block", 7),
    ],
)
def test_the_mirror_of_another_instance_is_refused_saying_why(
    path: Path, field: str, value: object
) -> None:
    open_mirror(path, IDENTITY)
    before = path.read_bytes()
    other = IDENTITY._replace(**{field: value})  # type: ignore[arg-type]
    for opened in (open_mirror, read_mirror):
        with pytest.raises(MirrorOfAnotherChain, match=field.replace("_", " ")) as caught:
            opened(path, other)
        assert str(value) in caught.value.message
        assert caught.value.exit_code == 8
    assert path.read_bytes() == before


def test_a_mirror_of_another_schema_is_refused(path: Path) -> None:
    open_mirror(path, IDENTITY)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE mirror SET schema_number = schema_number + 1")
    connection.close()
    with pytest.raises(MirrorSchemaUnknown, match=f"schema {SCHEMA + 1}"):
        open_mirror(path, IDENTITY)


def test_another_programs_database_is_refused_and_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.close()
    for opened in (open_mirror, read_mirror):
        with pytest.raises(MirrorSchemaUnknown, match="schema none"):
            opened(path, IDENTITY)


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_bytes(b"Dear diary, " * 400)
    for opened in (open_mirror, read_mirror):
        with pytest.raises(MirrorUnusable, match="not a database"):
            opened(path, IDENTITY)


def test_a_reader_does_not_make_a_mirror(path: Path) -> None:
    with pytest.raises(MirrorMissing):
        read_mirror(path, IDENTITY)
    assert not path.exists()


def test_a_fresh_mirror_replaces_whatever_was_there(path: Path) -> None:
    open_mirror(path, IDENTITY._replace(chain_id=1))
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE leftovers (name TEXT)")
        connection.execute("UPDATE mirror SET schema_number = 99")
    connection.close()
    open_mirror(path, IDENTITY, fresh=True)
    assert read_mirror(path).identity == IDENTITY
    with sqlite3.connect(path) as connection:
        names = connection.execute("SELECT name FROM sqlite_master").fetchall()
    connection.close()
    assert ("leftovers",) not in names


def test_while_another_process_writes_we_say_so_and_change_nothing(path: Path) -> None:
    store = open_mirror(path, IDENTITY, patience=0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(MirrorLocked, match="Another process is writing"), store.writing():
        pytest.fail("two writers at once")
    with pytest.raises(MirrorLocked):
        open_mirror(path, IDENTITY, patience=0.05)
    with store.reading() as session:  # readers never wait
        assert session.get_one(Cursor, 1).block == 5
    other.execute("ROLLBACK")
    other.close()
    with store.writing() as session:
        session.get_one(Cursor, 1).head = 9
    with store.reading() as session:
        assert session.get_one(Cursor, 1).head == 9


def block(number: int, hash_: str = "0x") -> Block:
    return Block(number=number, hash=hash_, parent_hash="0x", timestamp=1, digest="")


def test_a_failed_step_leaves_nothing_behind(path: Path) -> None:
    store = open_mirror(path, IDENTITY)

    def step() -> None:
        with store.writing() as session:
            session.get_one(Cursor, 1).head = 9
            session.add(block(6))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        step()
    with store.reading() as session:
        assert session.get_one(Cursor, 1).head == 5
        assert session.get(Block, 6) is None


def test_a_reader_sees_one_moment_whatever_a_writer_does(path: Path) -> None:
    store = open_mirror(path, IDENTITY)
    with read_mirror(path).reading() as reader:
        assert reader.get_one(Cursor, 1).head == 5
        with store.writing() as session:
            session.get_one(Cursor, 1).head = 9
        reader.expire_all()
        assert reader.get_one(Cursor, 1).head == 5
    with read_mirror(path).reading() as reader:
        assert reader.get_one(Cursor, 1).head == 9


def test_a_reader_cannot_write(path: Path) -> None:
    open_mirror(path, IDENTITY)
    with pytest.raises(MirrorUnusable, match="readonly"), read_mirror(path).writing() as session:
        session.get_one(Cursor, 1).head = 9


def test_a_full_disk_rolls_back_and_says_so(path: Path) -> None:
    store = open_mirror(path, IDENTITY)

    def step() -> None:
        with store.writing() as session:
            # The same fault as a full disk, without filling one.
            session.connection().exec_driver_sql("PRAGMA max_page_count = 1")
            session.add(block(6, "0x" * 1_000_000))
            session.flush()

    with pytest.raises(MirrorUnusable, match="full"):
        step()
    with store.reading() as session:
        assert session.get(Block, 6) is None


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere" / "m.db"
    with pytest.raises(MirrorUnusable, match="nowhere"):
        open_mirror(missing, IDENTITY)


@pytest.mark.parametrize("count", [1, 399, 400, 401, 800, 1_001])
def test_any_number_of_rows_is_stored_once_each_in_their_order(path: Path, count: int) -> None:
    store, names = open_mirror(path, IDENTITY), ("number", "hash", "parent_hash", "timestamp")
    rows = [(number, f"0x{number}", "0x", number, "") for number in range(count)]
    with store.writing() as session:
        table = Block.__table__  # type: ignore[attr-defined]
        insert_all(session.connection(), table, (*names, "digest"), rows)
    with store.reading() as session:
        stored = session.exec(select(Block).order_by(col(Block.number))).all()
    assert [(*each.ref, each.digest) for each in stored] == rows


def test_a_mirror_held_twice_stays_open_until_both_let_go(path: Path) -> None:
    store, log = open_mirror(path, IDENTITY), Path(f"{path}-wal")
    with store.held():
        with store.held(), store.writing() as session:
            session.add(block(6))
        assert log.exists()  # SQLite removes it when its last user leaves
    assert not log.exists()
