"""Sends transactions of one account and waits until a block holds them.

A call is first simulated, so that a refusal costs nothing and comes with its reason. Refusals of
the contracts become errors in plain words (see `node.refusals`).
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, NamedTuple, Protocol, cast

from eth_abi.abi import encode
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address

from indexer import abi
from indexer.chain import Chain
from indexer.errors import (
    BlockMissing,
    ChainBusy,
    ChainRefused,
    ChainUnreachable,
    ContractReverted,
)
from node import reverts
from node.errors import CoopError, NetworkProblem, NotEnoughFunds, TransactionPending
from node.fees import CAP, Fees

_PATIENCE = 180.0  # seconds until a sent transaction must be in a block
_GAS_CAP = 2**24  # EIP-7825: no transaction may ask for more
NODE_FAULTS = (BlockMissing, ChainBusy, ChainRefused, ChainUnreachable, NetworkProblem)
"""What may come of a node at any step; the next one goes on."""
_ALREADY_KNOWN = ("already known", "already imported", "known transaction")


@dataclass(frozen=True)
class Emitted:
    """An event of our contracts, decoded."""

    name: str
    address: str
    log_index: int
    args: Mapping[str, Any]


@dataclass(frozen=True)
class TxReceipt:
    """What became of a transaction; after a dry run only `gas_used` is known."""

    tx: str
    block: int
    block_hash: str
    gas_used: int
    events: tuple[Emitted, ...]
    created: str | None = None
    """The address of a deployed contract."""
    sent: bool = True

    def event(self, name: str) -> Emitted:
        """Return the first event of that name; KeyError if there is none."""
        for emitted in self.events:
            if emitted.name == name:
                return emitted
        raise KeyError(name)


class SignedTransaction(NamedTuple):
    """A transaction as it can be kept and sent again."""

    account: str
    nonce: int
    tip: int
    """Wei for a unit of gas, as is `most`; see `Fees`."""
    most: int
    gas: int
    tx: str
    raw: str
    """0x-hex."""


class Keeper(Protocol):
    """Keeps transactions from before they are handed over until a final block holds them."""

    def settle(self, sender: "Sender") -> None:
        """Bring earlier ones to an end before a new one is made; may raise instead."""

    def again(self, sender: "Sender") -> object:
        """Hand over those of the sender's account that wait for a block, whatever became of the
        first time, so that nothing new takes their numbers."""

    def keep(self, made: SignedTransaction, call: Mapping[str, str]) -> None:
        """Keep one that is about to be handed over."""

    def included(self, tx: str, block: int) -> None:
        """A block holds it."""

    def refused(self, tx: str, why: str) -> None:
        """The node did not take it."""


@dataclass(frozen=True)
class Sender:
    """Sends contract calls signed by one account to one chain."""

    chain: Chain
    account: LocalAccount = field(repr=False)
    dry_run: bool = False
    patience: float = _PATIENCE
    fee_cap: int = CAP
    """Wei: the most that is offered for a unit of gas."""
    keeper: Keeper | None = None

    @cached_property
    def chain_id(self) -> int:
        """The chain's id."""
        return self.chain.chain_id()

    @property
    def address(self) -> str:
        """The account that signs and pays."""
        return str(self.account.address)

    def send(
        self, contract: str, address: str, function: str, *args: Any, value: int = 0
    ) -> TxReceipt:
        """Call a function of the artifact `contract` at an address; wait until a block holds it."""
        data = _hex(abi.encode_call(abi.function(contract, function), args))
        return self._transact({"to": address, "data": data, "value": hex(value)})

    def deploy(self, contract: str, *args: Any) -> TxReceipt:
        """Deploy the artifact `contract`; its address is the receipt's `created`."""
        code = str(abi.artifact(contract)["bytecode"])
        return self._transact({"data": code + _constructor(contract, args), "value": "0x0"})

    def call(self, contract: str, address: str, function: str, *args: Any) -> Any:
        """Return what a function would give this account now; refusals raise, nothing is sent."""
        answer = self.simulate(self.call_of(contract, address, function, *args))
        return abi.decode_outputs(abi.function(contract, function), bytes.fromhex(answer[2:]))

    def call_of(self, contract: str, address: str, function: str, *args: Any) -> dict[str, str]:
        """Return a call as this account makes it."""
        data = _hex(abi.encode_call(abi.function(contract, function), args))
        return {"from": self.address, "to": address, "data": data, "value": "0x0"}

    def prepared(
        self, contract: str, address: str, function: str, *args: Any
    ) -> tuple[dict[str, str], int]:
        """Return the call and the gas to give it; refusals raise."""
        return self.tried(self.call_of(contract, address, function, *args))

    def tried(self, call: Mapping[str, str]) -> tuple[dict[str, str], int]:
        """Return a call as this account makes it and the gas to give it; refusals raise."""
        call = {"from": self.address, **call}
        try:
            return call, self._gas_for(call, int(self._latest()["gasLimit"], 16))
        except CoopError:
            self.simulate(call)  # tells a refusal in full, which an estimate leaves out
            raise

    def simulate(self, call: Mapping[str, Any], at: str = "latest") -> str:
        """Return what a call would answer; refusals of contract and node raise in plain words."""
        try:
            return str(self.chain.request("eth_call", dict(call), at))
        except ContractReverted as error:
            raise reverts.told(error.name, error.args_by_name) from error
        except ChainRefused as error:
            raise self.problem(error) from error

    def fees(self) -> Fees:
        """What the chain's node thinks will do now, never more than the cap."""
        return self._fees(self._latest().get("baseFeePerGas")).within(self.fee_cap)

    def signed(
        self, call: Mapping[str, str], gas: int, nonce: int, fees: Fees
    ) -> SignedTransaction:
        """Sign a prepared call; nothing is sent."""
        based = self._latest().get("baseFeePerGas") is not None
        offer = (
            {"maxPriorityFeePerGas": fees.tip, "maxFeePerGas": fees.most}
            if based
            else {"gasPrice": fees.most}
        )
        transaction = {
            **{key: value for key, value in call.items() if key != "from"},
            **offer,
            "chainId": self.chain_id,
            "gas": gas,
            "nonce": nonce,
        }
        made = self.account.sign_transaction(cast(Any, transaction))
        tx, raw = made.hash.to_0x_hex(), made.raw_transaction.to_0x_hex()
        return SignedTransaction(self.address, nonce, fees.tip, fees.most, gas, tx, raw)

    def gas_limit(self) -> int:
        """The gas that one transaction may ask for on this chain now."""
        return min(_GAS_CAP, int(self._latest()["gasLimit"], 16))

    def count(self, at: str) -> int:
        """How many transactions of the account there are: `latest` in blocks, `pending` as well
        those that the node would put into the next ones."""
        return int(self.chain.request("eth_getTransactionCount", self.address, at), 16)

    def _latest(self) -> Mapping[str, Any]:
        return cast(Mapping[str, Any], self.chain.request("eth_getBlockByNumber", "latest", False))

    def hand_over(self, raw: str) -> None:
        """Give the node a signed transaction again; what it says is no news."""
        with suppress(ChainRefused, ChainUnreachable):
            self.chain.request("eth_sendRawTransaction", raw)

    def _transact(self, call: Mapping[str, str]) -> TxReceipt:
        if self.keeper and not self.dry_run:
            self.keeper.settle(self)
        tried, gas = self.tried(call)
        if self.dry_run:
            return TxReceipt("", 0, "", gas, (), sent=False)
        made = self.signed(tried, gas, self.count("pending"), self.fees())
        if self.keeper:
            self.keeper.keep(made, tried)
        return self._submit(made.raw, made.tx, tried)

    def _submit(self, raw: str, tx: str, call: Mapping[str, Any]) -> TxReceipt:
        try:
            self.chain.request("eth_sendRawTransaction", raw)
        except ChainRefused as error:
            if not self.is_known(tx, error):
                if self.keeper:
                    self.keeper.refused(tx, str(error.details["reason"]))
                raise self.problem(error) from error
        except ChainUnreachable as error:
            raise _pending("The chain's node fell silent while it was handed over.", tx) from error
        receipt = self._wait(tx)
        if self.keeper:
            self.keeper.included(tx, int(receipt["blockNumber"], 16))
        if int(receipt["status"], 16) == 0:
            # Something changed between simulation and block: the same call now says why.
            self.simulate(call, receipt["blockNumber"])
            raise reverts.unexplained(tx)
        return told_receipt(receipt)

    def is_known(self, tx: str, refusal: ChainRefused) -> bool:
        """Whether the node refused only because it, or a block, has this very transaction."""
        if any(word in str(refusal).lower() for word in _ALREADY_KNOWN):
            return True
        return self.chain.request("eth_getTransactionByHash", tx) is not None

    def _wait(self, tx: str) -> Mapping[str, Any]:
        end, pause = time.monotonic() + self.patience, 0.01
        while True:
            # Right after an automined send the receipt can still be null.
            receipt = self._receipt_if_any(tx)
            if receipt is not None:
                return receipt
            if time.monotonic() > end:
                raise _pending(f"No block held it after {self.patience:.0f} seconds.", tx)
            time.sleep(pause)
            pause = min(pause * 2, 1.0)

    def _receipt_if_any(self, tx: str) -> Mapping[str, Any] | None:
        """The receipt; None also while the node is silent: what was sent cannot be unsent."""
        try:
            return cast(
                Mapping[str, Any] | None, self.chain.request("eth_getTransactionReceipt", tx)
            )
        except ChainUnreachable:
            return None

    def _gas_for(self, call: Mapping[str, Any], limit: int) -> int:
        try:
            estimate = int(self.chain.request("eth_estimateGas", dict(call), "latest"), 16)
        except ChainRefused as error:
            raise self.problem(error) from error
        if estimate <= _GAS_CAP:
            limit = min(limit, _GAS_CAP)
        # Room for a later block than the one reckoned with: a checkpoint of another second writes
        # storage where one of the same second does not.
        return max(estimate, min(estimate * 6 // 5 + 100_000, limit))

    def _fees(self, base: str | None) -> Fees:
        if base is None:
            price = int(self.chain.request("eth_gasPrice"), 16)
            return Fees(price, price)
        try:
            tip = int(self.chain.request("eth_maxPriorityFeePerGas"), 16)
        except ChainRefused:
            tip = 10**9
        return Fees(tip, 2 * int(base, 16) + tip)

    def problem(self, error: ChainRefused) -> Exception:
        """Say in plain words why the chain's node took no transaction."""
        reason = str(error.details["reason"])
        if "insufficient funds" in reason.lower() or "enough funds" in reason.lower():
            return NotEnoughFunds(
                f"Account {self.address} cannot pay for the transaction.",
                hint="Send it some of the chain's currency.",
                details={"account": self.address},
            )
        if "revert" in reason.lower():
            return reverts.told("NoReason", {})
        return NetworkProblem(
            f"The chain's node took no transaction: {reason}.",
            hint="Try again, or use another node (--rpc).",
            details=error.details,
        )


def _pending(happened: str, tx: str) -> TransactionPending:
    return TransactionPending(
        f"The transaction was sent. {happened}",
        undone="It may still take effect.",
        hint="Look whether it did before sending anything anew.",
        details={"tx": tx},
    )


def told_receipt(receipt: Mapping[str, Any]) -> TxReceipt:
    """Return what eth_getTransactionReceipt answered with, our events decoded."""
    created = receipt.get("contractAddress")
    return TxReceipt(
        tx=receipt["transactionHash"],
        block=int(receipt["blockNumber"], 16),
        block_hash=receipt["blockHash"],
        gas_used=int(receipt["gasUsed"], 16),
        events=tuple(each for log in receipt["logs"] if (each := _emitted(log)) is not None),
        created=to_checksum_address(created) if created else None,
    )


def _emitted(log: Mapping[str, Any]) -> Emitted | None:
    """Decode a log if it is an event of ours."""
    topics = [bytes.fromhex(topic[2:]) for topic in log["topics"]]
    event = _events().get(topics[0]) if topics else None
    if event is None:
        return None
    indexed = [each for each in event.inputs if each.indexed]
    others = [each for each in event.inputs if not each.indexed]
    args = abi.decode_named(others, bytes.fromhex(log["data"][2:]))
    for parameter, topic in zip(indexed, topics[1:], strict=True):
        args |= abi.decode_named([parameter], topic)
    address = to_checksum_address(log["address"])
    return Emitted(event.name, address, int(log["logIndex"], 16), args)


def _constructor(contract: str, args: Sequence[Any]) -> str:
    """The constructor's arguments as the digits that follow the bytecode."""
    inputs = [
        entry["inputs"] for entry in abi.artifact(contract)["abi"] if entry["type"] == "constructor"
    ]
    return encode([_type(item) for item in inputs[0]] if inputs else [], args).hex()


def _type(item: Mapping[str, Any]) -> str:
    """An input's canonical type: a struct's is its parts' in brackets."""
    kind = str(item["type"])
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(_type(part) for part in item['components'])}){kind.removeprefix('tuple')}"


@cache
def _events() -> Mapping[bytes, abi.Signature]:
    return {
        topic: event for name in abi.artifact_names() for topic, event in abi.events(name).items()
    }


def _hex(data: bytes) -> str:
    return "0x" + data.hex()
