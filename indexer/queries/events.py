"""All events, decoded from the stored logs: what an export holds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from indexer.abi import contract_name
from indexer.blocks import RawLog
from indexer.events import decode
from indexer.moment import Moment
from indexer.queries.as_of import AsOf
from indexer.tables import Block, Log, Mirror


@dataclass(frozen=True)
class EventInfo:
    """An event in its place on the chain; `args` by the ABI's names."""

    block: int
    log_index: int
    at: Moment
    tx: str
    contract: str
    event: str
    args: Mapping[str, Any]


def events(session: Session, as_of: AsOf, *, after: int = -1) -> Iterator[EventInfo]:
    """Give the events of the blocks after `after` through the AsOf's, in order."""
    mirror = session.get_one(Mirror, 1)
    query = (
        select(Block.timestamp, Log)
        .join(Log, col(Log.block) == col(Block.number))
        .where(col(Log.block) > after, col(Log.block) <= as_of.block)
        .order_by(col(Log.block), col(Log.log_index))
        .execution_options(yield_per=1_000)
    )
    for timestamp, log in session.exec(query):
        event = decode(contract_name(log.contract), raw_log(log, mirror))
        yield EventInfo(
            block=event.block,
            log_index=event.log_index,
            at=Moment(timestamp),
            tx=event.tx_hash,
            contract=event.key.partition(".")[0],
            event=event.name,
            args=event.args,
        )


def raw_log(log: Log, mirror: Mirror) -> RawLog:
    """Return a stored log as the chain gave it."""
    words = range(0, len(log.topics), 32)
    return RawLog(
        block=log.block,
        log_index=log.log_index,
        tx_hash=log.tx_hash,
        tx_index=log.tx_index,
        address=str(getattr(mirror, log.contract)),
        topics=tuple(log.topics[start : start + 32] for start in words),
        data=log.data,
    )
