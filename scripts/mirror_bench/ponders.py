"""Ponder on the same history, on PostgreSQL, from npm, with the Node that it wants from there too.

It stores one row an event, as the naive loop does, and is told not to keep what the node answered,
as its guide says for anvil, which favours it.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from indexer.abi import CONTRACTS
from indexer.chain import Chain
from indexer.identity import Identity
from scripts.mirror_bench.figures import Run
from scripts.mirror_bench.histories import History
from tests import postgres
from tests.contracts.artifacts import load

PACKAGES = (
    *("ponder@0.16.10", "node@22.23.3"),
    *("hono@4.13.19", "typescript@5.9.3", "viem@2.57.20"),
)
_PROJECT = Path(__file__).with_name("ponder")
_START = "start --schema bench --log-format json --hostname 127.0.0.1 --port 0"
_END = "Completed backfill indexing across all chains"


class PonderFailed(Exception):
    """It ended before it had read the history."""


def measure(folder: Path, url: str, identity: Identity, history: History) -> Run:
    """Let it read the history from its start, in `folder`, where npm has installed it."""
    shutil.copytree(_PROJECT, folder, dirs_exist_ok=True)
    contracts = [
        {
            "name": CONTRACTS[word],
            "address": address,
            "abi": [item for item in load(CONTRACTS[word])["abi"] if item["type"] == "event"],
        }
        for word, address in identity.addresses.items()
    ]
    first, last = identity.first_block, history.blocks
    given = {"url": url, "chain": Chain(url).chain_id(), "first": first, "last": last}
    (folder / "given.json").write_text(json.dumps({**given, "contracts": contracts}), "utf-8")
    with (
        tempfile.TemporaryDirectory(prefix="ponder-") as room,
        postgres.server(Path(room)),
    ):
        return _run(folder, f"postgresql://postgres@localhost/postgres?host={quote(room, safe='')}")


def _run(folder: Path, database: str) -> Run:
    programs = folder / "node_modules" / ".bin"
    script = folder / "node_modules" / "ponder" / "dist" / "esm" / "bin" / "ponder.js"
    started = subprocess.Popen(
        [str(programs / "node"), str(script), *_START.split()],
        cwd=folder,
        env={**os.environ, "DATABASE_URL": database, "PONDER_TELEMETRY_DISABLED": "true"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert started.stdout is not None
    try:
        return _told(started.stdout)
    finally:
        started.kill()
        started.wait()
        started.stdout.close()


def _told(lines: Iterator[str]) -> Run:
    """What it says itself: events and milliseconds from the end of its start to that of history.

    Blocks that it holds for not final yet come after that, and are not among the events.
    """
    events = blocks = 0
    said = []
    for line in lines:
        said.append(line)
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if told["msg"] == "Indexed block range":
            events += told["event_count"]
            first, last = json.loads(told["block_range"])
            blocks += last + 1 - first
        if told["msg"] == _END:
            return Run(told["duration"] / 1_000, events, blocks, 0.0)
    raise PonderFailed("".join(said[-5:]))
