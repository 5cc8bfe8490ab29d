"""The mere download: the same logs or headers over one connection, parsed as JSON, and dropped.

Replies of about a megabyte, which anvil gives fastest; the fastest parser that is installed.
"""

import importlib
import json
from collections.abc import Callable
from typing import Any

from indexer.identity import Identity
from scripts.mirror_bench.wire import Wire

_A_REPLY = 1_000_000  # bytes
_MOST = 500  # blocks a request
_HEADERS = 250  # a message


def download(url: str, identity: Identity) -> tuple[int, int]:
    """Fetch and parse all logs of a chain; the numbers of events and of blocks."""
    parse, addresses = _parser(), list(identity.addresses.values())
    first, blocks, events = identity.first_block, 1, 0
    with Wire(url) as wire:
        head = int(wire.ask("eth_blockNumber"), 16)
        while first <= head:
            last = min(first + blocks - 1, head)
            query = {"address": addresses, "fromBlock": hex(first), "toBlock": hex(last)}
            reply = wire.reply(wire.request("eth_getLogs", query))
            events += len(parse(reply)["result"])
            per_block = max(1, len(reply) // (last - first + 1))
            blocks = max(1, min(_MOST, 2 * blocks, _A_REPLY // per_block))
            first = last + 1
    return events, head + 1 - identity.first_block


def headers(url: str, identity: Identity) -> tuple[int, int]:
    """Fetch and parse all headers of a chain; no events, and the number of blocks."""
    parse, first = _parser(), identity.first_block
    with Wire(url) as wire:
        head = int(wire.ask("eth_blockNumber"), 16)
        for start in range(first, head + 1, _HEADERS):
            numbers = range(start, min(start + _HEADERS, head + 1))
            asked = [wire.request("eth_getBlockByNumber", hex(n), False) for n in numbers]
            found = parse(wire.reply(asked))
            if len(found) != len(numbers) or not all(each["result"] for each in found):
                raise AssertionError(f"The node lacks a header from block {start} on.")
    return 0, head + 1 - first


def receipts(url: str, identity: Identity, blocks: int) -> tuple[int, int]:
    """Fetch and parse all receipts of the first blocks; the numbers of receipts and of blocks."""
    parse, count = _parser(), 0
    with Wire(url) as wire:
        for number in range(identity.first_block, identity.first_block + blocks):
            reply = wire.reply(wire.request("eth_getBlockReceipts", hex(number)))
            count += len(parse(reply)["result"])
    return count, blocks


def _parser() -> Callable[[bytes], Any]:
    for module, function in (("msgspec.json", "decode"), ("orjson", "loads")):
        try:
            found: Callable[[bytes], Any] = getattr(importlib.import_module(module), function)
        except ImportError:
            continue
        return found
    return json.loads
