"""What the model says in the words of the contracts: calls, events, refusals, answers as bytes.

Only the ABI is taken from the contracts; every value is the model's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from eth_abi.abi import decode, encode
from eth_utils.abi import (
    collapse_if_tuple,
    event_abi_to_log_topic,
    function_abi_to_4byte_selector,
)

from tests.contracts.artifacts import CONTRACTS, load

Values = tuple[Any, ...]


class Refused(Exception):
    """The model refuses an act with a contract's error, and undoes nothing: it changed nothing."""

    def __init__(self, name: str, *values: Any) -> None:
        super().__init__(f"{name}{values}")
        self.name, self.values = name, values

    @property
    def data(self) -> bytes:
        """What the contract answers."""
        return _error_data(self.name, self.values)


@dataclass(frozen=True)
class Event:
    """A log that the model expects, values in the order of the declaration."""

    contract: str
    name: str
    values: Values

    def encoded(self) -> tuple[list[bytes], bytes]:
        """Topics and data."""
        item = _entry(self.contract, self.name, "event")
        topics, plain, values = [event_abi_to_log_topic(item)], [], []
        for part, value in zip(item["inputs"], self.values, strict=True):
            if part["indexed"]:
                topics.append(encode([part["type"]], [value]))
            else:
                plain.append(part)
                values.append(value)
        return topics, encode(_types(plain), values)


@dataclass(frozen=True)
class Signed:
    """A signature as the model sees it: who signed what; and as the chain sees it."""

    signer: str
    message: Values
    raw: bytes = field(repr=False)


@dataclass(frozen=True)
class Call:
    """A call of one of the contracts. `wire` are the arguments on the chain where they differ."""

    contract: str
    function: str
    args: Values = ()
    wire: Values | None = field(default=None, repr=False)

    @property
    def data(self) -> bytes:
        """The calldata; a foreign contract is sent nothing."""
        if self.contract not in CONTRACTS:
            return b""
        return _call_data(
            self.contract, self.function, self.args if self.wire is None else self.wire
        )

    def answer(self, *values: Any) -> bytes:
        """What a view returns when it answers with these values."""
        return _answer(self.contract, self.function, values)

    def read(self, answer: bytes) -> Values | str:
        """The values of an answer, or the refusal."""
        try:
            return decode(
                _types(_entry(self.contract, self.function, "function")["outputs"]), answer
            )
        except Exception:
            return refusal_text(answer)


def refusal_text(data: bytes) -> str:
    """A custom error in words."""
    for contract in (*CONTRACTS, "CooperativeFactory"):
        for item in load(contract)["abi"]:
            if item["type"] == "error" and function_abi_to_4byte_selector(item) == data[:4]:
                return f"{item['name']}{decode(_types(item['inputs']), data[4:])}"
    return "0x" + data.hex()


def log_text(contract: str, topics: Sequence[bytes], data: bytes) -> str:
    """A log in words."""
    for item in load(contract)["abi"]:
        if item["type"] == "event" and event_abi_to_log_topic(item) == topics[0]:
            plain = [part for part in item["inputs"] if not part["indexed"]]
            indexed = [part for part in item["inputs"] if part["indexed"]]
            values = [decode([p["type"]], t)[0] for p, t in zip(indexed, topics[1:], strict=True)]
            return f"{item['name']}{tuple(values)}{decode(_types(plain), data)}"
    return "unknown log " + b"".join(topics).hex()


@cache
def _entry(contract: str, name: str, kind: str) -> Any:
    return next(
        item for item in load(contract)["abi"] if item.get("name") == name and item["type"] == kind
    )


@cache
def _call_data(contract: str, function: str, args: Values) -> bytes:
    item = _entry(contract, function, "function")
    return bytes(function_abi_to_4byte_selector(item)) + encode(_types(item["inputs"]), args)


@cache
def _answer(contract: str, function: str, values: Values) -> bytes:
    return encode(_types(_entry(contract, function, "function")["outputs"]), values)


@cache
def _error_data(name: str, values: Values) -> bytes:
    for contract in CONTRACTS:
        for item in load(contract)["abi"]:
            if item["type"] == "error" and item["name"] == name:
                selector = bytes(function_abi_to_4byte_selector(item))
                return selector + encode(_types(item["inputs"]), values)
    raise KeyError(name)


def _types(parts: Iterable[Any]) -> list[str]:
    return [collapse_if_tuple(part) for part in parts]
