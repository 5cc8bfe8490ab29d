"""What an audit is made of: everything that it takes from outside, as plain values.

A `Source` gives it, be it a node or a file of evidence, and is believed in nothing: the audit
(`indexer.audit.judge`) proves or compares each piece, and says what it could not.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple, Protocol

from indexer.abi import ContractName
from indexer.blocks import RawLog


class Opening(NamedTuple):
    """Which instance, and through which block; addresses checksummed."""

    chain_id: int
    addresses: Mapping[ContractName, str]
    factory: str
    first_block: int
    anchor: bytes
    """The header of the last block, as its RLP."""
    receipts: bool
    """Whether the header and, where it may hold our logs, all receipts of each block are given."""


class Sent(NamedTuple):
    """A transaction with logs of the instance; `raw` is empty if it could not be had as bytes."""

    place: int
    """In its block, from 0."""
    hash: bytes
    raw: bytes
    logs: tuple[RawLog, ...]


class Part(NamedTuple):
    """One block: what it did to the instance, and with `Opening.receipts` the proof of it.

    Without receipts only blocks with logs are given.
    """

    number: int
    hash: str
    timestamp: int
    sent: tuple[Sent, ...]
    header: bytes = b""
    receipts: tuple[bytes, ...] = ()
    """All of the block's, as the receipts trie holds them; none where the bloom excludes ours."""
    transactions: tuple[bytes, ...] = ()
    """All of the block's, as the transactions trie holds them; none where receipts are none."""

    @property
    def logs(self) -> tuple[RawLog, ...]:
        """The instance's logs, in order."""
        return tuple([log for sent in self.sent for log in sent.logs])


class State(NamedTuple):
    """The state at the last block. `nodes` are trie nodes by their hash, checked to be so.

    A node that proves nothing leaves `nodes` empty and claims the chronicle's words instead.
    """

    nodes: Mapping[bytes, bytes]
    claimed: Mapping[ContractName, bytes]


Slots = Mapping[str, Collection[int]]
"""Address -> words of its storage; none: the account alone."""


class Source(Protocol):
    """Where an audit's pieces come from; each method is called once, in this order."""

    @property
    def opening(self) -> Opening:
        """What the audit is of."""

    def codes(self) -> Mapping[str, bytes]:
        """Address -> code: of the factory, the four contracts and what they run."""

    def parts(self) -> Iterator[Part]:
        """The blocks in order; a source that fails raises its own error."""

    def state(self, slots: Slots) -> State:
        """Proofs of these accounts and words."""
