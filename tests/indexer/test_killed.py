"""Killed at any instant while the chain reorganises, the mirror ends as an uninterrupted one."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from indexer.check import check
from indexer.store import open_mirror
from indexer.sync import sync
from tests import postgres
from tests.contracts.acts import apply
from tests.indexer.acts import act
from tests.indexer.mirrored import Mirrored, fresh, rows

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("MIRROR_KILLS", "100"))
"""Per database; every second one meets a reorganisation. MIRROR_KILLS=1000 for a longer run."""
LONGEST = 0.25  # seconds: some syncs of a short history are over before that, some are not


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    """Where the mirror is kept."""
    if request.param == "sqlite":
        yield tmp_path / "killed.db"
        return
    with (
        tempfile.TemporaryDirectory(prefix="rochdale-pg-") as folder,
        postgres.server(Path(folder)) as url,
    ):
        yield url


def test_killed_at_random_amid_reorganisations_nothing_is_lost_or_doubled(
    mirror: Mirrored, place: Path | str, tmp_path: Path
) -> None:
    random, chain = Random(KILLS), mirror.coop.chain
    identity = json.dumps(mirror.identity._asdict())
    command = [sys.executable, "-m", "tests.indexer.killed", mirror.chain.url, str(place), identity]
    syncing = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert syncing.stdin
    assert syncing.stdout
    snapshot, turns = chain.rpc("evm_snapshot"), 0
    try:
        for number in range(KILLS):
            if number % 2:
                assert chain.rpc("evm_revert", snapshot) is True
                snapshot, turns = chain.rpc("evm_snapshot"), turns + 1
                apply(mirror.coop, mirror.coop.people[random.choice(("fay", "gus", "hal"))])
            act(mirror.coop, f"What happened at the turn {number}")
            syncing.stdin.write(f"{random.uniform(0.01, LONGEST)}\n")
            syncing.stdin.flush()
            assert int(syncing.stdout.readline()) == signal.SIGALRM
    finally:
        syncing.stdin.close()
        syncing.wait(timeout=60)
        syncing.stdout.close()
    assert turns == KILLS // 2
    store = open_mirror(place, mirror.identity)
    assert check(store).faults == ()
    assert sync(mirror.chain, store).chronicle_ok
    assert rows(store) == fresh(mirror, tmp_path)
    assert check(store, mirror.chain).faults == ()
