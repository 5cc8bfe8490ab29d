"""Reads batches in a thread of its own: the next one comes while the present one is stored."""

from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING
from weakref import finalize

from indexer.batches import Batch, read_batch
from indexer.blocks import BlockRef
from indexer.identity import Identity

if TYPE_CHECKING:
    from indexer.chain import Chain


@dataclass
class Reading:
    """The blocks `first` to `last` on their way from one node; `batch` gives them or its error."""

    chain: "Chain"
    first: int
    last: int
    batch: Future[Batch] = field(default_factory=Future)
    end: BlockRef | None = None
    """The last block when the reading began; None if it did not get so far."""


class BatchReader:
    """Reads one batch after another, in the order in which they were asked for."""

    def __init__(self, identity: Identity, *, every_header: bool = False) -> None:
        self._identity = identity
        self._every_header = every_header
        self._asked: SimpleQueue[Reading | None] = SimpleQueue()
        self._begun = False

    def begin(self, chain: "Chain", first: int, last: int, end: BlockRef | None = None) -> Reading:
        """Ask for a range of blocks and return at once; `end` is the last one if it is known."""
        if not self._begun:
            # The thread knows the queue and not its reader: it ends when nobody can ask any more.
            # A daemon, so that a node that never answers keeps no process from its end.
            given = (self._asked, self._identity, self._every_header)
            Thread(target=_work, args=given, name="read-batches", daemon=True).start()
            finalize(self, self._asked.put, None)
            self._begun = True
        reading = Reading(chain, first, last, end=end)
        self._asked.put(reading)
        return reading


def _work(asked: "SimpleQueue[Reading | None]", identity: Identity, every_header: bool) -> None:
    while (reading := asked.get()) is not None:
        try:
            if reading.end is None:
                reading.end = reading.chain.block(reading.last)
            batch = read_batch(
                reading.chain, identity, reading.first, reading.end, every_header=every_header
            )
        except BaseException as error:  # raised again where it is awaited
            reading.batch.set_exception(error)
        else:
            reading.batch.set_result(batch)
        del reading
