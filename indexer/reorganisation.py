"""When the chain took another turn: delete the blocks it dropped, and everything with them."""

from typing import TYPE_CHECKING

from sqlmodel import Session, col, delete, func, select

from indexer.errors import BlockMissing, ReorganisedBeyondKnown
from indexer.identity import Identity
from indexer.tables import Block, Cursor

if TYPE_CHECKING:
    from indexer.chain import Chain


def common_ancestor(chain: "Chain", session: Session, identity: Identity) -> int:
    """Return the newest mirrored block that the chain still holds; the cursor's if nothing changed.

    ReorganisedBeyondKnown if the chain differs already before the instance's first block.
    """
    numbers = list(session.exec(select(Block.number).order_by(col(Block.number))))
    if not numbers:
        return session.get_one(Cursor, 1).block
    # What a chain holds of our blocks is a beginning of the list, so that halving finds its end.
    low, high = -1, len(numbers) - 1
    middle = high  # nearly always the newest one is still there
    while low < high:
        if _still_there(chain, session, numbers[middle]):
            low = middle
        else:
            high = middle - 1
        middle = (low + high + 1) // 2
    if low < 0:
        raise _differs_from_the_start(chain, session, numbers[0])
    return numbers[low]


def roll_back(session: Session, ancestor: int) -> int:
    """Delete all blocks after the ancestor with everything derived from them; return how many."""
    newer = col(Block.number) > ancestor
    count = session.exec(select(func.count()).select_from(Block).where(newer)).one()
    session.exec(delete(Block).where(newer))
    cursor = session.get_one(Cursor, 1)
    cursor.block = ancestor
    cursor.verified = min(cursor.verified, ancestor)
    session.add(cursor)
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
