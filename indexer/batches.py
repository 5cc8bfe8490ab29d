"""Stores batches: each one proven by the chronicle and added in one transaction."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, cast

from sqlmodel import Session, col, select

from indexer.abi import CONTRACTS, contract_name
from indexer.batch import Batch, Heads
from indexer.blocks import BlockRef, RawLog
from indexer.cursor import move_cursor
from indexer.databases import insert_all
from indexer.derivation import DecodedLog, columns, facts_of, store_facts
from indexer.errors import ChronicleMismatch
from indexer.events import arguments
from indexer.handlers.known import Known
from indexer.identity import Identity
from indexer.rules import chronicle
from indexer.tables import Block, ChronicleHead, Cursor, Log

_BLOCKS: Any = Block.__table__  # type: ignore[attr-defined]
_LOGS: Any = Log.__table__  # type: ignore[attr-defined]
_HEADS: Any = ChronicleHead.__table__  # type: ignore[attr-defined]


class Memory(NamedTuple):
    """What the next batch needs of all earlier ones: as of a block, the heads and what handlers
    remember. A batch that fails leaves it spoilt: begin a new one with `recall`."""

    block: int
    hash: str | None
    heads: Heads
    known: Known


def continues(session: Session, batch: Batch) -> bool:
    """Return whether the mirror ends right before the batch, on the same chain."""
    cursor = session.get_one(Cursor, 1)
    if cursor.block != batch.first - 1:
        return False
    stored = session.get(Block, cursor.block)
    return stored is None or stored.hash == batch.blocks[0].hash


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
    heads = _folded(memory.heads, batch)
    _compare(heads, batch.heads, batch.last.number)

    connection, logs = session.connection(), batch.logs
    add_missing_blocks(session, zip(batch.blocks, batch.digests, strict=True))
    insert_all(connection, _LOGS, columns(Log), logs)
    store_facts(connection, facts_of(_decoded(identity, batch), memory.known))
    newest = {name: block for block, _, _, _, name, _, _ in logs}
    moved = [(block, name, heads[contract_name(name)].hex()) for name, block in newest.items()]
    insert_all(connection, _HEADS, ("block", "contract", "head"), moved)

    last, before = batch.last.number, session.get_one(Cursor, 1)
    whole = batch.heads is not None and len(batch.heads) == len(heads)
    reached = {"block": last}
    if whole or (batch.heads is not None and before.verified == before.block):
        reached["verified"] = last
    if batch.proven and (whole or before.proven == before.block):
        reached["proven"] = last
    move_cursor(session, **reached)
    return Memory(last, batch.last.hash, heads, memory.known)


def _decoded(identity: Identity, batch: Batch) -> Iterator[DecodedLog]:
    """Give the events of a batch; UnknownEvent or HandlerFailed for one that can't be decoded."""
    for log, event in zip(batch.logs, batch.events, strict=True):
        block, log_index, tx_hash, tx_index, word, topics, data = log
        if event is None:
            name = contract_name(word)
            raw = RawLog(
                block, log_index, tx_hash, tx_index, identity.addresses[name], topics, data
            )
            event = arguments(name, raw)
        yield (*event, block, log_index)


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


def _folded(heads: Heads, batch: Batch) -> Heads:
    """Return the heads after a batch's logs."""
    after: dict[str, bytes] = dict(heads.items())
    timestamps = {each.number: each.timestamp for each in batch.blocks}
    for (block, _, _, _, name, _, _), content in zip(batch.logs, batch.contents, strict=True):
        after[name] = chronicle.follow(after[name], block, timestamps[block], content)
    return cast(Heads, after)


def logs_after(session: Session, name: str, after: int, through: int) -> list[tuple[int, Log]]:
    """Return (timestamp, log) of a contract's stored logs, `after` < block <= `through`."""
    found = session.exec(
        select(Block.timestamp, Log)
        .join(Log, col(Log.block) == col(Block.number))
        .where(Log.contract == name, col(Log.block) > after, col(Log.block) <= through)
        .order_by(col(Log.block), col(Log.log_index))
    )
    return [(timestamp, log) for timestamp, log in found]


def add_missing_blocks(session: Session, blocks: Iterable[tuple[BlockRef, str]]) -> None:
    """Add the headers that the mirror does not hold yet, each with its digest."""
    held = session.get_one(Cursor, 1).block
    # The block before a batch is there already, but for the very first batch.
    rows = [
        (*block, digest)
        for block, digest in blocks
        if block.number > held or session.get(Block, block.number) is None
    ]
    insert_all(session.connection(), _BLOCKS, (*BlockRef._fields, "digest"), rows)


def _compare(found: Heads, expected: Heads | None, block: int) -> None:
    for name, head in (expected or {}).items():
        if found[name] != head:
            contract = CONTRACTS[name]
            raise ChronicleMismatch(contract, block, "0x" + head.hex(), "0x" + found[name].hex())
