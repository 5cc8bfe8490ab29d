"""The chronicle of each contract, as of a block."""

from sqlmodel import Session, col, select

from indexer.abi import CONTRACTS
from indexer.queries.as_of import AsOf
from indexer.rules.chronicle import begin
from indexer.tables import ChronicleHead, Mirror


def chronicle_heads(session: Session, as_of: AsOf) -> dict[str, str]:
    """Return contract -> the fold of all its logs through the block, 0x-hex."""
    found, mirror = {}, session.get_one(Mirror, 1)
    for word, name in CONTRACTS.items():
        newest = (
            select(ChronicleHead.head)
            .where(col(ChronicleHead.contract) == word, col(ChronicleHead.block) <= as_of.block)
            .order_by(col(ChronicleHead.block).desc())
            .limit(1)
        )
        head = session.exec(newest).first()
        # Without an event yet it is where every chronicle begins.
        found[name] = "0x" + (head or begin(mirror.chain_id, str(getattr(mirror, word))).hex())
    return found
