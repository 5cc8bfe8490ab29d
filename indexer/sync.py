"""Brings a mirror up to the chain once, or makes it anew."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.identity import Identity
from indexer.reader import Progress, Reader, SyncResult
from indexer.store import Store, open_mirror

if TYPE_CHECKING:
    from indexer.chain import Chain


def sync(
    chains: "Chain | Sequence[Chain]",
    store: Store,
    *,
    to: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    every_header: bool = False,
    accept_reorganisation: bool = False,
) -> SyncResult:
    """Bring a mirror up to the chain, or to block `to`, once; see Reader.

    `every_header`: also those of blocks without events are read, hashed and linked to the next.
    ReorganisedBeyondFinal, MirrorIncomplete, MirrorOfAnotherChain stop it for a person to look at.
    """
    reader = Reader(chains, store, every_header=every_header)
    return reader.sync(to=to, progress=progress, accept_reorganisation=accept_reorganisation)


def rebuild(
    chains: "Chain | Sequence[Chain]",
    location: Path | str,
    identity: Identity,
    *,
    progress: Callable[[Progress], None] | None = None,
) -> SyncResult:
    """Empty the mirror, whatever it held, and read everything again."""
    return sync(chains, open_mirror(location, identity, fresh=True), progress=progress)
