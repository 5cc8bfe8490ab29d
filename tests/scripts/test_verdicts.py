"""The rows of the assurance: real answers are read rightly, and a tool that ran nothing is red."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from scripts import assure, summary, verdicts
from scripts.verdicts import Answer, Depth, Row

CAPTURED = Path(__file__).parent / "captured"
DEPTH = Depth(fuzz_runs=256, invariant_calls=128_000)
READERS: list[Callable[[Answer], list[Row]]] = [
    verdicts.tests,
    partial(verdicts.forge, depth=DEPTH),
    verdicts.proofs,
    verdicts.mutation,
    verdicts.coverage,
    verdicts.slither,
    verdicts.sizes,
    verdicts.layouts,
    verdicts.gas,
]
MUTATION = {"total": 40, "score": 92.5, "survivors": 3, "floor": 90.0, "seed": 1, "faults": 0}
COVERAGE = {"branches": 98.5, "branches_found": 203, "lines": 99.0, "floor": 98.0}
PROOFS = {"written": 29, "proven": 29, "seconds": 160}
SLITHER = {"contracts": 51, "defined": 51, "findings": 45, "faults": 0}
GAS = {"limits": 3, "kept": 2, "aims": 1, "missed": ["propose one action"], "faults": 0}


def captured(name: str) -> str:
    return (CAPTURED / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("status", [0, 1])
@pytest.mark.parametrize("read", READERS)
def test_a_tool_that_ran_nothing_is_red_whatever_it_exits_with(
    read: Callable[[Answer], list[Row]], status: int
) -> None:
    rows = read(Answer(status, "", {}))

    assert rows
    assert not any(row.passed for row in rows)


@pytest.mark.parametrize(
    ("read", "answer"),
    [
        (verdicts.tests, Answer(0, "1203 passed, 2 skipped in 412.33s (0:06:52)\n", {})),
        (partial(verdicts.forge, depth=DEPTH), Answer(0, captured("forge.txt"), {})),
        (verdicts.proofs, Answer(0, "", PROOFS)),
        (verdicts.mutation, Answer(0, "", MUTATION)),
        (verdicts.coverage, Answer(0, "", COVERAGE)),
        (verdicts.slither, Answer(0, "", SLITHER)),
        (verdicts.sizes, Answer(0, captured("sizes.txt"), {})),
        (verdicts.layouts, Answer(0, "5 storage layouts compared\n", {})),
        (verdicts.gas, Answer(0, "", GAS)),
    ],
)
def test_a_real_green_answer_is_green_and_the_same_with_a_failing_exit_is_red(
    read: Callable[[Answer], list[Row]], answer: Answer
) -> None:
    assert all(row.passed for row in read(answer))
    assert not any(row.passed for row in read(Answer(1, answer.words, answer.figures)))


def test_the_runs_of_forge_are_counted_test_by_test() -> None:
    rows = verdicts.forge(Answer(0, captured("forge.txt"), {}), DEPTH)

    assert [row.figure for row in rows] == [
        "3 passed, 0 failed, 0 skipped",
        "1 tests, 256 runs each",
        "1 hold, 128,000 calls each",
    ]


def test_fuzzing_less_than_asked_for_is_red() -> None:
    deeper = Depth(fuzz_runs=257, invariant_calls=128_001)
    counts, fuzz, invariants = verdicts.forge(Answer(0, captured("forge.txt"), {}), deeper)

    assert (counts.passed, fuzz.passed, invariants.passed) == (True, False, False)


def test_a_filter_that_matches_no_test_is_red_although_forge_exits_0() -> None:
    rows = verdicts.forge(Answer(0, captured("forge-nothing.txt"), {}), DEPTH)

    assert not any(row.passed for row in rows)


def test_a_failing_test_is_red_even_behind_a_wrapper_that_exits_0() -> None:
    assert not verdicts.forge(Answer(0, captured("forge-red.txt"), {}), DEPTH)[0].passed
    assert not verdicts.tests(Answer(0, "1 failed, 9 passed in 1.20s\n", {}))[0].passed


@pytest.mark.parametrize(
    ("read", "figures"),
    [
        (verdicts.proofs, PROOFS | {"proven": 28}),
        (verdicts.proofs, PROOFS | {"proven": 0, "written": 0}),
        (verdicts.mutation, MUTATION | {"score": 89.9}),
        (verdicts.mutation, MUTATION | {"faults": 1}),
        (verdicts.mutation, MUTATION | {"total": 0}),
        (verdicts.coverage, COVERAGE | {"branches": 97.9}),
        (verdicts.coverage, COVERAGE | {"branches_found": 0}),
        (verdicts.slither, SLITHER | {"contracts": 50}),
        (verdicts.slither, SLITHER | {"faults": 1}),
        (verdicts.slither, SLITHER | {"contracts": 0, "defined": 0}),
        (verdicts.gas, GAS | {"kept": 1}),
        (verdicts.gas, GAS | {"faults": 1}),
        (verdicts.gas, GAS | {"limits": 0, "kept": 0, "missed": []}),
    ],
)
def test_a_figure_on_the_wrong_side_of_its_threshold_is_red(
    read: Callable[[Answer], list[Row]], figures: dict[str, float]
) -> None:
    assert not any(row.passed for row in read(Answer(0, "", figures)))


def test_a_contract_at_the_size_limit_is_red() -> None:
    assert not verdicts.sizes(Answer(0, "Assembly   24,000 bytes, 24,000 allowed\n", {}))[0].passed


def test_the_table_names_what_failed_and_the_exit_code_says_so() -> None:
    fine, bad = Row("sizes", "5 contracts", "< 24,000", True), Row("gas", "none", "all", False)

    assert verdicts.table([fine, bad]).splitlines()[-1].endswith("FAILED")
    assert assure.exit_code([fine]) == 0
    assert assure.exit_code([fine, bad]) == 1
    assert assure.exit_code([]) == 1


def test_a_piece_whose_command_is_missing_is_red() -> None:
    piece = assure.Piece("missing", ("scripts/no-such-tool",), verdicts.proofs)

    assert assure.exit_code(assure.run(piece)) == 1


def test_the_figures_of_an_earlier_run_do_not_pass_for_this_ones() -> None:
    summary.write("earlier", MUTATION)
    rows = assure.run(assure.Piece("earlier", ("true",), verdicts.mutation))

    assert assure.exit_code(rows) == 1


def test_an_unknown_piece_is_refused() -> None:
    with pytest.raises(SystemExit, match="no piece named mutations"):
        assure.pick(assure.FULL, ["mutations"])


def test_the_row_of_gas_counts_the_limits_kept_and_names_those_that_are_missed() -> None:
    row = verdicts.gas(Answer(0, "", GAS))[0]

    assert row.figure == "2 limits kept, 1 missed with a reason (propose one action), 0 faults"
