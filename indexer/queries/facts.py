"""Reads facts in the order of the chain, through the block of an AsOf, with their moments."""

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeVar, cast

from sqlalchemy import inspect, select
from sqlmodel import Session, col

from indexer.moment import Moment
from indexer.queries.as_of import AsOf
from indexer.tables import Block, Fact, Log

PAGE = 500
"""Rows that are held in memory at once where all are given one by one."""

F = TypeVar("F", bound=Fact)


class Source(NamedTuple):
    """Where on the chain a fact stands."""

    moment: Moment
    tx: str


def facts(session: Session, as_of: AsOf, table: type[F], *where: Any) -> Iterator[tuple[Moment, F]]:
    """Give (moment, row) of a table in the chain's order."""
    query = (
        select(col(Block.timestamp), *_columns(table))
        .join(Block, col(table.block) == col(Block.number))
        .where(col(table.block) <= as_of.block, *where)
        .order_by(col(table.block), col(table.log_index))
    )
    for row in session.connection().execute(query).all():
        yield Moment(row[0]), cast(F, row)


def sourced(
    session: Session, as_of: AsOf, table: type[F], *where: Any
) -> Iterator[tuple[Source, F]]:
    """Give (moment and transaction, row) of a table in the chain's order."""
    query = (
        select(col(Block.timestamp), col(Log.tx_hash), *_columns(table))
        .join(
            Log,
            (col(table.block) == col(Log.block)) & (col(table.log_index) == col(Log.log_index)),
        )
        .join(Block, col(Log.block) == col(Block.number))
        .where(col(table.block) <= as_of.block, *where)
        .order_by(col(table.block), col(table.log_index))
    )
    for row in session.connection().execute(query).all():
        yield Source(Moment(row[0]), row[1]), cast(F, row)


def streamed(session: Session, query: Any) -> Iterator[Any]:
    """Give the rows of a query of columns, a page of them in memory at a time."""
    yield from session.connection().execute(query.execution_options(yield_per=PAGE))


def _columns(table: type[Fact]) -> list[Any]:
    """Return the columns: rows of them bear the names that objects of the table would have, and
    thousands of them are read in a third of the time."""
    return list(inspect(table).columns)
