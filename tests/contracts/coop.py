"""One co-op on a real chain, for the contracts' tests: named people, their acts, and the clock."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hexbytes import HexBytes
from web3 import Web3
from web3.contract import Contract
from web3.contract.contract import ContractFunction
from web3.exceptions import ContractCustomError, ContractLogicError, Web3RPCError
from web3.types import EventData, TxParams, TxReceipt

from node.devnet import Devnet
from tests.contracts.people import NAMES, Person, Sender
from tests.contracts.refusals import reverted
from tests.contracts.signing import BALLOT, sign_typed

HOUR, DAY = 3_600, 86_400
CLASSES = ("Ordinary", "Admission", "Removal", "Recovery", "Pay", "Bylaws", "External")
STATES = ("pending", "active", "canceled", "defeated", "succeeded", "queued", "expired", "executed")
AGAINST, FOR, ABSTAIN = 0, 1, 2


@dataclass
class Coop:
    """An instance with five founders, ada to eve (memberIds 1 to 5)."""

    chain: Devnet
    w3: Web3
    factory: Contract
    membership: Contract
    bylaws: Contract
    assembly: Contract
    pay_rates: Contract
    people: dict[str, Person] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Person:
        """coop.ada is the person of that name."""
        try:
            return self.__dict__["people"][name]  # type: ignore[no-any-return]
        except KeyError:
            raise AttributeError(name) from None

    # Clock

    def now(self) -> int:
        """Timestamp of the newest block, in seconds."""
        return int(self.w3.eth.get_block("latest")["timestamp"])

    def warp(self, to: int) -> None:
        """Mines a block at that second."""
        self.chain.mine(at=to)

    def next_at(self, second: int) -> None:
        """Lets the next block, that of the next transaction, bear that second."""
        self.chain.rpc("evm_setNextBlockTimestamp", second)

    # Calls

    def send(self, call: ContractFunction, sender: Sender, *, at: int | None = None) -> TxReceipt:
        """Sends a call, in a block at second `at` if given. Raises Reverted when it is refused."""
        if at is not None:
            self.next_at(at)
        transaction: TxParams = {"from": sender.address, "gas": 25_000_000}
        receipt = self.w3.eth.wait_for_transaction_receipt(self._transact(call, transaction))
        if receipt["status"] != 1:
            self._explain(call, sender, receipt["blockNumber"])
        return receipt

    def _transact(self, call: ContractFunction, transaction: TxParams) -> HexBytes:
        try:
            return call.transact(transaction)
        except (ContractCustomError, ContractLogicError, Web3RPCError) as error:
            raise reverted(error) from error

    def _explain(self, call: ContractFunction, sender: Sender, block: int) -> None:
        """Repeats a mined call that failed, to learn why."""
        try:
            call.call({"from": sender.address}, block)
        except (ContractCustomError, ContractLogicError, Web3RPCError) as error:
            raise reverted(error) from error
        raise AssertionError("the call failed when mined and succeeds when repeated")

    def events(self, receipt: TxReceipt, name: str) -> list[EventData]:
        """The events of that name in a receipt, of whichever of our contracts, in log order."""
        found: list[EventData] = []
        for contract in (self.membership, self.bylaws, self.assembly, self.pay_rates):
            logs = [log for log in receipt["logs"] if log["address"] == contract.address]
            if name not in (item.get("name") for item in contract.abi if item["type"] == "event"):
                continue
            event = contract.events[name]()
            found += [
                event.process_log(log)
                for log in logs
                if "0x" + bytes(log["topics"][0]).hex() == event.topic
            ]
        return sorted(found, key=lambda event: event["logIndex"])

    # Proposals

    def action(self, contract: Contract, name: str, *args: Any) -> tuple[str, int, bytes]:
        """An action that calls one of our contracts."""
        return (contract.address, 0, bytes.fromhex(contract.encode_abi(name, args)[2:]))

    def notice(self, decision_class: str = "Ordinary") -> int:
        """Seconds of notice that the class demands."""
        return int(self.bylaws.functions.inForce(CLASSES.index(decision_class)).call()[1][0])

    def propose(
        self,
        by: Person,
        actions: Sequence[tuple[str, int, bytes]] = (),
        text: str = "A resolution",
        *,
        opens_in: int = 2 * DAY + 10,
    ) -> int:
        """Proposes and returns the id."""
        opens_at = self.now() + opens_in
        self.send(self.assembly.functions.propose(list(actions), text, opens_at), by)
        return int(self.assembly.functions.proposalCount().call())

    def personal(self, by: Person, function: str, *args: Any, **more: Any) -> int:
        """Proposes one action on Membership, with the hash of a text."""
        hashed = "0x" + Web3.keccak(text=f"{function}{args}").hex().removeprefix("0x")
        more.setdefault("opens_in", 2 * DAY + 10)
        return self.propose(by, [self.action(self.membership, function, *args)], hashed, **more)

    def open(self, proposal: int) -> None:
        """Moves the clock to the first second of the vote."""
        self.warp(int(self.assembly.functions.proposalSnapshot(proposal).call()) + 1)

    def close(self, proposal: int) -> None:
        """Moves the clock to the first second after the vote."""
        self.warp(int(self.assembly.functions.proposalDeadline(proposal).call()) + 1)

    def state(self, proposal: int) -> str:
        """The state word."""
        return STATES[self.assembly.functions.state(proposal).call()]

    def votes(self, proposal: int) -> tuple[int, int, int]:
        """Votes against, for and abstaining."""
        against, in_favour, abstain = self.assembly.functions.proposalVotes(proposal).call()
        return against, in_favour, abstain

    def vote(
        self, by: Person, proposal: int, choice: int, sequence: int = 1, reason: str = ""
    ) -> TxReceipt:
        """Casts a direct ballot."""
        member = self.id_of(by)
        call = self.assembly.functions.castBallot(proposal, member, choice, sequence, reason)
        return self.send(call, by)

    def id_of(self, person: Person) -> int:
        """The memberId to which the person's key belongs."""
        return int(self.membership.functions.memberIdOf(person.address).call())

    def carry(
        self,
        proposal: int,
        actions: Sequence[tuple[str, int, bytes]],
        text: str,
        voters: Sequence[Person],
    ) -> TxReceipt:
        """Lets an open proposal pass by the voters, queues it and executes it when due."""
        self.open(proposal)
        for voter in voters:
            self.vote(voter, proposal, FOR)
        self.close(proposal)
        self.send(self.assembly.functions.queue(proposal), voters[0])
        self.warp(int(self.assembly.functions.proposalEta(proposal).call()))
        return self.execute(proposal, actions, text, voters[0])

    def execute(
        self,
        proposal: int,
        actions: Sequence[tuple[str, int, bytes]],
        text: str,
        by: Person,
    ) -> TxReceipt:
        """Executes a queued proposal."""
        call = self.assembly.functions.execute(proposal, list(actions), Web3.keccak(text=text))
        return self.send(call, by)

    def decide(self, by: Person, contract: Contract, function: str, *args: Any) -> TxReceipt:
        """Proposes one action and carries it through by the votes of ada to dan."""
        actions = [self.action(contract, function, *args)]
        text = "0x" + Web3.keccak(text=f"{function}{args}").hex().removeprefix("0x")
        proposal = self.propose(by, actions, text, opens_in=3 * DAY)
        voters = [self.people[name] for name in NAMES[:4]]
        return self.carry(proposal, actions, text, voters)

    # Signed ballots

    def sign(
        self,
        by: Person,
        proposal: int,
        choice: int,
        sequence: int = 1,
        reason: str = "",
        **changed: Any,
    ) -> bytes:
        """A ballot's signature, 65 bytes; `changed` alters fields of message or domain."""
        member = changed.pop("memberId", None) or self.id_of(by)
        message = {
            "proposalId": proposal,
            "content": self.assembly.functions.proposal(proposal).call()[10],
            "choice": ("against", "for", "abstain")[choice],
            "memberId": member,
            "epoch": self.membership.functions.memberOf(member).call()[3],
            "sequence": sequence,
            "reason": reason,
        }
        return sign_typed(
            by, self.domain(self.assembly, changed), "Ballot", BALLOT, message, changed
        )

    def domain(self, contract: Contract, changed: dict[str, Any]) -> dict[str, Any]:
        """The EIP-712 domain of one of the contracts."""
        domain = {
            "name": "Weavers",
            "version": "1",
            "chainId": 31337,
            "verifyingContract": contract.address,
        }
        return {key: changed.pop(key, value) for key, value in domain.items()}

    def cast_batch(self, by: Person, proposal: int, packed: bytes) -> TxReceipt:
        """Submits a batch."""
        return self.send(self.assembly.functions.castBallots(proposal, packed), by)
