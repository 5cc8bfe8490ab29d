"""A co-op of many members on anvil: founded by the factory, its roll filled without votes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.crypto import keccak
from web3.contract import Contract

from node.devnet import Devnet
from scripts.mirror_bench.signing import NAME, Voter, voter
from scripts.mirror_bench.wire import Wire
from tests.contracts.artifacts import CONTRACTS, at, load
from tests.contracts.coop import CLASSES
from tests.contracts.founding import PAY_RULE, new_factory, role, rule
from tests.contracts.ledger import in_place_of

FOUNDERS = 50
ROLES = ("cook", "porter", "manager")
_A_BLOCK = 500  # transactions that are mined together
_BLOCK_GAS = 400_000_000
_GAS = 300_000_000  # of a batch
_SMALL_GAS = 700_000


@dataclass
class Coop:
    """An instance and the ways to act in it; `voters` in the order of their memberIds, from 1."""

    chain: Devnet
    wire: Wire
    contracts: dict[str, Contract]
    voters: list[Voter]
    first_block: int

    def ask(self, contract: str, function: str, *arguments: Any) -> Any:
        """Return what a view answers."""
        return self.contracts[contract].functions[function](*arguments).call()

    def send(self, sender: str, contract: str, function: str, *arguments: Any) -> None:
        """Mine one transaction in a block of its own."""
        self._mined([self._send(sender, contract, function, arguments, _GAS)])

    def carry(self, contract: str, function: str, *arguments: Any) -> None:
        """Mine one transaction of somebody who is no member, signed as on any other chain: what
        anvil sends in another's name bears no signature, and no hash of its bytes."""
        self.wire.ask("anvil_autoImpersonateAccount", False)
        carrier = self.wire.ask("eth_accounts")[-1]
        self.send(carrier, contract, function, *arguments)
        self.wire.ask("anvil_autoImpersonateAccount", True)

    def send_together(
        self, contract: str, function: str, calls: Iterable[tuple[str, Sequence[Any]]]
    ) -> None:
        """Mine many (sender, arguments), five hundred a block."""
        self.wire.ask("evm_setAutomine", False)
        waiting = list(calls)
        for start in range(0, len(waiting), _A_BLOCK):
            sent = [
                self._send(by, contract, function, said, _SMALL_GAS)
                for by, said in waiting[start : start + _A_BLOCK]
            ]
            self.wire.ask("evm_mine")
            self._mined(sent)
        self.wire.ask("evm_setAutomine", True)

    def warp(self, moment: int) -> None:
        """Mine a block at that second."""
        self.chain.mine(at=moment)

    def join(self, upto: int) -> None:
        """Let people apply and be admitted until the roll has that many members."""
        joining = [voter(number) for number in range(len(self.voters) + 1, upto + 1)]
        assembly = self.contracts["Assembly"].address
        give_ether(self.wire, [each.address for each in joining])
        profile = keccak(text="a profile")
        self.send_together("Membership", "applyToJoin", [(v.address, [profile]) for v in joining])
        # As if a vote on each had opened just now; in the meantime the Assembly answers nothing.
        with in_place_of(self.chain, assembly, load("Ordering")["deployedBytecode"]):
            self.send_together("Membership", "admit", [(assembly, [v.address]) for v in joining])
        self.voters += joining
        last = self.voters[-1]
        assert self.ask("Membership", "memberIdOf", last.address) == last.member

    def _send(
        self, sender: str, contract: str, function: str, arguments: Sequence[Any], gas: int
    ) -> str:
        made = self.contracts[contract]
        data = made.encode_abi(function, arguments)
        transaction = {"from": sender, "to": made.address, "data": data, "gas": hex(gas)}
        return str(self.wire.ask("eth_sendTransaction", transaction))

    def _mined(self, sent: Sequence[str]) -> None:
        waiting = list(sent)
        while waiting:  # mined on arrival, but a receipt may come an instant later
            receipts = self.wire.ask_many("eth_getTransactionReceipt", [[each] for each in waiting])
            for hash_, receipt in zip(waiting, receipts, strict=True):
                assert receipt is None or receipt["status"] == "0x1", f"{hash_} was refused"
            waiting = [h for h, found in zip(waiting, receipts, strict=True) if found is None]


def found(chain: Devnet, wire: Wire, members: int) -> Coop:
    """Make an instance with that many members, fifty of them founders."""
    wire.ask("evm_setBlockGasLimit", hex(_BLOCK_GAS))
    wire.ask("anvil_autoImpersonateAccount", True)
    factory = new_factory(chain)
    founders = [voter(number) for number in range(1, FOUNDERS + 1)]
    pay = tuple(PAY_RULE.values())
    terms = (0, [rule()] * len(CLASSES), b"GBP", pay)
    roles = [role(name, 1_500 + 100 * number) for number, name in enumerate(ROLES)]
    arguments = (NAME, [each.address for each in founders], terms, roles, 0)
    addresses = factory.functions.predict(*arguments).call()
    own = {
        name: at(factory.w3, name, there) for name, there in zip(CONTRACTS, addresses, strict=True)
    }
    coop = Coop(chain, wire, {**own, "CooperativeFactory": factory}, founders, 0)
    coop.send(factory.w3.eth.accounts[0], "CooperativeFactory", "create", *arguments)
    coop.first_block = int(wire.ask("eth_blockNumber"), 16)
    give_ether(wire, [own["Assembly"].address, *(each.address for each in founders)])
    if members > FOUNDERS:
        coop.join(members)
    return coop


def give_ether(wire: Wire, accounts: Iterable[str]) -> None:
    """Let accounts pay for their transactions."""
    wire.ask_many("anvil_setBalance", [[each, hex(10**21)] for each in accounts])
