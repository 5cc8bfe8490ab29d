"""As of which block an answer holds. Every query is asked, and answers, as of a block."""

from typing import TYPE_CHECKING, NamedTuple

from sqlmodel import Session, col, select

from indexer.blocks import Finality
from indexer.errors import BlockNotMirrored
from indexer.moment import Moment
from indexer.tables import Block, Cursor, Mirror

if TYPE_CHECKING:
    from indexer.chain import Chain


class AsOf(NamedTuple):
    """The block through which the chain was read for an answer, and its moment."""

    chain_id: int
    block: int
    block_hash: str
    timestamp: Moment
    finality: Finality


def as_of(session: Session, at: Finality | int = "latest", chain: "Chain | None" = None) -> AsOf:
    """Return the mirror's newest block of a finality, or the block of that number.

    The mirror keeps the headers of blocks with events and of a few others; any other number takes
    its header from `chain`, if one is given. BlockNotMirrored if it is unknown or not read yet.
    """
    mirror, cursor = session.get_one(Mirror, 1), session.get_one(Cursor, 1)
    newest = {"latest": cursor.block, "safe": cursor.safe, "finalized": cursor.finalized}
    number = at if isinstance(at, int) else newest[at]
    first = mirror.first_block
    if number is None or number < first or (isinstance(at, int) and number > cursor.block):
        raise BlockNotMirrored(at, None)
    number = min(number, cursor.block)
    header = session.get(Block, number)
    found = header.ref if header else chain and chain.block(number)
    if not found:
        nearest = select(Block.number).where(col(Block.number) < number)
        raise BlockNotMirrored(at, session.exec(nearest.order_by(col(Block.number).desc())).first())
    finality = at if not isinstance(at, int) else _finality(number, cursor)
    return AsOf(mirror.chain_id, number, found.hash, Moment(found.timestamp), finality)


def _finality(number: int, cursor: Cursor) -> Finality:
    if cursor.finalized is not None and number <= cursor.finalized:
        return "finalized"
    return "safe" if cursor.safe is not None and number <= cursor.safe else "latest"
