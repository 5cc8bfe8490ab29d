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

    signature: abi.Signature
    indexed: tuple[abi.Parameter, ...]
    data: tuple[abi.Parameter, ...]
    names: tuple[str, ...]
    quick_indexed: canonical.Decode | None
    quick_data: canonical.Decode | None


def decode(contract: ContractName, log: RawLog) -> Event:
    """Return the log as an event; UnknownEvent if the ABI lacks it, HandlerFailed if it lies."""
    decoder = _decoders(contract).get(log.topics[0] if log.topics else b"")
    if decoder is None:
        topic = "0x" + log.topics[0].hex() if log.topics else "one without a topic"
        raise UnknownEvent(CONTRACTS[contract], topic, log.block, log.log_index)
    try:
        found = _values(decoder.indexed, decoder.quick_indexed, b"".join(log.topics[1:]))
        found |= _values(decoder.data, decoder.quick_data, log.data)
    except (DecodingError, OverflowError) as error:
        name = f"{CONTRACTS[contract]}.{decoder.signature.name}"
        raise HandlerFailed(name, log.block, log.log_index, str(error)) from error
    return Event(
        block=log.block,
        log_index=log.log_index,
        tx_hash=log.tx_hash,
        tx_index=log.tx_index,
        address=log.address,
        contract=contract,
        name=decoder.signature.name,
        args={name: found[name] for name in decoder.names},
    )


def _values(
    parameters: tuple[abi.Parameter, ...], quick: canonical.Decode | None, data: bytes
) -> dict[str, Any]:
    values = quick(data) if quick else None
    if values is None:
        return abi.decode_named(parameters, data)
    return {each.name: value for each, value in zip(parameters, values, strict=True)}


@cache
def _decoders(contract: ContractName) -> Mapping[bytes, _Decoder]:
    return {topic: _decoder(event) for topic, event in abi.events(CONTRACTS[contract]).items()}


def _decoder(event: abi.Signature) -> _Decoder:
    indexed = tuple(each for each in event.inputs if each.indexed)
    data = tuple(each for each in event.inputs if not each.indexed)
    return _Decoder(
        signature=event,
        indexed=indexed,
        data=data,
        names=tuple(each.name for each in event.inputs),
        quick_indexed=canonical.decoder(indexed),
        quick_data=canonical.decoder(data),
    )
