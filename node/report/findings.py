"""What the history tells, in the report: facts, no verdicts, in charts and tables."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from node import audits
from node.report import charts
from node.report.elements import element, name, paragraph, table
from node.report.moments import moment

if TYPE_CHECKING:
    from indexer.audit.judge import Audit
    from indexer.audit.replay.findings import Findings, Paid, Turnout


def parts(found: "Audit") -> Iterator[Element]:
    """All that is told of a history, from votes to pay."""
    told = found.findings
    if found.again:
        yield paragraph(f"{audits.run_again(found.again)}.")
    yield element("h3", "Turnout")
    yield from _turnout(told.turnout)
    yield from _by_class(told)
    yield element("h3", "Pay history")
    yield from _pay(told.pay_history, found.end.timestamp)
    yield element("h3", "Ballots changed or not counted")
    yield from _ballots(told)
    yield element("h3", "Late ballots and changed keys")
    yield from _late(told)


def _turnout(turnout: "Sequence[Turnout]") -> Iterator[Element]:
    if not turnout:
        yield paragraph("There was no proposal.")
        return
    shown = turnout[-charts.MOST :]
    if len(shown) < len(turnout):
        yield paragraph(
            f"The chart shows the newest {len(shown)} of {len(turnout)} proposals, the table all."
        )
    said = "The frame is the roll: all who could vote. The table holds the same numbers."
    caption = element("figcaption", said)
    yield element("figure", caption, charts.legend(), *charts.bars(shown))
    heads = ("No.", "Class", "State", "Roll", "Voted", "For", "Against", "Abstain", "Opening")
    rows = [
        (
            each.proposal,
            each.decision_class,
            each.state,
            each.roll,
            each.voted,
            each.tally.for_,
            each.tally.against,
            each.tally.abstain,
            moment(each.opens_at),
        )
        for each in turnout
    ]
    yield table("Turnout of each proposal", heads, rows, numbers=(3, 4, 5, 6, 7), moments=(8,))


def _by_class(told: "Findings") -> Iterator[Element]:
    if told.by_class:
        rows = [
            (each.word, each.proposals, ", ".join(f"{n} {word}" for word, n in each.states.items()))
            for each in told.by_class
        ]
        yield table("Proposals by class", ("Class", "Proposals", "States"), rows, numbers=(1,))


def _pay(history: "Sequence[Paid]", until: int) -> Iterator[Element]:
    if not history:
        yield paragraph("There was no role.")
        return
    yield paragraph(
        "Rates are minor units of the co-op's currency (cents) an hour. Charts go from the lowest "
        "to the highest rate, not from 0; a dot is a rate that was set.",
        class_="note",
    )
    for role in dict.fromkeys(each.role for each in history):
        rates = [each for each in history if each.role == role]
        shown = rates[-charts.MOST :]
        yield element("h4", "Role ", name(role))
        if len(shown) < len(rates):
            yield paragraph(
                f"The chart shows the newest {len(shown)} of {len(rates)} rates, the table all."
            )
        yield element("figure", charts.steps(role, shown, until))
        rows = [(moment(each.since), each.rate, each.pay_vote or "first") for each in rates]
        caption = f"Rates of {role}, in minor units an hour"
        yield table(caption, ("From", "Rate", "Pay vote"), rows, numbers=(1,))


def _ballots(told: "Findings") -> Iterator[Element]:
    if told.changed:
        rows = [(each.poll, each.ballots) for each in told.changed]
        yield table("Ballots that replaced an earlier one", ("Vote", "Ballots"), rows, numbers=(1,))
    else:
        yield paragraph("No ballot was changed.")
    if told.skipped:
        causes = [(each.poll, _in_words(each.cause), each.ballots) for each in told.skipped]
        heads = ("Vote", "Cause", "Ballots")
        yield table("Ballots that were not counted, and why", heads, causes, numbers=(2,))
    else:
        yield paragraph("No ballot of a batch was left out.")


def _late(told: "Findings") -> Iterator[Element]:
    if told.last_minute:
        rows = [(f"proposal {each.proposal}", each.ballots) for each in told.last_minute]
        caption = "Ballots in the last minute before the deadline"
        yield table(caption, ("Vote", "Ballots"), rows, numbers=(1,))
    else:
        yield paragraph("No ballot came in the last minute of a vote.")
    if told.rotated_mid_vote:
        turned = [(f"proposal {each.proposal}", each.member_id) for each in told.rotated_mid_vote]
        caption = "Members who changed keys while a vote was open"
        yield table(caption, ("Vote", "Member"), turned, numbers=(1,))
    else:
        yield paragraph("No member changed keys while a vote was open.")


def _in_words(cause: str) -> str:
    return cause.replace("_", " ")
