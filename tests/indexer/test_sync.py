"""Reading on: complete, once, in order; of one chain only; through crashes and in company."""

import gc
import json
import queue
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from indexer.chain import Chain
from indexer.check import check
from indexer.errors import (
    ContractMissing,
    MirrorLocked,
    MirrorOfAnotherChain,
)
from indexer.reader import Progress, Reader, SyncResult
from indexer.store import open_mirror
from indexer.sync import rebuild, sync
from node.devnet import Devnet
from tests.contracts.coop import FOR
from tests.indexer.acts import act
from tests.indexer.mirrored import Mirrored, fresh, rows
from tests.indexer.proxy import Answer, Request, proxy

ROOT = Path(__file__).resolve().parents[2]
DYING = [sys.executable, "-m", "tests.indexer.dying"]


# Reading on


def test_a_sync_reads_everything_and_says_what_it_did(mirror: Mirrored) -> None:
    act(mirror.coop)
    head = mirror.chain.head().number
    result = mirror.sync()
    assert result == SyncResult(
        from_block=mirror.identity.first_block,
        to_block=head,
        events=len(rows(mirror.store)["logs"]),
        chain_head=head,
        safe=mirror.chain.head("safe").number,
        finalized=mirror.chain.head("finalized").number,
        lag_blocks=0,
        chronicle_ok=True,
        proven_to=head,
    )
    assert result.events > 20


def test_a_second_sync_reads_nothing_and_changes_nothing(mirror: Mirrored) -> None:
    mirror.sync()
    before = rows(mirror.store)
    result = mirror.sync()
    assert (result.events, result.from_block) == (0, result.to_block + 1)
    assert rows(mirror.store) == before


def test_reading_block_by_block_gives_the_same_as_reading_at_once(
    mirror: Mirrored, tmp_path: Path
) -> None:
    act(mirror.coop)
    head = mirror.chain.head().number
    for block in range(mirror.identity.first_block, head + 1):
        result = mirror.sync(to=block)
        assert (result.to_block, result.lag_blocks) == (block, head - block)
        assert result.chronicle_ok
    assert rows(mirror.store) == fresh(mirror, tmp_path)


def test_a_sequence_goes_on_where_an_earlier_run_left_it(mirror: Mirrored, tmp_path: Path) -> None:
    coop = mirror.coop
    number = coop.propose(coop.ada, opens_in=5)
    coop.open(number)
    for sequence in (1, 2, 7, 8):
        coop.vote(coop.ada, number, FOR, sequence)
        mirror.sync()
    assert [ballot[8] for ballot in rows(mirror.store)["ballots"]] == [1, 2, 7, 8]
    assert rows(mirror.store) == fresh(mirror, tmp_path)


def test_progress_counts_up_to_the_head(mirror: Mirrored) -> None:
    act(mirror.coop)
    told: list[Progress] = []
    result = sync(mirror.chain, mirror.store, progress=told.append)
    assert told[-1] == Progress(result.to_block, result.chain_head, result.events)


def test_the_next_batch_is_asked_for_while_the_present_one_is_stored(mirror: Mirrored) -> None:
    first = mirror.sync().to_block + 1
    for _ in range(40):
        mirror.coop.chain.mine()
    beginnings: list[int] = []
    asked_ahead = threading.Event()

    def note(request: Request, answer: Answer) -> Answer:
        if request["method"] == "eth_getLogs":
            beginnings.append(int(request["params"][0].get("fromBlock", "0x0"), 16))
            if len(beginnings) == 2:
                asked_ahead.set()
        return answer

    waiting: list[bool] = []
    store = mirror.store
    with proxy(mirror.chain.url, note) as url:
        running = threading.Thread(
            target=lambda: waiting.append(sync(Chain(url), store).chronicle_ok)
        )
        with store.writing():  # so that the first batch cannot be stored
            running.start()
            assert asked_ahead.wait(30), beginnings
        running.join(30)
    assert beginnings[:2] == [first, first + 32]
    assert waiting == [True]


def test_the_thread_that_reads_ends_with_its_reader(mirror: Mirrored) -> None:
    def reading() -> list[threading.Thread]:
        return [each for each in threading.enumerate() if each.name == "read-batches"]

    before = reading()
    reader = Reader(mirror.chain, mirror.store)
    reader.sync()
    (thread,) = [each for each in reading() if each not in before]
    del reader
    gc.collect()
    thread.join(30)
    assert not thread.is_alive()


def test_headers_that_nobody_needs_any_more_are_forgotten(mirror: Mirrored) -> None:
    for _ in range(6):
        mirror.coop.chain.mine()
        mirror.sync()
    final = mirror.chain.head("finalized").number
    kept = [block for (block,) in ask(mirror.path, "SELECT number FROM blocks ORDER BY number")]
    logged = [block for (block,) in ask(mirror.path, "SELECT DISTINCT block FROM logs")]
    assert [block for block in kept if block < final] == [mirror.identity.first_block - 1, *logged]
    assert kept[-1] == mirror.chain.head().number
    assert check(mirror.store, mirror.chain).ok


def ask(path: Path, query: str) -> list[Any]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


# Other chains


def test_the_mirror_of_another_chain_is_refused_before_anything_is_read(mirror: Mirrored) -> None:
    store = open_mirror(mirror.path, mirror.identity._replace(chain_id=1))
    with pytest.raises(MirrorOfAnotherChain, match="chain id is 1, not 31337"):
        sync(mirror.chain, store)
    assert rows(store)["logs"] == []


def test_other_code_at_the_addresses_is_refused(mirror: Mirrored) -> None:
    mirror.sync()
    mirror.coop.chain.rpc("anvil_setCode", mirror.identity.assembly, "0x6001")
    with pytest.raises(MirrorOfAnotherChain, match="code hash"):
        mirror.sync()


def test_a_chain_without_the_instance_is_refused(mirror: Mirrored, hardhat: Devnet) -> None:
    with pytest.raises(ContractMissing, match="Membership"):
        sync(Chain(hardhat.url), mirror.store)


# Crashes and company


def test_killed_at_any_step_the_next_run_goes_on_and_nothing_is_lost_or_doubled(
    mirror: Mirrored, tmp_path: Path
) -> None:
    act(mirror.coop)
    open_mirror(mirror.path, mirror.identity)
    identity = json.dumps(mirror.identity._asdict())
    died = subprocess.run(
        [*DYING, mirror.chain.url, str(mirror.path), identity, "61"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    deaths = [json.loads(line) for line in died.stdout.splitlines()]
    assert len(deaths) > 10, died.stderr
    assert [faults for _, faults in deaths if faults] == []
    assert mirror.sync().chronicle_ok
    assert rows(mirror.store) == fresh(mirror, tmp_path)


def test_two_at_once_lose_nothing_and_double_nothing(mirror: Mirrored, tmp_path: Path) -> None:
    for number in range(3):
        act(mirror.coop, f"Resolution {number}")
    head = mirror.chain.head().number
    open_mirror(mirror.path, mirror.identity)
    failures: queue.Queue[BaseException] = queue.Queue()

    def run() -> None:
        try:
            chain, store = Chain(mirror.chain.url), open_mirror(mirror.path, mirror.identity)
            for block in range(mirror.identity.first_block, head + 1):
                sync(chain, store, to=block)
        except BaseException as error:
            failures.put(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures.empty(), failures.get()
    assert rows(mirror.store) == fresh(mirror, tmp_path)


def test_a_locked_mirror_says_so_and_goes_on_when_it_is_free(mirror: Mirrored) -> None:
    store = open_mirror(mirror.path, mirror.identity, patience=0.05)
    other = sqlite3.connect(mirror.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(MirrorLocked):
        sync(mirror.chain, store)
    other.execute("ROLLBACK")
    other.close()
    assert sync(mirror.chain, store).chronicle_ok


def test_a_rebuild_gives_the_same_whatever_was_there(mirror: Mirrored, tmp_path: Path) -> None:
    act(mirror.coop)
    mirror.sync()
    with sqlite3.connect(mirror.path) as connection:
        connection.execute("UPDATE ballots SET choice = 'against'")
        connection.execute("UPDATE mirror SET chain_id = 5")
    connection.close()
    assert rebuild(mirror.chain, mirror.path, mirror.identity).chronicle_ok
    assert rows(mirror.store) == fresh(mirror, tmp_path)
