"""Subsquid's processor and Ponder on the same history, from npm, installed below build/ only.

Subsquid is measured twice: with its own store on PostgreSQL, one row an event, and decoding only.
Of Ponder see `ponders`.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from eth_utils.abi import event_abi_to_log_topic

from indexer.abi import CONTRACTS
from indexer.identity import Identity
from scripts.mirror_bench import figures, ponders
from scripts.mirror_bench.figures import Row, Run
from scripts.mirror_bench.histories import FOLDER, History
from tests import postgres
from tests.contracts.artifacts import load

PACKAGES = (
    *("@subsquid/evm-processor@1.27.3", "@subsquid/evm-abi@0.3.1"),
    *("@subsquid/typeorm-store@1.5.1", "typeorm@0.3.17", "pg@8.23.1"),
)
_PROJECT = Path(__file__).with_name("squid")
_PATIENCE = 900.0  # seconds


def rows(url: str, identity: Identity, history: History, ours: Run, times: int) -> Iterator[Row]:
    """Measure the peers and give a row for each, with or without a figure."""
    folder = _installed("squid", PACKAGES)
    shutil.copytree(_PROJECT, folder, dirs_exist_ok=True)
    runs = [_subsquid(folder, url, identity, history, {}) for _ in range(times)]
    yield figures.speed(figures.SUBSQUID_DRY, ours, figures.middle(runs), "Subsquid")
    if postgres.binaries() is None:
        for figure in (figures.SUBSQUID, figures.PONDER):
            yield Row(figure, "not measured: Debian's package postgresql is not installed")
        return
    runs = [_storing(folder, url, identity, history) for _ in range(times)]
    yield figures.speed(figures.SUBSQUID, ours, figures.middle(runs), "Subsquid")
    folder = _installed("ponder", ponders.PACKAGES)
    runs = [ponders.measure(folder, url, identity, history) for _ in range(times)]
    yield figures.speed(figures.PONDER, ours, figures.middle(runs), "Ponder")


def _installed(name: str, packages: Sequence[str]) -> Path:
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    marks = [folder / "node_modules" / each.rpartition("@")[0] for each in packages]
    if not all(mark.exists() for mark in marks):
        (folder / "package.json").write_text('{"private": true}\n', encoding="utf-8")
        command = [_tool("npm"), "install", "--no-audit", "--no-fund", *packages]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


def _storing(folder: Path, url: str, identity: Identity, history: History) -> Run:
    with tempfile.TemporaryDirectory(prefix="squid-") as room, postgres.server(Path(room)):
        place = {"DB_HOST": room, "DB_USER": "postgres", "DB_NAME": "postgres"}
        return _subsquid(folder, url, identity, history, place)


def _subsquid(
    folder: Path, url: str, identity: Identity, history: History, place: Mapping[str, str]
) -> Run:
    contracts = [
        {
            "address": address,
            "events": [
                {"topic": "0x" + event_abi_to_log_topic(item).hex(), "item": item}
                for item in load(CONTRACTS[word])["abi"]
                if item["type"] == "event"
            ],
        }
        for word, address in identity.addresses.items()
    ]
    first, last = identity.first_block, history.blocks
    given = {"url": url, "first": first, "last": last, "contracts": contracts}
    done = subprocess.run(
        [_tool("node"), "squid.cjs"],
        cwd=folder,
        env={**os.environ, **place},
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=True,
    )
    said = json.loads(done.stdout.splitlines()[-1])
    if said["events"] != history.events:
        raise AssertionError(f"Subsquid read {said['events']} of {history.events} events.")
    return Run(said["seconds"], said["events"], last + 1 - first, 0.0)


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"{name} is needed to measure the peers.")
    return found
