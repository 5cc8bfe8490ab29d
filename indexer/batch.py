"""A batch of blocks as it is read: all that can be made of it without knowing what came before.

Plain values only, since a batch may come from another process (`indexer.apart`).
"""

import marshal
from collections.abc import Mapping
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from indexer.abi import CONTRACTS, ContractName
from indexer.blocks import BlockRef, LogValues, RawLog, Span
from indexer.digests import of_block
from indexer.errors import (
    ChainRefused,
    ContractReverted,
    HandlerFailed,
    ProofInvalid,
    UnknownEvent,
)
from indexer.events import arguments
from indexer.identity import Identity
from indexer.proofs.state import CHRONICLE_SLOT
from indexer.rules import chronicle

if TYPE_CHECKING:
    from indexer.chain import Chain

Heads = dict[ContractName, bytes]
Decoded = tuple[str, tuple[Any, ...]]
"""An event's key and its values in the ABI's order."""
Compare = Literal["nothing", "changed", "everything"]
"""Which contracts are asked for their chronicle at a batch's end. `changed` is as much as
`everything` where all before is proven: what a header's bloom says to have logged nothing has the
head that it had."""
TEST_CHAINS = (1337, 31337)
"""Ids of chains on one's own machine, where a proof that fails is no sign of a dishonest node."""


class Range(NamedTuple):
    """Which blocks to read, `first` to `end`, and what to compare at their end."""

    first: int
    end: BlockRef
    compare: Compare = "everything"


class Batch(NamedTuple):
    """What was read of the blocks `first` to `last`; lists of logs go in step.

    `heads` are None when the node lacks that old state, and lack the contracts that did not change,
    where only the others were asked. `proven`: they were taken from a state proof against the last
    header, not from the node's word.
    """

    first: int
    last: BlockRef
    blocks: list[BlockRef]
    """The block before the range (unless it begins at 0), each one with logs and the last."""
    digests: list[str]
    """Of each of these blocks with its logs."""
    logs: list[LogValues]
    contents: list[bytes]
    """What the chronicle folds of each log."""
    events: list[Decoded | None]
    """Each log decoded; None where it can't be, which is told when it is to be stored."""
    heads: Heads | None
    proven: bool

    def packed(self) -> bytes:
        """Return it for another process of this program."""
        plain = {"last": tuple(self.last), "blocks": [tuple(each) for each in self.blocks]}
        return marshal.dumps({**self._asdict(), **plain})


def unpacked(packed: bytes) -> Batch:
    """Return what `packed` was made of."""
    parts = marshal.loads(packed)
    parts["last"] = BlockRef(*parts["last"])
    parts["blocks"] = [BlockRef(*each) for each in parts["blocks"]]
    return Batch(**parts)


def read_batch(
    chain: "Chain", identity: Identity, wanted: Range, *, every_header: bool = False
) -> Batch:
    """Read a range of blocks, and what the contracts' chronicle is at its end."""
    first, end, compare = wanted
    addresses = list(identity.addresses.values())
    span = chain.span(addresses, first, end, every_header=every_header)
    if compare == "nothing":
        return _batch(span, identity, None, proven=False)
    quiet = span.quiet if compare == "changed" else ()
    asked = {name: at for name, at in identity.addresses.items() if at not in quiet}
    heads, proven = _heads_after(chain, identity.chain_id, span, asked)
    return _batch(span, identity, heads, proven=proven)


def _batch(span: Span, identity: Identity, heads: Heads | None, *, proven: bool) -> Batch:
    names = {address: name for name, address in identity.addresses.items()}
    logs: list[LogValues] = [
        (block, log_index, tx_hash, tx_index, names[address], topics, data)
        for block, log_index, tx_hash, tx_index, address, topics, data in span.logs
    ]
    of_number = {number: tuple(rows) for number, rows in groupby(logs, itemgetter(0))}
    blocks = list(span.blocks.values())
    return Batch(
        first=span.first,
        last=span.last,
        blocks=blocks,
        digests=[of_block(each, of_number.get(each.number, ())) for each in blocks],
        logs=logs,
        contents=[chronicle.content(log.topics, log.data) for log in span.logs],
        events=[_decoded(names[log.address], log) for log in span.logs],
        heads=heads,
        proven=proven,
    )


def _decoded(name: ContractName, log: RawLog) -> Decoded | None:
    try:
        return arguments(name, log)
    except (UnknownEvent, HandlerFailed):
        # A node may have made it up: whether it is in the chronicle is judged first.
        return None


def _heads_after(
    chain: "Chain", chain_id: int, span: Span, addresses: Mapping[ContractName, str]
) -> tuple[Heads | None, bool]:
    """Return the contracts' chronicle at the span's end, and whether it is proven."""
    slots = dict.fromkeys(addresses.values(), CHRONICLE_SLOT)
    try:
        words = chain.proven_words(slots, span.last.number, span.state_root)
        return {name: words[at] for name, at in addresses.items()}, True
    except ChainRefused:
        # Some nodes give no proofs, or none of old blocks: then their word must do, and is told
        # apart from a proof.
        pass
    except ProofInvalid:
        # A test chain's state can be changed by hand, which the newest header does not know yet.
        if chain_id not in TEST_CHAINS:
            raise
    calls = [(CONTRACTS[name], address, "chronicleHead", ()) for name, address in addresses.items()]
    try:
        return dict(zip(addresses, chain.views(calls, at=span.last), strict=True)), False
    except (ChainRefused, ContractReverted):
        # Nodes keep old state for a while only. The fold is cumulative, so that the comparison at
        # a newer block covers this batch too.
        return None, False
