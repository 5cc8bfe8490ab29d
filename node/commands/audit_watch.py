"""`coop audit watch` and `coop audit diff`: that a history only ever goes on."""

import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.context import Context, check_chain_id
from node.errors import AuditMismatch, UsageProblem
from node.options import leaf, writes
from node.output import At

if TYPE_CHECKING:
    from indexer.audit.checkpoint import Checkpoint
    from indexer.audit.compare import Comparison
    from indexer.audit.evidence import Evidence
    from indexer.chain import Chain
    from node.checkpoints import Signed


@click.command()
@click.option(
    "--file",
    "place",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Where the checkpoint is kept (default: NAME.checkpoint.json in COOP_HOME).",
)
@click.option("--once", is_flag=True, help="Look once instead of until Ctrl-C or SIGTERM.")
@click.option(
    "--interval",
    type=click.FloatRange(min=0.05),
    default=60.0,
    metavar="SECONDS",
    help="How long to wait between two looks (default: 60).",
)
@writes
@leaf("coop audit watch --once --finality finalized")
def watch(context: Context, place: Path | None, once: bool, interval: float) -> None:
    """Keep a signed checkpoint of the history, and refuse a chain that does not go on from it.

    The first look audits everything; each later one reads what is new, folds it to the chronicle
    that the newest state proves, and signs how far it came. Ends with 9, and leaves the checkpoint
    as it is, when the chain is another one or was changed. Give your checkpoint to others:
    `coop audit diff` finds out if a node shows different members different histories.
    """
    from indexer.patience import PatientChain
    from node import checkpoints

    chosen = context.instance()
    path = place or context.settings.home / f"{chosen.name}.checkpoint.json"
    chain = PatientChain(context.settings.rpc_url)
    check_chain_id(chain, chosen)
    if context.dry_run:
        raise UsageProblem("A look that signs nothing is: coop audit run")
    account = context.account()  # asked for once, before anything takes long
    stop = threading.Event()
    if not once:
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
    while not stop.is_set():
        seen, proven = _look(context, chain, path)
        _show(context, checkpoints.write(path, seen, account), path, proven)
        if once:
            return
        stop.wait(interval)


@click.command()
@click.argument("first", metavar="A", type=click.Path(path_type=Path))
@click.argument("second", metavar="B", type=click.Path(path_type=Path))
@leaf("coop audit diff mine.jsonl.gz theirs.jsonl.gz")
def diff(context: Context, first: Path, second: Path) -> None:
    """Say whether one history goes on from the other, and where they part.

    A and B are files of evidence, or checkpoints. Of two checkpoints of different blocks only a
    chain can tell: it is asked then (--rpc). Neither file is audited by this. Ends with 9 when the
    histories part.
    """
    found = _compared(context, first, second)
    told = {
        "same": f"{second} tells the same history as {first}.",
        "extends": f"{second} goes on from {first}.",
        "extended": f"{first} goes on from {second}.",
        "apart": f"{first} and {second} are two different histories.",
        "unrelated": f"{first} and {second} have nothing to do with each other.",
    }[found.relation]

    def tell() -> None:
        context.out.line(told)
        context.out.line(found.where)

    context.out.result("comparison", found._asdict(), human=tell)
    if found.relation in ("apart", "unrelated"):
        raise AuditMismatch(
            f"{told} {found.where}",
            hint="Find out which one is the chain's: audit both with an anchor that you trust.",
        )


def _look(context: Context, chain: "Chain", path: Path) -> "tuple[Checkpoint, bool]":
    from indexer.audit.checkpoint import begun, extended
    from indexer.audit.run import run
    from node import checkpoints

    chosen, depth = context.instance(), context.settings.depth
    if not path.exists():
        with context.out.progress("Replaying the history") as done:
            found = run([chain], chosen.identity(), chosen.subject(), depth=depth, progress=done)
        if not found.audit.ok:
            raise AuditMismatch(
                f"The audit of {chosen.name} found {len(found.audit.mismatches)} mismatches: "
                "no checkpoint was made.",
                hint="See them with: coop audit run",
            )
        return begun(found.audit), found.audit.proof_ok
    known = checkpoints.read(path).checkpoint
    identity = chosen.identity()
    if (known.chain_id, known.addresses) != (identity.chain_id, identity.addresses):
        raise UsageProblem(
            f"{path} is the checkpoint of another co-op.",
            undone="It was left as it is.",
            hint="Name another file: --file FILE",
        )
    return extended(chain, identity, known, chain.head(depth))


def _show(context: Context, signed: "Signed", path: Path, proven: bool) -> None:
    from node import checkpoints

    known = signed.checkpoint
    at = At(known.chain_id, known.block, known.block_hash, context.settings.depth)
    data = checkpoints.data(signed, path) | {"proven": proven}
    how = "proven" if proven else "by the node's word, or nothing new"
    text = f"Block {known.block}: {known.events} events, {how}. Signed in {path}."
    context.out.result("checkpoint", data, at, lambda: context.out.line(text))


def _compared(context: Context, first: Path, second: Path) -> "Comparison":
    from indexer.audit import compare

    one, other = _read(first), _read(second)
    if not isinstance(one, tuple):
        if not isinstance(other, tuple):
            return compare.compare(one, other)
        return compare.turned(compare.compare_checkpoint(other, one))
    if not isinstance(other, tuple):
        return compare.compare_checkpoint(one, other)
    both = compare.compare_checkpoints(one, other)
    return both or _by_chain(context, one, other)


def _by_chain(context: Context, one: "Checkpoint", other: "Checkpoint") -> "Comparison":
    """Whether both lie on the chain that is asked."""
    from indexer.audit.checkpoint import extended
    from indexer.audit.compare import Comparison
    from indexer.errors import NotAnExtension
    from indexer.patience import PatientChain

    chain = PatientChain(context.settings.rpc_url)
    earlier, later = sorted((one, other), key=lambda each: each.block)
    identity = context.instance().identity()
    try:
        reached, _ = extended(chain, identity, earlier, chain.block(later.block))
    except NotAnExtension as error:
        return Comparison("apart", error.message)
    if reached != later:
        return Comparison("apart", f"On this chain block {later.block} is {reached.block_hash}.")
    where = f"The chain goes from block {earlier.block} to {later.block}."
    return Comparison("extends" if one == earlier else "extended", where)


def _read(path: Path) -> "Evidence | Checkpoint":
    from indexer.audit.evidence import Evidence, is_packed
    from node import checkpoints

    return Evidence(path) if is_packed(path) else checkpoints.read(path).checkpoint
