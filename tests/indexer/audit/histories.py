"""A co-op's history as the audit is fed it: decoded events, each with its block's second."""

from collections.abc import Sequence
from dataclasses import dataclass

from indexer import events
from indexer.abi import CONTRACTS, ContractName
from indexer.audit.replay import Replay
from indexer.chain import Chain
from indexer.events import Event
from tests.contracts.coop import Coop

Timed = tuple[Event, int]


@dataclass(frozen=True)
class History:
    """All events of an instance in order, and the second of the last block."""

    chain_id: int
    addresses: dict[ContractName, str]
    events: tuple[Timed, ...]
    last: int

    def replayed(self, told: Sequence[Timed] | None = None) -> Replay:
        """The replay of these events, or of others in their place."""
        replay = Replay(self.chain_id, self.addresses)
        for event, moment in self.events if told is None else told:
            replay.apply(event, moment)
        replay.finish(self.last)
        return replay


def history(coop: Coop, first: int) -> History:
    """What the chain holds of a co-op from block `first` on."""
    names: tuple[ContractName, ...] = tuple(CONTRACTS)
    addresses = {name: str(getattr(coop, name).address) for name in names}
    contracts = {address: name for name, address in addresses.items()}
    chain = Chain(coop.chain.url)
    head = chain.head()
    moments: dict[int, int] = {}
    told: list[Timed] = []
    for log in chain.logs(list(contracts), first, head.number):
        if log.block not in moments:
            moments[log.block] = chain.block(log.block).timestamp
        told.append((events.decode(contracts[log.address], log), moments[log.block]))
    return History(chain.chain_id(), addresses, tuple(told), head.timestamp)
