"""`coop export`: tables for other programs, complete, typed and true as of a block."""

import csv
import io
import json
import os
import shlex
import sqlite3
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from indexer import queries
from indexer.document import document
from indexer.queries import AsOf, facts
from indexer.queries import exports as tables
from indexer.queries.facts import PAGE
from indexer.queries.members import MEMBERS_TOGETHER
from indexer.store import Store, read_mirror
from node import cli, devnet, exports
from node.demo.season import play
from tests.node.test_cli import START
from tests.node.village import Village

TABLES = ("members", "proposals", "ballots", "rates", "events")
MARK = ("as_of_chain_id", "as_of_block", "as_of_block_hash", "as_of_finality")


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a co-op of a hundred members that lived through the demo's season."""
    home = tmp_path_factory.mktemp("season")
    with devnet.start("anvil") as chain:
        play(chain, 110, home, lambda said: None)
    return home


@pytest.fixture
def home(season: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, chosen; its chain has ended, so that its mirror answers."""
    monkeypatch.setenv("COOP_HOME", str(season))
    return season


@pytest.fixture
def store(home: Path) -> Store:
    """The mirror."""
    return read_mirror(home / "weavers.db")


def exported(tmp_path: Path, table: str, kind: str, *more: str) -> Path:
    """Export a table into a file."""
    path = tmp_path / f"{table}.{kind}"
    words = ["export", table, "--format", kind, "--output", str(path), "--instance", "weavers"]
    assert cli.run([*words, *more, "--quiet"]) == 0
    return path


def told(table: str, session: Any, at: AsOf) -> list[dict[str, Any]]:
    """The table as the queries of whole lists answer it, without what only they have."""
    if table == "ballots":
        both = [
            *(each._asdict() for each in queries.ballots(session, at)),
            *(each._asdict() for each in queries.pay_ballots(session, at)),
        ]
        rows: list[Any] = sorted(both, key=lambda each: (each["block"], each["log_index"]))
    elif table == "proposals":
        rows = [
            asdict(queries.proposal(session, at, each.proposal_id))
            for each in queries.proposals(session, at)
        ]
        for row in rows:
            counts = row["tally"]._asdict().items()
            row |= {f"votes_{name.rstrip('_')}": count for name, count in counts}
    else:
        ask: Any = {
            "members": queries.members,
            "rates": queries.rate_history,
            "events": queries.events,
        }
        found = ask[table](session, at)
        rows = [each._asdict() if table == "members" else asdict(each) for each in found]
    return [document(row) for row in rows]  # type: ignore[misc]


def agree(row: dict[str, Any], expected: dict[str, Any]) -> None:
    """Every column that both have is the same; integers in `args` may have become text."""
    shared = row.keys() & expected.keys() - {"args"}
    assert len(shared) >= 5
    assert {name: row[name] for name in shared} == {name: expected[name] for name in shared}
    if "args" in row:
        assert _as_text(row["args"]) == _as_text(expected["args"])


def _as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_text(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_as_text(each) for each in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def lines(path: Path) -> list[dict[str, Any]]:
    """The rows of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages so small that every table takes several."""
    monkeypatch.setattr(tables, "TOGETHER", 7)
    monkeypatch.setattr(exports, "_GROUP", 100)


# Complete


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.usefixtures("small_pages")
def test_an_export_holds_the_mirror_row_for_row(table: str, store: Store, tmp_path: Path) -> None:
    rows = lines(exported(tmp_path, table, "jsonl"))
    with store.reading() as session:
        at = queries.as_of(session)
        expected = told(table, session, at)
    assert len(rows) == len(expected)
    for row, other in zip(rows, expected, strict=True):
        agree(row, other)
        assert [row[name] for name in MARK] == [at.chain_id, at.block, at.block_hash, "latest"]


def test_the_season_has_more_rows_than_any_page(home: Path, small_pages: None) -> None:
    mirror = sqlite3.connect(home / "weavers.db")
    counted = {
        table: mirror.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in ("logs", "ballots", "proposals", "member_changes")
    }
    mirror.close()
    assert counted["logs"] > 1_000 > counted["ballots"] > PAGE
    assert counted["proposals"] > tables.TOGETHER
    assert counted["member_changes"] > MEMBERS_TOGETHER


def test_no_table_is_in_memory_as_a_whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "PAGE", 20)

    def peak(take: Callable[[Iterator[Any]], Any]) -> int:
        with store.reading() as session:
            at = queries.as_of(session)
            tracemalloc.start()
            kept = take(queries.ROWS["ballots"][1](session, at))
            size = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert kept is not None
        return size

    peak(list)  # what is made once, as the statement, is no row
    one_by_one = peak(lambda rows: sum(1 for _ in rows))
    together = peak(list)
    assert one_by_one < together / 2


@pytest.mark.usefixtures("home")
def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    ran = subprocess.run(
        f"{shlex.quote(sys.executable)} -c {shlex.quote(START)} export events --quiet"
        " --instance weavers | head -1; exit ${PIPESTATUS[0]}",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("block,log_index,at,contract,event,args,tx,as_of_chain_id,")
    assert "Error" not in ran.stderr


@pytest.mark.parametrize("table", TABLES)
def test_an_export_of_an_earlier_block_is_the_mirror_as_it_was(table: str, store: Store) -> None:
    with store.reading() as session:
        newest = queries.as_of(session)
        replaced = [each for each in queries.ballots(session, newest) if each.status == "replaced"]
        # Until its replacement came, such a ballot stood.
        for block in sorted({each.block for each in replaced}):
            at = queries.as_of(session, block)
            file = io.BytesIO()
            assert exports.write(table, "jsonl", session, at, file).rows > 1
            rows = [json.loads(line) for line in file.getvalue().splitlines()]
            for row, other in zip(rows, told(table, session, at), strict=True):
                agree(row, other)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.usefixtures("home", "small_pages")
def test_all_formats_hold_the_same_cells(table: str, tmp_path: Path) -> None:
    rows = lines(exported(tmp_path, table, "jsonl"))
    with exported(tmp_path, table, "csv").open(encoding="utf-8", newline="") as file:
        cells = list(csv.DictReader(file))
    grouped = parquet.ParquetFile(exported(tmp_path, table, "parquet"))
    stored = grouped.read().to_pylist()
    assert grouped.num_row_groups == -(-len(rows) // 100)
    assert len(rows) == len(cells) == len(stored)
    for row, cell, kept in zip(rows, cells, stored, strict=True):
        assert list(row) == list(cell) == list(kept)
        assert {name: as_cell(value) for name, value in row.items()} == cell
        for name, value in kept.items():
            shown = value.strftime("%Y-%m-%dT%H:%M:%SZ") if hasattr(value, "strftime") else value
            nested = isinstance(row[name], dict | list)
            assert (json.loads(value) if nested else shown) == row[name]


def as_cell(value: Any) -> str:
    """A value as a CSV cell shows it; no text of the season begins like a formula."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


@pytest.mark.usefixtures("home")
def test_the_same_block_gives_the_same_bytes(tmp_path: Path) -> None:
    for kind in exports.FORMATS:
        first = exported(tmp_path, "ballots", kind).read_bytes()
        assert exported(tmp_path, "ballots", kind, "--yes").read_bytes() == first


@pytest.mark.usefixtures("home")
def test_integers_that_can_exceed_2_to_the_53_are_text_whatever_they_are(tmp_path: Path) -> None:
    cast = [
        row for row in lines(exported(tmp_path, "events", "jsonl")) if row["event"] == "VoteCast"
    ]
    assert cast
    assert all(isinstance(each["args"]["proposalId"], str) for each in cast)
    assert all(isinstance(each["args"]["support"], int) for each in cast)


@pytest.mark.usefixtures("home")
def test_a_parquet_file_says_in_itself_as_of_which_block_it_is(tmp_path: Path) -> None:
    path = exported(tmp_path, "rates", "parquet")
    said = json.loads(parquet.read_schema(path).metadata[b"coop"])
    assert said["table"] == "rates"
    assert said["as_of"]["finality"] == "latest"
    assert said["as_of"]["block"] == lines(exported(tmp_path, "rates", "jsonl"))[0]["as_of_block"]


# Texts

SAID = (
    'She said "yes", then\nleft; 50 % more,\r\nand 🚲🧵 for all',
    '=HYPERLINK("http://evil.example","pay")',
    "+1",
    "-1",
    "@SUM(1)",
    "'quoted'",
    "\t=1",
    "''=\rx",
)


def test_texts_come_back_from_csv_as_they_were_and_none_is_a_formula(village: Village) -> None:
    proposal = village.opened('# Bicycles, "red" 🚲\n\n=1+1')
    for name, reason in zip(("ada", "ben", "cleo", "dan", "eve"), SAID, strict=False):
        ran = village.run(
            "vote", proposal.proposal_id, "for", "--yes", f"--reason={reason}", as_=name
        )
        assert ran.exit_code == 0, ran.stderr
    for name, reason in zip(("ada", "ben", "cleo"), SAID[5:], strict=True):
        ran = village.run(
            "vote", proposal.proposal_id, "against", "--yes", f"--reason={reason}", as_=name
        )
        assert ran.exit_code == 0, ran.stderr

    ran = village.ask("export", "ballots", "--format", "csv", json=False)

    cells = [row["reason"] for row in csv.DictReader(io.StringIO(ran.stdout, newline=""))]
    assert not [each for each in cells if each.startswith(("=", "+", "-", "@", "\t"))]
    # As the page for people says: take one leading ' away.
    assert tuple(each[1:] if each[:1] == "'" else each for each in cells) == SAID
    (text,) = csv.DictReader(
        io.StringIO(village.ask("export", "proposals", json=False).stdout, newline="")
    )
    assert text["text"] == '# Bicycles, "red" 🚲\n\n=1+1'


# As of


def test_an_export_obeys_the_finality(village: Village) -> None:
    village.coop.chain.rpc("anvil_mine", hex(5))
    proposal = village.opened()
    assert village.run("vote", proposal.proposal_id, "for", "--yes").exit_code == 0

    words = ("export", "ballots", "--format", "jsonl")
    (newest,) = [json.loads(each) for each in village.ask(*words).stdout.splitlines()]
    final = village.ask(*words, "--finality", "finalized", json=False)
    roll = village.ask("export", "members", "--format", "jsonl", "--finality", "finalized")

    assert newest["as_of_finality"] == "latest"
    assert (final.exit_code, final.stdout) == (0, "")
    assert "0 rows, as of block" in final.stderr
    members = [json.loads(each) for each in roll.stdout.splitlines()]
    assert [each["member_id"] for each in members] == [1, 2, 3, 4, 5]
    (settled,) = {each["as_of_block"] for each in members}
    assert settled < newest["block"] <= newest["as_of_block"]


# Files


@pytest.mark.usefixtures("home")
def test_a_file_is_not_overwritten_without_a_yes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = exported(tmp_path, "rates", "csv")
    before = path.read_bytes()
    path.write_text("mine")
    words = ["export", "rates", "--output", str(path), "--json"]

    assert cli.run(words) == 2
    assert path.read_text() == "mine"
    assert "--yes" in json.loads(capsys.readouterr().err.splitlines()[-1])["error"]["hint"]
    assert cli.run([*words, "--yes"]) == 0
    assert path.read_bytes() == before
    said = json.loads(capsys.readouterr().out)
    assert (said["schema"], said["data"]["rows"]) == ("coop/export/v1", before.count(b"\n") - 1)


@pytest.mark.usefixtures("home")
def test_a_device_or_a_folder_is_never_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "pipe", tmp_path):
        assert cli.run(["export", "rates", "--output", str(place), "--yes"]) == 2
    assert cli.run(["export", "rates", "--output", str(tmp_path / "no" / "rates.csv")]) == 2
    assert [each.name for each in tmp_path.iterdir()] == ["pipe"]


@pytest.mark.usefixtures("home")
def test_a_dry_run_writes_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["export", "members", "--output", str(tmp_path / "m.csv"), "--dry-run", "--json"]
    assert cli.run(words) == 0
    data = json.loads(capsys.readouterr().out)["data"]
    assert (data["file"], list(tmp_path.iterdir())) == (None, [])
    assert data["rows"] > 100


@pytest.mark.parametrize("kind", exports.FORMATS)
def test_an_export_that_fails_midway_leaves_no_file(kind: str, village: Village) -> None:
    village.forge(
        "UPDATE logs SET topics = zeroblob(32)"
        " WHERE (block, log_index) = (SELECT block, max(log_index) FROM logs"
        " WHERE block = (SELECT max(block) FROM logs))"
    )
    folder = village.home / "out"
    folder.mkdir()
    ran = village.ask("export", "events", "--format", kind, "--output", folder / "events")
    assert ran.exit_code == 8, ran.stderr
    assert list(folder.iterdir()) == []


@pytest.fixture
def without_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which the extra is not installed."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)


@pytest.mark.usefixtures("home", "without_pyarrow")
def test_without_pyarrow_the_error_says_how_to_install_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    words = ["export", "rates", "--format", "parquet", "--output", str(tmp_path / "r"), "--json"]
    assert cli.run(words) == 11
    assert "pip install 'rochdale[parquet]'" in json.loads(capsys.readouterr().err)["error"]["hint"]
    assert cli.run(["export", "rates", "--format", "csv", "--quiet"]) == 0
