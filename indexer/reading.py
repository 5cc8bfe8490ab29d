"""Reads batches in a thread of its own: the next one comes while the present one is stored.

Of a long history the thread lets a process of its own read (`indexer.apart`).
"""

import os
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from indexer.apart import ProcessGone, ReadingProcess
from indexer.background import Background
from indexer.batch import Batch, Compare, Range, read_batch
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
        self._process: ReadingProcess | None = None

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
        reading.batch = self._background.begin(partial(self._read, reading))
        return reading

    def begin_process(self, chain: "Chain") -> None:
        """Have a process of its own read from this node as soon as it has started.

        It needs a second core; without one, or where none can be made or lives, the thread goes on.
        """
        if self._process and self._process.chain is chain:
            return  # also if it was killed: what killed it may kill the next one
        self.end_process()
        if _cores() > 1:
            with suppress(OSError):
                self._process = ReadingProcess(
                    chain, self._identity, every_header=self._every_header
                )

    def end_process(self) -> bool:
        """End that process; return whether there was one."""
        process, self._process = self._process, None
        if process:
            process.close()
        return process is not None

    def _read(self, reading: Reading) -> Batch:
        chain, process = reading.chain, self._process
        if reading.end is None:
            reading.end = chain.block(reading.last)
        wanted = Range(reading.first, reading.end, reading.compare)
        if process and process.chain is chain and process.ready:
            with suppress(ProcessGone):  # somebody killed it: this thread goes on
                return process.read(wanted)
        return read_batch(chain, self._identity, wanted, every_header=self._every_header)


def _cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
