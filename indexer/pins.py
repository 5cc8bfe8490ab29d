"""What pins a mirror to its chain, looked at whenever a node is met."""

from typing import TYPE_CHECKING

from indexer.errors import MirrorOfAnotherChain
from indexer.identity import code_hash
from indexer.store import Store
from indexer.tables import Mirror

if TYPE_CHECKING:
    from indexer.chain import Chain


def refuse_another_chain(chain: "Chain", store: Store) -> None:
    """Raise MirrorOfAnotherChain unless the chain is the one that the store mirrors.

    By its id, by its first block, and by the code at the instance's addresses.
    """
    identity = store.identity
    if (found := chain.chain_id()) != identity.chain_id:
        raise MirrorOfAnotherChain(store.location, "chain id", found, identity.chain_id)
    genesis = chain.block(0).hash
    with store.reading() as session:
        pinned = session.get_one(Mirror, 1).genesis
    if pinned and pinned != genesis:
        raise MirrorOfAnotherChain(store.location, "first block's hash", genesis, pinned)
    code = code_hash(chain, list(identity.addresses.values()))
    if code != identity.code_hash:
        raise MirrorOfAnotherChain(store.location, "code hash", code, identity.code_hash)
    if not pinned:
        with store.writing() as session:
            session.get_one(Mirror, 1).genesis = genesis
