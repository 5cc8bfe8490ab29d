"""What the mirror keeps about itself and about the chain: identity, cursor, headers, raw logs."""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, LargeBinary
from sqlmodel import Field

from indexer.blocks import BlockRef, LogValues
from indexer.tables.base import CLUSTERED, Table, big

SCHEMA = 4
"""Raised whenever a table changes; `indexer.migrations` brings older mirrors up to it."""


class Mirror(Table, table=True):
    """Which instance this file mirrors (one row)."""

    __tablename__ = "mirror"

    id: int = Field(default=1, primary_key=True)
    schema_number: int
    chain_id: int = big()
    membership: str
    bylaws: str
    assembly: str
    pay_rates: str
    code_hash: str
    first_block: int = big()
    genesis: str = ""
    """The hash of the chain's block 0, as first seen; empty until then."""


class Cursor(Table, table=True):
    """How far the mirror has read, and the chain's heads as seen then (one row)."""

    __tablename__ = "cursor"

    id: int = Field(default=1, primary_key=True)
    block: int = big()
    verified: int = big()
    """The last block at which the chronicle was compared with the contracts."""
    proven: int = big()
    """The last block at which a state proof against the header vouched for that comparison."""
    head: int = big()
    safe: int | None = big(default=None)
    finalized: int | None = big(default=None)
    digest: str = ""
    """Over the columns above (`indexer.digests`)."""


class Block(Table, table=True):
    """A block with logs of ours, or one that was once the end of a batch or a finality head."""

    __tablename__ = "blocks"
    __table_args__: ClassVar[Any] = CLUSTERED

    number: int = big(primary_key=True)
    hash: str
    parent_hash: str
    timestamp: int = big()
    digest: str
    """Over the columns above and the block's logs (`indexer.digests`)."""

    @property
    def ref(self) -> BlockRef:
        """The header alone."""
        return BlockRef(self.number, self.hash, self.parent_hash, self.timestamp)


class Log(Table, table=True):
    """A log as the chain gave it: `topics` are its words one after another."""

    __tablename__ = "logs"
    __table_args__: ClassVar[Any] = CLUSTERED

    block: int = Field(
        primary_key=True, sa_type=BigInteger, foreign_key="blocks.number", ondelete="CASCADE"
    )
    log_index: int = Field(primary_key=True)
    tx_hash: str
    tx_index: int
    contract: str
    topics: bytes = Field(sa_type=LargeBinary)
    data: bytes = Field(sa_type=LargeBinary)

    @property
    def values(self) -> LogValues:
        """The same as plain values: making and inserting objects is six times slower."""
        return (
            self.block,
            self.log_index,
            self.tx_hash,
            self.tx_index,
            self.contract,
            self.topics,
            self.data,
        )


class ChronicleHead(Table, table=True):
    """The fold of a contract's logs through a block that holds some of them."""

    __tablename__ = "chronicle_heads"
    __table_args__: ClassVar[Any] = CLUSTERED

    block: int = Field(
        primary_key=True, sa_type=BigInteger, foreign_key="blocks.number", ondelete="CASCADE"
    )
    contract: str = Field(primary_key=True)
    head: str
