"""Reads facts in the order of the chain, through the block of an AsOf, with their moments."""

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeVar

from sqlmodel import Session, col, select

from indexer.moment import Moment
from indexer.queries.as_of import AsOf
from indexer.tables import Block, Fact, Log

F = TypeVar("F", bound=Fact)


class Source(NamedTuple):
    """Where on the chain a fact stands."""

    moment: Moment
    tx: str


def facts(session: Session, as_of: AsOf, table: type[F], *where: Any) -> Iterator[tuple[Moment, F]]:
    """Give (moment, row) of a table in the chain's order."""
    query = (
        select(Block.timestamp, table)
        .join(table, col(table.block) == col(Block.number))
        .where(col(table.block) <= as_of.block, *where)
        .order_by(col(table.block), col(table.log_index))
    )
    for timestamp, row in session.exec(query):
        yield Moment(timestamp), row


def sourced(
    session: Session, as_of: AsOf, table: type[F], *where: Any
) -> Iterator[tuple[Source, F]]:
    """Give (moment and transaction, row) of a table in the chain's order."""
    query = (
        select(Block.timestamp, Log.tx_hash, table)
        .join(Log, col(Log.block) == col(Block.number))
        .join(
            table,
            (col(table.block) == col(Log.block)) & (col(table.log_index) == col(Log.log_index)),
        )
        .where(col(table.block) <= as_of.block, *where)
        .order_by(col(table.block), col(table.log_index))
    )
    for timestamp, tx, row in session.exec(query):
        yield Source(Moment(timestamp), tx), row
