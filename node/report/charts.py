"""The report's two charts, as drawings within the page. A table beside each holds the same numbers.

Drawings are 360 units wide, as a phone is, so that their words can be read there. What is for,
against and abstaining is told apart by pattern and not by colour alone.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from node.report.elements import element
from node.report.moments import moment

if TYPE_CHECKING:
    from indexer.audit.replay.findings import Paid, Turnout

MOST = 60
"""Proposals, and rates of a role, that a chart shows: the newest."""
_WIDTH, _EDGE = 360, 1
_BAR = 14
_FILLS = {"for": "var(--for)", "against": "url(#stripes)", "abstain": "url(#dots)"}


def legend() -> Element:
    """What the bars' patterns mean, and the patterns themselves, which all bars refer to."""
    lines = "M0 0 L8 8 M-2 6 L2 10 M6 -2 L10 2"
    stripe = element("path", d=lines, stroke="var(--against)", stroke_width=3)
    patterns = element(
        "defs",
        _pattern("stripes", 8, stripe),
        _pattern("dots", 5, element("circle", cx=2.5, cy=2.5, r=1.5, fill="var(--abstain)")),
    )
    words, drawn, left = (*_FILLS, "not voted"), [], 1
    for word in words:
        drawn.append(_bar(left, 4, 20, _FILLS.get(word, "none")))
        drawn.append(element("text", word, x=left + 26, y=16))
        left += 90
    title = f"Key: {', '.join(words)}"
    return element("div", _drawing(title, 22, patterns, *drawn), class_="legend")


def bars(turnout: "Sequence[Turnout]") -> Iterator[Element]:
    """A bar for each proposal, on the scale of the largest roll: a frame as wide as its roll."""
    most = max(max(each.roll, each.voted, 1) for each in turnout)
    for each in turnout:
        counts = (each.tally.for_, each.tally.against, each.tally.abstain)
        said = f"Proposal {each.proposal}: {each.voted} of {each.roll} voted"
        tally = ", ".join(f"{n} {word}" for n, word in zip(counts, _FILLS, strict=True))
        drawn, left = [], float(_EDGE)
        for count, fill in zip(counts, _FILLS.values(), strict=True):
            if count:
                width = _scaled(count, most)
                drawn.append(_bar(left, 22, width, fill))
                left += width
        frame = _bar(_EDGE, 22, _scaled(each.roll, most), "none")
        words = element("text", f"{each.proposal}: {each.voted} of {each.roll}; {tally}", x=1, y=15)
        yield element("div", _drawing(f"{said}, {tally}", 40, words, *drawn, frame), class_="row")


def steps(role: str, rates: "Sequence[Paid]", until: int) -> Element:
    """A role's rate over time, from its first rate shown to the second `until`.

    The scale goes from the lowest to the highest rate and not from nothing, which it says.
    """
    low, high = min(each.rate for each in rates), max(each.rate for each in rates)
    first = min(each.since for each in rates)
    last = max(until, first, *(each.since for each in rates))
    top, bottom, left, right = 28, 128 if high > low else 28, 10, _WIDTH - 10

    def across(second: int) -> float:
        return left + (right - left) * (second - first) / max(last - first, 1)

    def down(rate: int) -> float:
        return bottom - (bottom - top) * (rate - low) / (high - low) if high > low else top

    ends = [*(each.since for each in rates[1:]), last]
    line, dots = "", []
    for each, end in zip(rates, ends, strict=True):
        x, y = across(each.since), down(each.rate)
        line += f"{'L' if line else 'M'}{x:.1f} {y:.1f} L{across(end):.1f} {y:.1f} "
        told = element("title", f"{moment(each.since)}: {each.rate}")
        dots.append(element("circle", told, cx=f"{x:.1f}", cy=f"{y:.1f}", r=3.5, fill="var(--for)"))
    path = element("path", d=line.strip(), fill="none", stroke="var(--for)", stroke_width=2)
    words = [element("text", f"{'highest' if high > low else 'always'} {high}", x=left, y=16)]
    if high > low:
        words.append(element("text", f"lowest {low}", x=left, y=bottom + 18))
    axis = element("path", d=f"M{left} {bottom + 24} H{right}", stroke="var(--line)")
    words.append(element("text", moment(first)[:10], x=left, y=bottom + 40))
    words.append(element("text", moment(last)[:10], x=right, y=bottom + 40, text_anchor="end"))
    title = (
        f"Rate of {role} in minor units an hour, from {moment(first)} to {moment(last)}: "
        f"lowest {low}, highest {high}, last {rates[-1].rate}"
    )
    return element("div", _drawing(title, bottom + 46, axis, path, *dots, *words), class_="pay")


def _scaled(count: int, most: int) -> float:
    return (_WIDTH - 2 * _EDGE) * count / most


def _bar(left: float, top: int, width: float, fill: str) -> Element:
    return element(
        "rect",
        x=f"{left:.1f}",
        y=top,
        width=f"{width:.1f}",
        height=_BAR,
        fill=fill,
        stroke="var(--ink)",
    )


def _pattern(id_: str, size: int, drawn: Element) -> Element:
    ground = element("rect", width=size, height=size, fill="var(--paper)")
    made = element("pattern", ground, drawn, id_=id_, width=size, height=size)
    made.set("patternUnits", "userSpaceOnUse")
    return made


def _drawing(title: str, height: int, *drawn: Element) -> Element:
    made = element("svg", element("title", title), *drawn, role="img")
    made.set("viewBox", f"0 0 {_WIDTH} {height}")
    return made
