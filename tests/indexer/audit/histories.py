"""A co-op's history as the audit is fed it: decoded events, each with its block's second."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from indexer import events
from indexer.abi import CONTRACTS, ContractName
from indexer.audit.replay import Replay
from indexer.audit.storage import expected
from indexer.chain import Chain
from indexer.events import Event
from tests.contracts.coop import Coop
from tests.indexer.audit.stored import Storage, dumped, told_apart

Timed = tuple[Event, int]


@dataclass(frozen=True)
class Said:
    """What the contracts answer at the end of a history."""

    proposals: dict[int, tuple[Any, ...]]
    """Id -> state, votes against, for and abstaining, roll, opening, deadline, content."""
    ballots: dict[tuple[int, int], tuple[int, int, int]]
    """Proposal and memberId -> choice, epoch, sequence."""
    members: dict[int, tuple[Any, ...]]
    """memberId -> account, since, until, epoch."""
    roll: int
    probation: int
    guardians: dict[int, bytes]
    """memberId -> hash of the list in force."""
    versions: dict[int, int]
    """Decision class -> newest rule version."""
    rates: dict[bytes, int]
    histograms: dict[int, list[int]]


@dataclass(frozen=True)
class History:
    """All events of an instance in order, and the second of the last block."""

    chain_id: int
    addresses: dict[ContractName, str]
    events: tuple[Timed, ...]
    last: int
    said: Said
    stored: Storage
    """All that the contracts store at the end, as the chain dumps it."""

    def replayed(self, told: Sequence[Timed] | None = None) -> Replay:
        """The replay of these events, or of others in their place."""
        replay = Replay(self.chain_id, self.addresses)
        for event, moment in self.events if told is None else told:
            replay.apply(event, moment)
        replay.finish(self.last)
        return replay

    def misstored(self) -> list[str]:
        """In words, what the contracts store otherwise than the replay expects."""
        wanted = expected(self.replayed(), self.addresses)
        return told_apart(self.stored, wanted, [event for event, _ in self.events])


def history(coop: Coop, first: int) -> History:
    """What the chain holds of a co-op from block `first` on."""
    names: tuple[ContractName, ...] = tuple(CONTRACTS)
    addresses = {name: str(getattr(coop, name).address) for name in names}
    told, last = read(coop.chain.url, addresses, first)
    stored = dumped(coop.chain, addresses)
    return History(Chain(coop.chain.url).chain_id(), addresses, told, last, said(coop), stored)


def read(
    url: str, addresses: Mapping[ContractName, str], first: int
) -> tuple[tuple[Timed, ...], int]:
    """All events of the contracts from block `first` on, and the second of the last block."""
    contracts = {address: name for name, address in addresses.items()}
    chain = Chain(url)
    head = chain.head()
    moments: dict[int, int] = {}
    told: list[Timed] = []
    for log in chain.logs(list(contracts), first, head.number):
        if log.block not in moments:
            moments[log.block] = chain.block(log.block).timestamp
        told.append((events.decode(contracts[log.address], log), moments[log.block]))
    return tuple(told), head.timestamp


def said(coop: Coop) -> Said:
    """What the contracts answer now."""
    assembly, roll, pay = (
        each.functions for each in (coop.assembly, coop.membership, coop.pay_rates)
    )
    proposals = range(1, assembly.proposalCount().call() + 1)
    members = range(1, roll.lastMemberId().call() + 1)
    votes = range(1, pay.payVoteCount().call() + 1)
    ballots = {
        (number, member): tuple(assembly.ballotOf(number, member).call())
        for number in proposals
        for member in members
    }
    return Said(
        proposals={number: _proposal(coop, number) for number in proposals},
        ballots={key: ballot for key, ballot in ballots.items() if ballot[2]},
        members={number: tuple(roll.memberOf(number).call()) for number in members},
        roll=roll.rollSize().call(),
        probation=roll.probation().call(),
        guardians={number: roll.guardiansOf(number).call()[0] for number in members},
        versions={each: coop.bylaws.functions.ruleVersion(each).call() for each in range(7)},
        rates={name: pay.roleOf(name).call()[0] for name in pay.roles().call()},
        histograms={number: pay.histogram(number).call() for number in votes},
    )


def _proposal(coop: Coop, number: int) -> tuple[Any, ...]:
    assembly = coop.assembly.functions
    info = assembly.proposal(number).call()
    return (
        coop.state(number),
        coop.votes(number),
        assembly.proposalRoll(number).call(),
        info[4],
        info[5],
        info[10],
    )
