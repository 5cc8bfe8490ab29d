"""What the check of gas lets pass and what not; scripts/bench-gas measures."""

from scripts.gas.figures import BATCH, DIRECT, FILE, LIMITS, Figure, faults, read, rows

WITHIN = {act: bound.limit for act, bound in LIMITS.items()}


def complaints(measured: dict[str, int], kept: dict[str, int]) -> list[str]:
    return list(faults(rows([Figure(*each) for each in measured.items()], []), kept))


def test_figures_at_their_limits_and_as_kept_are_no_fault() -> None:
    assert complaints(WITHIN, WITHIN) == []


def test_a_figure_above_its_limit_is_missed_whatever_the_file_says() -> None:
    within, above, unbounded = rows(
        [Figure(BATCH, 12_800), Figure(BATCH, 12_801), Figure("queue", 10**9)], []
    )
    assert [within.verdict, above.verdict, unbounded.verdict] == ["ok", "MISSED", ""]


def test_a_figure_may_rise_by_one_per_cent_and_no_more() -> None:
    kept = {**WITHIN, "queue": 10_000}
    assert complaints({**kept, "queue": 10_100}, kept) == []
    assert complaints({**kept, "queue": 10_101}, kept) == [
        "queue: 10,101 is more than 1 % above the 10,000 in gas.json"
    ]


def test_a_figure_that_fell_is_no_fault() -> None:
    assert complaints(WITHIN, {act: 2 * gas for act, gas in WITHIN.items()}) == []


def test_a_figure_without_a_measurement_or_a_kept_value_is_a_fault() -> None:
    less = {act: gas for act, gas in WITHIN.items() if act != DIRECT}
    assert complaints(less, WITHIN) == [
        f"{DIRECT}: in gas.json or in the limits, but no longer measured"
    ]
    assert complaints(WITHIN, less) == [f"{DIRECT}: measured, but not in gas.json"]


def test_every_limit_has_its_figure_in_the_file() -> None:
    assert FILE.name == "gas.json"
    assert set(LIMITS) <= set(read())
