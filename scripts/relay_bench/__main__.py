"""Measures a relayer: ballots taken and counted a second, waiting, gas, and what a kill loses.

Every member's ballot is posted once, over 32 connections at a time. The limit is the same server's
answer to a request that asks nothing of it, measured in the same run.
"""

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from indexer.chain import Chain
from node.outbox import Outbox, owner
from scripts.mirror_bench.figures import Bound, Row
from scripts.relay_bench import load
from scripts.relay_bench.stage import Stage, relayer, stage

_ALL_COUNTED = 120.0  # seconds


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and with --check return 1 when a figure misses what it must reach."""
    parser = argparse.ArgumentParser(prog="scripts/bench-relay", description=__doc__)
    parser.add_argument("--members", type=int, action="append", help="of the co-op")
    parser.add_argument("--check", action="store_true", help="fail for a figure below its must")
    chosen = parser.parse_args(arguments)
    rows = []
    for members in chosen.members or [1_000, 10_000]:
        with tempfile.TemporaryDirectory() as folder:
            rows += list(_measured(members, Path(folder)))
    table = Table("figure", "measured", box=None)
    for row in rows:
        table.add_row(row.figure, row.measured)
    Console(width=120).print(table)
    missed = [row.figure for row in rows if "MISSED" in row.measured]
    return 1 if chosen.check and missed else 0


def _measured(members: int, home: Path) -> Iterator[Row]:
    """Half of the ballots are posted in peace, and the relayer is killed amid the others."""
    with stage(members, home) as there:
        name, half = f"{members:,} members", members // 2
        with relayer(there, home) as (url, process):
            where, port = f"{url}/v1/ballots", int(url.rsplit(":", 1)[1])
            bare = load.post(where, [b"{}"] * 2_000)
            calm = load.post(where, there.documents[:half])
            counted = _seconds_until(lambda: there.counted >= half)
            again = _Again(there, home, port)
            killer = threading.Thread(
                target=_kill, args=(there, home, half * 3 // 2, process, again)
            )
            killer.start()
            rough = load.post(where, there.documents[half:])
            killer.join()
            _seconds_until(lambda: there.counted >= members)
            again.stop()
        beside = f"the same server asked nothing: {bare.rate:,.0f}, ratio"
        yield _row(
            f"{name}: ballots taken a second",
            calm.rate,
            Bound(300, 600, "/s", least=True),
            f"{beside} {calm.rate / bare.rate:.2f}",
        )
        yield _row(
            f"{name}: answer, 99 % within",
            calm.percentile(0.99),
            Bound(250, 100, "ms"),
            f"half of them within {calm.percentile(0.5):,.0f} ms",
        )
        yield Row(
            f"{name}: ballots counted a second",
            f"{half / (calm.ended - calm.begun + counted):,.0f}, from the first post to the block "
            f"with the last, {counted:.1f} s after it was posted",
        )
        refused, lost = calm.refused + rough.refused, members - there.counted
        yield Row(
            f"{name}: lost when killed",
            f"{lost} of {members:,}, {len(refused)} refused; {rough.again} connections broke"
            + (" MISSED" if lost or refused else ""),
        )
        yield _row(f"{name}: gas a ballot", _gas(there, home), Bound(14_200, 13_540, ""), "")


def _kill(
    there: Stage, home: Path, when: int, process: "subprocess.Popen[str]", again: "_Again"
) -> None:
    """Kill the relayer once it has kept so many ballots, and start it again."""
    outbox = Outbox(home / "bench.relay.db", owner(there.instance))
    while len(outbox.letters(everything=True)) < when:
        time.sleep(0.1)
    process.kill()
    process.wait()
    again.start()


def _seconds_until(true: Callable[[], bool]) -> float:
    begun = time.monotonic()
    while not true() and time.monotonic() - begun < _ALL_COUNTED:
        time.sleep(0.1)
    return time.monotonic() - begun


def _row(figure: str, value: float, bound: Bound, beside: str) -> Row:
    good = value >= bound.must if bound.least else value <= bound.must
    verdict = f"must {bound.must:,g} {bound.unit}: {'ok' if good else 'MISSED'}"
    return Row(figure, f"{value:,.0f} {bound.unit}, {verdict}; {beside}".rstrip("; "))


class _Again:
    """The relayer once more on the same port and queue, until it is stopped."""

    def __init__(self, there: Stage, home: Path, port: int) -> None:
        self._there, self._home, self._port = there, home, port
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        with relayer(self._there, self._home, self._port):
            self._over.wait()


def _gas(there: Stage, home: Path) -> float:
    outbox = Outbox(home / "bench.relay.db", owner(there.instance))
    numbers = [each.number for each in outbox.letters(everything=True)]
    chain = Chain(there.chain.url)
    gas = 0
    for attempt in outbox.attempts(numbers):
        receipt = chain.request("eth_getTransactionReceipt", attempt.transaction.tx)
        gas += int(receipt["gasUsed"], 16) if receipt else 0
    return gas / len(numbers)


if __name__ == "__main__":
    sys.exit(main())
