"""The report's page: plain words first, then what was checked and found, and how to redo it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from node import audits
from node.report import findings
from node.report.elements import Child, bullets, element, name, paragraph, table, written
from node.report.moments import moment
from node.report.style import STYLE

if TYPE_CHECKING:
    from indexer.audit.judge import Audit
    from indexer.audit.replay import Check

MOST_MISMATCHES = 200
_SECTIONS = {
    "audited": "What was audited",
    "wrong": "What is not as it should be",
    "open": "What this does not show",
    "checked": "What was checked",
    "found": "What the history tells",
    "yourself": "How to check this yourself",
    "levels": "What the levels mean",
}
_RESTS = {
    "anchored": "This rests on a proof against a block hash that was known from elsewhere.",
    "proven": "This rests on a proof against a block that one source alone named: compare its hash "
    "with others.",
    "logs-only": "This rests on the source's word: nothing proved that the history is complete.",
}
_LEVELS = {
    "anchored": "Anchored: the last block's hash was known from elsewhere, and everything that is "
    "counted here leads to it. Who lies must have lied to that other place as well.",
    "proven": "Proven: the same, but the hash comes from the one source that was read. A source "
    "that makes up a whole chain is found only by comparing that hash with others.",
    "logs-only": "Logs only: the source served no proofs. It was believed, and the rules were "
    "checked on what it said; what it left out cannot be seen.",
}


def page(found: "Audit", digest: str) -> str:
    """Return the whole page; `digest` is the SHA-256 of the evidence, empty if none was kept."""
    coop, through = found.title or "a co-operative", f" through block {found.end.number}"
    style = element("style")
    style.text = STYLE  # the one text that is ours and must not be made visible
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"Audit of {coop}{through}"),
        style,
    )
    header = element("header", element("h1", "Audit of ", name(coop), through), *_verdict(found))
    links = (element("li", element("a", said, href=f"#{at}")) for at, said in _sections(found))
    nav = element("nav", element("ul", *links), aria_label="Contents")
    bodies = {
        "audited": _audited(found),
        "wrong": _wrong(found),
        "open": iter([bullets(audits.unchecked(found))]),
        "checked": _checked(found),
        "found": findings.parts(found),
        "yourself": _yourself(found, digest),
        "levels": iter([bullets(_LEVELS.values())]),
    }
    sections = (
        element("section", element("h2", said, id=at), *bodies[at], aria_labelledby=at)
        for at, said in _sections(found)
    )
    body = element("body", header, nav, element("main", *sections))
    return written(element("html", head, body, lang="en"))


def _sections(found: "Audit") -> Iterator[tuple[str, str]]:
    for at, said in _SECTIONS.items():
        if at != "wrong" or not found.ok:
            yield at, said


def _verdict(found: "Audit") -> Iterator[Element]:
    said, kind = "Nothing departs from the rules.", "verdict"
    if not found.ok:
        count = len(found.mismatches)
        things = "1 thing is" if count == 1 else f"{count} things are"
        said, kind = f"This is NOT as it should be: {things} amiss.", "verdict fault"
    yield paragraph(f"{said} {_RESTS[found.level]}", class_=kind)
    yield paragraph(
        f"{found.events} events in {found.blocks} blocks, {found.ballots} ballots and pay ballots "
        "among them, were followed by the rules that were in force at each moment, up to "
        f"{moment(found.end.timestamp)}."
    )


def _audited(found: "Audit") -> Iterator[Element]:
    opening = found.opening
    rows: list[tuple[str, Child]] = [
        ("Co-op", name(found.title or "not named in its code")),
        ("Chain", opening.chain_id),
        *((each.replace("_", " ").capitalize(), at) for each, at in opening.addresses.items()),
        ("Factory", opening.factory),
        ("First block", opening.first_block),
        ("Last block", found.end.number),
        ("Its hash", found.end.hash),
        ("Its moment", moment(found.end.timestamp)),
        ("Level", audits.LEVELS[found.level]),
    ]
    caption = "The co-op, its contracts, and the part of the chain"
    yield table(caption, ("What", "Which"), rows, long=(1,))


def _wrong(found: "Audit") -> Iterator[Element]:
    shown = audits.rows(found)[:MOST_MISMATCHES]
    words = {check.id: check.words for check in found.checks}
    rows = [
        (number, words.get(number, ""), where, expected, actual)
        for number, where, expected, actual in shown
    ]
    heads = ("Check", "Looked for", "Where", "Expected", "Found")
    yield table("Mismatches", heads, rows, long=(1, 2, 3, 4))
    more = len(found.mismatches) - len(shown)
    if more:
        yield paragraph(f"And {more} more: coop audit with --json lists all of them.")
    kept: dict[str, int] = {}
    for each in found.mismatches:
        kept[each.check] = kept.get(each.check, 0) + 1
    cut = [each.id for each in found.checks if each.failed > kept.get(each.id, 0)]
    if cut:
        yield paragraph(
            f"Of check {', '.join(cut)} not every mismatch is kept word by word: the first "
            "thousand are. The numbers below count all."
        )


def _checked(found: "Audit") -> Iterator[Element]:
    yield paragraph(
        "Each line says at how many of how many places something was found that must not be. "
        "0 of 0 means that there was no occasion for it.",
        class_="note",
    )
    for number, title in audits.STEPS.items():
        checks = [each for each in found.checks if each.place[0] == number]
        yield element("h3", f"{number}. {title}")
        said = _counted(found, number)
        if said:
            yield paragraph(said)
        if checks:
            heads = ("No.", "Looked for", "Found", "Of")
            rows = [(each.id, each.words, _failed(each), each.counted) for each in checks]
            yield table(f"Checks of step {number}", heads, rows, numbers=(2, 3))
        else:
            yield paragraph("Nothing was checked in this step.")


def _failed(check: "Check") -> Element | int:
    return element("strong", f"{check.failed} !") if check.failed else 0


def _counted(found: "Audit", number: int) -> str:
    signed = found.signed
    said = {
        3: f"{found.events} events.",
        4: f"{found.ballots} ballots and pay ballots.",
        5: f"Signed by the member's key and carried by somebody: {signed.by_key}. Sent by the "
        f"member's key: {signed.by_transaction}. Accepted by a member's contract account: "
        f"{signed.by_contract}. Carried inside another contract's call: {signed.within_calls}.",
        6: f"{found.words} words of storage.",
    }
    return said.get(number, "")


def _yourself(found: "Audit", digest: str) -> Iterator[Element]:
    anchor = found.end.hash
    yield paragraph(
        "Ask somebody you trust, or a node of your own, for the hash of block "
        f"{found.end.number}. It must be this one; if it is, it is your anchor:"
    )
    yield element("code", anchor)
    yield paragraph("Audit again through any node, and keep what it took:")
    yield element("code", f"coop audit run --rpc URL --anchor {anchor} --evidence FILE")
    yield paragraph("Audit again from a file of evidence, with no network:")
    yield element("code", f"coop audit verify FILE --anchor {anchor}")
    if digest:
        yield paragraph(
            "The evidence of this audit has this SHA-256, over its unpacked bytes; whoever audits "
            "the same blocks in the same way gets the same:"
        )
        yield element("code", digest)
    yield paragraph("Check the evidence by other code, which shares nothing with the first:")
    yield element("code", f"scripts/verify-independent FILE --anchor {anchor}")
