"""The table of the mirror's figures: ratios, verdicts, and what --check complains about."""

import json

import pytest

from scripts.mirror_bench import figures
from scripts.mirror_bench.figures import Bound, Row, Run


def run(seconds: float, events: int = 1_000, megabytes: float = 100.0) -> Run:
    return Run(seconds, events, blocks=100, megabytes=megabytes)


@pytest.mark.parametrize(
    ("value", "verdict"), [(25.0, "aim"), (22.0, "aim"), (15.0, "ok"), (14.9, "MISSED")]
)
def test_a_ratio_must_reach_its_floor(value: float, verdict: str) -> None:
    assert Bound(15, 22, least=True).verdict(value) == verdict


@pytest.mark.parametrize(
    ("value", "verdict"), [(29.0, "aim"), (30.0, "aim"), (100.0, "ok"), (100.1, "MISSED")]
)
def test_a_time_must_stay_below_its_ceiling(value: float, verdict: str) -> None:
    assert Bound(100, 30, "ms").verdict(value) == verdict


def test_every_aim_is_harder_than_its_must() -> None:
    for figure, bound in figures.BOUNDS.items():
        assert bound.verdict(bound.aim) == "aim", figure
        assert bound.verdict(bound.must) == "ok", figure


def test_the_middle_run_is_that_of_median_speed_with_the_greatest_memory() -> None:
    found = figures.middle([run(9, megabytes=50), run(1, megabytes=90), run(2, megabytes=70)])
    assert (found.seconds, found.megabytes) == (2, 90)


def test_a_speed_is_events_a_second_over_the_others() -> None:
    row = figures.speed(figures.NAIVE, run(1, 20_000), run(4, 4_000), "naive")
    assert row.value == 20
    assert row.measured == "20,000/s, naive 1,000/s"
    assert row.verdict == "ok"


def test_a_pace_is_blocks_a_second_over_the_others() -> None:
    assert figures.pace(figures.SPARSE, run(1), run(3), "naive").value == pytest.approx(3)


def test_the_cost_of_an_event_is_that_of_the_long_history_over_the_short_one() -> None:
    row = figures.cost(figures.COST, run(1, 1_000), run(13, 10_000))
    assert row.value == pytest.approx(1.3)
    assert row.verdict == "MISSED"


def test_memory_grows_by_the_ratio_of_the_peaks() -> None:
    assert figures.growth(run(1, megabytes=200), run(5, megabytes=210)).value == 1.05


def test_delays_give_the_median_and_the_95th_percentile() -> None:
    half, most = figures.delays([float(each) for each in range(101)])
    assert (half.figure, half.value) == (figures.LIVE_HALF, 50)
    assert (most.figure, most.value) == (figures.LIVE_MOST, 95)


def test_only_missed_figures_are_complained_of_with_what_they_must_reach() -> None:
    rows = [
        Row(figures.MEMORY, "200,000 events", 301.0),
        Row(figures.LIVE_HALF, "200 blocks", 19.0),
        Row("an unbounded figure", "", 1e9),
    ]
    assert figures.faults(rows) == ["peak memory, largest history: 301 MB, at most 300 is a must"]


def test_a_figure_that_was_not_measured_is_complained_of() -> None:
    row = Row(figures.PONDER, "not measured: it is not there")
    assert row.verdict == "NOT MEASURED"
    assert figures.faults([row]) == ["200,000 events ÷ Ponder: not measured: it is not there"]


def test_the_document_holds_each_figure_with_its_bound_and_the_load() -> None:
    rows = [Row(figures.DOWNLOAD, "1/s, download 5/s", 0.2)]
    found = json.loads(figures.document(rows, (0.5, 0.4, 0.3)))
    assert found["load"] == [0.5, 0.4, 0.3]
    (figure,) = found["figures"]
    assert (figure["value"], figure["must"], figure["verdict"]) == (0.2, 0.17, "ok")
