"""Checks a mirror against itself and, if a chain is given, against the chain.

1. The database is sound and its references hold.
2. Blocks follow one another: numbers, parents, moments.
3. The stored logs fold to the stored chronicle heads.
4. Each header with its logs, and the cursor, has the digest stored beside it.
5. Every derived row is what its log gives again, and no other rows exist.
6. The chain still holds every mirrored block, and its contracts keep the same chronicle.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Boolean, Integer, inspect, select, type_coerce
from sqlmodel import Session, col, func
from sqlmodel import select as select_rows

from indexer import digests
from indexer.abi import CONTRACTS, ContractName, contract_name
from indexer.batch import Heads
from indexer.blocks import RawLog
from indexer.cursor import of_cursor
from indexer.derivation import columns, decoded, facts_of, stored_logs
from indexer.errors import BlockMissing, HandlerFailed, UnknownEvent
from indexer.handlers.known import Known
from indexer.identity import Identity
from indexer.rules import chronicle
from indexer.store import Store
from indexer.tables import FACTS, Block, ChronicleHead, Cursor, Log, Mirror

if TYPE_CHECKING:
    from indexer.chain import Chain

_TOGETHER = 250  # headers asked for at once
_LOGS = 10_000  # logs derived again at once
_PARTLY = {"yield_per": _LOGS}
Rows = dict[tuple[Any, ...], dict[str, Any]]
NamedLog = tuple[ContractName, RawLog]


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
        faults = [*_database(session), *_unreadable(session)]
        if not faults:
            faults += _links(session)
            heads, found = _refold(session, store.identity)
            faults += found
            faults += _digests(session)
            faults += _rederive(session, store.identity)
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


def _unreadable(session: Session) -> Iterator[Fault]:
    """Find what would keep the other steps from looking at all."""
    for single in (Mirror, Cursor):
        if session.get(single, 1) is None:
            yield Fault("row", f"{single.__tablename__} 1", "a row", "none")
    for table in (Log, ChronicleHead):
        for word in session.exec(select_rows(table.contract).distinct()):
            if word not in CONTRACTS:
                yield Fault("row", str(table.__tablename__), ", ".join(CONTRACTS), word)


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


def _digests(session: Session) -> Iterator[Fault]:
    """Compare each header with its logs, and the cursor, with the digest stored beside them."""
    logs = session.exec(
        select_rows(Log).order_by(col(Log.block), col(Log.log_index)).execution_options(**_PARTLY)
    )
    of_block = groupby(logs, key=lambda log: log.block)
    number, found = next(of_block, (None, iter(())))
    for block in session.exec(
        select_rows(Block).order_by(col(Block.number)).execution_options(**_PARTLY)
    ):
        rows: list[Log] = []
        while number is not None and number <= block.number:
            rows += found
            number, found = next(of_block, (None, iter(())))
        digest = digests.of_block(block.ref, (log.values for log in rows))
        if digest != block.digest:
            yield Fault("digest", f"block {block.number} and its logs", block.digest, digest)
    cursor = session.get_one(Cursor, 1)
    if (digest := of_cursor(cursor)) != cursor.digest:
        yield Fault("digest", "cursor", cursor.digest, digest)


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
        heads[name] = chronicle.fold(heads[name], log.block, timestamp, log.topics, log.data)
        folded[name, log.block] = heads[name].hex()
    faults = [
        Fault("chronicle", f"{CONTRACTS[contract_name(name)]}, block {block}", head, found)
        for (name, block), head in stored.items()
        if (found := folded.get((name, block), "no logs there")) != head
    ]
    return heads, faults


def _rederive(session: Session, identity: Identity) -> Iterator[Fault]:
    """Compare all derived rows with what the logs give again, some thousand logs at a time."""
    known, after = Known(None), -1
    for part in _parts(stored_logs(session, identity)):
        through = part[-1][1].block
        yield from _compare_part(session, part, known, after, through)
        after = through
    yield from _compare_part(session, [], known, after, None)


def _parts(logs: Iterable[NamedLog]) -> Iterator[list[NamedLog]]:
    """Part logs into lists of whole blocks."""
    part: list[NamedLog] = []
    for each in logs:
        if len(part) >= _LOGS and part[-1][1].block != each[1].block:
            yield part
            part = []
        part.append(each)
    if part:
        yield part


def _compare_part(
    session: Session, part: list[NamedLog], known: Known, after: int, through: int | None
) -> Iterator[Fault]:
    expected: dict[Any, Rows] = {}
    for each in part:
        try:
            rows = facts_of(decoded([each]), known)
        except (HandlerFailed, UnknownEvent) as error:
            where = f"block {each[1].block}, log {each[1].log_index}"
            yield Fault("event", where, "rows", error.message)
            continue
        for table, values in rows.items():
            found = expected.setdefault(table, {})
            named = (dict(zip(columns(table), row, strict=True)) for row in values)
            found.update({_key(table, row): row for row in named})
    for table in FACTS:
        stored = _stored(session, table, after, through)
        yield from _compare(table.__tablename__, expected.get(table, {}), stored)


def _compare(name: Any, expected: Rows, stored: Rows) -> Iterator[Fault]:
    if expected == stored:
        return
    for key in sorted(expected.keys() | stored.keys()):
        wanted, found = expected.get(key), stored.get(key)
        if wanted != found:
            yield Fault("row", f"{name} {key}", str(wanted), str(found))


def _stored(session: Session, table: Any, after: int, through: int | None) -> Rows:
    # SQLite keeps a truth as a number, and SQLAlchemy takes any but 0 for true: seen as it stands.
    columns = [
        type_coerce(each, Integer).label(each.name) if isinstance(each.type, Boolean) else each
        for each in table.__table__.columns
    ]
    query = select(*columns).where(table.block > after)
    if through is not None:
        query = query.where(table.block <= through)
    rows = session.connection().execute(query).mappings()
    return {_key(table, row): dict(row) for row in rows}


def _key(table: Any, values: Any) -> tuple[Any, ...]:
    return tuple(values[name] for name in _key_columns(table))


@cache
def _key_columns(table: Any) -> tuple[str, ...]:
    return tuple(column.name for column in inspect(table).primary_key)


def _against(chain: "Chain", session: Session, identity: Identity, heads: Heads) -> Iterator[Fault]:
    pinned, genesis = session.get_one(Mirror, 1).genesis, chain.block(0).hash
    if pinned and pinned != genesis:
        yield Fault("chain", "block 0", genesis, pinned)
    stored = {row.number: row.hash for row in session.exec(select_rows(Block))}
    numbers = sorted(stored)
    for start in range(0, len(numbers), _TOGETHER):
        part = numbers[start : start + _TOGETHER]
        try:
            found = {number: header.hash for number, header in chain.headers(part).items()}
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
    if (head := chain.head().number) < at:
        # A node that has fallen behind, or a cursor that was changed: nothing to compare there.
        yield Fault("chain", f"block {at}", "not there", f"the node's head is {head}")
        return
    for name, theirs in zip(heads, chain.views(calls, at=at), strict=True):
        if heads[name] != theirs:
            where = f"{CONTRACTS[contract_name(name)]}, block {at}"
            yield Fault("chronicle", where, theirs.hex(), heads[name].hex())
