"""The naive loop: what a Python developer writes with web3.py and SQLModel to index the events.

Ranges of blocks, `process_log` for each log, a row by `session.add`, a commit per thousand rows.
It checks no header, notices no reorganisation, and keeps all events in one table.
"""

from pathlib import Path
from typing import Any

from sqlmodel import Field, Session, SQLModel, create_engine
from web3 import HTTPProvider, Web3

from indexer.identity import Identity
from tests.contracts.artifacts import at

_RANGE = 100  # blocks
_COMMIT = 1_000  # rows


class Event(SQLModel, table=True):
    """Any event, its arguments as text."""

    id: int | None = Field(default=None, primary_key=True)
    block: int = Field(index=True)
    log_index: int
    tx_hash: str
    contract: str
    name: str = Field(index=True)
    args: str


def index(url: str, identity: Identity, path: Path) -> tuple[int, int]:
    """Index a whole chain into a new SQLite file; the numbers of events and of blocks."""
    w3 = Web3(HTTPProvider(url))
    events = _events_by_topic(w3, identity)
    engine = create_engine(f"sqlite:///{path}")
    SQLModel.metadata.create_all(engine)
    head, first, added = w3.eth.block_number, identity.first_block, 0
    session = Session(engine)
    for start in range(first, head + 1, _RANGE):
        logs = w3.eth.get_logs(
            {
                "address": [Web3.to_checksum_address(a) for a in identity.addresses.values()],
                "fromBlock": start,
                "toBlock": min(start + _RANGE - 1, head),
            }
        )
        for log in logs:
            found = events[log["address"], bytes(log["topics"][0])].process_log(log)
            session.add(_row(found))
            added += 1
            if added % _COMMIT == 0:
                session.commit()
                session.close()
                session = Session(engine)
    session.commit()
    session.close()
    return added, head + 1 - first


def _row(found: Any) -> Event:
    return Event(
        block=found["blockNumber"],
        log_index=found["logIndex"],
        tx_hash=found["transactionHash"].to_0x_hex(),
        contract=found["address"],
        name=found["event"],
        args=str(dict(found["args"])),
    )


def _events_by_topic(w3: Web3, identity: Identity) -> dict[tuple[str, bytes], Any]:
    names = ("Membership", "Bylaws", "Assembly", "PayRates")
    found = {}
    for name, address in zip(names, identity.addresses.values(), strict=True):
        contract = at(w3, name, address)
        for item in contract.abi:
            if item["type"] == "event":
                event = contract.events[item["name"]]()
                found[address, bytes.fromhex(event.topic[2:])] = event
    return found
