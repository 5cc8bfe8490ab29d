"""Reads batches in a thread of its own: the next one comes while the present one is stored."""

from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from indexer.background import Background
from indexer.batches import Batch, Compare, read_batch
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
    compare: Compare
    end: BlockRef | None
    """The last block when the reading began; None if it did not get so far."""
    batch: Future[Batch] = field(init=False)


class BatchReader:
    """Reads one batch after another, in the order in which they were asked for."""

    def __init__(self, identity: Identity, *, every_header: bool = False) -> None:
        self._identity = identity
        self._every_header = every_header
        self._background = Background("read-batches")

    def begin(
        self,
        chain: "Chain",
        first: int,
        last: int,
        *,
        compare: Compare = "everything",
        end: BlockRef | None = None,
    ) -> Reading:
        """Ask for a range of blocks and return at once; `end` is the last one if it is known."""
        reading = Reading(chain, first, last, compare, end)
        task = partial(_read, reading, self._identity, every_header=self._every_header)
        reading.batch = self._background.begin(task)
        return reading


def _read(reading: Reading, identity: Identity, *, every_header: bool) -> Batch:
    if reading.end is None:
        reading.end = reading.chain.block(reading.last)
    return read_batch(
        reading.chain,
        identity,
        reading.first,
        reading.end,
        every_header=every_header,
        compare=reading.compare,
    )
