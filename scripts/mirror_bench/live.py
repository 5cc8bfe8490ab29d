"""How long a mined block waits for its row, with the mirror following in a process of its own.

python -m scripts.mirror_bench.live LOCATION    follows; with URL and identity as JSON on stdin
"""

import importlib
import json
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from indexer.identity import Identity
from scripts.mirror_bench.signing import voter
from scripts.mirror_bench.wire import Wire

ROOT = Path(__file__).resolve().parents[2]
_LOOK = 0.0002  # seconds between looks into the file, which the figure may be too high by
_PATIENCE = 60.0  # seconds


class NotFollowed(Exception):
    """The mirror did not store a block in time."""


def delays(url: str, identity: Identity, path: Path, blocks: int = 200) -> list[float]:
    """Mine that many blocks with an event each; milliseconds from mined to row, one each."""
    with _following(url, identity, path), Wire(url) as wire:
        wire.ask("anvil_autoImpersonateAccount", True)
        head = int(wire.ask("eth_blockNumber"), 16)
        _wait(path, head)
        wire.ask("evm_setAutomine", False)
        found = []
        for number in range(blocks):
            wire.ask("eth_sendTransaction", _act(identity, number))
            wire.ask("evm_mine")
            mined = time.perf_counter()
            found.append(1e3 * (_wait(path, head + number + 1) - mined))
    return found


def _act(identity: Identity, number: int) -> dict[str, str]:
    """A member names guardians: one event, whatever the history."""
    selector = "0x" + _selector("setGuardians(bytes32)")
    said = (10_000 + number).to_bytes(32).hex()
    by = voter(number % 50 + 1).address
    return {"from": by, "to": identity.membership, "data": selector + said, "gas": hex(500_000)}


def _selector(signature: str) -> str:
    from eth_utils.abi import function_signature_to_4byte_selector

    return function_signature_to_4byte_selector(signature).hex()


def _wait(path: Path, block: int) -> float:
    """Look until the mirror's cursor is at the block; the moment at which it was."""
    deadline = time.perf_counter() + _PATIENCE
    while time.perf_counter() < deadline:
        if _cursor(path) >= block:
            return time.perf_counter()
        time.sleep(_LOOK)
    raise NotFollowed(f"Block {block} was not stored within {_PATIENCE:.0f} seconds.")


def _cursor(path: Path) -> int:
    if not path.exists():
        return -1
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            return int(database.execute("SELECT block FROM cursor").fetchone()[0])
    except sqlite3.OperationalError:  # being made
        return -1


@contextmanager
def _following(url: str, identity: Identity, path: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "scripts.mirror_bench.live", str(path)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, text=True)
    assert process.stdin
    process.stdin.write(json.dumps([url, identity]))
    process.stdin.close()
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def main() -> None:
    """Follow a chain until SIGTERM."""
    from indexer.chain import Chain
    from indexer.store import open_mirror

    url, identity = json.load(sys.stdin)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    store = open_mirror(Path(sys.argv[1]), Identity(*identity), fresh=True)
    _follow()(Chain(url), store, stop)


def _follow() -> Any:
    try:
        return importlib.import_module("indexer.follow").follow
    except ImportError:
        return importlib.import_module("indexer.sync").follow


if __name__ == "__main__":
    main()
