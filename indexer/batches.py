"""One batch of blocks: read from the chain, proven by the chronicle, stored in one transaction."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import insert
from sqlmodel import Session, col, select

from indexer.abi import CONTRACTS, ContractName
from indexer.blocks import BlockRef, RawLog, Span
from indexer.errors import ChainRefused, ChronicleMismatch
from indexer.events import decode
from indexer.handlers import derive
from indexer.handlers.known import Known
from indexer.identity import Identity
from indexer.rules import chronicle
from indexer.tables import Block, ChronicleHead, Cursor, Log

if TYPE_CHECKING:
    from indexer.chain import Chain

Heads = dict[ContractName, bytes]


class Batch(NamedTuple):
    """What was read of a range of blocks; `heads` are None when the node lacks that old state."""

    span: Span
    heads: Heads | None


def read_batch(chain: "Chain", identity: Identity, first: int, last: int) -> Batch:
    """Read the blocks `first` to `last` and what the contracts say their chronicle is there."""
    addresses = identity.addresses
    span = chain.span(list(addresses.values()), first, last)
    calls = [(CONTRACTS[name], address, "chronicleHead", ()) for name, address in addresses.items()]
    try:
        heads = dict(zip(addresses, chain.views(calls, at=span.last), strict=True))
    except ChainRefused:
        # Nodes keep old state for a while only. The fold is cumulative, so that the comparison at
        # a newer block covers this batch too.
        heads = None
    return Batch(span, heads)


def continues(session: Session, span: Span) -> bool:
    """Return whether the mirror ends right before the span, on the same chain."""
    cursor = session.get_one(Cursor, 1)
    if cursor.block != span.first - 1:
        return False
    stored = session.get(Block, cursor.block)
    return stored is None or stored.hash == span.blocks[cursor.block].hash


def store_batch(session: Session, identity: Identity, batch: Batch) -> None:
    """Add a batch's blocks, logs and rows and move the cursor; the caller's transaction binds them.

    ChronicleMismatch if the logs do not fold to what the contracts say.
    """
    span, addresses = batch.span, identity.addresses
    words = {address: name for name, address in addresses.items()}
    before = heads_at(session, identity, span.first - 1)
    after = fold_all(before, words, span.blocks, span.logs)
    _compare(after, batch.heads, span.last.number)

    _add_blocks(session, span.blocks.values())
    _add(session, Log, [_log_row(words[log.address], log) for log in span.logs])
    known = Known(session) if span.logs else None
    rows: dict[Any, list[dict[str, Any]]] = {}
    for log in span.logs:
        for table, values in derive(decode(words[log.address], log), known or Known(None)):
            rows.setdefault(table, []).append(values)
    for table, values_of in rows.items():
        _add(session, table, values_of)
    newest = {words[log.address]: log.block for log in span.logs}
    heads = [
        {"block": block, "contract": name, "head": after[name].hex()}
        for name, block in newest.items()
    ]
    _add(session, ChronicleHead, heads)

    cursor = session.get_one(Cursor, 1)
    cursor.block = span.last.number
    if batch.heads is not None:
        cursor.verified = span.last.number
    session.add(cursor)


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
            head = chronicle.fold(head, log.block, timestamp, words_of(log.topics), log.data)
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
    for log in logs:
        name, timestamp = words[log.address], blocks[log.block].timestamp
        after[name] = chronicle.fold(after[name], log.block, timestamp, log.topics, log.data)
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


def words_of(topics: bytes) -> tuple[bytes, ...]:
    """Part stored topics into their 32-byte words again."""
    return tuple(topics[start : start + 32] for start in range(0, len(topics), 32))


def add_missing_blocks(session: Session, blocks: list[BlockRef]) -> None:
    """Add the headers that the mirror does not hold yet."""
    for block in blocks:
        if session.get(Block, block.number) is None:
            _add_blocks(session, [block])


def _compare(found: Heads, expected: Heads | None, block: int) -> None:
    for name, head in (expected or {}).items():
        if found[name] != head:
            contract = CONTRACTS[name]
            raise ChronicleMismatch(contract, block, "0x" + head.hex(), "0x" + found[name].hex())


def _add_blocks(session: Session, blocks: Any) -> None:
    held = session.get_one(Cursor, 1).block
    # The block before the batch is there already, but for the very first batch.
    new = [each for each in blocks if each.number > held or session.get(Block, each.number) is None]
    _add(session, Block, [each._asdict() for each in new])


def _log_row(name: ContractName, log: RawLog) -> dict[str, Any]:
    values = log._asdict()
    del values["address"]
    return values | {"contract": name, "topics": b"".join(log.topics)}


def _add(session: Session, table: Any, values: list[dict[str, Any]]) -> None:
    if values:
        session.connection().execute(insert(table.__table__), values)
