"""One batch of blocks: read from the chain, proven by the chronicle, stored in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sqlmodel import Session, col, select

from indexer.abi import CONTRACTS, ContractName
from indexer.blocks import BlockRef, RawLog, Span
from indexer.databases import insert_all
from indexer.derivation import facts_of, store_facts
from indexer.digests import move_cursor
from indexer.digests import of_block as of_block_and_logs
from indexer.errors import ChainRefused, ChronicleMismatch, ContractReverted, ProofInvalid
from indexer.handlers.known import Known
from indexer.identity import Identity
from indexer.proofs.state import CHRONICLE_SLOT
from indexer.rules import chronicle
from indexer.tables import Block, ChronicleHead, Cursor, Log, LogRow

if TYPE_CHECKING:
    from indexer.chain import Chain

Heads = dict[ContractName, bytes]
Compare = Literal["nothing", "changed", "everything"]
"""Which contracts are asked for their chronicle at a batch's end. `changed` is as much as
`everything` where all before is proven: what a header's bloom says to have logged nothing has the
head that it had."""
TEST_CHAINS = (1337, 31337)
"""Ids of chains on one's own machine, where a proof that fails is no sign of a dishonest node."""
_BLOCKS: Any = Block.__table__  # type: ignore[attr-defined]
_LOGS: Any = Log.__table__  # type: ignore[attr-defined]
_HEADS: Any = ChronicleHead.__table__  # type: ignore[attr-defined]


class Batch(NamedTuple):
    """What was read of a range of blocks; `heads` are None when the node lacks that old state, and
    lack the contracts that did not change, where only the others were asked.

    `proven`: they were taken from a state proof against the last header, not from the node's word.
    """

    span: Span
    heads: Heads | None
    proven: bool = False


def read_batch(
    chain: "Chain",
    identity: Identity,
    first: int,
    end: BlockRef,
    *,
    every_header: bool = False,
    compare: Compare = "everything",
) -> Batch:
    """Read the blocks `first` to `end`, and what the contracts' chronicle is there."""
    addresses = list(identity.addresses.values())
    span = chain.span(addresses, first, end, every_header=every_header)
    if compare == "nothing":
        return Batch(span, None)
    quiet = span.quiet if compare == "changed" else ()
    asked = {name: at for name, at in identity.addresses.items() if at not in quiet}
    return Batch(span, *_heads_after(chain, identity.chain_id, span, asked))


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


class Memory(NamedTuple):
    """What the next batch needs of all earlier ones: as of a block, the heads and what handlers
    remember. A batch that fails leaves it spoilt: begin a new one with `recall`."""

    block: int
    hash: str | None
    heads: Heads
    known: Known


def continues(session: Session, span: Span) -> bool:
    """Return whether the mirror ends right before the span, on the same chain."""
    cursor = session.get_one(Cursor, 1)
    if cursor.block != span.first - 1:
        return False
    stored = session.get(Block, cursor.block)
    return stored is None or stored.hash == span.blocks[cursor.block].hash


def recall(session: Session, identity: Identity, memory: Memory | None = None) -> Memory:
    """Return the memory as of the mirror's end: the given one if it fits, else what tables say."""
    cursor = session.get_one(Cursor, 1).block
    stored = session.get(Block, cursor)
    ends = (cursor, stored.hash if stored else None)
    if memory is not None and (memory.block, memory.hash) == ends:
        memory.known.trim(session)
        return memory
    return Memory(*ends, heads_at(session, identity, cursor), Known(session))


def store_batch(session: Session, identity: Identity, batch: Batch, memory: Memory) -> Memory:
    """Add a batch's blocks, logs and rows and move the cursor; the caller's transaction binds them.

    Returns the memory as of the batch's end. ChronicleMismatch if the logs do not fold to what the
    contracts say.
    """
    span, addresses = batch.span, identity.addresses
    words = {address: name for name, address in addresses.items()}
    heads = fold_all(memory.heads, words, span.blocks, span.logs)
    _compare(heads, batch.heads, span.last.number)

    connection = session.connection()
    rows = [
        LogRow(block, log_index, tx_hash, tx_index, words[address], topics, data)
        for block, log_index, tx_hash, tx_index, address, topics, data in span.logs
    ]
    add_missing_blocks(session, span.blocks.values(), rows)
    insert_all(connection, _LOGS, LogRow._fields, rows)
    logs = ((words[log.address], log) for log in span.logs)
    store_facts(connection, facts_of(logs, memory.known))
    newest = {words[log.address]: log.block for log in span.logs}
    moved = [(block, name, heads[name].hex()) for name, block in newest.items()]
    insert_all(connection, _HEADS, ("block", "contract", "head"), moved)

    last, before = span.last.number, session.get_one(Cursor, 1)
    whole = batch.heads is not None and len(batch.heads) == len(heads)
    reached = {"block": last}
    if whole or (batch.heads is not None and before.verified == before.block):
        reached["verified"] = last
    if batch.proven and (whole or before.proven == before.block):
        reached["proven"] = last
    move_cursor(session, **reached)
    return Memory(span.last.number, span.last.hash, heads, memory.known)


def heads_at(session: Session, identity: Identity, block: int) -> Heads:
    """Return each contract's chronicle after the mirror's logs through a block.

    Heads are stored once a batch; what came after the last one is folded again.
    """
    heads: Heads = {}
    for name, address in identity.addresses.items():
        stored = session.exec(
            select(ChronicleHead)
            .where(ChronicleHead.contract == name, col(ChronicleHead.block) <= block)
            .order_by(col(ChronicleHead.block).desc())
        ).first()
        head = bytes.fromhex(stored.head) if stored else chronicle.begin(identity.chain_id, address)
        for timestamp, log in logs_after(session, name, stored.block if stored else -1, block):
            head = chronicle.fold(head, log.block, timestamp, log.topics, log.data)
        heads[name] = head
    return heads


def fold_all(
    heads: Heads,
    words: Mapping[str, ContractName],
    blocks: Mapping[int, BlockRef],
    logs: tuple[RawLog, ...],
) -> Heads:
    """Return the heads after more logs; `words` is address -> our word for the contract."""
    after = dict(heads)
    for block, _, _, _, address, topics, data in logs:
        name, timestamp = words[address], blocks[block].timestamp
        after[name] = chronicle.fold(after[name], block, timestamp, topics, data)
    return after


def logs_after(session: Session, name: str, after: int, through: int) -> list[tuple[int, Log]]:
    """Return (timestamp, log) of a contract's stored logs, `after` < block <= `through`."""
    found = session.exec(
        select(Block.timestamp, Log)
        .join(Log, col(Log.block) == col(Block.number))
        .where(Log.contract == name, col(Log.block) > after, col(Log.block) <= through)
        .order_by(col(Log.block), col(Log.log_index))
    )
    return [(timestamp, log) for timestamp, log in found]


def add_missing_blocks(
    session: Session, blocks: Iterable[BlockRef], logs: Sequence[LogRow] = ()
) -> None:
    """Add the headers that the mirror does not hold yet; `logs` are the rows of all their logs."""
    held = session.get_one(Cursor, 1).block
    # The block before a batch is there already, but for the very first batch.
    new = [each for each in blocks if each.number > held or session.get(Block, each.number) is None]
    of_block = {number: tuple(rows) for number, rows in groupby(logs, itemgetter(0))}
    rows = [(*each, of_block_and_logs(each, of_block.get(each.number, ()))) for each in new]
    insert_all(session.connection(), _BLOCKS, (*BlockRef._fields, "digest"), rows)


def _compare(found: Heads, expected: Heads | None, block: int) -> None:
    for name, head in (expected or {}).items():
        if found[name] != head:
            contract = CONTRACTS[name]
            raise ChronicleMismatch(contract, block, "0x" + head.hex(), "0x" + found[name].hex())
