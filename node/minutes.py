"""A decided proposal as a minute book takes it: Markdown that also reads as plain text.

Lines are at most 60 columns wide, so that the page can be printed and read anywhere. Text of
members stands in fences or is escaped: it can neither forge a heading nor load anything.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from textwrap import wrap

from sqlmodel import Session

from indexer import queries
from indexer.moment import Moment
from indexer.queries import AsOf, ProposalDetail
from indexer.rules.bylaws import DecisionClass
from indexer.rules.bylaws import quorum_reached as reached
from node import bylaws_text
from node.errors import VotingClosed
from node.instance import Instance
from node.labels import Names
from node.output import duration, one_line, plain
from node.wording import Wording

WIDTH = 60

_OUTCOMES = {
    "executed": "Carried, and executed.",
    "defeated": "Not carried.",
    "expired": "Carried, but not executed in time: it has expired.",
    "canceled": "Not decided: withdrawn, or ended by an objection.",
    "succeeded": "Carried: the decision is confirmed.",  # only a confirming vote ends so
}


class NotDecided(VotingClosed):
    """There is nothing to minute yet."""

    code = "not_decided"


@dataclass(frozen=True)
class Source:
    """What minutes are made of, all as of one block; `zone` is the co-op's (None: this machine's).

    `heads` is contract -> chronicle head, `names` empty unless names were asked for.
    """

    at: AsOf
    instance: Instance
    detail: ProposalDetail
    wording: Wording
    heads: dict[str, str]
    names: Names
    zone: tzinfo | None


def source(
    session: Session,
    at: AsOf,
    instance: Instance,
    wording: Wording,
    names: Names,
    zone: tzinfo | None,
) -> Source:
    """Gather what the minutes of a proposal say; NotDecided while something is missing."""
    detail = queries.proposal(session, at, wording.parts.proposal_id)
    refuse_undecided(detail)
    heads = queries.chronicle_heads(session, at)
    return Source(at, instance, detail, wording, heads, names, zone)


def refuse_undecided(found: ProposalDetail) -> None:
    """Refuse a proposal whose course goes on, saying what is missing."""
    missing = {
        "pending": f"its vote opens at {found.opens_at.rfc3339}",
        "active": f"its vote closes at {found.closes_at.rfc3339}",
    }
    if not found.confirms:
        missing["succeeded"] = "it passed and must be queued, then executed"
    if found.execute_after:
        due = found.execute_after.rfc3339
        missing["queued"] = f"it passed and must be executed, which is possible from {due}"
    if found.state not in missing:
        return
    ends = f", or it expires at {found.expires_at.rfc3339}" if found.expires_at else ""
    raise NotDecided(
        f"Proposal {found.proposal_id} is {found.state}: {missing[found.state]}{ends}.",
        undone="No minutes were written.",
        hint=f"See: coop proposal show {found.proposal_id}",
        details={"state": found.state, "missing": missing[found.state]},
    )


def markdown(source: Source) -> str:
    """Return the minutes."""
    number = source.detail.proposal_id
    title = _inline(source.wording.title)
    parts = (
        _wrapped(f"# Resolution {number}: {title}", "  "),
        [*_facts(source)],
        ["## Text", "", *_text(source)],
        ["## What it does", "", *_items(_actions(source))],
        ["## The rule in force", "", *_items(_rule(source))],
        ["## The vote", "", *_items(_vote(source))],
        ["## List of votes", "", *_items(_votes(source))],
        ["## Outcome", "", *_items(_outcome(source)), *_transactions(source)],
        ["## Proof", "", *_proof(source)],
    )
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _facts(source: Source) -> Iterator[str]:
    found, zoned = source.detail, source.zone
    by = source.names.shown(found.proposer_id)
    yield from _items(
        (
            f"Co-operative: {_inline(source.instance.title)}",
            f"Class: {bylaws_text.TITLES[_class(found)]} ({found.class_})",
            f"Proposed by: {f'member {_inline(by)}' if by else 'the bylaws (a confirming vote)'}",
            f"Proposed: {moment(found.created_at, zoned)}",
            f"Notice given: {duration(found.opens_at - found.created_at)}",
            f"Vote opened: {moment(found.opens_at, zoned)}",
            f"Vote closed: {moment(found.closes_at, zoned)}",
        )
    )


def _text(source: Source) -> Iterator[str]:
    text = source.wording.text
    if text is None:
        yield from _wrapped("The text is not kept on this machine. Its hash on the chain:")
        yield from ("", *_hash(source.detail.text_hash))
        return
    shown = plain(text)
    ticks = max((len(run) for run in re.findall("~+", shown)), default=0)
    fence = "~" * max(3, ticks + 1)
    yield f"{fence}text"
    for line in shown.splitlines() or [""]:
        # Long lines are parted at spaces; the hash below is over the text as it was given.
        yield from wrap(line, WIDTH, break_on_hyphens=False, replace_whitespace=False) or [""]
    yield fence
    yield from ("", "Hash of the text:", "", *_hash(source.detail.text_hash))


def _actions(source: Source) -> Iterator[str]:
    yield from (_inline(each) for each in source.wording.sentences)
    if not source.wording.sentences:
        yield "Nothing is called: a resolution in words."


def _rule(source: Source) -> Iterator[str]:
    title = bylaws_text.TITLES[_class(source.detail)]
    yield f"{title}: version {source.detail.rule_version}, frozen when this was proposed."
    yield from bylaws_text.sentences(source.detail.rule)


def _vote(source: Source) -> Iterator[str]:
    found = source.detail
    tally, rule = found.tally, found.rule
    counted = sum(tally) if rule.presence else tally.for_
    met = "reached" if reached(rule, tally, found.roll, found.second_call) else "missed"
    yield f"Members on the roll: {found.roll}"
    yield f"Quorum: {found.quorum}; {counted} counted towards it: {met}"
    if found.second_call:
        yield "The first call missed its quorum; this is the second call."
    yield f"For: {tally.for_}"
    yield f"Against: {tally.against}"
    yield f"Abstained: {tally.abstain}"
    yield f"Did not vote: {found.roll - sum(tally)}"


def _votes(source: Source) -> Iterator[str]:
    for ballot in sorted(source.detail.ballots, key=lambda each: each.member_id):
        shown = _inline(source.names.shown(ballot.member_id) or "")
        reason = f" – “{_inline(ballot.reason)}”" if ballot.reason else ""
        yield f"Member {shown}: {ballot.choice}{reason}"
    if not source.detail.ballots:
        yield "Nobody voted."


def _outcome(source: Source) -> Iterator[str]:
    found = source.detail
    yield _OUTCOMES[found.state]
    if found.confirms:
        yield f"This vote was about confirming proposal {found.confirms}."
    if found.confirmation:
        yield f"The person concerned appealed; proposal {found.confirmation} was to confirm."
    for step in found.steps:
        what = {"replied": "The person concerned replied", "objected": "The key objected"}
        done = what.get(step.step, step.step.capitalize())
        yield f"{done}: {moment(step.at, source.zone)}, block {step.block}"


def _transactions(source: Source) -> Iterator[str]:
    for step in source.detail.steps:
        yield from ("", f"Transaction ({step.step}):", "", *_hash(step.tx))


def _proof(source: Source) -> Iterator[str]:
    at, number = source.at, source.detail.proposal_id
    yield from _wrapped(
        f"As of block {at.block} ({at.finality}) of chain {at.chain_id}, "
        f"{moment(at.timestamp, source.zone)}. Hash of the block:"
    )
    yield from ("", *_hash(at.block_hash), "")
    yield from _wrapped(f"Proposal {number} of the Assembly, whose address is:")
    yield from ("", f"    {source.instance.assembly}", "")
    yield from _wrapped("What every ballot named (its content):")
    yield from ("", *_hash(source.detail.content), "")
    yield from _wrapped("Heads of the chronicles, the hashes over all events through that block:")
    for contract, head in source.heads.items():
        yield from ("", f"{contract}:", "", *_hash(head))
    yield ""
    yield from _wrapped(
        "Whoever has a node can prove it. The first command replays the whole history from the "
        "chain; the second shows this proposal, the third that a ballot was counted:"
    )
    yield from (
        "",
        "    coop audit run",
        f"    coop proposal show {number}",
        f"    coop receipt show {number} --member ID",
    )


def moment(time: int, zone: tzinfo | None) -> str:
    """Return a moment in a zone and in UTC: `2026-03-01 10:00 CET (09:00:00 UTC)`."""
    utc = Moment(time).utc
    local = utc.astimezone(zone)
    if not local.utcoffset() and zone is None:
        return f"{utc:%Y-%m-%d %H:%M:%S} UTC"
    day = "" if local.date() == utc.date() else f"{utc:%Y-%m-%d} "
    return f"{local:%Y-%m-%d %H:%M:%S %Z} ({day}{utc:%H:%M:%S} UTC)"


def _class(found: ProposalDetail) -> DecisionClass:
    return next(each for each in DecisionClass if each.word == found.class_)


def _items(texts: Iterator[str] | tuple[str, ...]) -> Iterator[str]:
    for text in texts:
        yield from _wrapped(f"- {text}", "  ")


def _wrapped(text: str, indent: str = "") -> list[str]:
    return wrap(text, WIDTH, subsequent_indent=indent, break_on_hyphens=False)


def _hash(word: str) -> tuple[str, str]:
    """A hash of 66 characters in two lines of code."""
    return f"    {word[:34]}", f"    {word[34:]}"


def _inline(text: str) -> str:
    """Text of somebody else's within a line: one line, and nothing in it is Markdown."""
    return re.sub(r"([\\`*_\[\]<>#~|])", r"\\\1", one_line(text))
