"""`coop proposal watch`: be told when a proposal opens, is voted on, closes, is decided."""

import signal
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from node.context import Context
from node.errors import NotFound, UsageProblem
from node.options import NUMBER, leaf

if TYPE_CHECKING:
    from indexer.queries import AsOf, ProposalSummary
    from indexer.store import Store
    from node.watching import Change


@click.command()
@click.argument("proposal", metavar="[PROPOSAL]", type=NUMBER, required=False)
@click.option("--all", "everything", is_flag=True, help="All proposals, also those to come.")
@click.option("--once", is_flag=True, help="Look once, and compare with the last look.")
@click.option(
    "--interval",
    type=click.FloatRange(min=0.05),
    default=15.0,
    metavar="SECONDS",
    help="How long to wait at most between two looks (default: 15).",
)
@leaf("coop proposal watch --all --once")
def watch(
    context: Context, proposal: int | None, everything: bool, once: bool, interval: float
) -> int:
    """Wait, and tell when a proposal opens, is voted on, closes, is decided.

    Ends when the proposal is decided; with --all at Ctrl-C or SIGTERM. With --json each look that
    saw a change prints one document. --once is for cron: it compares with what it saw last time
    (NAME.watch.json in COOP_HOME), ends with 0 if something changed and with 3 if nothing did; the
    first time it only remembers.
    """
    if (proposal is None) != everything:
        raise UsageProblem("Name one proposal, or give --all.")
    if once:
        return _once(context, proposal)
    _until_decided(context, proposal, interval)
    return 0


def _once(context: Context, proposal: int | None) -> int:
    """Compare with the last look, and return the exit code: cron mails whatever is printed, so that
    no news must be silent."""
    from node import watching

    path = context.settings.home / f"{context.instance().name}.watch.json"
    known = watching.recall(path, context.instance())
    found, at = _look(context, context.mirror(), proposal)
    # What was never looked at is news only where all proposals are watched.
    began = known is None or (proposal is not None and proposal not in known)
    happened = [] if began else list(watching.changes(known or {}, found))
    if not context.dry_run:
        now = {each.proposal_id: watching.seen(each) for each in found}
        watching.remember(path, context.instance(), at, {**(known or {}), **now})
    if happened or context.out.json:
        _tell(context, happened, at)
    if began:
        context.out.note("This was the first look; the next one tells what has changed.")
    return 0 if happened else NotFound.exit_code


def _until_decided(context: Context, proposal: int | None, interval: float) -> None:
    from indexer import follow
    from node import watching

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    store = context.mirror()
    found, at = _look(context, store, proposal)
    known = {each.proposal_id: watching.seen(each) for each in found}
    what = "all proposals" if proposal is None else f"proposal {proposal}, {found[0].state}"
    context.out.note(f"Watching {what}, from block {at.block}. Ctrl-C ends it.")

    def looked(_: Any = None) -> None:
        found, at = _look(context, store, proposal)
        happened = list(watching.changes(known, found))
        known.update({each.proposal_id: watching.seen(each) for each in found})
        if happened:
            _tell(context, happened, at)
        if proposal is not None and watching.is_over(found[0]):
            stop.set()

    looked()
    follow.follow(
        context.chains(),
        store,
        stop,
        interval=interval,
        synced=looked,
        trouble=lambda error: context.out.warn(str(error)),
    )


def _look(
    context: Context, store: "Store", proposal: int | None
) -> "tuple[Sequence[ProposalSummary], AsOf]":
    from indexer import queries
    from node import wording

    with store.reading() as session:
        at = queries.as_of(session, context.settings.depth)
        found = [
            each for each in queries.proposals(session, at) if proposal in (None, each.proposal_id)
        ]
        if proposal is not None and not found:
            raise NotFound(f"As of block {at.block} there is no proposal {proposal}.")
        texts = context.settings.texts
        return wording.titled(session, at, context.instance(), texts, found), at


def _tell(context: Context, happened: "Sequence[Change]", at: "AsOf") -> None:
    def human() -> None:
        for each in happened:
            context.out.line(each.sentence())

    context.out.result("proposal_changes", [each.data() for each in happened], at, human)
