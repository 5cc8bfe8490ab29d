"""All events, decoded from the stored logs: what an export holds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from indexer.abi import contract_name
from indexer.derivation import raw_log
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
        event = decode(
            contract_name(log.contract), raw_log(log, str(getattr(mirror, log.contract)))
        )
        yield EventInfo(
            block=event.block,
            log_index=event.log_index,
            at=Moment(timestamp),
            tx=event.tx_hash,
            contract=event.key.partition(".")[0],
            event=event.name,
            args=event.args,
        )
