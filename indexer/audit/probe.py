"""What a node can prove, asked before the audit begins, so that nothing is left out in silence."""

from typing import TYPE_CHECKING, NamedTuple

from indexer.blocks import BlockRef
from indexer.errors import ChainRefused
from indexer.identity import Identity

if TYPE_CHECKING:
    from indexer.chain import Chain


class Abilities(NamedTuple):
    """What the node answers; what it answers is another question."""

    finality: bool
    """It says which blocks are final."""
    proofs: bool
    """It proves the state at the last block."""
    receipts: bool
    """It gives all receipts of a block at once."""
    old_state: bool
    """It still knows the state in which the co-op began."""


def probe(chain: "Chain", identity: Identity, end: BlockRef) -> Abilities:
    """Ask a node for one of each; ChainUnreachable or ChainBusy if it fails."""
    address, first = identity.assembly, identity.first_block
    return Abilities(
        finality=_answers(chain, "eth_getBlockByNumber", "finalized", False),
        proofs=_answers(chain, "eth_getProof", address, [], hex(end.number)),
        receipts=_answers(chain, "eth_getBlockReceipts", hex(end.number)),
        old_state=_answers(chain, "eth_getBalance", address, hex(first)),
    )


def _answers(chain: "Chain", method: str, *params: object) -> bool:
    try:
        return chain.request(method, *params) is not None
    except ChainRefused:
        return False
