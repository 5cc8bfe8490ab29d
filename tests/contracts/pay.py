"""A co-op with pay rates on a local chain, and the acts of its members, for the tests of pay votes.

An instance as the factory makes it. What a passed proposal orders is sent from the Assembly's account,
so that a test of pay need not pass a proposal first. Ballots are signed and packed by a few lines of
its own: the contracts are not tested with the code of the node that they are to check.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from eth_abi.abi import decode, encode
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_utils.abi import (
    collapse_if_tuple,
    event_abi_to_log_topic,
    function_abi_to_4byte_selector,
)
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from node.devnet import CHAIN_ID, Devnet, DevnetRefusal
from tests.contracts.coop import CLASSES
from tests.contracts.coop import rule as decision_rule

ROOT = Path(__file__).resolve().parents[2]
HOUR, DAY = 3600, 86400
NAME = "Ridgeway Drivers"
GAS = 16_000_000
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
REFUSALS = ["None", "UnknownMember", "NotEligible", "PersonConcerned", "BadSignature", "StaleSequence", "AlreadyVoted", "BadChoice", "BadReason"]
STATES = ("Pending", "Open", "Counting", "Closed", "Expired")


class Rule(NamedTuple):
    notice: int = DAY
    voting_period: int = 7 * DAY
    grace: int = 14 * DAY
    rest: int = 30 * DAY
    period: int = 365 * DAY
    ratio_cap: int = 0
    quorum_min: int = 1
    quorum_bps: int = 0
    fill_to_roll: bool = False


class Terms(NamedTuple):
    role: bytes
    rate: int = 2000
    floor: int = 1000
    step: int = 10
    max_change_bps: int = 1000


def role(name: str) -> bytes:
    return name.encode().ljust(32, b"\0")


DRIVER = role("driver")
COOK = role("cook")


class Refused(Exception):
    """A transaction reverted with this custom error."""

    def __init__(self, name: str, values: tuple[Any, ...]) -> None:
        super().__init__(f"{name}{values}")
        self.name, self.values = name, values


@dataclass(frozen=True)
class Contract:
    """An address and what is there."""

    address: str
    abi: list[Any]

    def entry(self, name: str) -> Any:
        return next(item for item in self.abi if item.get("name") == name)

    def calldata(self, function: str, arguments: Sequence[Any]) -> str:
        entry = self.entry(function)
        selector = function_abi_to_4byte_selector(entry)
        return "0x" + (selector + encode(_types(entry["inputs"]), arguments)).hex()


@dataclass(frozen=True)
class Event:
    name: str
    values: tuple[Any, ...]
    """In the order of the event's declaration."""


@dataclass(frozen=True)
class Receipt:
    gas: int
    block: int
    events: list[Event]

    def values(self, name: str) -> list[tuple[Any, ...]]:
        return [event.values for event in self.events if event.name == name]


@dataclass(frozen=True)
class PayBallot:
    """What a member signs, and how it is packed."""

    vote: int
    content: bytes
    rate: int
    rung: int
    member: int
    epoch: int = 0
    sequence: int = 1
    reason: str = ""
    chain_id: int = CHAIN_ID
    name: str = NAME


@cache
def key(number: int) -> LocalAccount:
    """The key of the person with that number; one key, whatever the chain."""
    return Account.from_key(keccak(b"rochdale test key %d" % number))


@cache
def artifact(name: str, tests: bool = False) -> dict[str, Any]:
    folder = ROOT / ("build/test-artifacts" if tests else "indexer/artifacts")
    found: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
    return found


class Coop:
    """One instance. Members are numbered from 1; member n holds `key(n)` unless `accounts` says else."""

    def __init__(
        self,
        chain: Devnet,
        factory: str,
        founders: int = 5,
        rule: Rule | None = None,
        roles: Sequence[Terms] = (Terms(DRIVER),),
        accounts: dict[int, str] | None = None,
        currency: bytes = b"EUR",
    ) -> None:
        self.chain = chain
        self.relayer: str = chain.rpc("eth_accounts")[1]
        self.account_of = {n: key(n).address for n in range(1, founders + 1)} | (accounts or {})
        first = [self.account_of[n] for n in range(1, min(founders, 50) + 1)]
        classes = [decision_rule()] * len(CLASSES)
        terms = (0, classes, currency, rule or Rule())
        arguments = (NAME, first, terms, list(roles), 0)
        maker = Contract(factory, artifact("CooperativeFactory")["abi"])
        membership, _, self.assembly, pay = self.ask(maker, "predict", *arguments)
        self.roll = Contract(to_checksum_address(membership), artifact("Membership")["abi"])
        self.pay = Contract(to_checksum_address(pay), artifact("PayRates")["abi"])
        self.receipt = self.send(maker, "create", *arguments)
        for account in (self.assembly, *self.account_of.values()):
            self.open_account(account)
        for n in range(51, founders + 1):
            self.join(n)

    # The chain

    def deploy(self, name: str, *arguments: Any, tests: bool = True) -> Contract:
        found = artifact(name, tests)
        inputs = [i for item in found["abi"] if item["type"] == "constructor" for i in item["inputs"]]
        data = found["bytecode"] + encode(_types(inputs), arguments).hex()
        return Contract(self._create(data), found["abi"])

    def clone(self, name: str) -> Contract:
        """An ERC-1167 clone, as the factory makes them."""
        implementation = self.deploy(name, tests=False)
        code = "363d3d373d3d3d363d73" + implementation.address[2:] + "5af43d82803e903d91602b57fd5bf3"
        address = self._create("0x3d602d80600a3d3981f3" + code)
        return Contract(address, implementation.abi)

    def send(
        self,
        contract: Contract,
        function: str,
        *arguments: Any,
        sender: str | None = None,
        at: int | None = None,
        gas: int = GAS,
    ) -> Receipt:
        """Mine one transaction, at that moment if one is given; `Refused` if it reverts."""
        if at is not None:
            self.chain.rpc("evm_setNextBlockTimestamp", at)
        transaction = {
            "from": sender or self.relayer,
            "to": contract.address,
            "data": contract.calldata(function, arguments),
            "gas": hex(gas),
        }
        found = self._mined(self.chain.rpc("eth_sendTransaction", transaction))
        if found["status"] != "0x1":
            raise self._refusal(contract, found["transactionHash"])
        return Receipt(
            gas=int(found["gasUsed"], 16),
            block=int(found["blockNumber"], 16),
            events=[
                self._event(log, contract)
                for log in found["logs"]
                for contract in (self.roll, self.pay)
                if log["address"] == contract.address.lower()
            ],
        )

    def now(self) -> int:
        return self.chain.now()

    def until(self, moment: int) -> None:
        """Mine a block at that moment, for the views."""
        self.chain.mine(at=moment)

    def ask(self, contract: Contract, function: str, *arguments: Any) -> Any:
        """What a view answers at the latest block; a tuple if it gives several values."""
        question = {"to": contract.address, "data": contract.calldata(function, arguments)}
        try:
            answer = self.chain.rpc("eth_call", question, "latest")
        except DevnetRefusal as refusal:
            raise AssertionError(str(refusal)) from refusal
        types = _types(contract.entry(function)["outputs"])
        values = decode(types, bytes.fromhex(answer[2:]))
        return values[0] if len(values) == 1 else values

    def view(self, function: str, *arguments: Any) -> Any:
        return self.ask(self.pay, function, *arguments)

    def open_account(self, account: str) -> None:
        """Let the test send transactions from that account."""
        self.chain.rpc("anvil_setBalance", account, hex(10**20))
        self.chain.rpc("anvil_impersonateAccount", account)

    # The Assembly and the roll

    def order(self, function: str, *arguments: Any, at: int | None = None) -> Receipt:
        """What a passed proposal has PayRates do."""
        return self.send(self.pay, function, *arguments, sender=self.assembly, at=at)

    def enrol(self, function: str, *arguments: Any, at: int | None = None) -> Receipt:
        """What a passed proposal has Membership do."""
        return self.send(self.roll, function, *arguments, sender=self.assembly, at=at)

    def join(self, member: int, at: int | None = None) -> None:
        account = self.account_of.setdefault(member, key(member).address)
        self.open_account(account)
        self.send(self.roll, "applyToJoin", b"\1" * 32, sender=account)
        self.enrol("admit", account, at=at)

    def leave(self, member: int, at: int | None = None) -> None:
        self.send(self.roll, "leaveCooperative", sender=self.account_of[member], at=at)

    def rekey(self, member: int, number: int) -> None:
        """Give a member the key with that number, as a passed Recovery does."""
        self.account_of[member] = key(number).address
        self.open_account(key(number).address)
        self.enrol("recover", member, key(number).address)

    # Pay votes

    def call(self, role: bytes = DRIVER, wait: int = DAY, by: int = 1, at: int | None = None) -> int:
        """Call a pay vote that opens so many seconds later; its number."""
        moment = at or self.now() + 1
        self.open_vote(role, moment + wait, by, at=moment)
        return int(self.view("payVoteCount"))

    def open_vote(
        self, role: bytes, opens_at: int, by: int = 1, at: int | None = None
    ) -> Receipt:
        sender = self.account_of.get(by) or key(by).address
        return self.send(self.pay, "openPayVote", role, opens_at, sender=sender, at=at)

    def opened(self, role: bytes = DRIVER) -> int:
        """Call a pay vote and wait until ballots are taken; its number."""
        vote = self.call(role)
        self.until(self.vote(vote)["opensAt"] + 1)
        return vote

    def vote(self, vote: int) -> dict[str, Any]:
        names = "role opensAt deadline ruleVersion from step rungs presentRung ballots closed content"
        return dict(zip(names.split(), self.view("payVote", vote), strict=True))

    def state(self, vote: int) -> str:
        return STATES[self.view("payVoteState", vote)]

    def ballot(self, vote: int, member: int, rate: int, **others: Any) -> PayBallot:
        found = self.vote(vote)
        rung = (rate - found["from"]) // found["step"]
        epoch = self.ask(self.roll, "memberOf", member)[3]
        first = PayBallot(vote, found["content"], rate, rung, member, epoch)
        return replace(first, **others)

    def digest(self, ballot: PayBallot) -> bytes:
        signable = self._typed(ballot)
        return keccak(b"\x19" + signable.version + signable.header + signable.body)

    def sign(self, ballot: PayBallot, number: int | None = None) -> bytes:
        """The 65 bytes r, s, v of the key with that number, by default the member's."""
        signer = key(number or ballot.member)
        return bytes(signer.sign_message(self._typed(ballot)).signature)

    def cast(self, vote: int, member: int, rate: int, sequence: int = 1, **others: Any) -> Receipt:
        """A member's direct ballot."""
        reason = others.pop("reason", "")
        sender = others.pop("sender", None) or self.account_of[member]
        return self.send(
            self.pay,
            "castPayBallot",
            vote,
            member,
            rate,
            sequence,
            reason,
            sender=sender,
            **others,
        )

    def carry(self, vote: int, entries: Iterable[bytes], **others: Any) -> Receipt:
        """A batch of packed ballots, sent by somebody who is no member."""
        return self.send(self.pay, "castPayBallots", vote, b"".join(entries), **others)

    def carry_signed(self, vote: int, ballots: Iterable[PayBallot], **others: Any) -> Receipt:
        return self.carry(vote, [pack(ballot, self.sign(ballot)) for ballot in ballots], **others)

    def after_deadline(self, vote: int) -> int:
        return int(self.vote(vote)["deadline"]) + 1

    def close(self, vote: int, at: int | None = None) -> Receipt:
        """Close a vote, right after its deadline if no other moment is given."""
        moment = at or max(self.after_deadline(vote), self.now() + 1)
        return self.send(self.pay, "closePayVote", vote, at=moment)

    def rate(self, role: bytes = DRIVER) -> int:
        return int(self.view("roleOf", role)[0])

    # The chronicle

    def folded(self) -> bytes:
        """The head that the logs of PayRates give, by the rule in IChronicle."""
        head = keccak(encode(["uint256"], [CHAIN_ID]) + bytes.fromhex(self.pay.address[2:]))
        query = {"address": self.pay.address, "fromBlock": "0x0", "toBlock": "latest"}
        for log in self.chain.rpc("eth_getLogs", query):
            topics = [bytes.fromhex(topic[2:]) for topic in log["topics"]]
            count = len(topics).to_bytes(32)
            inner = keccak(count + b"".join(topics) + bytes.fromhex(log["data"][2:]))
            number = int(log["blockNumber"], 16)
            head = keccak(head + number.to_bytes(8) + self._moment(number).to_bytes(8) + inner)
        return head

    # Private

    def _moment(self, block: int) -> int:
        found = self.chain.rpc("eth_getBlockByNumber", hex(block), False)
        return int(found["timestamp"], 16)

    def _create(self, data: str) -> str:
        transaction = {"from": self.relayer, "data": data, "gas": hex(GAS)}
        address = self._mined(self.chain.rpc("eth_sendTransaction", transaction))["contractAddress"]
        return to_checksum_address(address)

    def _mined(self, transaction: str) -> dict[str, Any]:
        # anvil mines on arrival but may answer with null for an instant
        while True:
            if found := self.chain.rpc("eth_getTransactionReceipt", transaction):
                return dict(found)

    def _refusal(self, contract: Contract, transaction: str) -> Exception:
        trace = self.chain.rpc(
            "debug_traceTransaction", transaction, {"tracer": "callTracer"}
        )
        data = bytes.fromhex(trace.get("output", "0x")[2:])
        for item in contract.abi:
            if item["type"] == "error" and function_abi_to_4byte_selector(item) == data[:4]:
                types = [argument["type"] for argument in item["inputs"]]
                return Refused(item["name"], decode(types, data[4:]))
        return AssertionError(f"reverted with {data.hex() or trace.get('error')}")

    def _event(self, log: dict[str, Any], contract: Contract) -> Event:
        topics = [bytes.fromhex(topic[2:]) for topic in log["topics"]]
        item = next(
            item
            for item in contract.abi
            if item["type"] == "event" and event_abi_to_log_topic(item) == topics[0]
        )
        plain = [argument for argument in item["inputs"] if not argument["indexed"]]
        data = iter(decode(_types(plain), bytes.fromhex(log["data"][2:])))
        rest = iter(topics[1:])
        values = [
            decode([argument["type"]], next(rest))[0] if argument["indexed"] else next(data)
            for argument in item["inputs"]
        ]
        return Event(item["name"], tuple(values))

    def _typed(self, ballot: PayBallot) -> Any:
        return encode_typed_data(
            domain_data={
                "name": ballot.name,
                "version": "1",
                "chainId": ballot.chain_id,
                "verifyingContract": self.pay.address,
            },
            message_types={
                "PayBallot": [
                    {"name": "payVoteId", "type": "uint256"},
                    {"name": "content", "type": "bytes32"},
                    {"name": "rate", "type": "uint256"},
                    {"name": "memberId", "type": "uint32"},
                    {"name": "epoch", "type": "uint32"},
                    {"name": "sequence", "type": "uint32"},
                    {"name": "reason", "type": "string"},
                ]
            },
            message_data={
                "payVoteId": ballot.vote,
                "content": ballot.content,
                "rate": ballot.rate,
                "memberId": ballot.member,
                "epoch": ballot.epoch,
                "sequence": ballot.sequence,
                "reason": ballot.reason,
            },
        )


@contextmanager
def founded(chain: Devnet, factory: str, **options: Any) -> Iterator[Coop]:
    """A co-op whose chronicle must fit its logs when the test is over."""
    coop = Coop(chain, factory, **options)
    yield coop
    assert coop.folded() == coop.view("chronicleHead")


Founding = Callable[..., AbstractContextManager[Coop]]


@contextmanager
def refused(name: str, *values: Any) -> Iterator[None]:
    """The act must revert with this error, and with these values if any are given."""
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.name == name
    if values:
        assert caught.value.values == values


@contextmanager
def ballot_refused(vote: int, member: int, refusal: str) -> Iterator[None]:
    with refused("PayRatesBallotRefused", vote, member, REFUSALS.index(refusal)):
        yield


def pack(ballot: PayBallot, signature: bytes, long: bool = False) -> bytes:
    """One entry of a batch; a 65-byte signature travels as 64 bytes (EIP-2098) unless `long`."""
    reason = ballot.reason.encode()
    flags = (4 if reason else 0) | (8 if long else 0)
    head = bytes([flags]) + ballot.member.to_bytes(4) + bytes([ballot.sequence, ballot.rung])
    if long:
        body = len(signature).to_bytes(2) + signature
    else:
        body = signature[:32] + bytes([signature[32] | (signature[64] - 27) << 7]) + signature[33:64]
    return head + body + (len(reason).to_bytes(2) + reason if reason else b"")


def skipped(receipt: Receipt) -> list[tuple[int, int, str]]:
    """Member, sequence and refusal of every skipped ballot."""
    return [
        (member, sequence, REFUSALS[refusal])
        for _, member, sequence, refusal in receipt.values("PayBallotSkipped")
    ]


def _types(arguments: Iterable[Any]) -> list[str]:
    return [collapse_if_tuple(argument) for argument in arguments]
