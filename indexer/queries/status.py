"""How far the mirror is."""

from sqlmodel import Session, func, select

from indexer.reader import SyncResult
from indexer.tables import Cursor, Log, Mirror


def mirror_status(session: Session) -> SyncResult:
    """Return what the mirror holds and how far behind the chain it was when last synced."""
    mirror, cursor = session.get_one(Mirror, 1), session.get_one(Cursor, 1)
    return SyncResult(
        from_block=mirror.first_block,
        to_block=cursor.block,
        events=session.exec(select(func.count()).select_from(Log)).one(),
        chain_head=cursor.head,
        safe=cursor.safe,
        finalized=cursor.finalized,
        lag_blocks=max(0, cursor.head - cursor.block),
        chronicle_ok=cursor.verified == cursor.block,
        proven_to=cursor.proven,
    )
