"""`coop audit`: whether the history is complete and followed the rules, from chain data alone."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from node.commands.audit_watch import diff, watch
from node.context import Context, check_chain_id
from node.errors import AuditMismatch, UsageProblem
from node.options import leaf
from node.output import At

if TYPE_CHECKING:
    from indexer.audit.judge import Audit

_ANCHOR = click.option(
    "--anchor", metavar="HASH", help="The last block's hash as you know it from elsewhere."
)
_RECOMPILE = click.option(
    "--recompile",
    is_flag=True,
    help="Compile the contracts from their sources and compare; in a clone only, a minute or two.",
)
_REEXECUTE = click.option(
    "--reexecute",
    is_flag=True,
    help="Run every transaction again in an EVM, and compare logs and storage.",
)

_PROMISE = click.option(
    "--promise",
    "promises",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Say whether this relayer's promise was kept (repeatable).",
)

_REPORT = click.option(
    "--report",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the result as a page of HTML that one can read and print.",
)


@click.group()
def audit() -> None:
    """The audit: replay the whole history and prove it."""


audit.add_command(diff)
audit.add_command(watch)


@audit.command()
@_ANCHOR
@click.option("--receipts", is_flag=True, help="Prove every block's logs by its receipts as well.")
@click.option(
    "--evidence",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Keep all that is needed to audit again without a network.",
)
@_REPORT
@_RECOMPILE
@_REEXECUTE
@_PROMISE
@leaf("coop audit run")
def run(
    context: Context,
    anchor: str | None,
    receipts: bool,
    evidence: Path | None,
    report: Path | None,
    recompile: bool,
    reexecute: bool,
    promises: tuple[Path, ...],
) -> None:
    """Replay the whole history from the chain, and say what is proven of it.

    Nothing of the mirror is read. Every sub-check says at how many of how many places it did not
    hold. With several addresses in --rpc, the last block is one that all of them have; if two or
    more name it by the same hash, that is an anchor. Ends with 9 when anything is not as it should
    be.
    """
    from indexer.audit.run import run as audited
    from indexer.patience import PatientChain
    from node import audits, sources

    sources.ensure(recompile=recompile, reexecute=reexecute)
    chosen = context.instance()
    chains = [PatientChain(url) for url in context.settings.rpc_urls]
    for chain in chains:
        check_chain_id(chain, chosen)
    _refuse_existing(evidence, report)
    words = audits.words(promises)
    stale = sources.stale_artifacts(context.out) if recompile else None
    with context.out.progress("Replaying the history") as done:
        found = audited(
            chains,
            chosen.identity(),
            chosen.subject(),
            anchor=_hash(anchor),
            depth=context.settings.depth,
            receipts=receipts,
            evidence=None if context.dry_run else evidence,
            reexecute=reexecute,
            stale=stale,
            promised=words,
            progress=done,
        )
    audits.refuse_foreign(promises, found.audit.opening)
    data = audits.data(found.audit) | {
        "abilities": found.abilities._asdict(),
        "nodes": {"asked": len(chains), "agreeing": found.agreeing},
        "evidence": {"file": str(evidence), "sha256": found.digest} if found.digest else None,
    }
    context.out.note(audits.abilities_in_words(found.abilities))
    _say(context, found.audit, data)
    _keep(context, found.audit, found.digest, report)
    if found.digest:
        context.out.note(f"The evidence is in {evidence}; its SHA-256 is {found.digest}.")
    _refuse(found.audit, f"The audit of {chosen.name}", "Audit again through another node (--rpc).")


@audit.command()
@click.argument("file", type=click.Path(path_type=Path))
@_ANCHOR
@_REPORT
@_RECOMPILE
@_REEXECUTE
@_PROMISE
@leaf("coop audit verify evidence.jsonl.gz --anchor 0x…")
def verify(
    context: Context,
    file: Path,
    anchor: str | None,
    report: Path | None,
    recompile: bool,
    reexecute: bool,
    promises: tuple[Path, ...],
) -> None:
    """Audit again from a file of evidence, with no network.

    The file names the co-op by its addresses: compare them, and the last block's hash, with what
    you know. Ends with 9 when anything is not as it should be.
    """
    from indexer.audit.run import verify as verified
    from node import audits, sources

    _refuse_existing(report)
    sources.ensure(recompile=recompile, reexecute=reexecute)
    known = _hash(anchor)
    words = audits.words(promises)
    stale = sources.stale_artifacts(context.out) if recompile else None
    with context.out.progress("Replaying the evidence") as done:
        found, digest = verified(
            file, anchor=known, reexecute=reexecute, stale=stale, promised=words, progress=done
        )
    audits.refuse_foreign(promises, found.opening)
    opening = found.opening
    about: dict[str, Any] = {"chain_id": opening.chain_id, "factory": opening.factory}
    about.update(opening.addresses.items())
    data = audits.data(found) | {
        "evidence": {"file": str(file), "sha256": digest},
        "instance": about,
    }
    _say(context, found, data)
    _keep(context, found, digest, report)
    for name, value in about.items():
        context.out.note(f"{name} {value}")
    context.out.note(f"The evidence's SHA-256 is {digest}.")
    _refuse(found, f"The audit of {file}", "Gather the evidence again through another node.")


def _refuse_existing(*files: Path | None) -> None:
    given = [file for file in files if file is not None]
    if len({file.absolute() for file in given}) < len(given):
        raise UsageProblem(
            f"{given[0]} cannot hold both the evidence and the report.",
            undone="Nothing was audited.",
            hint="Name two files.",
        )
    for file in given:
        if file.exists():
            raise UsageProblem(
                f"{file} exists already.",
                undone="Nothing was audited, and the file was not touched.",
                hint="Choose another name.",
            )


def _keep(context: Context, found: "Audit", digest: str, report: Path | None) -> None:
    from node.files import write_private
    from node.report import page

    if report is None or context.dry_run:
        return
    try:
        write_private(report, page(found, digest), new=True)
    except OSError as error:
        if found.ok:
            raise
        # That the audit failed is what the command must end with.
        context.out.warn(f"The report was not written to {report}: {error.strerror}.")
    else:
        context.out.note(f"The report is in {report}.")


def _hash(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        right = len(bytes.fromhex(text.removeprefix("0x"))) == 32
    except ValueError:
        right = False
    if not right:
        raise UsageProblem(
            f"{text} is no block hash: that is 0x and 64 digits.", undone="Nothing was audited."
        )
    return "0x" + text.removeprefix("0x").lower()


def _say(context: Context, found: "Audit", data: dict[str, Any]) -> None:
    from node import audits

    def tell() -> None:
        for line in audits.lines(found):
            context.out.line(line)
        if found.mismatches:
            context.out.table(["Check", "Where", "Expected", "Found"], audits.rows(found))

    at = At(found.opening.chain_id, found.end.number, found.end.hash, context.settings.depth)
    context.out.result("audit", data, at, tell)


def _refuse(found: "Audit", what: str, hint: str) -> None:
    if not found.ok:
        raise AuditMismatch(
            f"{what} found {len(found.mismatches)} mismatches.",
            hint=f"{hint} If they stay, show them to the others.",
        )
