"""A mirror opened with a tool of one's own: views that read, metadata that is true."""

import sqlite3

import pytest

from indexer.catalogue import COLUMNS, QUERIES, VIEW_WORDS, metadata
from indexer.tables.views import VIEWS
from tests.indexer.mirrored import Mirrored
from tests.indexer.season import Season


@pytest.fixture
def opened(mirror: Mirrored) -> sqlite3.Connection:
    """A season's mirror, opened as any tool would."""
    Season(mirror.coop, 7).play(80)
    mirror.sync()
    connection = sqlite3.connect(f"file:{mirror.path}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    return connection


def columns(connection: sqlite3.Connection, name: str) -> set[str]:
    return {row["name"] for row in connection.execute(f"PRAGMA table_info({name})")}


def test_the_metadata_names_what_is_there_and_nothing_else(opened: sqlite3.Connection) -> None:
    (database,) = metadata("pioneers")["databases"].values()
    there = {
        row["name"]
        for row in opened.execute("SELECT name FROM sqlite_master WHERE sql > ''")
        if columns(opened, row["name"])
    }
    indexes = {
        row["name"] for row in opened.execute("SELECT name FROM sqlite_master WHERE type = 'index'")
    }
    assert database["tables"].keys() == there - indexes
    for name, table in database["tables"].items():
        assert table["description"], name
        assert table.get("columns", {}).keys() <= columns(opened, name)
    shown = set().union(*(columns(opened, name) for name in database["tables"]))
    assert COLUMNS.keys() <= shown
    assert VIEW_WORDS.keys() == VIEWS.keys()


def test_each_view_says_what_the_tables_say(opened: sqlite3.Connection) -> None:
    counted = {
        "member_list": "SELECT count(DISTINCT member_id) FROM member_changes",
        "proposal_list": "SELECT count(*) FROM proposals",
        "ballot_list": "SELECT count(*) FROM ballots",
        "rate_history": "SELECT count(*) FROM rates",
        "pay_vote_list": "SELECT count(*) FROM pay_votes",
    }
    assert counted.keys() == VIEWS.keys()
    for view, count in counted.items():
        (found,), (expected,) = (
            opened.execute(f"SELECT count(*) FROM {view}"),
            opened.execute(count),
        )
        assert found[0] == expected[0] > 0, view


def test_the_ballots_that_stand_are_the_tally(opened: sqlite3.Connection) -> None:
    tallies = opened.execute(
        "SELECT proposal_id, sum(choice = 'for'), sum(choice = 'against'), sum(choice = 'abstain')"
        " FROM ballot_list WHERE stands GROUP BY proposal_id ORDER BY proposal_id"
    ).fetchall()
    listed = opened.execute(
        "SELECT proposal_id, votes_for, votes_against, votes_abstain FROM proposal_list"
        " WHERE votes_for + votes_against + votes_abstain ORDER BY proposal_id"
    ).fetchall()
    assert [tuple(row) for row in tallies] == [tuple(row) for row in listed] != []


def test_a_moment_reads_as_a_date_and_a_role_as_its_name(opened: sqlite3.Connection) -> None:
    first = opened.execute("SELECT * FROM rate_history ORDER BY in_force_from").fetchone()
    assert first["role_name"] in ("weaver", "dyer")
    seconds = opened.execute("SELECT min(timestamp) FROM blocks JOIN rates ON block = number")
    moment = opened.execute("SELECT unixepoch(?)", (first["in_force_from"],)).fetchone()[0]
    assert moment == seconds.fetchone()[0]


def test_each_ready_made_query_answers(opened: sqlite3.Connection) -> None:
    proposal = opened.execute("SELECT proposal_id FROM ballots LIMIT 1").fetchone()[0]
    values = {"proposal_id": proposal, "member_id": 1, "moment": "2999-01-01T00:00:00Z"}
    answered = {
        name: opened.execute(query, values).fetchall() for name, (_, query) in QUERIES.items()
    }
    # Whether a ballot was skipped or changed is up to the season.
    assert all(
        answered[name] for name in QUERIES if name not in ("skipped_ballots", "changed_ballots")
    )
