"""When the chain took another turn: delete the blocks it dropped, and everything with them."""

from typing import TYPE_CHECKING

from sqlmodel import Session, col, delete, func, select

from indexer.blocks import BlockRef
from indexer.cursor import move_cursor
from indexer.errors import BlockMissing, ReorganisedBeyondKnown
from indexer.tables import Block, Cursor

if TYPE_CHECKING:
    from indexer.chain import Chain


def common_ancestor(chain: "Chain", session: Session, head: BlockRef) -> int:
    """Return the newest mirrored block that the chain still holds; the cursor's if nothing changed.

    A node whose `head` is below the mirror's end has only fallen behind, as long as what it holds
    is the same. ReorganisedBeyondKnown if the chain differs already before the instance's first
    block.
    """
    known = select(Block.number).where(col(Block.number) <= head.number).order_by(col(Block.number))
    newest = session.exec(select(func.max(known.subquery().c.number))).one()
    if newest is None or session.get_one(Block, newest).ref == head:
        return session.get_one(Cursor, 1).block  # seen without asking again
    if _still_there(chain, session, newest):
        return session.get_one(Cursor, 1).block
    numbers = list(session.exec(known))
    # What a chain holds of our blocks is a beginning of the list, so that halving finds its end.
    low, high = -1, len(numbers) - 2
    while low < high:
        middle = (low + high + 1) // 2
        if _still_there(chain, session, numbers[middle]):
            low = middle
        else:
            high = middle - 1
    if low < 0:
        raise _differs_from_the_start(chain, session, numbers[0])
    return numbers[low]


def final_block(cursor: Cursor, depth: int) -> int:
    """Return up to where the mirror's history counted as final when it was read.

    What the chain called finalized, but not the newest `depth` blocks: some test chains call their
    very head finalized.
    """
    deep = cursor.head - depth
    return deep if cursor.finalized is None else min(cursor.finalized, deep)


def roll_back(session: Session, ancestor: int) -> int:
    """Delete all blocks after the ancestor with everything derived from them; return how many."""
    newer = col(Block.number) > ancestor
    count = session.exec(select(func.count()).select_from(Block).where(newer)).one()
    session.exec(delete(Block).where(newer))
    cursor = session.get_one(Cursor, 1)
    move_cursor(
        session,
        block=ancestor,
        verified=min(cursor.verified, ancestor),
        proven=min(cursor.proven, ancestor),
        head=min(cursor.head, ancestor),
        safe=None if cursor.safe is None else min(cursor.safe, ancestor),
        finalized=None if cursor.finalized is None else min(cursor.finalized, ancestor),
    )
    return count


def _still_there(chain: "Chain", session: Session, number: int) -> bool:
    try:
        return chain.block(number).hash == session.get_one(Block, number).hash
    except BlockMissing:
        return False


def _differs_from_the_start(
    chain: "Chain", session: Session, number: int
) -> ReorganisedBeyondKnown:
    try:
        found = chain.block(number).hash
    except BlockMissing:
        found = "missing"
    return ReorganisedBeyondKnown(number, session.get_one(Block, number).hash, found)
