"""Mutants: what they change, which are run, what forge's answer means, what is red."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from scripts.mutant_values import Explanation, Mutant, explanations, in_order, worth_running
from scripts.mutation import Score, judge, together
from scripts.mutation_copy import SUITES, SuiteUnusable, Verdict, limited, verdict
from scripts.solidity import ROOT

CAPTURED = Path(__file__).parent / "captured"
FILE = "contracts/modules/Outcome.sol"
SOURCE = b"""\
    // \xe2\x89\xa5 is two more bytes than letters
    if (votes <= against) return false;
    uint256 basis = roll;
    for (uint256 i; i < count; ++i) {
        if (seen != 0) revert Seen(i);
    }
"""
SOURCES = {FILE: SOURCE}


def mutant(before: str, after: str, operator: str = "ROR") -> Mutant:
    start = SOURCE.index(before.encode())
    return Mutant(FILE, start, start + len(before.encode()), after, operator)


TIE = mutant("votes <= against", "votes < against")
EXPLAINED = Explanation(
    FILE, "if (votes <= against) return false;", "if (votes < against) return false;"
)


def captured(name: str) -> str:
    return (CAPTURED / name).read_text(encoding="utf-8")


def test_a_mutant_changes_its_bytes_and_nothing_else() -> None:
    assert TIE.apply(SOURCE) == SOURCE.replace(b"<=", b"<")
    assert TIE.change(SOURCE) == (EXPLAINED.before, EXPLAINED.after)


@pytest.mark.parametrize(
    ("before", "after", "operator", "runs"),
    [
        ("votes <= against", "votes < against", "ROR", True),
        ("uint256 basis = roll", "revert()", "RR", True),
        ("votes <= against", "revert()", "RR", False),
        ("seen != 0", "seen > 0", "ROR", False),
        ("seen != 0", "seen == 0", "ROR", True),
        ("i < count", "i != count", "ROR", False),
        ("i < count", "i <= count", "ROR", True),
        ("return false", "true", "MIA", False),
    ],
)
def test_only_mutants_that_can_compile_and_differ_are_run(
    before: str, after: str, operator: str, runs: bool
) -> None:
    assert worth_running(mutant(before, after, operator), SOURCE) is runs


def test_a_change_elsewhere_leaves_the_order_of_the_sample_as_it_was() -> None:
    some = [TIE, mutant("basis = roll", "basis"), mutant("seen != 0", "seen == 0")]
    longer = b"// another line\n" + SOURCE
    moved = [replace(one, start=one.start + 16, end=one.end + 16) for one in some]

    before = [one.text for one in in_order(some, SOURCES, seed=1)]
    assert [one.text for one in in_order(moved, {FILE: longer}, seed=1)] == before
    orders = {tuple(one.text for one in in_order(some, SOURCES, seed=seed)) for seed in range(20)}
    assert len(orders) > 1


def test_forges_answer_tells_killed_from_survived_from_stillborn() -> None:
    assert verdict(1, captured("forge-red.txt")) is Verdict.KILLED
    assert verdict(0, captured("forge.txt")) is Verdict.SURVIVED
    assert verdict(1, captured("forge-uncompiled.txt")) is Verdict.STILLBORN


@pytest.mark.parametrize("status", [0, 1])
def test_an_answer_without_any_test_stops_the_run_instead_of_counting(status: int) -> None:
    with pytest.raises(SuiteUnusable):
        verdict(status, captured("forge-nothing.txt"))


def test_a_suite_that_never_ends_is_killed_by_the_time_it_uses_of_the_processor() -> None:
    endless = ("bash", "-c", "while :; do :; done")

    assert verdict(*limited(endless, ROOT, os.environ, seconds=1)) is Verdict.KILLED


def test_what_ends_by_itself_within_its_time_keeps_its_status_and_its_words() -> None:
    assert limited(("bash", "-c", "echo red >&2; exit 7"), ROOT, os.environ, 1) == (7, "red\n")


def test_a_survivor_that_nobody_explained_is_red_even_above_the_floor() -> None:
    score = Score(killed=99, survivors=(TIE,), stillborn=0)

    assert len(judge(score, frozenset(), SOURCES)) == 1
    assert judge(score, frozenset({EXPLAINED}), SOURCES) == []


def test_an_explanation_of_a_line_that_is_gone_is_red() -> None:
    gone = Explanation(FILE, "if (votes < against) return true;", "return true;")

    assert len(judge(Score(9, (), 0), frozenset({gone}), SOURCES)) == 1


def test_a_score_under_the_floor_is_red_and_so_is_none() -> None:
    explained = frozenset({EXPLAINED})

    assert judge(Score(9, (TIE,), 50), explained, SOURCES) == []
    assert len(judge(Score(8, (TIE,), 50), explained, SOURCES)) == 1
    assert len(judge(Score(0, (), 50), frozenset(), SOURCES)) == 1


def test_the_scores_of_several_files_add_up() -> None:
    one, other = Score(killed=3, survivors=(TIE,), stillborn=1), Score(4, (), 2)

    assert together([one, other]) == Score(killed=7, survivors=(TIE,), stillborn=3)
    assert together([]).percent == 0


@pytest.mark.parametrize(("file", "suite"), SUITES.items())
def test_each_file_to_be_broken_exists_and_has_tests_that_are_about_it(
    file: str, suite: str
) -> None:
    assert (ROOT / file).is_file()
    for name in suite.strip("{}").split(","):
        assert list((ROOT / "tests" / "forge").glob(f"{name}.t.sol"))


def test_an_explanation_must_say_why() -> None:
    entry = {"file": FILE, "before": EXPLAINED.before, "after": EXPLAINED.after}

    assert explanations({"survivor": [entry | {"why": "never equal"}]}) == {EXPLAINED}
    with pytest.raises(ValueError, match="no reason"):
        explanations({"survivor": [entry | {"why": ""}]})
