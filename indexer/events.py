"""From a raw log to an event with names, by the ABI alone."""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from eth_abi.exceptions import DecodingError

from indexer import abi, canonical
from indexer.abi import CONTRACTS, ContractName
from indexer.blocks import RawLog
from indexer.errors import HandlerFailed, UnknownEvent


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
    indexed: tuple[abi.Parameter, ...]
    data: tuple[abi.Parameter, ...]
    order: tuple[int, ...] | None
    """Places of the ABI's parameters among indexed, then data; None if that is their order."""
    quick_indexed: canonical.Decode | None
    quick_data: canonical.Decode | None


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
    decoder = _decoders(contract).get(topics[0] if topics else b"")
    if decoder is None:
        topic = "0x" + topics[0].hex() if topics else "one without a topic"
        raise UnknownEvent(CONTRACTS[contract], topic, log.block, log.log_index)
    try:
        values = _values(decoder.data, decoder.quick_data, log.data)
        if len(topics) > 1 or decoder.indexed:
            topic_words = b"".join(topics[1:])
            values = _values(decoder.indexed, decoder.quick_indexed, topic_words) + values
    except (DecodingError, OverflowError) as error:
        raise HandlerFailed(decoder.key, log.block, log.log_index, str(error)) from error
    return decoder, values if decoder.order is None else tuple(values[at] for at in decoder.order)


def _values(
    parameters: tuple[abi.Parameter, ...], quick: canonical.Decode | None, data: bytes
) -> tuple[Any, ...]:
    values = quick(data) if quick else None
    return tuple(abi.decode_named(parameters, data).values()) if values is None else values


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
        indexed=indexed,
        data=data,
        order=None if in_order else tuple(parted.index(each.name) for each in event.inputs),
        quick_indexed=canonical.decoder(indexed),
        quick_data=canonical.decoder(data),
    )
