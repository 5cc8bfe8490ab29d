"""`coop index`: the mirror of the co-op on this machine."""

import json
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.context import Context
from node.errors import MirrorProblem, as_coop_error
from node.options import leaf

if TYPE_CHECKING:
    from indexer.chain import Chain
    from indexer.reader import SyncResult
    from indexer.store import Store


@click.group()
def index() -> None:
    """The mirror: sync, status, rebuild, check, metadata."""


@index.command()
@click.option("--follow", is_flag=True, help="Go on until Ctrl-C or SIGTERM.")
@click.option(
    "--interval",
    type=click.FloatRange(min=0.05),
    default=1.0,
    metavar="SECONDS",
    help="With --follow: look at least this often (default: 1).",
)
@click.option(
    "--websocket",
    metavar="URL",
    help="With --follow: where new heads are told (default: the address of --rpc).",
)
@click.option(
    "--every-header",
    is_flag=True,
    help="Read, hash and link the headers of blocks without events too.",
)
@click.option(
    "--accept-reorganisation",
    is_flag=True,
    help="Follow the chain even where it takes back what counted as final.",
)
@leaf("coop index sync")
def sync(
    context: Context,
    follow: bool,
    interval: float,
    websocket: str | None,
    every_header: bool,
    accept_reorganisation: bool,
) -> None:
    """Read what is new on the chain into the mirror, and prove it complete.

    A mirror is safe to delete: it can always be made again from the chain.
    """
    from indexer import store
    from indexer import sync as syncing

    if context.dry_run:
        _show_status(context)
        return
    chains = context.chains()
    opened = store.open_mirror(context.mirror_place(), context.instance().identity())
    if follow and not accept_reorganisation:
        _follow(context, chains, opened, interval, websocket, every_header)
        return
    with context.out.progress("Reading the chain") as done:
        result = syncing.sync(
            chains,
            opened,
            progress=lambda step: done(step.block),
            every_header=every_header,
            accept_reorganisation=accept_reorganisation,
        )
    _show(context, result, opened)
    if follow:
        _follow(context, chains, opened, interval, websocket, every_header)


@index.command()
@leaf("coop index status")
def status(context: Context) -> None:
    """Show how far the mirror is and whether it is complete; nothing is read into it."""
    _show_status(context)


@index.command()
@click.option(
    "--from",
    "source",
    type=click.Choice(["chain", "logs"]),
    default="chain",
    help="chain: read everything again (default); logs: derive the rows from the stored logs.",
)
@leaf("coop index rebuild")
def rebuild(context: Context, source: str) -> None:
    """Empty the mirror and fill it again."""
    from indexer import derivation, store
    from indexer import sync as syncing

    place, identity = context.mirror_place(), context.instance().identity()
    if context.dry_run:
        context.out.note(f"Would make {place} again.")
        _show_status(context)
        return
    if source == "logs":
        with store.open_mirror(place, identity).writing() as session:
            derivation.derive_again(session, identity)
        _show_status(context)
        return
    chains = context.chains()
    with context.out.progress("Reading the chain") as done:
        result = syncing.rebuild(chains, place, identity, progress=lambda step: done(step.block))
    _show(context, result, store.read_mirror(place, identity))


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


@index.command()
@leaf("coop index metadata")
def metadata(context: Context) -> None:
    """Say what the mirror's tables mean, as a metadata file for Datasette.

    Written to a file, it makes `datasette MIRROR.db --metadata FILE` show tables, views and
    ready-made queries in words.
    """
    from indexer.catalogue import metadata as described

    place = context.mirror_place()
    name = place.stem if isinstance(place, Path) else context.instance().name
    found = described(name)
    text = json.dumps(found, indent=2, ensure_ascii=False)
    # With --json names stand as values: as keys the envelope would spell `from_` otherwise.
    listed = [
        {
            "name": table,
            "description": words["description"],
            "columns": [
                {"name": column, "meaning": meaning}
                for column, meaning in words.get("columns", {}).items()
            ],
        }
        for table, words in found["databases"][name]["tables"].items()
    ]
    context.out.result(
        "mirror_metadata",
        {"database": name, "tables": listed},
        human=lambda: context.out.line(text),
    )


def _follow(
    context: Context,
    chains: "list[Chain]",
    opened: "Store",
    interval: float,
    websocket: str | None,
    every_header: bool,
) -> None:
    from indexer import follow as following

    stop, shown = threading.Event(), -1

    def synced(result: "SyncResult") -> None:
        nonlocal shown
        if result.to_block != shown or result.dropped:
            _show(context, result, opened)
        shown = result.to_block

    def trouble(error: Exception) -> None:
        known = as_coop_error(error)
        context.out.warn(f"{known.happened if known else error} Trying again.")

    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    following.follow(
        chains,
        opened,
        stop,
        interval=interval,
        websocket=websocket,
        every_header=every_header,
        synced=synced,
        trouble=trouble,
    )


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


def _show(context: Context, result: "SyncResult", opened: "Store") -> None:
    from indexer import queries

    with opened.reading() as session:
        as_of = queries.as_of(session)
    context.out.result("sync", result, as_of, lambda: _tell(context, result))


def _tell(context: Context, result: "SyncResult") -> None:
    complete = "NOT proved complete"
    if result.chronicle_ok:
        proven = result.proven_to >= result.to_block
        complete = "proved complete" if proven else "complete by the node's word"
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
