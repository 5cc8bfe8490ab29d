"""The presets of bylaws: what they say, where each value comes from, how they are handed out."""

import re
from pathlib import Path

import pytest

from indexer.rules.bylaws import NO_LIMIT, DecisionClass, Tally, passes, quorum_needed
from node import bylaws, bylaws_lint
from tests.node.bylaw_files import PRESETS, good
from tests.node.desk import Desk, desk  # noqa: F401

DAY = 86_400


def test_there_are_the_four_presets_that_co_ops_ask_for() -> None:
    assert bylaws.presets() == PRESETS


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("roll", [3, 5, 50, 1_000])
def test_a_preset_has_no_fault_and_needs_no_advice(name: str, roll: int) -> None:
    assert bylaws_lint.lint(good(bylaws.preset_text(name)), roll) == []


@pytest.mark.parametrize("name", PRESETS)
def test_every_time_and_share_of_a_preset_names_its_source(name: str) -> None:
    rules, _, _ = bylaws.preset_text(name).partition("[[clause]]")
    lines = rules.splitlines()
    values = [
        line
        for line in lines
        if re.match(r"\w+ = ", line)
        and not re.match(r"(title|currency|basis|max_against|presence|subject_votes)\b", line)
    ]
    assert len(values) > 60
    assert [line for line in values if "#" not in line] == []


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_says_who_sees_to_what_its_source_demands(name: str) -> None:
    clauses = good(bylaws.preset_text(name)).clauses
    assert {"on chain", "on paper"} <= {each.kept for each in clauses}
    assert all(each.article and each.how.endswith(".") for each in clauses)
    assert all(not each.demands.endswith(".") for each in clauses)


def test_a_law_that_demands_secrecy_is_told_that_ballots_are_public() -> None:
    clauses = good(bylaws.preset_text("es-trabajo-asociado")).clauses
    secret = {each.article: each for each in clauses if "secret" in each.demands}
    assert set(secret) == {"LC art. 25.3", "LC art. 34"}
    assert {each.kept for each in secret.values()} == {"unsupported"}
    assert "Ballots are public" in secret["LC art. 25.3"].how


def test_the_uk_preset_says_what_the_companies_act_says() -> None:
    rules = good().by_class()
    special = rules[DecisionClass.BYLAWS]
    assert (special.pass_num, special.pass_den, special.strict) == (3, 4, False)
    ordinary = rules[DecisionClass.ORDINARY]
    assert (ordinary.pass_num, ordinary.pass_den, ordinary.strict) == (1, 2, True)
    assert ordinary.notice == 14 * DAY
    assert (ordinary.quorum_min, ordinary.quorum_bps) == (2, 5_000)
    removal = rules[DecisionClass.REMOVAL]
    assert (removal.notice, removal.execution_delay) == (21 * DAY, 15 * DAY)
    assert not removal.subject_votes
    assert all(rule.max_against == NO_LIMIT for rule in rules.values())


def test_the_spanish_quorum_is_more_than_half_and_a_tenth_at_the_second_call() -> None:
    rule = good(bylaws.preset_text("es-trabajo-asociado")).by_class()[DecisionClass.ORDINARY]
    for roll in range(3, 1_000):
        assert quorum_needed(rule, roll) == max(2, roll // 2 + 1)
    assert quorum_needed(rule, 100, second_call=True) == 10


def test_consensus_minus_one_stops_at_the_second_objection() -> None:
    for rule in good(bylaws.preset_text("consensus-minus-one")).rules:
        assert passes(rule, Tally(for_=8, against=1), 10)
        assert not passes(rule, Tally(for_=8, against=2), 10)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_printed_to_a_file_passes_its_lint(name: str, desk: Desk) -> None:  # noqa: F811
    text = desk.run("bylaws", "presets", name).out
    assert text.rstrip("\n") == bylaws.preset_text(name).rstrip("\n")
    assert desk.run("bylaws", "lint", desk.file("b.toml", text)).code == 0


def test_the_presets_are_listed(desk: Desk) -> None:  # noqa: F811
    assert [each["name"] for each in desk.run("bylaws", "presets", "--json").data] == list(PRESETS)
    assert desk.run("bylaws", "presets", "zz").code == 3


def test_presets_travel_with_the_package() -> None:
    folder = Path(bylaws.__file__).parent / "presets"
    assert sorted(path.stem for path in folder.iterdir()) == list(PRESETS)
