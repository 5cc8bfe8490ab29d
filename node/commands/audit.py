"""`coop audit`: whether the history is complete and followed the rules, from chain data alone."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from node.context import Context, check_chain_id
from node.errors import AuditMismatch, UsageProblem
from node.options import leaf
from node.output import At

if TYPE_CHECKING:
    from indexer.audit.run import Audit


@click.group()
def audit() -> None:
    """The audit: replay the whole history and prove it."""


@audit.command()
@click.option(
    "--anchor",
    metavar="HASH",
    help="Audit through the block of this hash, which you know from elsewhere.",
)
@leaf("coop audit run")
def run(context: Context, anchor: str | None) -> None:
    """Replay the whole history from the chain, and say what is proven of it.

    Nothing of the mirror is read. Every sub-check says at how many of how many places it did not
    hold. Ends with 9 when anything is not as it should be.
    """
    from indexer.audit.run import audit as audited

    chosen, chain = context.instance(), context.any_chain()
    check_chain_id(chain, chosen)
    end = chain.block(_hash(anchor)) if anchor else chain.head(context.settings.depth)
    with context.out.progress("Replaying the history") as done:
        found = audited(
            chain,
            chosen.identity(),
            chosen.subject(),
            end,
            anchored=anchor is not None,
            progress=done,
        )
    at = At(chosen.chain_id, end.number, end.hash, context.settings.depth)
    context.out.result("audit", _data(found), at, lambda: _tell(context, found))
    if not found.ok:
        raise AuditMismatch(
            f"The audit of {chosen.name} found {len(found.mismatches)} mismatches.",
            hint="Audit again through another node (--rpc). If they stay, show them to the others.",
        )


def _hash(text: str) -> str:
    try:
        right = len(bytes.fromhex(text.removeprefix("0x"))) == 32
    except ValueError:
        right = False
    if not right:
        raise UsageProblem(
            f"{text} is no block hash: that is 0x and 64 digits.", undone="Nothing was audited."
        )
    return "0x" + text.removeprefix("0x").lower()


def _data(found: "Audit") -> dict[str, Any]:
    """The audit as `--json` shows it."""
    from indexer.audit.run import UNCHECKED

    return {
        "ok": found.ok,
        "level": found.level,
        "blocks": found.blocks,
        "events": found.events,
        "ballots_checked": found.ballots,
        "chronicle": {
            "replayed": _hexed(found.replayed),
            "on_chain": _hexed(found.on_chain),
            "ok": found.replayed == found.on_chain,
        },
        "anchor": {
            "block": found.end.number,
            "block_hash": found.end.hash,
            "proof_ok": found.proof_ok,
        },
        "code": [{"title": each.title, "ok": each.ok} for each in found.code],
        "checks": [
            {"id": each.id, "words": each.words, "counted": each.counted, "failed": each.failed}
            for each in found.checks
        ],
        "mismatches": [each._asdict() for each in found.mismatches],
        "findings": {
            name: [each._asdict() for each in listed]
            for name, listed in found.findings._asdict().items()
        },
        "unchecked": list(UNCHECKED),
    }


def _hexed(heads: Any) -> dict[str, str]:
    return {name: "0x" + head.hex() for name, head in heads.items()}


def _tell(context: Context, found: "Audit") -> None:
    for line in _lines(found):
        context.out.line(line)
    if found.mismatches:
        rows = [(each.check, each.where, each.expected, each.found) for each in found.mismatches]
        context.out.table(["Check", "Where", "Expected", "Found"], rows)


def _lines(found: "Audit") -> Iterator[str]:
    from indexer.audit.run import UNCHECKED

    levels = {
        "anchored": "anchored: proven against the block hash that you gave",
        "proven": "proven: against a header of this node; compare its hash with others",
        "logs-only": "logs only: this node proves nothing of that block, and is believed",
    }
    yield f"1. Endpoint: {levels[found.level]}"
    yield f"   block {found.end.number}, {found.end.hash}"
    faults = sum(len(step.faults) for step in found.code)
    yield f"2. Code and powers: {faults} faults in {len(found.code)} steps"
    apart = sum(found.on_chain.get(name) != head for name, head in found.replayed.items())
    yield f"3. Completeness: {found.events} events; chronicles that differ: {apart} of 4"
    yield f"4. Replay: {found.ballots} ballots"
    for check in found.checks:
        if check.counted:
            yield f"   {check.id} {check.words}: {check.failed} of {check.counted}"
    yield from (f"{words} Not checked." for words in UNCHECKED)
    facts = found.findings
    yield "7. Findings"
    for each in facts.turnout:
        tally = each.tally
        yield (
            f"   proposal {each.proposal}, {each.state}: {each.voted} of {each.roll} voted, "
            f"{tally.for_} for, {tally.against} against, {tally.abstain} abstain"
        )
    yield from (f"   {each.poll}: {each.ballots} ballots changed" for each in facts.changed)
    yield from (f"   {each.poll}: {each.ballots} skipped, {each.cause}" for each in facts.skipped)
    for late in facts.last_minute:
        yield f"   proposal {late.proposal}: {late.ballots} ballots in the last minute"
    for turned in facts.rotated_mid_vote:
        yield f"   proposal {turned.proposal}: member {turned.member_id} changed keys meanwhile"
    verdict = "nothing departs from the rules" if found.ok else "NOT as it should be"
    yield f"Result: {verdict}, as far as the level above reaches."
