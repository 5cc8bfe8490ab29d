"""From logs to the rows of the fact tables, in the order of the chain.

The one way to derive: a sync, a rebuild from stored logs, a migration and a check all come here.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection
from sqlmodel import Session, col, select

from indexer.abi import ContractName, contract_name
from indexer.blocks import RawLog
from indexer.databases import insert_all
from indexer.events import arguments
from indexer.handlers import rows_of
from indexer.handlers.known import Known
from indexer.identity import Identity
from indexer.tables import FACTS, Log

_TOGETHER = 10_000  # logs held in memory at once
DecodedLog = tuple[str, tuple[Any, ...], int, int]
"""An event's key, its values in the ABI's order, its block and index there."""
Facts = dict[Any, list[tuple[Any, ...]]]
"""Table -> rows, values in the order of `columns`."""


def facts_of(events: Iterable[DecodedLog], known: Known) -> Facts:
    """Return the rows of events; `known` remembers what later ones need.

    UnknownEvent, HandlerFailed: better no rows than a hole.
    """
    rows: Facts = {}
    for key, args, block, log_index in events:
        for table, values in rows_of(key, args, block, log_index, known):
            row = _in_order(table)(values)
            if table in rows:
                rows[table].append(row)
            else:
                rows[table] = [row]
    return rows


def decoded(logs: Iterable[tuple[ContractName, RawLog]]) -> Iterator[DecodedLog]:
    """Give logs as events; UnknownEvent or HandlerFailed for one that is none."""
    for name, log in logs:
        yield (*arguments(name, log), log.block, log.log_index)


@cache
def columns(table: Any) -> tuple[str, ...]:
    """Return the names of a table's columns, in its order."""
    return tuple(table.__table__.columns.keys())


@cache
def _in_order(table: Any) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    return itemgetter(*columns(table))


def store_facts(connection: Connection, rows: Facts) -> None:
    """Add derived rows."""
    for table, values in rows.items():
        insert_all(connection, table.__table__, columns(table), values)


def stored_logs(session: Session, identity: Identity) -> Iterator[tuple[ContractName, RawLog]]:
    """Give all stored logs in order as the chain gave them, a part in memory at a time."""
    query = select(Log).order_by(col(Log.block), col(Log.log_index))
    for log in session.exec(query.execution_options(yield_per=_TOGETHER)):
        name = contract_name(log.contract)
        yield name, raw_log(log, identity.addresses[name])


def raw_log(log: Log, address: str) -> RawLog:
    """Return a stored log as the chain gave it."""
    return RawLog(
        block=log.block,
        log_index=log.log_index,
        tx_hash=log.tx_hash,
        tx_index=log.tx_index,
        address=address,
        topics=log.topics,
        data=log.data,
    )


def derive_again(session: Session, identity: Identity) -> int:
    """Empty the fact tables and derive them anew from the stored logs; return how many logs."""
    connection, count = session.connection(), 0
    for table in FACTS:
        connection.execute(table.__table__.delete())  # type: ignore[attr-defined]
    known = Known(session)
    part: list[tuple[ContractName, RawLog]] = []
    for each in stored_logs(session, identity):
        part.append(each)
        count += 1
        if len(part) == _TOGETHER:
            store_facts(connection, facts_of(decoded(part), known))
            known.trim(session)
            part.clear()
    store_facts(connection, facts_of(decoded(part), known))
    return count
