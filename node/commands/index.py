"""`coop index`: the mirror of the co-op on this machine."""

import signal
import threading
from typing import TYPE_CHECKING, Any

import click

from node.context import Context
from node.errors import MirrorProblem, as_coop_error
from node.options import leaf
from node.output import At

if TYPE_CHECKING:
    from indexer.chain import Chain
    from indexer.sync import SyncResult


@click.group()
def index() -> None:
    """The mirror: sync, status, rebuild, check."""


@index.command()
@click.option("--follow", is_flag=True, help="Go on until Ctrl-C.")
@click.option("--interval", type=click.FloatRange(min=0.05), default=1.0, metavar="SECONDS")
@leaf("coop index sync")
def sync(context: Context, follow: bool, interval: float) -> None:
    """Read what is new on the chain into the mirror.

    A mirror is safe to delete: it can always be made again from the chain.
    """
    from indexer import store
    from indexer import sync as syncing

    if context.dry_run:
        _show_status(context)
        return
    chain = context.chain()
    opened = store.open_mirror(context.mirror_place(), context.instance().identity())
    if follow:
        _follow(context, chain, opened, interval)
        return
    with context.out.progress("Reading the chain") as done:
        result = syncing.sync(chain, opened, progress=lambda step: done(step.block))
    _show(context, result, chain)


@index.command()
@leaf("coop index status")
def status(context: Context) -> None:
    """Show how far the mirror is and whether it is complete; nothing is read into it."""
    _show_status(context)


@index.command()
@leaf("coop index rebuild")
def rebuild(context: Context) -> None:
    """Empty the mirror and read everything again."""
    from indexer import sync as syncing

    if context.dry_run:
        context.out.note(f"Would make {context.mirror_place()} again.")
        _show_status(context)
        return
    chain, identity = context.chain(), context.instance().identity()
    with context.out.progress("Reading the chain") as done:
        result = syncing.rebuild(
            chain, context.mirror_place(), identity, progress=lambda step: done(step.block)
        )
    _show(context, result, chain)


@index.command()
@leaf("coop index check")
def check(context: Context) -> None:
    """Check the mirror against itself and against the chain."""
    from indexer import check as checking
    from indexer import store

    opened = store.read_mirror(context.mirror_place(), context.instance().identity())
    chain = _chain_if_it_answers(context)
    result = checking.check(opened, chain)

    def human() -> None:
        against = "itself and the chain" if chain else "itself"
        context.out.line(
            f"{result.blocks} blocks and {result.events} events were checked against {against}: "
            f"{'all is well' if result.ok else f'{len(result.faults)} faults'}."
        )
        if result.faults:
            context.out.table(["Fault", "Where", "Expected", "Found"], result.faults)

    context.out.result("index_check", result, human=human)
    if not result.ok:
        raise MirrorProblem(
            f"The mirror has {len(result.faults)} faults.",
            hint="Make it again: coop index rebuild",
        )


def _follow(context: Context, chain: "Chain", opened: Any, interval: float) -> None:
    from indexer import sync as syncing

    stop, shown = threading.Event(), -1

    def synced(result: "SyncResult") -> None:
        nonlocal shown
        if result.to_block != shown or result.dropped:
            _show(context, result, chain)
        shown = result.to_block

    def trouble(error: Exception) -> None:
        known = as_coop_error(error)
        context.out.warn(f"{known.happened if known else error} Trying again.")

    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    syncing.follow(chain, opened, stop, interval=interval, synced=synced, trouble=trouble)


def _show_status(context: Context) -> None:
    from dataclasses import replace

    from indexer import queries, store

    opened = store.read_mirror(context.mirror_place(), context.instance().identity())
    with opened.reading() as session:
        result, as_of = queries.mirror_status(session), queries.as_of(session)
    chain = _chain_if_it_answers(context)
    if chain is not None:
        head = chain.head().number
        lag = max(0, head - result.to_block)
        result = replace(result, chain_head=head, lag_blocks=lag)
    context.out.result("sync", result, as_of, lambda: _tell(context, result))


def _show(context: Context, result: "SyncResult", chain: "Chain") -> None:
    head = chain.block(result.to_block)
    at = At(context.instance().chain_id, head.number, head.hash, "latest")
    context.out.result("sync", result, at, lambda: _tell(context, result))


def _tell(context: Context, result: "SyncResult") -> None:
    complete = "proved complete" if result.chronicle_ok else "NOT proved complete"
    read = f"Blocks {result.from_block} to {result.to_block}: {result.events} events"
    if result.from_block > result.to_block:
        read = f"Nothing new; the mirror reaches block {result.to_block}"
    context.out.line(
        f"{read}, {complete}; {result.lag_blocks} blocks behind the chain's head "
        f"{result.chain_head}."
    )
    if result.dropped:
        context.out.line(f"{result.dropped} blocks were dropped: the chain took another turn.")


def _chain_if_it_answers(context: Context) -> "Chain | None":
    from indexer.errors import ChainUnreachable

    try:
        return context.chain()
    except ChainUnreachable:
        context.out.warn(f"The chain at {context.settings.rpc_url} does not answer.")
        return None
