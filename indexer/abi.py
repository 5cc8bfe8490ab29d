"""What the contracts' artifacts say: events by topic, errors and functions by selector, codecs.

Addresses come out checksummed, structs as dictionaries by their components' names, bytes as bytes.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal, cast

from eth_abi.codec import ABICodec
from eth_abi.decoding import StringDecoder
from eth_abi.encoding import TextStringEncoder
from eth_abi.exceptions import DecodingError
from eth_abi.registry import BaseEquals, registry
from eth_utils.address import to_checksum_address

from indexer.errors import AbiMissing
from indexer.hashing import keccak

ContractName = Literal["membership", "bylaws", "assembly", "pay_rates"]

CONTRACTS: Mapping[ContractName, str] = {
    "membership": "Membership",
    "bylaws": "Bylaws",
    "assembly": "Assembly",
    "pay_rates": "PayRates",
}
"""Our word for each contract of an instance -> the name of its artifact."""


def readable(text: bytes) -> str:
    """Return text of the chain. A contract checks no encoding, and one bad byte in one member's
    reason must not stop everybody's mirror: bytes that are no UTF-8, and the zero that PostgreSQL
    takes in no text, stay visible as \\xNN."""
    return text.decode("utf-8", "backslashreplace").replace("\0", "\\x00")


class _AnyText(StringDecoder):
    """Text read by `readable`."""

    @staticmethod
    def decoder_fn(data: bytes, handle_string_errors: str = "") -> str:
        """Return the text; eth_abi's own choice of what to do with bad bytes is not asked."""
        return readable(data)


def _codec() -> ABICodec:
    lenient = registry.copy()  # type: ignore[no-untyped-call]
    lenient.unregister("string")
    text = BaseEquals("string")  # type: ignore[no-untyped-call]
    lenient.register(text, TextStringEncoder, _AnyText, label="string")
    return ABICodec(lenient)


_CODEC = _codec()


@dataclass(frozen=True)
class Parameter:
    """One input or output; `type` is canonical, so a struct's is `(uint24,bool)`."""

    name: str
    type: str
    components: tuple["Parameter", ...] = ()
    indexed: bool = False


@dataclass(frozen=True)
class Signature:
    """An event, error or function of a contract."""

    name: str
    inputs: tuple[Parameter, ...]
    outputs: tuple[Parameter, ...] = ()

    @property
    def text(self) -> str:
        """The canonical signature, such as `reply(uint256,bytes32)`."""
        return f"{self.name}({','.join(each.type for each in self.inputs)})"

    @property
    def topic(self) -> bytes:
        """The 32 bytes that an event bears as its first topic."""
        return keccak(self.text.encode())

    @property
    def selector(self) -> bytes:
        """The 4 bytes with which a call or a revert begins."""
        return self.topic[:4]


@cache
def artifact(name: str) -> dict[str, Any]:
    """Return a contract's artifact (abi, bytecode, deployedBytecode …); AbiMissing if unknown."""
    path = files("indexer") / "artifacts" / f"{name}.json"
    if not path.is_file():
        raise AbiMissing(f"contract {name}")
    return cast(dict[str, Any], json.loads(path.read_text(encoding="utf-8")))


@cache
def artifact_names() -> tuple[str, ...]:
    """Return the names of all artifacts in the package, sorted."""
    folder = files("indexer") / "artifacts"
    return tuple(
        sorted(each.name.removesuffix(".json") for each in folder.iterdir() if ".json" in each.name)
    )


@cache
def events(name: str) -> Mapping[bytes, Signature]:
    """Return first topic -> event, for all events of an artifact."""
    return {event.topic: event for event in _entries(name, "event")}


@cache
def errors() -> Mapping[bytes, Signature]:
    """Return selector -> custom error, over all artifacts, with Solidity's own two."""
    found = {
        error.selector: error for name in artifact_names() for error in _entries(name, "error")
    }
    for own in (
        Signature("Error", (Parameter("message", "string"),)),
        Signature("Panic", (Parameter("code", "uint256"),)),
    ):
        found[own.selector] = own
    return found


@cache
def functions(name: str) -> Mapping[bytes, Signature]:
    """Return selector -> function, for all functions of an artifact."""
    return {function.selector: function for function in _entries(name, "function")}


@cache
def function(name: str, wanted: str) -> Signature:
    """Return a function by its name, or by its full text when overloaded; AbiMissing if unknown."""
    for each in functions(name).values():
        if wanted in (each.name, each.text):
            return each
    raise AbiMissing(f"function {name}.{wanted}")


def encode_call(signature: Signature, args: Sequence[Any]) -> bytes:
    """Return the calldata of a call; structs may be dictionaries or sequences."""
    values = [_ordered(each, arg) for each, arg in zip(signature.inputs, args, strict=True)]
    return signature.selector + _CODEC.encode([each.type for each in signature.inputs], values)


def decode_call(name: str, calldata: bytes) -> tuple[Signature, dict[str, Any]] | None:
    """Return function and arguments of a call to an artifact's contract; None if it has no such."""
    found = functions(name).get(calldata[:4])
    if found is None:
        return None
    try:
        return found, decode_named(found.inputs, calldata[4:])
    except (DecodingError, OverflowError):
        return None


def decode_error(data: bytes) -> tuple[str, dict[str, Any]]:
    """Return name and values of a revert's data; `UnknownError` for data that nobody declared."""
    found = errors().get(data[:4])
    if found is None:
        return ("UnknownError" if data else "NoReason"), ({"data": data} if data else {})
    try:
        return found.name, decode_named(found.inputs, data[4:])
    except (DecodingError, OverflowError):
        return found.name, {"data": data}


def decode_named(parameters: Sequence[Parameter], data: bytes) -> dict[str, Any]:
    """Return ABI-encoded values by their parameters' names; DecodingError if they don't fit."""
    values = _CODEC.decode([each.type for each in parameters], data)
    return {each.name: _named(each, value) for each, value in zip(parameters, values, strict=True)}


def decode_outputs(signature: Signature, data: bytes) -> Any:
    """Return one output bare, several as a dictionary by name, or as a tuple if they have none."""
    values = _CODEC.decode([each.type for each in signature.outputs], data)
    named = [_named(each, value) for each, value in zip(signature.outputs, values, strict=True)]
    if len(named) == 1:
        return named[0]
    names = [each.name for each in signature.outputs]
    return dict(zip(names, named, strict=True)) if all(names) else tuple(named)


def contract_name(word: str) -> ContractName:
    """Return a stored word as the name that it is; AbiMissing if no contract bears it."""
    for name in CONTRACTS:
        if name == word:
            return name
    raise AbiMissing(f"contract {word}")


@lru_cache(maxsize=100_000)
def checksummed(address: str) -> str:
    """Return an address in the mixed case of ERC-55; cached, since keccak per event is dear."""
    return str(to_checksum_address(address))


def _entries(name: str, kind: str) -> Iterator[Signature]:
    for entry in artifact(name)["abi"]:
        if entry["type"] == kind:
            yield Signature(
                entry["name"],
                tuple(_parameter(each) for each in entry["inputs"]),
                tuple(_parameter(each) for each in entry.get("outputs", ())),
            )


def _parameter(entry: Mapping[str, Any]) -> Parameter:
    components = tuple(_parameter(each) for each in entry.get("components", ()))
    kind = str(entry["type"])
    if kind.startswith("tuple"):
        kind = f"({','.join(each.type for each in components)}){kind.removeprefix('tuple')}"
    return Parameter(entry["name"], kind, components, bool(entry.get("indexed")))


def _named(parameter: Parameter, value: Any) -> Any:
    """Give a decoded value its names; `components` also belong to an array of structs."""
    if parameter.type.endswith("]"):
        inner = Parameter("", parameter.type.rpartition("[")[0], parameter.components)
        return [_named(inner, each) for each in value]
    if parameter.components:
        pairs = zip(parameter.components, value, strict=True)
        return {each.name: _named(each, part) for each, part in pairs}
    return checksummed(value) if parameter.type == "address" else value


def _ordered(parameter: Parameter, value: Any) -> Any:
    """Take the names away again, for eth_abi."""
    if parameter.type.endswith("]"):
        inner = Parameter("", parameter.type.rpartition("[")[0], parameter.components)
        return [_ordered(inner, each) for each in value]
    if parameter.components:
        parts = (
            [value[each.name] for each in parameter.components]
            if isinstance(value, Mapping)
            else value
        )
        pairs = zip(parameter.components, parts, strict=True)
        return tuple(_ordered(each, part) for each, part in pairs)
    return value
