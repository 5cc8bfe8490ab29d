"""A co-op on a local chain and its mirror, side by side."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from indexer import queries
from indexer.chain import Chain
from indexer.identity import Identity, identify
from indexer.queries import AsOf
from indexer.reader import SyncResult
from indexer.store import Store, open_mirror
from indexer.sync import sync
from indexer.tables import FACTS, Block, Log
from tests.contracts.coop import Coop

Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Mirrored:
    """A co-op, a reader of its chain, and the file that mirrors it."""

    coop: Coop
    chain: Chain
    identity: Identity
    path: Path

    @property
    def store(self) -> Store:
        """The mirror, opened anew as another process would."""
        return open_mirror(self.path, self.identity)

    def sync(self, to: int | None = None) -> SyncResult:
        """Brings the mirror up to the chain."""
        return sync(self.chain, self.store, to=to)

    @contextmanager
    def asking(self, at: Any = "latest") -> Iterator[tuple[Session, AsOf]]:
        """A session and the block as of which to ask."""
        with self.store.reading() as session:
            yield session, queries.as_of(session, at)

    def view(self, contract: str, function: str, *args: Any, at: Any = None) -> Any:
        """What one of the contracts answers."""
        words = {"Membership": "membership", "Bylaws": "bylaws", "Assembly": "assembly"}
        address = getattr(self.identity, words.get(contract, "pay_rates"))
        return self.chain.view(contract, address, function, *args, at=at)


def mirrored(coop: Coop, path: Path) -> Mirrored:
    """An empty mirror of a co-op that was made in the newest block."""
    chain = Chain(coop.chain.url)
    identity = identify(
        chain,
        membership=coop.membership.address,
        bylaws=coop.bylaws.address,
        assembly=coop.assembly.address,
        pay_rates=coop.pay_rates.address,
        first_block=chain.head().number,
    )
    return Mirrored(coop, chain, identity, path)


def rows(store: Store) -> Rows:
    """Everything that the mirror holds of the co-op: blocks with events, logs, derived rows."""
    found: Rows = {}
    with store.reading() as session:
        tables: list[Any] = [Log, *FACTS]
        for table in tables:
            selected = select(table.__table__).order_by(*inspect(table).primary_key)
            found[table.__tablename__] = [
                tuple(row) for row in session.connection().execute(selected)
            ]
        numbers = select_rows(Log.block).distinct()
        blocks = select_rows(Block).where(col(Block.number).in_(numbers))
        found["blocks"] = [
            (*block.ref, block.digest) for block in session.exec(blocks.order_by(col(Block.number)))
        ]
    return found


def fresh(mirror: Mirrored, tmp_path: Path) -> Rows:
    """What a mirror holds that never read anything but the chain as it is now."""
    store = open_mirror(tmp_path / "fresh.db", mirror.identity, fresh=True)
    sync(mirror.chain, store)
    return rows(store)
