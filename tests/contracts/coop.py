"""One co-op on a real chain, for the contracts' tests: named people, their acts, and the clock.

Signs and packs ballots with its own few lines, so that the contracts are not tested with the code
of the node that the contracts are to check.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol, cast

from eth_abi.abi import decode
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from hexbytes import HexBytes
from web3 import Web3
from web3.contract import Contract
from web3.contract.contract import ContractFunction
from web3.exceptions import ContractCustomError, ContractLogicError, Web3RPCError
from web3.types import EventData, TxParams, TxReceipt

from node.devnet import MNEMONIC, Devnet

ARTIFACTS = Path(__file__).parents[2] / "indexer" / "artifacts"

HOUR, DAY = 3_600, 86_400
CLASSES = ("Ordinary", "Admission", "Removal", "Recovery", "Pay", "Bylaws", "External")
STATES = ("pending", "active", "canceled", "defeated", "succeeded", "queued", "expired", "executed")
AGAINST, FOR, ABSTAIN = 0, 1, 2
NO_LIMIT = 65_535
FIRST = "ada ben cleo dan eve fay gus hal ida jon kim lea max nia oto pia quin rex sue tom"
NAMES = FIRST.split()
CONTRACTS = ("Membership", "Bylaws", "Assembly", "PayRates")
PLAIN: dict[str, Any] = {
    "notice": 2 * DAY,
    "votingPeriod": 4 * DAY,
    "executionDelay": DAY,
    "grace": 10 * DAY,
    "secondCallDelay": 0,
    "coolDown": 30 * DAY,
    "swingWindow": 0,
    "swingCap": 0,
    "quorumMin": 2,
    "quorumBps": 5_000,
    "secondCallBps": 0,
    "maxAgainst": NO_LIMIT,
    "passNum": 1,
    "passDen": 2,
    "strict": True,
    "basisRoll": False,
    "presence": True,
    "subjectVotes": False,
}
PAY_RULE = {
    "notice": DAY,
    "votingPeriod": 3 * DAY,
    "grace": 5 * DAY,
    "rest": 7 * DAY,
    "period": 365 * DAY,
    "ratioCap": 300,
    "quorumMin": 2,
    "quorumBps": 5_000,
    "fillToRoll": False,
}


class Reverted(Exception):
    """A call was refused by a contract: the error's name and its values."""

    def __init__(self, name: str, values: tuple[Any, ...]) -> None:
        super().__init__(f"{name}{values}")
        self.name, self.values = name, values


class Sender(Protocol):
    """Whoever sends: a person, or a contract that anvil impersonates."""

    @property
    def address(self) -> str:
        """The account."""


@dataclass(frozen=True)
class Person:
    """Somebody with a key, known by name."""

    name: str
    key: LocalAccount

    @property
    def address(self) -> str:
        """The account."""
        return self.key.address


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


BALLOT = [
    ("proposalId", "uint256"),
    ("content", "bytes32"),
    ("choice", "string"),
    ("memberId", "uint32"),
    ("epoch", "uint32"),
    ("sequence", "uint32"),
    ("reason", "string"),
]
PAY_BALLOT = [
    ("payVoteId", "uint256"),
    ("content", "bytes32"),
    ("rate", "uint256"),
    ("memberId", "uint32"),
    ("epoch", "uint32"),
    ("sequence", "uint32"),
    ("reason", "string"),
]
ROTATION = [
    ("memberId", "uint32"),
    ("presentAccount", "address"),
    ("newAccount", "address"),
    ("epoch", "uint32"),
    ("deadline", "uint256"),
]


def sign_typed(
    by: Person,
    domain: dict[str, Any],
    name: str,
    fields: Sequence[tuple[str, str]],
    message: dict[str, Any],
    changed: dict[str, Any],
) -> bytes:
    """Signs EIP-712 typed data, 65 bytes (r, s, v)."""
    types = {
        "EIP712Domain": [
            {"name": "name", "type": "string"},
            {"name": "version", "type": "string"},
            {"name": "chainId", "type": "uint256"},
            {"name": "verifyingContract", "type": "address"},
        ],
        name: [{"name": key, "type": kind} for key, kind in fields],
    }
    full = {
        "types": types,
        "primaryType": name,
        "domain": domain,
        "message": {**message, **changed},
    }
    return bytes(by.key.sign_message(encode_typed_data(full_message=full)).signature)


def entry(
    member: int,
    choice: int,
    signature: bytes,
    sequence: int = 1,
    reason: str = "",
    *,
    long: bool = False,
    rung: int | None = None,
) -> bytes:
    """One entry of a packed batch; the signature as r, vs (64 bytes) unless `long`."""
    flags = choice | (4 if reason else 0) | (8 if long else 0)
    packed = bytes([flags]) + member.to_bytes(4, "big") + bytes([sequence])
    if rung is not None:
        packed += bytes([rung])
    packed += len(signature).to_bytes(2, "big") + signature if long else compact(signature)
    if reason:
        packed += len(reason.encode()).to_bytes(2, "big") + reason.encode()
    return packed


def compact(signature: bytes) -> bytes:
    """EIP-2098: r and s with the parity in s's top bit."""
    parity = signature[64] - 27
    s = int.from_bytes(signature[32:64], "big") | parity << 255
    return signature[:32] + s.to_bytes(32, "big")


def rule(**changed: Any) -> tuple[Any, ...]:
    """A rule in the contract's order, PLAIN but for `changed`."""
    values = {**PLAIN, **changed}
    return tuple(values[name] for name in PLAIN)


def role(
    name: str, rate: int, floor: int = 1_000, step: int = 10, change: int = 1_000
) -> tuple[Any, ...]:
    """A role's terms in the contract's order; rates in minor units per hour."""
    return (name.encode().ljust(32, b"\0"), rate, floor, step, change)


def person(name: str) -> Person:
    """Somebody by name, with that person's devnet account."""
    Account.enable_unaudited_hdwallet_features()
    path = f"m/44'/60'/0'/0/{NAMES.index(name)}"
    return Person(name, Account.from_mnemonic(MNEMONIC, account_path=path))


def reverted(error: Exception) -> Reverted:
    """What a contract said, from the library's exception."""
    data = getattr(error, "data", None)
    if isinstance(data, dict):
        data = data.get("data")
    if isinstance(error, Web3RPCError) and isinstance(error.rpc_response, dict):
        data = error.rpc_response.get("error", {}).get("data", data)
    if not isinstance(data, str) or not data.startswith("0x"):
        return Reverted(str(error), ())
    return decode_error(bytes.fromhex(data[2:]))


def decode_error(data: bytes) -> Reverted:
    """A custom error of one of our contracts or libraries, by its selector."""
    for contract in (*CONTRACTS, "CooperativeFactory"):
        for item in load(contract)["abi"]:
            if item["type"] != "error":
                continue
            types = [_canonical(part) for part in item["inputs"]]
            if Web3.keccak(text=f"{item['name']}({','.join(types)})")[:4] == data[:4]:
                return Reverted(item["name"], decode(types, data[4:]))
    return Reverted("0x" + data.hex(), ())


def _canonical(part: dict[str, Any]) -> str:
    if not part["type"].startswith("tuple"):
        return str(part["type"])
    inner = ",".join(_canonical(component) for component in part["components"])
    return f"({inner}){part['type'][5:]}"


@cache
def load(name: str) -> dict[str, Any]:
    """A committed artifact, or one of the tests' own contracts."""
    committed = ARTIFACTS / f"{name}.json"
    if committed.exists():
        return json.loads(committed.read_text())  # type: ignore[no-any-return]
    built = ARTIFACTS.parents[1] / "build" / "test-artifacts" / f"{name}.json"
    return json.loads(built.read_text())  # type: ignore[no-any-return]


def deploy(w3: Web3, name: str, *args: Any) -> Contract:
    """Deploys a contract from the committed artifacts."""
    artifact = load(name)
    made = w3.eth.contract(abi=artifact["abi"], bytecode=artifact["bytecode"])
    tx = made.constructor(*args).transact({"from": w3.eth.accounts[0]})
    address = w3.eth.wait_for_transaction_receipt(tx)["contractAddress"]
    return at(w3, name, str(address))


def at(w3: Web3, name: str, address: str) -> Contract:
    """One of our contracts at an address."""
    return cast(Contract, w3.eth.contract(address=address, abi=load(name)["abi"]))  # type: ignore[call-overload]


def found(
    chain: Devnet,
    factory: Contract,
    *,
    rules: dict[str, tuple[Any, ...]] | None = None,
    founders: Sequence[str] = NAMES[:5],
    probation: int = 5 * DAY,
    pay_rule: dict[str, Any] | None = None,
    roles: Sequence[tuple[Any, ...]] = (),
    nonce: int = 0,
) -> Coop:
    """Makes an instance by the factory; `rules` by class name in place of PLAIN."""
    w3: Web3 = factory.w3
    by_class = [(rules or {}).get(name, rule()) for name in CLASSES]
    pay = tuple({**PAY_RULE, **(pay_rule or {})}.values())
    terms = (probation, by_class, b"GBP", pay)
    args = ("Weavers", [person(name).address for name in founders], terms, list(roles), nonce)
    instance = factory.functions.predict(*args).call()
    tx = factory.functions.create(*args).transact({"from": w3.eth.accounts[0]})
    assert w3.eth.wait_for_transaction_receipt(tx)["status"] == 1
    own = [at(w3, name, address) for name, address in zip(CONTRACTS, instance, strict=True)]
    people = {name: person(name) for name in NAMES}
    return Coop(chain, w3, factory, own[0], own[1], own[2], own[3], people)
