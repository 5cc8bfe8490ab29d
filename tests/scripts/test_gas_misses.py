"""Limits of gas that are missed: each has a figure and a reason, or the gate is red."""

import tomllib
from dataclasses import replace

import pytest

from scripts.gas import figures, missed
from scripts.gas.figures import BATCH, PROPOSE, Figure
from scripts.gas.missed import Miss

KNOWN = Miss(act=PROPOSE, limit=150_000, allowed=156_000, why="Two logs.")
MISSES = {PROPOSE: KNOWN}


def faults(misses: dict[str, Miss], **gas: int) -> list[str]:
    """What is wrong with figures for a proposal and a batch, one within its limit unless given."""
    measured = [Figure(PROPOSE, gas.get("propose", 155_000)), Figure(BATCH, gas.get("batch", 1))]
    return missed.judge(figures.rows(measured, []), misses)


def test_a_limit_that_is_missed_by_no_more_than_explained_is_no_fault() -> None:
    assert faults(MISSES) == []
    assert faults(MISSES, propose=156_000) == []


def test_a_missed_limit_that_nobody_explained_is_red() -> None:
    assert faults(MISSES, batch=12_801) == [
        f"{BATCH}: 12,801 misses the limit of 12,800, and missed.toml says no reason"
    ]


def test_a_figure_above_the_one_that_the_reason_allows_is_red() -> None:
    assert faults(MISSES, propose=156_001) == [
        f"{PROPOSE}: 156,001 is above the 156,000 that missed.toml allows"
    ]


def test_a_reason_whose_limit_is_kept_now_is_red() -> None:
    assert faults(MISSES, propose=150_000) == [
        f"{PROPOSE}: 150,000 keeps its limit now: strike it from missed.toml"
    ]


def test_a_reason_that_names_another_limit_than_the_gate_is_red() -> None:
    other = {PROPOSE: replace(KNOWN, limit=149_999)}
    assert faults(other) == [f"{PROPOSE}: the limit is 150,000, but missed.toml says 149,999"]


def test_a_reason_for_an_act_without_a_limit_is_red() -> None:
    other = {**MISSES, "queue": replace(KNOWN, act="queue")}
    assert faults(other) == ["queue: in missed.toml, but no figure with a limit bears that name"]


def test_a_reason_must_be_given_and_what_it_allows_must_miss_the_limit() -> None:
    entry = {"act": PROPOSE, "limit": 150_000, "allowed": 156_000, "why": "Two logs."}
    assert missed.explain({"missed": [entry]}) == MISSES
    with pytest.raises(ValueError, match="no reason is given"):
        missed.explain({"missed": [{**entry, "why": " "}]})
    with pytest.raises(ValueError, match="keeps the limit"):
        missed.explain({"missed": [{**entry, "allowed": 150_000}]})
    with pytest.raises(ValueError, match="twice"):
        missed.explain({"missed": [entry, entry]})


def test_the_table_is_told_which_limits_are_kept_and_which_are_missed() -> None:
    rows = figures.rows([Figure(PROPOSE, 155_000), Figure(BATCH, 11_000), Figure("queue", 9)], [])
    assert missed.summary(rows, MISSES, ["one", "two"]) == {
        "limits": 2,
        "kept": 1,
        "aims": 1,
        "missed": [PROPOSE],
        "faults": 2,
    }


def test_what_is_checked_in_explains_just_the_limits_that_the_kept_figures_miss() -> None:
    misses = missed.explain(tomllib.loads(missed.FILE.read_text(encoding="utf-8")))
    kept = figures.rows([Figure(*each) for each in figures.read().items()], [])

    assert {row.act for row in kept if row.missed} == set(misses)
    assert missed.judge(kept, misses) == []
