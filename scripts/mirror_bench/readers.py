"""Reads a history once, in a process of its own, and prints what it took as one line of JSON.

    python -m scripts.mirror_bench.readers KIND URL IDENTITY PLACE

KIND: ours, every-header, naive, naive-sparse, download. `naive` is the loop that a Python developer
writes: each event's get_logs of web3, a SQLModel row for each, a commit a thousand rows.
"""

import http.client
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import orjson

from indexer.abi import CONTRACTS, artifact
from indexer.chain import Chain
from indexer.identity import Identity
from indexer.store import open_mirror
from indexer.sync import sync

_RANGE = 250  # blocks a request of the naive loop
_DENSE = 10  # blocks a reply of the plain download: about 1 MB


def main(kind: str, url: str, identity: str, place: str) -> None:
    """Read and print {events, blocks, seconds, megabytes}."""
    reader = READERS[kind]
    whose = Identity(**json.loads(identity))
    blocks = Chain(url).head().number - whose.first_block + 1
    began = time.perf_counter()
    events = reader(url, whose, place)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = {"events": events, "blocks": blocks, "seconds": seconds, "megabytes": peak}
    print(json.dumps(found))


def ours(url: str, identity: Identity, place: str) -> int:
    """Our sync into an empty mirror, headers of range ends and chronicle proven."""
    store = open_mirror(place if "://" in place else Path(place), identity, fresh=True)
    return sync(Chain(url), store).events


def every_header(url: str, identity: Identity, place: str) -> int:
    """The same, with every header hashed and linked."""
    store = open_mirror(Path(place), identity, fresh=True)
    return sync(Chain(url), store, every_header=True).events


def naive(url: str, identity: Identity, place: str) -> int:
    """The naive loop."""
    from sqlmodel import Field, Session, SQLModel, create_engine
    from web3 import Web3

    class Event(SQLModel, table=True):
        id: int | None = Field(default=None, primary_key=True)
        block: int = Field(index=True)
        log_index: int
        tx: str
        name: str = Field(index=True)
        args: str

    Path(place).unlink(missing_ok=True)
    engine = create_engine(f"sqlite:///{place}")
    SQLModel.metadata.create_all(engine)
    w3 = Web3(Web3.HTTPProvider(url, request_kwargs={"timeout": 300}))
    count, waiting = 0, 0
    session = Session(engine)
    for word, address in identity.addresses.items():
        contract = w3.eth.contract(
            address=Web3.to_checksum_address(address), abi=artifact(CONTRACTS[word])["abi"]
        )
        for first in range(identity.first_block, w3.eth.block_number + 1, _RANGE):
            for event in list(contract.events):  # type: ignore[call-overload]
                for log in event.get_logs(from_block=first, to_block=first + _RANGE - 1):
                    row = Event(
                        block=log["blockNumber"],
                        log_index=log["logIndex"],
                        tx=log["transactionHash"].hex(),
                        name=log["event"],
                        args=json.dumps(dict(log["args"]), default=str),
                    )
                    session.add(row)
                    count, waiting = count + 1, waiting + 1
                    if waiting == 1_000:
                        session.commit()
                        waiting = 0
    session.commit()
    session.close()
    return count


def download(url: str, identity: Identity, place: str) -> int:
    """The same logs over one connection in replies of about 1 MB, parsed and forgotten."""
    del place
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=300)
    addresses, count = list(identity.addresses.values()), 0
    head = Chain(url).head().number
    for first in range(identity.first_block, head + 1, _DENSE):
        last = min(first + _DENSE - 1, head)
        query = {"address": addresses, "fromBlock": hex(first), "toBlock": hex(last)}
        asked = {"jsonrpc": "2.0", "id": 1, "method": "eth_getLogs", "params": [query]}
        connection.request("POST", "/", orjson.dumps(asked), {"Content-Type": "application/json"})
        count += len(orjson.loads(connection.getresponse().read())["result"])
    connection.close()
    return count


READERS: dict[str, Callable[[str, Identity, str], int]] = {
    "ours": ours,
    "every-header": every_header,
    "naive": naive,
    "download": download,
}

if __name__ == "__main__":
    main(*sys.argv[1:])
