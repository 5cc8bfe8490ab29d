"""Reads one instance from its nodes into its mirror, batch by batch, up to the head.

A batch's rows and the cursor are stored in one transaction, so that a kill at any moment leaves
a whole number of batches; the next run goes on from there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select as columns
from sqlmodel import Session, col, delete

from indexer import ranges
from indexer.batch import Batch, Compare
from indexer.batches import (
    Memory,
    add_missing_blocks,
    continues,
    recall,
    store_batch,
)
from indexer.blocks import BlockRef
from indexer.collector import undisturbed
from indexer.cursor import move_cursor
from indexer.digests import of_block
from indexer.errors import (
    BlockMissing,
    ChainKeepsChanging,
    ReorganisedBeyondFinal,
)
from indexer.pins import refuse_another_chain
from indexer.reading import BatchReader, Reading
from indexer.reorganisation import common_ancestor, final_block, roll_back
from indexer.sources import CONTRADICTIONS, FAULTS, Sources
from indexer.store import Store
from indexer.tables import Block, Cursor

if TYPE_CHECKING:
    from indexer.chain import Chain

ChainHeads = tuple[BlockRef, BlockRef | None, BlockRef | None]
"""The newest block, the newest safe and the newest finalized one, as far as the node knows."""
FINAL_DEPTH = 64
"""Blocks behind the head that count as final on every chain, two epochs of Ethereum's."""
_LONG = 50_000  # logs still to come, to judge by the last batch: a process is worth its start
_TOGETHER = 1_000  # headers held in memory at once
_ATTEMPTS = 5  # at one batch, while the chain changes under it


class Progress(NamedTuple):
    """How far a running sync is: stored through `block` of `target`, with so many events."""

    block: int
    target: int
    events: int


@dataclass(frozen=True)
class SyncResult:
    """What a sync did, or (`mirror_status`) what the mirror holds; block numbers and counts.

    `finalized` and `safe` are None on a chain that knows no such thing. `chronicle_ok`: everything
    through `to_block` folds to the word that the contracts keep; through `proven_to` a state proof
    against the block's header bears that out, beyond it the node's word. `dropped`: blocks that a
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
    proven_to: int
    dropped: int = 0


class Reader:
    """Reads one instance from its nodes into its mirror; keep it to read on, it remembers."""

    def __init__(
        self, chains: "Chain | Sequence[Chain]", store: Store, *, every_header: bool = False
    ) -> None:
        nodes = chains if isinstance(chains, Sequence) else [chains]
        self.sources = Sources(nodes, lambda chain: refuse_another_chain(chain, store))
        self._store = store
        self._batches = BatchReader(store.identity, every_header=every_header)
        self._ahead: Reading | None = None
        self._newest: tuple[Chain, BlockRef] | None = None  # a node's head, and whose it is
        self._memory: Memory | None = None
        self._stateless: Chain | None = None  # a node that had no state of an old block
        self._end: Cursor | None = None  # as the last batch left it, while nobody wrote since
        self._size = ranges.FIRST

    def sync(
        self,
        *,
        to: int | None = None,
        progress: Callable[[Progress], None] | None = None,
        accept_reorganisation: bool = False,
    ) -> SyncResult:
        """Read on from the cursor to the chain's head, or to block `to`; return what was done."""
        with self._store.held(), undisturbed():
            try:
                return self._sync(to, progress, accept_reorganisation)
            finally:
                if self._batches.end_process():
                    self._ahead = None  # it was on its way there

    def _sync(
        self, to: int | None, progress: Callable[[Progress], None] | None, accept: bool
    ) -> SyncResult:
        events = dropped = vain = 0
        from_block = first = (self._end or self._cursor()).block + 1
        heads = self._heads()
        batches = 0  # stored since the heads were asked for
        while True:
            head = heads[0].number
            target = head if to is None else min(to, head)
            batch = self._one_batch(first, target, heads) if first <= target else None
            if batch is not None:
                vain, events = 0, events + len(batch.logs)
                first, batches = batch.last.number + 1, batches + 1
                if progress:
                    progress(Progress(first - 1, target, events))
                if batches == 1 and batch.last == heads[0]:
                    break  # the mirror ends at the head
                continue
            if first > target and batches > 1:
                heads, batches = self._heads(), 0  # that took a while, and the chain grew
                continue
            # Nothing new, another process was quicker, or the chain took another turn.
            gone = self._settle(heads[0], accept)
            dropped += gone
            before, first = first, self._cursor().block + 1
            from_block = min(from_block, first)
            if before > target and not gone:
                break
            vain = vain + 1 if first == before else 0
            if vain == _ATTEMPTS:
                raise ChainKeepsChanging(first, target, vain)
            heads, batches = self._heads(), 0
        cursor = self._note_heads(heads)
        return SyncResult(
            from_block=from_block,
            to_block=cursor.block,
            events=events,
            chain_head=head,
            safe=cursor.safe,
            finalized=cursor.finalized,
            lag_blocks=max(0, head - cursor.block),
            chronicle_ok=cursor.verified == cursor.block,
            proven_to=cursor.proven,
            dropped=dropped,
        )

    def _heads(self) -> ChainHeads:
        while True:
            try:
                chain = self.sources.chain
                heads = chain.heads()
                self._newest = chain, heads[0]
                return heads
            except FAULTS as error:
                self.sources.after(error, 0, 0)

    def _one_batch(self, first: int, target: int, heads: ChainHeads) -> Batch | None:
        """Read and store one batch and return it, or None if it fits no more."""
        last = min(first + self._size - 1, target)
        while True:
            reading: Reading | None = None
            try:
                reading = self._begun(first, last, target)
                batch = reading.batch.result()
                self._stateless = reading.chain if batch.heads is None else None
                self._size = ranges.next_size(self._size, len(batch.logs))
                if last < target:
                    blocks = last - first + 1
                    if len(batch.logs) * (target - last) >= _LONG * blocks:
                        self._batches.begin_process(reading.chain)
                    self._ahead = self._begun(last + 1, min(last + self._size, target), target)
                if not self._keep(batch, heads):
                    return None
            except FAULTS as error:
                self._ahead = self._newest = self._stateless = None
                doubtful = isinstance(error, (*CONTRADICTIONS, BlockMissing))
                if doubtful and not self._still(last, reading.end if reading else None):
                    return None  # no fault: the chain changed while it was read
                last = self.sources.after(error, first, last)
                self._size = max(ranges.SMALLEST, last - first + 1)
                continue
            self.sources.succeeded()
            return batch

    def _begun(self, first: int, last: int, target: int) -> Reading:
        """Return the reading of a range: the one that was begun ahead, if that is the same."""
        ahead, self._ahead = self._ahead, None
        chain = self.sources.chain
        compare = self._compared(chain, first, last == target)
        asked = (chain, first, last, compare)
        if ahead and (ahead.chain, ahead.first, ahead.last, ahead.compare) == asked:
            return ahead
        whose, newest = self._newest or (None, None)
        known = whose is chain and newest is not None and newest.number == last
        end = newest if known else None
        return self._batches.begin(chain, first, last, compare=compare, end=end)

    def _compared(self, chain: "Chain", first: int, newest: bool) -> Compare:
        """Return what to compare with the contracts at the end of a batch that begins there."""
        if chain is self._stateless and not newest:
            return "nothing"  # it lacked old state, and its newest vouches for all before
        proven = self._end is not None and self._end.proven == first - 1
        return "changed" if proven else "everything"

    def _keep(self, batch: Batch, heads: ChainHeads) -> bool:
        """Store a batch if the mirror ends right before it; whatever fails spoils the memory."""
        memory, self._memory, self._end = self._memory, None, None
        with self._store.writing() as session:
            end = session.get_one(Cursor, 1)  # held, or each step would look it up again
            if not continues(session, batch):
                return False
            memory = recall(session, self._store.identity, memory)
            memory = store_batch(session, self._store.identity, batch, memory)
            if batch.last == heads[0]:
                self._note(session, heads)
            session.flush()
            session.expunge(end)
        self._memory, self._end = memory, end
        return True

    def _still(self, number: int, block: BlockRef | None) -> bool:
        """Return whether the chain holds the same block as when its reading began."""
        try:
            return block is not None and self.sources.chain.block(number).hash == block.hash
        except BlockMissing:
            return False
        except FAULTS:
            return True

    def _settle(self, head: BlockRef, accept_reorganisation: bool) -> int:
        """Drop what the chain dropped; return how many blocks went.

        ReorganisedBeyondFinal if some of them were final, unless that is accepted.
        """
        self._end = None
        with self._store.reading() as session:
            cursor = session.get_one(Cursor, 1)
            ancestor = common_ancestor(self.sources.chain, session, head)
            final = final_block(cursor, FINAL_DEPTH)
            if ancestor >= cursor.block:
                return 0
            if ancestor < final and not accept_reorganisation:
                raise ReorganisedBeyondFinal(ancestor, final, cursor.block)
        with self._store.writing() as session:
            return roll_back(session, ancestor)

    def _cursor(self) -> Cursor:
        with self._store.reading() as session:
            return session.get_one(Cursor, 1)

    def _note_heads(self, heads: ChainHeads) -> Cursor:
        """Store the chain's heads, if they are news."""
        before = self._end or self._cursor()
        if _newest(before, heads) == (before.head, before.safe, before.finalized):
            return before
        with self._store.writing() as session:
            cursor = self._note(session, heads)
            session.flush()
            session.expunge(cursor)
        return cursor

    def _note(self, session: Session, heads: ChainHeads) -> Cursor:
        """Store the heads, for answers as of a finality; drop headers that nobody needs."""
        _, safe, finalized = heads
        cursor = session.get_one(Cursor, 1)
        numbers = _newest(cursor, heads)
        first = self._store.identity.first_block
        inside = range(first, cursor.block)
        ends = [each for each in (safe, finalized) if each and each.number in inside]
        add_missing_blocks(session, [(each, of_block(each, ())) for each in ends])
        if finalized:
            _forget_empty(session, max(cursor.finalized or 0, first), finalized.number)
        return move_cursor(session, head=numbers[0], safe=numbers[1], finalized=numbers[2])


def _newest(cursor: Cursor, heads: ChainHeads) -> tuple[int | None, ...]:
    """Return the heads' numbers. They only grow: a node that has fallen behind takes nothing back
    that was final."""
    known = (cursor.head, cursor.safe, cursor.finalized)
    pairs = zip(known, heads, strict=True)
    return tuple(
        max((each for each in (old, new and new.number) if each is not None), default=None)
        for old, new in pairs
    )


def _forget_empty(session: Session, first: int, finalized: int) -> None:
    """Drop headers without logs that are final and were kept only to notice a reorganisation."""
    through = min(finalized, session.get_one(Cursor, 1).block)
    headers = (
        columns(*(col(getattr(Block, name)) for name in BlockRef._fields), col(Block.digest))
        .where(col(Block.number) >= first, col(Block.number) < through)
        .execution_options(yield_per=_TOGETHER)
    )
    # By the digest, which covers the logs: to look for the logs would read all that there are.
    empty = [
        header[0]
        for *header, digest in session.connection().execute(headers)
        if digest == of_block(BlockRef(*header), ())
    ]
    for number in empty:
        session.exec(delete(Block).where(col(Block.number) == number))
