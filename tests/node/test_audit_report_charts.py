"""The charts of the audit's report: true to their numbers, whatever the chain says."""

import re
from itertools import pairwise

import pytest

from indexer.audit.judge import Audit
from indexer.audit.replay.findings import Paid
from node.report import page
from tests.node.report_page import Page, found, read, told

__all__ = ["found", "read"]


def test_the_turnout_chart_holds_the_numbers_of_its_table(found: Audit, read: Page) -> None:
    rows = read.table("Turnout of each proposal")
    assert [int(row[0]) for row in rows] == [each.proposal for each in found.findings.turnout]
    for number, _, _, roll, voted, in_favour, against, abstain, _ in rows:
        tally = f"{in_favour} for, {against} against, {abstain} abstain"
        assert f"{number}: {voted} of {roll}; {tally}" in read.drawn
        assert f"Proposal {number}: {voted} of {roll} voted, {tally}" in read.drawn


def test_bars_are_as_long_as_their_numbers_and_stand_behind_one_another(found: Audit) -> None:
    (one, *_) = found.findings.turnout
    tally = one.tally._replace(for_=3, against=2, abstain=1)
    text = page(told(found, turnout=[one._replace(roll=10, voted=6, tally=tally)]), "")
    (row,) = re.findall(r'<div class="row">.*?</div>', text, re.DOTALL)
    drawn = re.findall(r'<rect x="([\d.]+)" [^>]*width="([\d.]+)"', row)
    lefts, widths = zip(*((float(left), float(width)) for left, width in drawn), strict=True)
    begin, frame = lefts[-1], widths[-1]
    assert [round(each / frame, 2) for each in widths] == [0.3, 0.2, 0.1, 1.0]
    assert [round((each - begin) / frame, 2) for each in lefts] == [0.0, 0.3, 0.5, 0.0]


def test_a_pay_chart_holds_the_rates_of_its_table_in_their_order(found: Audit, read: Page) -> None:
    roles = dict.fromkeys(each.role for each in found.findings.pay_history)
    assert len(roles) == 3
    for role in roles:
        rows = read.table(f"Rates of {role}, in minor units an hour")
        start = next(
            place for place, each in enumerate(read.drawn) if each.startswith(f"Rate of {role} in")
        )
        dots = read.drawn[start + 1 : start + 1 + len(rows)]
        assert dots == [f"{since}: {rate}" for since, rate, _ in rows]


def test_a_rates_step_begins_where_it_came_into_force_and_higher_is_above(found: Audit) -> None:
    day, end = 86_400, found.end.timestamp
    rates = [(end - 4 * day, 1_000), (end - 3 * day, 2_000), (end - day, 1_500)]
    paid = [Paid("weaver", since, rate, number) for number, (since, rate) in enumerate(rates)]
    text = page(told(found, pay_history=paid), "")
    dots = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="3.5"', text)
    across, down = zip(*((float(x), float(y)) for x, y in dots), strict=True)
    gaps = [after - before for before, after in pairwise([*across, 350.0])]
    assert [round(gap / gaps[0], 1) for gap in gaps] == [1.0, 2.0, 1.0]
    assert down[1] < down[2] < down[0]
    assert round((down[0] - down[2]) / (down[0] - down[1]), 2) == 0.5


def test_charts_of_a_long_history_show_the_newest_sixty_and_the_table_all(found: Audit) -> None:
    one = found.findings.turnout[0]
    many = [one._replace(proposal=number) for number in range(1, 1_001)]
    rates = [Paid("weaver", 1_700_000_000 + n, 1_500 + n, n) for n in range(100)]
    text = page(told(found, turnout=many, pay_history=rates), "")
    read = Page(text)
    assert "The chart shows the newest 60 of 1000 proposals, the table all." in read.texts
    assert "The chart shows the newest 60 of 100 rates, the table all." in read.texts
    bars = [each.split(":")[0] for each in read.drawn if each.startswith("Proposal ")]
    assert bars == [f"Proposal {number}" for number in range(941, 1_001)]
    assert len(read.table("Turnout of each proposal")) == 1_000
    assert len(read.table("Rates of weaver, in minor units an hour")) == 100
    assert text.count("<circle") == 60 + 1  # one is the pattern of dots


@pytest.mark.parametrize("rate", [0, 1, 2**256 - 1])
def test_a_chart_of_nonsense_from_the_chain_is_drawn_all_the_same(found: Audit, rate: int) -> None:
    one = found.findings.turnout[0]
    over = one._replace(roll=0, voted=3, opens_at=2**63)
    paid = [Paid("weaver", 2**63, rate, 1), Paid("weaver", 5, rate, 2)]
    texts = Page(page(told(found, turnout=[over], pay_history=paid), "")).texts
    assert f"second {2**63}" in texts
    assert str(rate) in texts
