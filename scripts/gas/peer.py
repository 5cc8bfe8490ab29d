"""OpenZeppelin's Governor 5.7 with timelock and soulbound ERC721Votes, at the same acts.

Its batch is Multicall, the nearest that it has; a thousand ballots do not fit in a block of 60
million that way. No ballot can be changed, and no proposal can be in words only.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from web3 import Web3
from web3.contract import Contract

from node.devnet import Devnet
from scripts.gas.crowd import MIX, transact
from scripts.gas.figures import (
    ADMIT,
    ALONE,
    BATCH,
    BYTES,
    DEPLOY,
    DIRECT,
    PROPOSE,
    QUEUE,
    Figure,
)
from scripts.gas.ours import TEXT
from tests.contracts.artifacts import at, load
from tests.contracts.coop import ABSTAIN, AGAINST, DAY, FOR
from tests.contracts.people import NAMES, Person, person
from tests.contracts.signing import sign_typed

ZERO = "0x" + "00" * 20
BALLOT = [
    ("proposalId", "uint256"),
    ("support", "uint8"),
    ("voter", "address"),
    ("nonce", "uint256"),
]


class Peer:
    """An instance: roll, timelock and governor, wired, with nobody left in charge."""

    def __init__(self, chain: Devnet, members: Sequence[Person]) -> None:
        self.chain, self.w3 = chain, Web3(Web3.HTTPProvider(chain.url))
        self.founders = [person(name) for name in NAMES[:5]]
        self.deployer = self.founders[0].address
        self.cost = 0
        self.roll = self._deploy("PeerRoll", self.deployer)
        self.timelock = self._deploy("PeerTimelock", DAY, [], [ZERO], self.deployer)
        self.governor = self._deploy("PeerGovernor", self.roll.address, self.timelock.address)
        for each in self.founders:
            self.cost += self.send(self.roll, "admit", each.address)
        for each in members:  # the crowd is not part of the cost of an instance
            self.send(self.roll, "admit", each.address)
        self.cost += self._hand_over()

    def send(self, contract: Contract, function: str, *arguments: Any, by: str = "") -> int:
        """Gas of one call."""
        data = contract.encode_abi(function, arguments)
        return transact(self.chain, by or self.deployer, contract.address, data)

    def warp(self, seconds: int) -> None:
        """Mines a block so much later."""
        self.chain.increase_time(seconds)

    def propose(self, account: str, text: str) -> tuple[int, tuple[Any, ...], int]:
        """Proposes an admission: the proposal's id, what queue and execute want, and the gas."""
        call = bytes.fromhex(self.roll.encode_abi("admit", [account])[2:])
        actions = ([self.roll.address], [0], [call])
        gas = self.send(self.governor, "propose", *actions, text, by=self.founders[1].address)
        late = (*actions, Web3.keccak(text=text))
        return int(self.governor.functions.hashProposal(*late).call()), late, gas

    def vote(self, by: Person, proposal: int, support: int) -> int:
        """Gas of a direct ballot."""
        return self.send(self.governor, "castVote", proposal, support, by=by.address)

    def signed(self, by: Person, proposal: int, support: int, nonce: int) -> bytes:
        """The call that carries a signed ballot."""
        domain = {
            "name": "PeerGovernor",
            "version": "1",
            "chainId": 31337,
            "verifyingContract": self.governor.address,
        }
        message = {"proposalId": proposal, "support": support, "voter": by.address, "nonce": nonce}
        signature = sign_typed(by, domain, "Ballot", BALLOT, message, {})
        arguments = [proposal, support, by.address, signature]
        return bytes.fromhex(self.governor.encode_abi("castVoteBySig", arguments)[2:])

    def _deploy(self, name: str, *arguments: Any) -> Contract:
        found = load(name)
        made = self.w3.eth.contract(abi=found["abi"], bytecode=found["bytecode"])
        tx = made.constructor(*arguments).transact(
            {"from": Web3.to_checksum_address(self.deployer)}
        )
        receipt = self.w3.eth.wait_for_transaction_receipt(tx)
        self.cost += receipt["gasUsed"]
        return at(self.w3, name, str(receipt["contractAddress"]))

    def _hand_over(self) -> int:
        functions = self.timelock.functions
        proposer, canceller, admin = (
            functions[role]().call()
            for role in ("PROPOSER_ROLE", "CANCELLER_ROLE", "DEFAULT_ADMIN_ROLE")
        )
        cost = self.send(self.timelock, "grantRole", proposer, self.governor.address)
        cost += self.send(self.timelock, "grantRole", canceller, self.governor.address)
        cost += self.send(self.roll, "transferOwnership", self.timelock.address)
        return cost + self.send(self.timelock, "renounceRole", admin, self.deployer)


def peer(chain: Devnet, crowd: Sequence[Person], newcomer: Person) -> Iterator[Figure]:
    """The same acts as ours where the peer has them, under the same names."""
    instance = Peer(chain, crowd)
    yield Figure(DEPLOY, instance.cost)
    proposal, late, gas = instance.propose(newcomer.address, TEXT)
    yield Figure(PROPOSE, gas)
    instance.warp(2 * DAY + 1)
    yield from _ballots(instance, proposal, crowd)
    instance.warp(4 * DAY)
    yield Figure(QUEUE, instance.send(instance.governor, "queue", *late))
    instance.warp(DAY + 1)
    yield Figure(ADMIT, instance.send(instance.governor, "execute", *late))
    assert instance.roll.functions.getVotes(newcomer.address).call() == 1


def _ballots(instance: Peer, proposal: int, crowd: Sequence[Person]) -> Iterator[Figure]:
    ada, ben, cleo, dan, _ = instance.founders
    yield Figure("direct ballot, first voter", instance.vote(ada, proposal, FOR))
    instance.vote(ben, proposal, AGAINST)
    instance.vote(cleo, proposal, ABSTAIN)
    yield Figure(DIRECT, instance.vote(dan, proposal, FOR))
    alone = instance.signed(crowd[-1], proposal, FOR, 0)
    governor = instance.governor.address
    yield Figure(ALONE, transact(instance.chain, ada.address, governor, alone))
    gas, size = _multicall(instance, proposal, crowd[:100])
    yield Figure(f"{BATCH}, first touch", gas // 100)
    yield Figure(BYTES, size // 100)
    # The second time, the nonce of each signer has been used before.
    again, _, _ = instance.propose(crowd[0].address, "Once more")
    instance.warp(2 * DAY + 1)
    instance.vote(ada, again, FOR)
    instance.vote(ben, again, AGAINST)
    instance.vote(cleo, again, ABSTAIN)
    gas, _ = _multicall(instance, again, crowd[:100], 1)
    yield Figure(BATCH, gas // 100)


def _multicall(
    instance: Peer, proposal: int, voters: Sequence[Person], nonce: int = 0
) -> tuple[int, int]:
    """Gas and bytes of calldata of signed ballots in one transaction."""
    calls = [
        instance.signed(each, proposal, MIX[number % len(MIX)], nonce)
        for number, each in enumerate(voters)
    ]
    data = instance.governor.encode_abi("multicall", [calls])
    gas = transact(instance.chain, instance.deployer, instance.governor.address, data)
    return gas, len(data) // 2 - 1
