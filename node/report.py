"""The report of an audit: one page of HTML to be read, printed and kept, that needs nothing else.

No script, no address to load from, no clock: the same audit gives the same bytes. Every value goes
through `_text`, which escapes it, for role names come from the chain.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING

from node import audits
from node.output import plain

if TYPE_CHECKING:
    from indexer.audit.judge import Audit
    from indexer.audit.replay.findings import Paid, Turnout

_MOST_MISMATCHES = 200
_MOST_BARS = 60
_WIDTH, _BAR, _GAP = 640, 14, 10  # of charts, in their own units
_LEFT = 90
_STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fff; --line: #767676; --soft: #f2f2f2;
  --for: #1b5e9b; --against: #a23b00; --abstain: #6b6b6b; }
@media (prefers-color-scheme: dark) { :root { --ink: #f0f0f0; --paper: #161616; --line: #9a9a9a;
  --soft: #262626; --for: #7db8ec; --against: #ff9d66; --abstain: #b5b5b5; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 46rem; font: 1rem/1.5 system-ui, sans-serif;
  color: var(--ink); background: var(--paper); overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.2; } h2 { font-size: 1.2rem; margin-top: 2rem; }
.verdict { padding: .75rem 1rem; border: 2px solid var(--ink); font-weight: 600; }
.table { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .5rem; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: normal; } caption { text-align: left; font-weight: 600; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
code { font-family: ui-monospace, monospace; background: var(--soft); }
svg { width: 100%; height: auto; } svg text { fill: currentColor; font-size: 11px; }
@media print { :root { --ink: #000; --paper: #fff; --line: #666; --soft: #fff; }
  body { max-width: none; padding: 0; font-size: 10pt; } tr, svg, .verdict { break-inside: avoid; }
  h2 { break-after: avoid; } .table { overflow: visible; } @page { size: A4; margin: 18mm; } }
"""


def page(found: "Audit", digest: str) -> str:
    """Return the whole page; `digest` is the SHA-256 of the evidence, empty if none was kept."""
    body = "\n".join(_parts(found, digest))
    title = f"Audit of {found.title or 'a co-operative'} through block {found.end.number}"
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{_text(title)}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _parts(found: "Audit", digest: str) -> Iterator[str]:
    faults, opening = len(found.mismatches), found.opening
    verdict = (
        "Nothing departs from the rules."
        if found.ok
        else f"{faults} things are not as they should."
    )
    yield f'<p class="verdict">{_text(verdict)} This is {_text(audits.LEVELS[found.level])}.</p>'
    yield _paragraph(
        f"{found.events} events in {found.blocks} blocks were followed by the rules that were in "
        f"force at each moment, {found.ballots} ballots and pay ballots among them, up to "
        f"{_moment(found.end.timestamp)}."
    )
    addresses = [(name.replace("_", " "), at) for name, at in opening.addresses.items()]
    about = [("chain", str(opening.chain_id)), *addresses, ("factory", opening.factory)]
    about += [("last block", str(found.end.number)), ("its hash", found.end.hash)]
    yield _table("What was audited", ("", ""), about)
    if found.mismatches:
        yield "<h2>What is not as it should be</h2>"
        shown = audits.rows(found)[:_MOST_MISMATCHES]
        yield _table("Mismatches", ("Check", "Where", "Expected", "Found"), shown)
        if faults > len(shown):
            yield _paragraph(f"And {faults - len(shown)} more: see --json.")
    yield "<h2>What this does not show</h2>"
    yield _list(audits.unchecked(found))
    yield "<h2>Proposals</h2>"
    yield from _turnout(found.findings.turnout)
    yield "<h2>Pay</h2>"
    yield from _pay(found.findings.pay_history)
    yield "<h2>Other facts</h2>"
    told = [fact for fact in audits.facts(found) if " voted, " not in fact]
    yield _list(told) if told else _paragraph("None.")
    yield "<h2>What was checked</h2>"
    rows = [(each.id, each.words, each.failed, each.counted) for each in found.checks]
    yield _table("Each kind of check", ("No.", "Looked for", "Found", "Of"), rows, numbers=(2, 3))
    yield "<h2>How to check this yourself</h2>"
    yield from _how(found, digest)


def _how(found: "Audit", digest: str) -> Iterator[str]:
    yield _paragraph("With a node of your own, or anybody's:")
    yield "<p><code>coop audit run --rpc URL --anchor " + _text(found.end.hash) + "</code></p>"
    if digest:
        yield _paragraph(f"From the evidence, whose unpacked bytes have the SHA-256 {digest}:")
        yield "<p><code>coop audit verify FILE --anchor " + _text(found.end.hash) + "</code></p>"
        yield _paragraph("By other code, which shares nothing with the first:")
        yield "<p><code>scripts/verify-independent FILE</code></p>"
    yield _paragraph("The levels, from the strongest:")
    yield _list(audits.LEVELS.values())


# Charts, each with a table of the same numbers


def _turnout(turnout: "Sequence[Turnout]") -> Iterator[str]:
    if not turnout:
        yield _paragraph("There was no proposal.")
        return
    shown = list(turnout[-_MOST_BARS:])
    if len(shown) < len(turnout):
        yield _paragraph(f"The chart shows the newest {len(shown)} of {len(turnout)} proposals.")
    yield _bars(shown)
    heads = ("No.", "State", "Roll", "Voted", "For", "Against", "Abstain")
    rows = [(each.proposal, each.state, each.roll, each.voted, *each.tally[:3]) for each in turnout]
    yield _table("Turnout", heads, rows, numbers=(0, 2, 3, 4, 5, 6))


def _bars(turnout: "Sequence[Turnout]") -> str:
    most = max(max(each.roll, each.voted, 1) for each in turnout)
    scale = (_WIDTH - _LEFT - 60) / most
    drawn, top = [], 24
    key = (("for", "for", ""), ("against", "against", "4 2"), ("abstain", "abstain", "1 2"))
    for place, (word, colour, dash) in enumerate(key):
        drawn.append(_bar(_LEFT + place * 110, 4, 14, colour, dash))
        drawn.append(f'<text x="{_LEFT + place * 110 + 20}" y="15">{_text(word)}</text>')
    for each in turnout:
        drawn.append(f'<text x="0" y="{top + 11}">proposal {each.proposal}</text>')
        left = float(_LEFT)
        counts = (each.tally.for_, each.tally.against, each.tally.abstain)
        for count, (_, colour, dash) in zip(counts, key, strict=True):
            drawn.append(_bar(left, top, count * scale, colour, dash))
            left += count * scale
        width = each.roll * scale
        drawn.append(
            f'<rect x="{_LEFT}" y="{top}" width="{width:.1f}" height="{_BAR}" fill="none" '
            'stroke="currentColor"/>'
        )
        said = f"{each.voted} of {each.roll}"
        drawn.append(f'<text x="{_LEFT + width + 6:.1f}" y="{top + 11}">{_text(said)}</text>')
        top += _BAR + _GAP
    return _svg(top, "Turnout of each proposal: a frame is the roll", drawn)


def _bar(left: float, top: float, width: float, colour: str, dash: str) -> str:
    """A bar whose edge tells it apart without its colour."""
    return (
        f'<rect x="{left:.1f}" y="{top}" width="{max(width, 0):.1f}" height="{_BAR}" '
        f'fill="var(--{colour})" stroke="var(--paper)" stroke-dasharray="{dash}"/>'
    )


def _pay(history: "Sequence[Paid]") -> Iterator[str]:
    if not history:
        yield _paragraph("There was no role.")
        return
    for role in dict.fromkeys(each.role for each in history):
        rates = [each for each in history if each.role == role]
        yield _steps(role, rates)
        rows = [(_moment(each.since), each.rate, each.pay_vote or "first") for each in rates]
        heads = ("From", "Minor units an hour", "Pay vote")
        yield _table(f"Rate of {role}", heads, rows, numbers=(1,))


def _steps(role: str, rates: "Sequence[Paid]") -> str:
    """One step a rate, each as wide as the next, for votes may lie a day or a year apart."""
    height, most = 90, max(each.rate for each in rates) or 1
    wide = (_WIDTH - 20) / len(rates)
    drawn, points = [], []
    for place, each in enumerate(rates):
        level = 20 + height * (1 - each.rate / most)
        points += [
            f"{10 + place * wide:.1f},{level:.1f}",
            f"{10 + (place + 1) * wide:.1f},{level:.1f}",
        ]
        drawn.append(f'<text x="{12 + place * wide:.1f}" y="{level - 5:.1f}">{each.rate}</text>')
    line = (
        f'<polyline points="{" ".join(points)}" fill="none" stroke="var(--for)" stroke-width="2"/>'
    )
    return _svg(height + 30, f"Rate of {role}, one step a change", [line, *drawn])


def _svg(height: float, title: str, drawn: Iterable[str]) -> str:
    inner = "\n".join(drawn)
    return (
        f'<svg role="img" viewBox="0 0 {_WIDTH} {height:.0f}" xmlns="http://www.w3.org/2000/svg">\n'
        f"<title>{_text(title)}; the table below holds the same numbers</title>\n{inner}\n</svg>"
    )


# Pieces


def _table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    numbers: Sequence[int] = (),
) -> str:
    kinds = [' class="n"' if place in numbers else "" for place in range(len(heads))]
    head = "".join(
        f'<th scope="col"{kind}>{_text(each)}</th>' for each, kind in zip(heads, kinds, strict=True)
    )
    top = f"<thead><tr>{head}</tr></thead>\n" if any(heads) else ""
    lines = [
        "<tr>"
        + "".join(f"<td{kind}>{_text(each)}</td>" for each, kind in zip(row, kinds, strict=True))
        + "</tr>"
        for row in rows
    ]
    body = "\n".join(lines)
    return (
        f'<div class="table"><table>\n<caption>{_text(caption)}</caption>\n{top}'
        f"<tbody>\n{body}\n</tbody>\n</table></div>"
    )


def _list(items: Iterable[str]) -> str:
    return "<ul>\n" + "\n".join(f"<li>{_text(each)}</li>" for each in items) + "\n</ul>"


def _paragraph(text: str) -> str:
    return f"<p>{_text(text)}</p>"


def _moment(seconds: int) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return f"second {seconds}"  # beyond the year 9999


def _text(value: object) -> str:
    """A value as text of the page: escaped, and nothing in it that could steer or reorder."""
    return escape(plain(str(value)))
