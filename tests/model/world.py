"""What all parts of the model share: the clock, the addresses, the logs and their chronicle."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from indexer.rules import chronicle
from tests.model.words import Event, Refused

OWN = ("Membership", "Bylaws", "Assembly", "PayRates")
"""The contracts that the model plays."""


@dataclass
class World:
    """Facts that no contract decides, and what the contracts of the model have logged."""

    chain_id: int
    addresses: Mapping[str, str]
    """Contract -> address."""
    code_hashes: Mapping[str, bytes]
    """Address -> hash of the code there; who is not in it has none."""
    now: int = 0
    block: int = 0
    heads: dict[str, bytes] = field(default_factory=dict)
    execution_snapshot: int = 0
    """When the vote opened on the proposal that is being executed; 0 while none is."""
    events: list[Event] = field(default_factory=list)
    """What the present act has logged so far."""

    def __post_init__(self) -> None:
        for contract in OWN:
            self.heads[contract] = chronicle.begin(self.chain_id, self.addresses[contract])

    def record(self, contract: str, name: str, *values: object) -> None:
        """Logs an event."""
        self.events.append(Event(contract, name, values))

    def fold(self) -> None:
        """Puts the logs of the act into the chronicles: it stands in the present block."""
        for event in self.events:
            head = self.heads[event.contract]
            topics, data = event.encoded()
            folded = chronicle.fold(head, self.block, self.now, b"".join(topics), data)
            self.heads[event.contract] = folded

    def only_assembly(self, sender: str, error: str) -> None:
        """Refuses everybody but the Assembly."""
        if sender != self.addresses["Assembly"]:
            raise Refused(error, sender)
