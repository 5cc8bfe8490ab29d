"""Checks a mirror against itself and, if a chain is given, against the chain.

1. The database is sound and its references hold.
2. Blocks follow one another: numbers, parents, moments.
3. The stored logs fold to the stored chronicle heads.
4. Every derived row is what its log gives again, and no other rows exist.
5. The chain still holds every mirrored block, and its contracts keep the same chronicle.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import inspect, select
from sqlmodel import Session, col, func
from sqlmodel import select as select_rows

from indexer.abi import CONTRACTS, contract_name
from indexer.batches import Heads, words_of
from indexer.errors import BlockMissing, HandlerFailed, UnknownEvent
from indexer.events import decode
from indexer.handlers import derive
from indexer.handlers.known import Known
from indexer.identity import Identity
from indexer.queries.events import raw_log
from indexer.rules import chronicle
from indexer.store import Store
from indexer.tables import FACTS, Block, ChronicleHead, Cursor, Log, Mirror

if TYPE_CHECKING:
    from indexer.chain import Chain

_TOGETHER = 250  # headers asked for at once
Rows = dict[tuple[Any, ...], dict[str, Any]]


class Fault(NamedTuple):
    """Something that is not as it should be, and where."""

    kind: str
    where: str
    expected: str
    found: str


@dataclass(frozen=True)
class CheckResult:
    """What a check looked at and found; `ok` when there are no faults."""

    ok: bool
    blocks: int
    events: int
    faults: tuple[Fault, ...]


def check(store: Store, chain: "Chain | None" = None) -> CheckResult:
    """Return everything that is wrong with a mirror; nothing is changed."""
    with store.reading() as session:
        faults = [*_database(session), *_links(session)]
        heads, found = _refold(session, store.identity)
        faults += found
        faults += _rederive(session)
        if chain is not None:
            faults += _against(chain, session, store.identity, heads)
        blocks = session.exec(select_rows(func.count()).select_from(Block)).one()
        events = session.exec(select_rows(func.count()).select_from(Log)).one()
    return CheckResult(not faults, blocks, events, tuple(faults))


def _database(session: Session) -> Iterator[Fault]:
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        return
    for (finding,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if finding != "ok":
            yield Fault("database", "file", "ok", str(finding))
    for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield Fault("reference", f"{table} {row}", f"a row of {parent}", "none")


def _links(session: Session) -> Iterator[Fault]:
    blocks = session.exec(select_rows(Block).order_by(col(Block.number)))
    for block, following in pairwise(blocks):
        where = f"block {following.number}"
        if following.number == block.number + 1 and following.parent_hash != block.hash:
            yield Fault("link", where, block.hash, following.parent_hash)
        if following.timestamp < block.timestamp:
            yield Fault("moment", where, f">= {block.timestamp}", str(following.timestamp))
    cursor = session.get_one(Cursor, 1).block
    numbers = session.exec(select_rows(Block.number).order_by(col(Block.number).desc()))
    if (newest := numbers.first()) not in (None, cursor):
        yield Fault("cursor", "cursor", str(newest), str(cursor))


def _refold(session: Session, identity: Identity) -> tuple[Heads, list[Fault]]:
    """Return the heads after all stored logs, and the stored heads that differ."""
    heads: Heads = {
        name: chronicle.begin(identity.chain_id, address)
        for name, address in identity.addresses.items()
    }
    stored = {
        (head.contract, head.block): head.head for head in session.exec(select_rows(ChronicleHead))
    }
    folded: dict[tuple[str, int], str] = {}
    for log, timestamp in session.exec(
        select_rows(Log, Block.timestamp)
        .join(Block, col(Log.block) == col(Block.number))
        .order_by(col(Log.block), col(Log.log_index))
    ):
        name = contract_name(log.contract)
        topics = words_of(log.topics)
        heads[name] = chronicle.fold(heads[name], log.block, timestamp, topics, log.data)
        folded[name, log.block] = heads[name].hex()
    faults = [
        Fault("chronicle", f"{CONTRACTS[contract_name(name)]}, block {block}", head, found)
        for (name, block), head in stored.items()
        if (found := folded.get((name, block), "no logs there")) != head
    ]
    return heads, faults


def _rederive(session: Session) -> Iterator[Fault]:
    expected: dict[Any, Rows] = {table: {} for table in FACTS}
    mirror, known = session.get_one(Mirror, 1), Known(None)
    for log in session.exec(select_rows(Log).order_by(col(Log.block), col(Log.log_index))):
        name = contract_name(log.contract)
        try:
            rows = derive(decode(name, raw_log(log, mirror)), known)
        except (HandlerFailed, UnknownEvent) as error:
            yield Fault("event", f"block {log.block}, log {log.log_index}", "rows", error.message)
            continue
        for table, values in rows:
            expected[table][_key(table, values)] = values
    for table in FACTS:
        yield from _compare(table.__tablename__, expected[table], _stored(session, table))


def _compare(name: Any, expected: Rows, stored: Rows) -> Iterator[Fault]:
    for key in sorted(expected.keys() | stored.keys()):
        wanted, found = expected.get(key), stored.get(key)
        if wanted != found:
            yield Fault("row", f"{name} {key}", str(wanted), str(found))


def _stored(session: Session, table: Any) -> Rows:
    rows = session.connection().execute(select(table.__table__)).mappings()
    return {_key(table, row): dict(row) for row in rows}


def _key(table: Any, values: Any) -> tuple[Any, ...]:
    return tuple(values[column.name] for column in inspect(table).primary_key)


def _against(chain: "Chain", session: Session, identity: Identity, heads: Heads) -> Iterator[Fault]:
    stored = {row.number: row.hash for row in session.exec(select_rows(Block))}
    numbers = sorted(stored)
    for start in range(0, len(numbers), _TOGETHER):
        part = numbers[start : start + _TOGETHER]
        try:
            found = {number: header.hash for number, header in chain.blocks(part).items()}
        except BlockMissing:
            found = {}
        for number in part:
            if stored[number] != found.get(number):
                theirs = found.get(number, "not there")
                yield Fault("chain", f"block {number}", theirs, stored[number])
    if not numbers:
        return
    calls = [
        (CONTRACTS[name], address, "chronicleHead", ())
        for name, address in identity.addresses.items()
    ]
    at = session.get_one(Cursor, 1).block
    for name, theirs in zip(heads, chain.views(calls, at=at), strict=True):
        if heads[name] != theirs:
            where = f"{CONTRACTS[contract_name(name)]}, block {at}"
            yield Fault("chronicle", where, theirs.hex(), heads[name].hex())
