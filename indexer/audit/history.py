"""The whole history as one node tells it: every log, in blocks whose headers were hashed again.

Nothing of a mirror is read. What the node leaves out or changes is found by the chronicle, which
the caller folds.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from indexer import ranges
from indexer.blocks import BlockRef, Span
from indexer.errors import BlockMissing, ChainRefused, LogsInconsistent
from indexer.identity import Identity

if TYPE_CHECKING:
    from indexer.chain import Chain


def spans(
    chain: "Chain", identity: Identity, end: BlockRef, *, first: int | None = None
) -> Iterator[Span]:
    """Give the history from block `first`, or else the instance's, through `end`, part by part.

    What a node refuses is asked for in smaller parts. LogsInconsistent if parts don't join, or one
    block's logs cannot be true; ChainRefused, ChainUnreachable, ChainBusy as the node fails.
    """
    addresses = list(identity.addresses.values())
    first, size, before = first or identity.first_block, ranges.FIRST, None
    while first <= end.number:
        last = min(first + size - 1, end.number)
        try:
            until = end if last == end.number else chain.block(last)
            span = chain.span(addresses, first, until)
        except (BlockMissing, ChainRefused, LogsInconsistent):
            if first == last:
                raise
            size = max(ranges.SMALLEST, (last - first + 1) // 2)
            continue
        if before and span.blocks[before.number].hash != before.hash:
            raise LogsInconsistent("the block before was replaced meanwhile", before.number)
        yield span
        before, first = span.last, last + 1
        size = ranges.next_size(size, len(span.logs))
