"""Keeps a mirror up to the chain until it is told to stop."""

from collections.abc import Callable, Sequence
from threading import Event as Stop
from typing import TYPE_CHECKING

from indexer.errors import (
    BlockMissing,
    ChainBusy,
    ChainKeepsChanging,
    ChainRefused,
    ChainUnreachable,
    IndexerError,
    LogsInconsistent,
    MirrorLocked,
)
from indexer.heads import NewHeads, websocket_of
from indexer.reader import Reader, SyncResult
from indexer.store import Store

if TYPE_CHECKING:
    from indexer.chain import Chain

TRANSIENT = (
    BlockMissing,
    ChainBusy,
    ChainKeepsChanging,
    ChainRefused,
    ChainUnreachable,
    LogsInconsistent,
    MirrorLocked,
)
"""Errors that the next attempt may not meet again: a node or another process, not the data."""


def follow(
    chains: "Chain | Sequence[Chain]",
    store: Store,
    stop: Stop,
    *,
    interval: float = 1.0,
    websocket: str | None = None,
    every_header: bool = False,
    synced: Callable[[SyncResult], None] | None = None,
    trouble: Callable[[IndexerError], None] | None = None,
) -> None:
    """Sync at each new head, and at least every `interval` seconds, until `stop` is set.

    New heads come by the websocket of that address, by default that of the first node; where there
    is none, only the interval counts. What passes by itself (TRANSIENT) is told to `trouble` and
    tried again; the rest is raised.
    """
    reader = Reader(chains, store, every_header=every_header)
    url = websocket or websocket_of(reader.sources.first_url)
    with store.held(), NewHeads(url) as heads:
        while not stop.is_set():
            try:
                result = reader.sync()
            except TRANSIENT as error:
                if trouble is None:
                    raise
                reader.sources.lost()
                trouble(error)
            else:
                if synced:
                    synced(result)
            heads.wait(stop, interval)
