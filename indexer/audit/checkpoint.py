"""A checkpoint: how far a history was seen, in so few words that it can be kept and compared.

A chain that goes on from a checkpoint has its block in its place, and its further logs fold from
the checkpoint's heads to the chronicle that the newest state proves. Nothing else does.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from indexer.abi import CONTRACTS, ContractName
from indexer.audit.history import spans
from indexer.audit.judge import Audit
from indexer.blocks import BlockRef
from indexer.errors import BlockMissing, ChainRefused, NotAnExtension, ProofInvalid
from indexer.identity import Identity
from indexer.proofs.state import CHRONICLE_SLOT
from indexer.rules import chronicle

if TYPE_CHECKING:
    from indexer.chain import Chain


class Checkpoint(NamedTuple):
    """An instance's history through a block; addresses checksummed, hashes 0x-hex."""

    chain_id: int
    addresses: Mapping[ContractName, str]
    block: int
    block_hash: str
    events: int
    heads: Mapping[ContractName, str]
    """The chronicle's heads."""


def begun(found: Audit) -> Checkpoint:
    """Return the checkpoint of an audit that holds."""
    return Checkpoint(
        chain_id=found.opening.chain_id,
        addresses=dict(found.opening.addresses),
        block=found.end.number,
        block_hash=found.end.hash,
        events=found.events,
        heads={name: "0x" + found.replayed[name].hex() for name in CONTRACTS},
    )


def extended(
    chain: "Chain", identity: Identity, known: Checkpoint, end: BlockRef
) -> tuple[Checkpoint, bool]:
    """Return the checkpoint through `end`, and whether its heads are proven by the state there.

    Without proofs they are compared with what the node says. NotAnExtension if the chain is not
    one of the checkpoint; the chain's own errors if the node fails.
    """
    _see_block(chain, known)
    if end.number < known.block:
        raise NotAnExtension(known.block, known.block_hash, f"a chain that ends at {end.number}")
    if end.number == known.block:
        return known, False

    addresses = identity.addresses
    names = {address: name for name, address in addresses.items()}
    heads = {name: bytes.fromhex(known.heads[name][2:]) for name in addresses}
    events, root = known.events, b""
    for span in spans(chain, identity, end, first=known.block + 1):
        for log in span.logs:
            name, timestamp = names[log.address], span.blocks[log.block].timestamp
            heads[name] = chronicle.fold(heads[name], log.block, timestamp, log.topics, log.data)
        events, root = events + len(span.logs), span.state_root
        if span.first == known.block + 1 and span.blocks[known.block].hash != known.block_hash:
            found = span.blocks[known.block].hash
            raise NotAnExtension(known.block, known.block_hash, found)

    proven, words = _words(chain, identity, end, root)
    for name, head in heads.items():
        if words[name] != head:
            said = f"{CONTRACTS[name]}'s chronicle 0x{words[name].hex()} there"
            raise NotAnExtension(end.number, f"0x{head.hex()}", said)
    told = {name: "0x" + head.hex() for name, head in heads.items()}
    return known._replace(block=end.number, block_hash=end.hash, events=events, heads=told), proven


def _see_block(chain: "Chain", known: Checkpoint) -> None:
    try:
        found = chain.block(known.block).hash
    except BlockMissing:
        found = "no such block"
    if found != known.block_hash:
        raise NotAnExtension(known.block, known.block_hash, found)


def _words(
    chain: "Chain", identity: Identity, end: BlockRef, root: bytes
) -> tuple[bool, Mapping[ContractName, bytes]]:
    addresses = identity.addresses
    try:
        slots = dict.fromkeys(addresses.values(), CHRONICLE_SLOT)
        words = chain.proven_words(slots, end.number, root)
        return True, {name: words[address] for name, address in addresses.items()}
    except ProofInvalid as error:
        raise NotAnExtension(end.number, "a proof of the state", error.message) from error
    except ChainRefused:
        calls = [(CONTRACTS[name], at, "chronicleHead", ()) for name, at in addresses.items()]
        return False, dict(zip(addresses, chain.views(calls, at=end), strict=True))
