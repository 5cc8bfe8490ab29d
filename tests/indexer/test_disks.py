"""A full disk, a disk that lets nothing be written, a damaged file: said, survived, mended."""

import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from indexer.check import check
from indexer.errors import MirrorUnusable
from indexer.store import open_mirror
from indexer.sync import rebuild
from tests.indexer.acts import act
from tests.indexer.cramped import digest
from tests.indexer.mirrored import Mirrored, fresh, rows
from tests.indexer.season import Season

ROOT = Path(__file__).resolve().parents[2]
ALONE = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]


def may_mount() -> bool:
    """Whether this machine lets a test mount a file system that nobody else sees."""
    command = [*ALONE, "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", "/tmp"]
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.skipif(
    not os.environ.get("CI") and not may_mount(), reason="needs Linux' mount namespaces"
)
@pytest.mark.parametrize(("way", "word"), [("full", "full"), ("read-only", "read-only")])
def test_on_a_disk_that_takes_no_more_nothing_is_lost(
    mirror: Mirrored, tmp_path: Path, way: str, word: str
) -> None:
    Season(mirror.coop, 5).play(120)
    given = json.dumps(mirror.identity._asdict())
    command = [sys.executable, "-m", "tests.indexer.cramped", way, mirror.chain.url, given]
    (tmp_path / "disk").mkdir()
    done = subprocess.run(
        [*ALONE, *command, str(tmp_path / "disk")], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert len(told["said"]) == 1
    assert word in told["said"][0]
    assert told["faults"] == [[]]
    mirror.sync()
    assert told["digest"] == digest(mirror.store)


@pytest.mark.parametrize("seed", range(8))
def test_a_file_damaged_anywhere_is_noticed_and_made_again(
    mirror: Mirrored, tmp_path: Path, seed: int
) -> None:
    for _ in range(3):
        act(mirror.coop)
    mirror.sync()
    whole = rows(mirror.store)
    damage(mirror.path, Random(seed))
    try:
        store = open_mirror(mirror.path, mirror.identity)
        noticed = bool(check(store).faults)
    except MirrorUnusable:
        noticed = True
    assert noticed or rows(store) == whole  # a page that nothing stands in
    rebuild(mirror.chain, mirror.path, mirror.identity)
    assert rows(mirror.store) == whole == fresh(mirror, tmp_path)
    assert check(mirror.store, mirror.chain).ok


def damage(path: Path, random: Random) -> None:
    """Overwrites one page of the file, but for the first, with noise."""
    with path.open("rb") as file:
        page = int.from_bytes(file.read(18)[16:], "big")  # as SQLite's file format has it
    size = path.stat().st_size
    at = random.randrange(1, size // page) * page
    with path.open("r+b") as file:
        file.seek(at)
        file.write(random.randbytes(page))
