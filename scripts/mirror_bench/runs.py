"""One measurement in a process of its own, so that its peak memory is its own.

python -m scripts.mirror_bench.runs KIND LOCATION    with URL and identity as JSON on stdin
"""

import json
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from indexer.identity import Identity
from scripts.mirror_bench.figures import Run

ROOT = Path(__file__).resolve().parents[2]


class RunFailed(Exception):
    """A measurement ended with an error or did not get through the whole history."""


def measure(kind: str, url: str, identity: Identity, location: str) -> Run:
    """Run one measurement in a fresh process; `location` is a file that it makes, or a URL."""
    given = json.dumps([url, identity])
    command = [sys.executable, "-m", "scripts.mirror_bench.runs", kind, location]
    done = subprocess.run(command, input=given, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RunFailed(f"{kind}: {done.stderr.strip()}")
    return Run(*json.loads(done.stdout))


# Each imports what it needs only, so that nobody's peak memory holds the others' libraries, and
# before the clock starts: what a program takes to start says nothing about its speed.

Work = Callable[[str, Identity, str], tuple[int, int]]


def _ours(*, every_header: bool = False) -> Work:
    from indexer.chain import Chain
    from indexer.store import open_mirror
    from indexer.sync import sync

    def work(url: str, identity: Identity, location: str) -> tuple[int, int]:
        where = location if "://" in location else Path(location)
        store = open_mirror(where, identity, fresh=True)
        result = sync(Chain(url), store, every_header=every_header)
        if not result.chronicle_ok or result.lag_blocks:
            raise RunFailed(f"the mirror is not whole: {result}")
        return result.events, result.to_block + 1 - result.from_block

    return work


def _every_header() -> Work:
    return _ours(every_header=True)


def _naive() -> Work:
    from scripts.mirror_bench import naive

    return lambda url, identity, location: naive.index(url, identity, Path(location))


def _download() -> Work:
    from scripts.mirror_bench import download

    return lambda url, identity, _: download.download(url, identity)


def _audit(kind: str) -> Callable[[], Work]:
    def work() -> Work:
        from scripts.mirror_bench import audits

        return audits.WORKS[kind]()

    return work


AUDITS = (
    "audit",
    "audit-unsigned",
    "verify",
    "verify-unsigned",
    "recover",
    "receipts",
    "receipts-alone",
)


def _headers() -> Work:
    from scripts.mirror_bench import download

    return lambda url, identity, _: download.headers(url, identity)


KINDS: Mapping[str, Callable[[], Work]] = {
    **{kind: _audit(kind) for kind in AUDITS},
    "ours": _ours,
    "every-header": _every_header,
    "naive": _naive,
    "download": _download,
    "headers": _headers,
}


def main() -> None:
    """Do the work that the command line names and print seconds, events, blocks and megabytes."""
    kind, location = sys.argv[1:]
    url, identity = json.load(sys.stdin)
    work = KINDS[kind]()
    start = time.perf_counter()
    with _Children() as children:
        events, blocks = work(url, Identity(*identity), location)
        seconds = time.perf_counter() - start
    print(json.dumps([seconds, events, blocks, _peak_megabytes() + children.megabytes]))


def _peak_megabytes() -> float:
    # ru_maxrss of a process on Linux begins with what its parent held when it was started.
    if Path("/proc/self/status").exists():
        return _peak_of("self")
    peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS
    return peak_bytes / 2**20


def _peak_of(process: str) -> float:
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    peak = next((line for line in lines if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(peak.split()[1]) / 1024


class _Children(AbstractContextManager["_Children"]):
    """Looks now and then at what the processes that a run starts hold; on Linux only."""

    def __init__(self) -> None:
        self._peaks: dict[str, float] = {}
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._look)

    @property
    def megabytes(self) -> float:
        """The peaks of all of them together."""
        return sum(self._peaks.values())

    def __enter__(self) -> "_Children":
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._watch.join()

    def _look(self) -> None:
        while not self._ended.wait(0.05):
            for listed in Path("/proc/self/task").glob("*/children"):
                with suppress(OSError):  # it has ended just now
                    for child in listed.read_text(encoding="ascii").split():
                        self._peaks[child] = max(self._peaks.get(child, 0.0), _peak_of(child))


if __name__ == "__main__":
    main()
