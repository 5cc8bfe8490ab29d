"""From a raw log to an event with names, by the ABI alone."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from eth_abi.exceptions import DecodingError

from indexer import abi, canonical
from indexer.abi import CONTRACTS, ContractName
from indexer.blocks import RawLog
from indexer.errors import HandlerFailed, UnknownEvent

_Decode = Callable[[bytes], tuple[Any, ...]]


class Event(NamedTuple):
    """A decoded log: addresses checksummed, bytes as bytes, structs as dictionaries."""

    block: int
    log_index: int
    tx_hash: str
    tx_index: int
    address: str
    contract: ContractName
    name: str
    args: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The event's name with its contract's, as in HANDLERS: `Assembly.VoteCast`."""
        return f"{CONTRACTS[self.contract]}.{self.name}"


class _Decoder(NamedTuple):
    """An event's parameters, parted as the log parts them."""

    key: str
    signature: abi.Signature
    indexed: _Decode
    data: _Decode
    order: tuple[int, ...] | None
    """Places of the ABI's parameters among indexed, then data; None if that is their order."""


def decode(contract: ContractName, log: RawLog) -> Event:
    """Return the log as an event; UnknownEvent if the ABI lacks it, HandlerFailed if it lies."""
    decoder, values = _decoded(contract, log)
    names = [each.name for each in decoder.signature.inputs]
    return Event(
        block=log.block,
        log_index=log.log_index,
        tx_hash=log.tx_hash,
        tx_index=log.tx_index,
        address=log.address,
        contract=contract,
        name=decoder.signature.name,
        args=dict(zip(names, values, strict=True)),
    )


def arguments(contract: ContractName, log: RawLog) -> tuple[str, tuple[Any, ...]]:
    """Return the event's key and its values in the ABI's order: what `decode` does, faster."""
    decoder, values = _decoded(contract, log)
    return decoder.key, values


def _decoded(contract: ContractName, log: RawLog) -> tuple[_Decoder, tuple[Any, ...]]:
    topics = log.topics
    decoder = _decoders(contract).get(topics[:32])
    if decoder is None:
        topic = "0x" + topics[:32].hex() if topics else "one without a topic"
        raise UnknownEvent(CONTRACTS[contract], topic, log.block, log.log_index)
    try:
        values = decoder.indexed(topics[32:]) + decoder.data(log.data)
    except (DecodingError, OverflowError) as error:
        raise HandlerFailed(decoder.key, log.block, log.log_index, str(error)) from error
    return decoder, values if decoder.order is None else tuple(values[at] for at in decoder.order)


@cache
def _decoders(contract: ContractName) -> Mapping[bytes, _Decoder]:
    name = CONTRACTS[contract]
    return {topic: _decoder(name, event) for topic, event in abi.events(name).items()}


def _decoder(contract: str, event: abi.Signature) -> _Decoder:
    indexed = tuple(each for each in event.inputs if each.indexed)
    data = tuple(each for each in event.inputs if not each.indexed)
    parted = [each.name for each in indexed + data]
    in_order = event.inputs == indexed + data
    return _Decoder(
        key=f"{contract}.{event.name}",
        signature=event,
        indexed=_decode(indexed),
        data=_decode(data),
        order=None if in_order else tuple(parted.index(each.name) for each in event.inputs),
    )


def _decode(parameters: tuple[abi.Parameter, ...]) -> _Decode:
    """Return a function from words to values: the quick one, and eth_abi's for what is left."""
    quick = canonical.decoder(parameters)

    def decode_words(words: bytes) -> tuple[Any, ...]:
        values = quick(words) if quick else None
        return tuple(abi.decode_named(parameters, words).values()) if values is None else values

    return decode_words
