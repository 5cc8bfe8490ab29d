"""Brings the mirror up to the chain, batch by batch, and keeps it there.

A batch's rows and the cursor are stored in one transaction, so that a kill at any moment leaves
a whole number of batches; the next run goes on from there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Stop
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import exists
from sqlmodel import Session, col, delete

from indexer.batches import add_missing_blocks, continues, read_batch, store_batch
from indexer.blocks import BlockRef
from indexer.errors import (
    BlockMissing,
    ChainKeepsChanging,
    ChainRefused,
    ChainUnreachable,
    ChronicleMismatch,
    IndexerError,
    LogsInconsistent,
    MirrorLocked,
    MirrorOfAnotherChain,
)
from indexer.identity import Identity, code_hash
from indexer.reorganisation import common_ancestor, roll_back
from indexer.store import Store, open_mirror
from indexer.tables import Block, Cursor, Log

if TYPE_CHECKING:
    from indexer.chain import Chain

TRANSIENT = (
    BlockMissing,
    ChainKeepsChanging,
    ChainRefused,
    ChainUnreachable,
    LogsInconsistent,
    MirrorLocked,
)
"""Errors that the next attempt may not meet again: a node or another process, not the data."""

_ATTEMPTS = 5  # at one batch, while the chain changes under it
_SMALLEST, _LARGEST = 1, 10_000  # blocks a batch; many nodes answer no larger range
_FEW, _MANY = 1_000, 4_000  # logs a batch: about 1 MB a reply is fastest


class Progress(NamedTuple):
    """How far a running sync is: stored through `block` of `target`, with so many events."""

    block: int
    target: int
    events: int


@dataclass(frozen=True)
class SyncResult:
    """What a sync did, or (`mirror_status`) what the mirror holds; block numbers and counts.

    `finalized` and `safe` are None on a chain that knows no such thing. `chronicle_ok`: everything
    through `to_block` folds to the word that the contracts keep. `dropped`: blocks that a
    reorganisation took away.
    """

    from_block: int
    to_block: int
    events: int
    chain_head: int
    safe: int | None
    finalized: int | None
    lag_blocks: int
    chronicle_ok: bool
    dropped: int = 0


def sync(
    chain: "Chain",
    store: Store,
    *,
    to: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> SyncResult:
    """Read on from the cursor to the chain's head, or to block `to`, and return what was done."""
    refuse_another_chain(chain, store)
    from_block, dropped = _settle(chain, store)
    events, size, vain = 0, _FEW, 0
    while True:
        head = chain.head()
        first = _cursor(store).block + 1
        target = head.number if to is None else min(to, head.number)
        if first > target:
            break
        last = min(first + size - 1, target)
        try:
            stored = _one_batch(chain, store, first, last)
        except ChainRefused:
            if size == _SMALLEST or first == last:
                raise
            size = max(_SMALLEST, (last - first + 1) // 2)
            continue
        if stored is None:  # another process was quicker, or the chain took another turn
            dropped += _settle(chain, store)[1]
            vain = vain + 1 if _cursor(store).block == first - 1 else 0
            if vain == _ATTEMPTS:
                raise ChainKeepsChanging(first, last, vain)
            continue
        vain = 0
        events += stored
        size = _next_size(size, stored)
        if progress:
            progress(Progress(last, target, events))
    cursor = _note_heads(chain, store, head)
    return SyncResult(
        from_block=from_block,
        to_block=cursor.block,
        events=events,
        chain_head=head.number,
        safe=cursor.safe,
        finalized=cursor.finalized,
        lag_blocks=max(0, head.number - cursor.block),
        chronicle_ok=cursor.verified == cursor.block,
        dropped=dropped,
    )


def follow(
    chain: "Chain",
    store: Store,
    stop: Stop,
    *,
    interval: float = 1.0,
    synced: Callable[[SyncResult], None] | None = None,
    trouble: Callable[[IndexerError], None] | None = None,
) -> None:
    """Sync again and again, `interval` seconds apart, until `stop` is set.

    What passes by itself (TRANSIENT) is told to `trouble` and tried again; the rest is raised.
    """
    while not stop.is_set():
        try:
            result = sync(chain, store)
        except TRANSIENT as error:
            if trouble is None:
                raise
            trouble(error)
        else:
            if synced:
                synced(result)
        stop.wait(interval)


def rebuild(
    chain: "Chain",
    location: Path | str,
    identity: Identity,
    *,
    progress: Callable[[Progress], None] | None = None,
) -> SyncResult:
    """Empty the mirror, whatever it held, and read everything again."""
    return sync(chain, open_mirror(location, identity, fresh=True), progress=progress)


def refuse_another_chain(chain: "Chain", store: Store) -> None:
    """Raise MirrorOfAnotherChain unless the chain is the one that the store mirrors."""
    identity = store.identity
    if (found := chain.chain_id()) != identity.chain_id:
        raise MirrorOfAnotherChain(store.location, "chain id", found, identity.chain_id)
    code = code_hash(chain, list(identity.addresses.values()))
    if code != identity.code_hash:
        raise MirrorOfAnotherChain(store.location, "code hash", code, identity.code_hash)


def _settle(chain: "Chain", store: Store) -> tuple[int, int]:
    """Drop what the chain dropped; return the first block to read now, and how many went."""
    with store.reading() as session:
        cursor = session.get_one(Cursor, 1).block
        ancestor = common_ancestor(chain, session, store.identity)
    if ancestor >= cursor:
        return cursor + 1, 0
    with store.writing() as session:
        return ancestor + 1, roll_back(session, ancestor)


def _one_batch(chain: "Chain", store: Store, first: int, last: int) -> int | None:
    """Read and store one batch; return its number of logs, or None if it does not fit any more."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            end = chain.block(last)
        except BlockMissing:  # the chain grew shorter since its head was asked for
            return None
        try:
            batch = read_batch(chain, store.identity, first, last)
            with store.writing() as session:
                if not continues(session, batch.span):
                    return None
                store_batch(session, store.identity, batch)
            return len(batch.span.logs)
        except (LogsInconsistent, BlockMissing, ChronicleMismatch):
            # Once more in any case: behind one address may be several nodes, one of them late.
            if attempt > 1 and _same(chain, end):
                raise
    raise ChainKeepsChanging(first, last, _ATTEMPTS)


def _same(chain: "Chain", block: BlockRef) -> bool:
    try:
        return chain.block(block.number).hash == block.hash
    except BlockMissing:
        return False


def _next_size(size: int, logs: int) -> int:
    if logs > _MANY:
        return max(_SMALLEST, size // 2)
    return min(_LARGEST, size * 2) if logs < _FEW else size


def _cursor(store: Store) -> Cursor:
    with store.reading() as session:
        return session.get_one(Cursor, 1)


def _note_heads(chain: "Chain", store: Store, head: BlockRef) -> Cursor:
    """Store the chain's heads, for answers as of a finality, and drop headers nobody needs."""
    safe, finalized = _finality(chain, "safe"), _finality(chain, "finalized")
    with store.reading() as session:
        cursor = session.get_one(Cursor, 1)
        numbers = (head.number, safe and safe.number, finalized and finalized.number)
        if (cursor.head, cursor.safe, cursor.finalized) == numbers:
            return cursor
    with store.writing() as session:
        cursor = session.get_one(Cursor, 1)
        before = cursor.finalized
        cursor.head, cursor.safe, cursor.finalized = numbers
        session.add(cursor)
        inside = range(store.identity.first_block, cursor.block)
        add_missing_blocks(
            session, [each for each in (safe, finalized) if each and each.number in inside]
        )
        if finalized:
            first = max(before or 0, store.identity.first_block)
            _forget_empty(session, first, finalized.number)
        session.flush()
        session.expunge(cursor)
    return cursor


def _finality(chain: "Chain", tag: str) -> BlockRef | None:
    try:
        return chain.head("safe" if tag == "safe" else "finalized")
    except (BlockMissing, ChainRefused):
        return None


def _forget_empty(session: Session, first: int, finalized: int) -> None:
    """Drop headers without logs that are final and were kept only to notice a reorganisation."""
    cursor = session.get_one(Cursor, 1)
    has_logs = exists().where(col(Log.block) == col(Block.number))
    session.exec(
        delete(Block).where(
            col(Block.number) >= first,
            col(Block.number) < min(finalized, cursor.block),
            ~has_logs,
        )
    )
