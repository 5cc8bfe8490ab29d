"""The mere download: the same logs over one connection, parsed as JSON, and dropped.

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


def _parser() -> Callable[[bytes], Any]:
    for module, function in (("msgspec.json", "decode"), ("orjson", "loads")):
        try:
            found: Callable[[bytes], Any] = getattr(importlib.import_module(module), function)
        except ImportError:
            continue
        return found
    return json.loads
