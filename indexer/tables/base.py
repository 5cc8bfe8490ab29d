"""What all tables share: facts are keyed by their log and vanish with their block."""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, MetaData
from sqlmodel import Field, SQLModel

# SQLite then keeps the rows in the order of the key, in one tree instead of two.
CLUSTERED: dict[str, Any] = {"sqlite_with_rowid": False}


class Table(SQLModel):
    """Base of all tables of a mirror, apart from other SQLModel tables of the same process."""

    metadata: ClassVar[MetaData] = MetaData()


class Fact(Table):
    """A row derived from one log; moments are seconds, hashes and byte strings 0x-hex."""

    __table_args__: ClassVar[Any] = CLUSTERED

    block: int = Field(
        primary_key=True, sa_type=BigInteger, foreign_key="blocks.number", ondelete="CASCADE"
    )
    log_index: int = Field(primary_key=True)


def big(**options: Any) -> Any:
    """A column for integers beyond 2^31 (moments, rates); uint256 beyond 2^63 are text instead."""
    return Field(sa_type=BigInteger, **options)
