"""Bare JSON-RPC for the tests of pay: transactions, views, logs and the fold of a chronicle.

Without a library in between, so that a refusal is read from the mined transaction's own trace.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import decode, encode
from eth_utils.abi import (
    collapse_if_tuple,
    event_abi_to_log_topic,
    function_abi_to_4byte_selector,
)
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from node.devnet import CHAIN_ID, Devnet, DevnetRefusal

ROOT = Path(__file__).resolve().parents[2]
GAS = 16_000_000


class NoAnswer(Exception):
    """A view reverted."""


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


@cache
def artifact(name: str, tests: bool = False) -> dict[str, Any]:
    folder = ROOT / ("build/test-artifacts" if tests else "indexer/artifacts")
    found: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
    return found


@contextmanager
def in_place_of(chain: Devnet, address: str, code: str) -> Iterator[None]:
    """Other code stands there for a while."""
    present = chain.rpc("eth_getCode", address, "latest")
    chain.rpc("anvil_setCode", address, code)
    try:
        yield
    finally:
        chain.rpc("anvil_setCode", address, present)


def deploy(chain: Devnet, name: str, *arguments: Any, tests: bool = True) -> Contract:
    """Create a contract of the tests', or a committed one."""
    found = artifact(name, tests)
    makers = [item["inputs"] for item in found["abi"] if item["type"] == "constructor"]
    types = _types(makers[0]) if makers else []
    data = found["bytecode"] + encode(types, arguments).hex()
    return Contract(_create(chain, data), found["abi"])


def clone(chain: Devnet, name: str, arguments: bytes = b"") -> Contract:
    """Create a clone of a committed contract, with arguments in its code, not yet initialised."""
    implementation = deploy(chain, name, tests=False)
    code = clone_code(implementation.address, arguments)
    # PUSH2 length, then: copy what follows these 12 bytes, return it.
    start = f"61{len(code):04x}80600c6000396000f3"
    return Contract(_create(chain, f"0x{start}{code.hex()}"), implementation.abi)


def clone_code(implementation: str, arguments: bytes = b"") -> bytes:
    """An ERC-1167 minimal proxy with arguments behind it."""
    start, end = "363d3d373d3d3d363d73", "5af43d82803e903d91602b57fd5bf3"
    return bytes.fromhex(start + implementation[2:] + end) + arguments


def named(name: str, *addresses: str) -> bytes:
    """The arguments of a clone: the co-op's name as a ShortString, then addresses."""
    raw = name.encode()
    packed = raw.ljust(31, b"\0") + bytes([len(raw)])
    return packed + b"".join(bytes.fromhex(address[2:]) for address in addresses)


def transact(
    chain: Devnet,
    contract: Contract,
    calldata: str,
    sender: str,
    at: int | None = None,
    gas: int = GAS,
) -> dict[str, Any]:
    """Mine one transaction, at that moment if one is given; `Refused` if it reverts."""
    if at is not None:
        chain.rpc("evm_setNextBlockTimestamp", at)
    transaction = {"from": sender, "to": contract.address, "data": calldata, "gas": hex(gas)}
    found = _mined(chain, chain.rpc("eth_sendTransaction", transaction))
    if found["status"] != "0x1":
        raise _refusal(chain, contract, found["transactionHash"])
    return found


def ask(chain: Devnet, contract: Contract, function: str, *arguments: Any) -> Any:
    """What a view answers at the latest block; a tuple if it gives several values."""
    question = {"to": contract.address, "data": contract.calldata(function, arguments)}
    try:
        answer = chain.rpc("eth_call", question, "latest")
    except DevnetRefusal as refusal:
        raise NoAnswer(str(refusal)) from refusal
    values = decode(_types(contract.entry(function)["outputs"]), bytes.fromhex(answer[2:]))
    return values[0] if len(values) == 1 else values


def event_in(log: dict[str, Any], contract: Contract) -> Event:
    """The event that a log holds, by the ABI of the contract that emitted it."""
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


def fold(chain: Devnet, address: str) -> bytes:
    """The chronicle head that the logs of a contract give, by the rule in IChronicle."""
    head = keccak(CHAIN_ID.to_bytes(32) + bytes.fromhex(address[2:]))
    query = {"address": address, "fromBlock": "0x0", "toBlock": "latest"}
    for log in chain.rpc("eth_getLogs", query):
        topics = [bytes.fromhex(topic[2:]) for topic in log["topics"]]
        count = len(topics).to_bytes(32)
        inner = keccak(count + b"".join(topics) + bytes.fromhex(log["data"][2:]))
        block = chain.rpc("eth_getBlockByNumber", log["blockNumber"], False)
        number, moment = (int(block[name], 16).to_bytes(8) for name in ("number", "timestamp"))
        head = keccak(head + number + moment + inner)
    return head


@contextmanager
def refused(name: str, *values: Any) -> Iterator[None]:
    """The act must revert with this error, and with these values if any are given."""
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.name == name
    if values:
        assert caught.value.values == values


def _create(chain: Devnet, data: str) -> str:
    sender = chain.rpc("eth_accounts")[1]
    transaction = {"from": sender, "data": data, "gas": hex(GAS)}
    found = _mined(chain, chain.rpc("eth_sendTransaction", transaction))
    return to_checksum_address(found["contractAddress"])


def _mined(chain: Devnet, transaction: str) -> dict[str, Any]:
    # anvil mines on arrival but may answer with null for an instant
    while True:
        if found := chain.rpc("eth_getTransactionReceipt", transaction):
            return dict(found)


def _refusal(chain: Devnet, contract: Contract, transaction: str) -> Exception:
    trace = chain.rpc("debug_traceTransaction", transaction, {"tracer": "callTracer"})
    data = bytes.fromhex(trace.get("output", "0x")[2:])
    for item in contract.abi:
        if item["type"] == "error" and function_abi_to_4byte_selector(item) == data[:4]:
            return Refused(item["name"], decode(_types(item["inputs"]), data[4:]))
    return AssertionError(f"reverted with {data.hex() or trace.get('error')}")


def _types(arguments: Iterable[Any]) -> list[str]:
    return [collapse_if_tuple(argument) for argument in arguments]
