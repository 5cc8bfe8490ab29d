"""Reading on: complete, once, in order; through reorganisations, crashes and bad nodes."""

import itertools
import json
import queue
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from indexer.chain import Chain
from indexer.check import check
from indexer.errors import (
    ChainKeepsChanging,
    ChainRefused,
    ChainUnreachable,
    ChronicleMismatch,
    ContractMissing,
    IndexerError,
    MirrorLocked,
    MirrorOfAnotherChain,
    ReorganisedBeyondKnown,
)
from indexer.store import open_mirror
from indexer.sync import Progress, SyncResult, follow, rebuild, sync
from node.devnet import Devnet
from tests.contracts.acts import apply
from tests.contracts.coop import FOR, Coop
from tests.indexer.mirrored import Mirrored, Rows, mirrored, rows
from tests.indexer.proxy import Answer, Request, logs_changed, proxy, refusing

ROOT = Path(__file__).resolve().parents[2]
DYING = [sys.executable, "-m", "tests.indexer.dying"]


def act(coop: Coop, name: str = "A resolution") -> None:
    """A proposal and three ballots, in six blocks."""
    number = coop.propose(coop.ada, text=name, opens_in=5)
    coop.open(number)
    for member in (coop.ada, coop.ben, coop.cleo):
        coop.vote(member, number, FOR)
    coop.close(number)


def fresh(mirror: Mirrored, tmp_path: Path) -> Rows:
    """What a mirror holds that never read anything but the chain as it is now."""
    store = open_mirror(tmp_path / "fresh.db", mirror.identity, fresh=True)
    sync(mirror.chain, store)
    return rows(store)


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


# Reorganisations


def reorganised(mirror: Mirrored, keep: int, tell: Callable[[], None] | None) -> int:
    """Goes back to the moment after `keep` blocks of acts, and lets something else happen."""
    coop = mirror.coop
    for number in range(keep):
        apply(coop, coop.people[("fay", "gus", "hal")[number]])
    snapshot = coop.chain.rpc("evm_snapshot")
    act(coop, "What the chain forgets")
    mirror.sync()
    read = mirror.chain.head().number
    assert coop.chain.rpc("evm_revert", snapshot) is True
    if tell:
        tell()
    return read


@pytest.mark.parametrize("keep", [0, 1, 3])
@pytest.mark.parametrize("longer", [True, False])
def test_after_a_reorganisation_the_mirror_is_that_of_a_fresh_sync(
    mirror: Mirrored, tmp_path: Path, keep: int, longer: bool
) -> None:
    coop = mirror.coop

    def something_else() -> None:
        apply(coop, coop.kim)
        if longer:
            act(coop, "What happened instead")
            act(coop, "And then")

    read = reorganised(mirror, keep, something_else)
    assert (mirror.chain.head().number > read) == longer
    result = mirror.sync()
    assert result.dropped > 0
    assert result.chronicle_ok
    assert rows(mirror.store) == fresh(mirror, tmp_path)
    assert check(mirror.store, mirror.chain).faults == ()


def test_a_chain_that_only_lost_blocks_is_followed_back(mirror: Mirrored, tmp_path: Path) -> None:
    reorganised(mirror, 2, None)
    result = mirror.sync()
    assert result.dropped > 0
    assert result.to_block == mirror.chain.head().number
    assert rows(mirror.store) == fresh(mirror, tmp_path)


def test_replaced_blocks_of_equal_number_are_noticed(mirror: Mirrored, tmp_path: Path) -> None:
    coop = mirror.coop
    apply(coop, coop.fay)
    act(coop)
    mirror.sync()
    before = mirror.chain.head()
    coop.chain.rpc("anvil_reorg", 4, [])
    assert mirror.chain.head().number == before.number
    assert mirror.chain.head().hash != before.hash
    result = mirror.sync()
    assert (result.dropped > 0, result.chronicle_ok) == (True, True)
    assert rows(mirror.store) == fresh(mirror, tmp_path)


def test_in_the_middle_of_a_first_sync_the_head_may_be_replaced(
    mirror: Mirrored, tmp_path: Path
) -> None:
    act(mirror.coop)
    reorganise_once = threading.Event()

    def change(request: Request, answer: Answer) -> Answer:
        if request["method"] == "eth_getLogs" and not reorganise_once.is_set():
            reorganise_once.set()
            mirror.coop.chain.rpc("anvil_reorg", 3, [])
        return answer

    with proxy(mirror.chain.url, change) as url:
        result = sync(Chain(url), mirror.store)
    assert reorganise_once.is_set()
    assert result.chronicle_ok
    assert rows(mirror.store) == fresh(mirror, tmp_path)


def test_a_head_that_never_rests_is_given_up_and_nothing_stored(mirror: Mirrored) -> None:
    node, moments = mirror.coop.chain, itertools.count(100_000)
    act(mirror.coop)
    now = node.now()
    last = [node.rpc("evm_snapshot")]
    node.mine(at=now + next(moments))

    def change(request: Request, answer: Answer) -> Answer:
        if request["method"] == "eth_getLogs":
            assert node.rpc("evm_revert", last.pop())
            last.append(node.rpc("evm_snapshot"))
            node.mine(at=now + next(moments))
        return answer

    with proxy(mirror.chain.url, change) as url, pytest.raises(ChainKeepsChanging):
        sync(Chain(url), mirror.store)
    assert rows(mirror.store)["logs"] == []


def test_a_chain_that_shrinks_while_it_is_read_is_followed(mirror: Mirrored) -> None:
    snapshot = mirror.coop.chain.rpc("evm_snapshot")
    act(mirror.coop)
    shrunk = threading.Event()

    def change(request: Request, answer: Answer) -> Answer:
        # Right after the head was told, the chain loses it.
        if request["params"] == ["latest", False] and not shrunk.is_set():
            shrunk.set()
            assert mirror.coop.chain.rpc("evm_revert", snapshot)
        return answer

    with proxy(mirror.chain.url, change) as url:
        result = sync(Chain(url), mirror.store)
    assert result.to_block == mirror.chain.head().number == mirror.identity.first_block


def test_a_node_that_lies_about_its_head_is_given_up(mirror: Mirrored) -> None:
    def change(request: Request, answer: Answer) -> Answer:
        if request["params"] == ["latest", False]:
            return {**answer, "result": {**answer["result"], "number": "0xffff"}}
        return answer

    with proxy(mirror.chain.url, change) as url, pytest.raises(ChainKeepsChanging):
        sync(Chain(url), mirror.store)


def test_a_chain_that_differs_before_the_instance_began_is_refused(
    chain: Devnet, coop: Coop, tmp_path: Path
) -> None:
    # As when a test chain was restarted: same number, same addresses, another history.
    mirror = mirrored(coop, tmp_path / "m.db")
    mirror.sync()
    with sqlite3.connect(mirror.path) as connection:
        connection.execute("UPDATE blocks SET hash = '0x' || number")
    connection.close()
    before = rows(mirror.store)
    with pytest.raises(ReorganisedBeyondKnown, match="before the instance") as caught:
        mirror.sync()
    assert "restarted test chain" in caught.value.hint
    assert rows(mirror.store) == before


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


# Bad nodes


@pytest.mark.parametrize("place", [0, 5, -1])
def test_a_node_that_withholds_a_log_is_found_out_and_nothing_stored(
    mirror: Mirrored, place: int
) -> None:
    act(mirror.coop)

    def cut(logs: list[Any]) -> list[Any]:
        return [log for log in logs if log is not logs[place]]

    with (
        proxy(mirror.chain.url, logs_changed(cut)) as url,
        pytest.raises(ChronicleMismatch, match="not complete or not genuine") as caught,
    ):
        sync(Chain(url), mirror.store)
    assert caught.value.exit_code == 9
    assert rows(mirror.store)["logs"] == []
    assert mirror.sync().chronicle_ok


def test_a_node_that_forges_a_log_is_found_out(mirror: Mirrored) -> None:
    act(mirror.coop)

    def forge(logs: list[Any]) -> list[Any]:
        *others, last = logs
        against = last["data"][:-1] + ("0" if last["data"][-1] != "0" else "1")
        return [*others, {**last, "data": against}]

    with proxy(mirror.chain.url, logs_changed(forge)) as url, pytest.raises(ChronicleMismatch):
        sync(Chain(url), mirror.store)


def test_a_node_that_is_late_once_is_asked_again(mirror: Mirrored) -> None:
    act(mirror.coop)
    cuts: list[int] = []

    def cut_once(logs: list[Any]) -> list[Any]:
        cuts.append(len(logs))
        return logs[:-3] if len(cuts) == 1 else logs

    with proxy(mirror.chain.url, logs_changed(cut_once)) as url:
        assert sync(Chain(url), mirror.store).chronicle_ok
    assert len(cuts) == 2


def test_a_node_that_answers_only_short_ranges_is_asked_for_short_ranges(
    mirror: Mirrored, tmp_path: Path
) -> None:
    act(mirror.coop)

    def too_long(request: Request) -> bool:
        if request["method"] != "eth_getLogs":
            return False
        query: dict[str, str] = request["params"][0]
        return bool(int(query["toBlock"], 16) - int(query["fromBlock"], 16) > 2)

    change = refusing(-32005, "range too large", too_long)
    with proxy(mirror.chain.url, change) as url:
        assert sync(Chain(url), mirror.store).chronicle_ok
    assert rows(mirror.store) == fresh(mirror, tmp_path)


def test_a_node_that_gives_no_logs_at_all_is_refused(mirror: Mirrored) -> None:
    change = refusing(-32601, "no such method", lambda request: "getLogs" in request["method"])
    with proxy(mirror.chain.url, change) as url, pytest.raises(ChainRefused, match="getLogs"):
        sync(Chain(url), mirror.store)


def test_a_node_without_old_state_is_believed_only_as_far_as_it_was_compared(
    mirror: Mirrored,
) -> None:
    act(mirror.coop)
    head = mirror.chain.head()

    def old(request: Request) -> bool:
        at_head = request["params"][1:] == [{"blockHash": head.hash}]
        return request["method"] == "eth_call" and not at_head

    with proxy(mirror.chain.url, refusing(-32000, "missing trie node", old)) as url:
        chain = Chain(url)
        assert not sync(chain, mirror.store, to=head.number - 2).chronicle_ok
        assert sync(chain, mirror.store).chronicle_ok


def test_a_chain_that_does_not_answer_changes_nothing(mirror: Mirrored) -> None:
    mirror.sync()
    before = rows(mirror.store)
    with pytest.raises(ChainUnreachable):
        sync(Chain("http://127.0.0.1:9"), mirror.store)
    assert rows(mirror.store) == before


# Crashes and company


def test_killed_at_any_step_the_next_run_goes_on_and_nothing_is_lost_or_doubled(
    mirror: Mirrored, tmp_path: Path
) -> None:
    act(mirror.coop)
    open_mirror(mirror.path, mirror.identity)
    identity = json.dumps(mirror.identity._asdict())
    died = subprocess.run(
        [*DYING, mirror.chain.url, str(mirror.path), identity, "97"],
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


# Following


def test_following_reads_each_new_block_until_it_is_stopped(mirror: Mirrored) -> None:
    stop, results = threading.Event(), queue.Queue[SyncResult]()
    chain, store = Chain(mirror.chain.url), mirror.store
    follower = threading.Thread(
        target=follow,
        args=(chain, store, stop),
        kwargs={"interval": 0.02, "synced": results.put},
    )
    follower.start()
    try:
        assert results.get(timeout=30).to_block == mirror.chain.head().number
        apply(mirror.coop, mirror.coop.fay)
        head = mirror.chain.head().number
        while results.get(timeout=30).to_block < head:
            pass
    finally:
        stop.set()
        follower.join(timeout=30)
    assert not follower.is_alive()
    assert rows(mirror.store)["applications"][0][2] == mirror.coop.fay.address


def test_following_outlives_a_chain_that_is_away_for_a_while(mirror: Mirrored) -> None:
    away, stop = threading.Event(), threading.Event()
    troubles, results = queue.Queue[IndexerError](), queue.Queue[SyncResult]()
    away.set()

    def change(_: Request, answer: Answer) -> Answer:
        return {} if away.is_set() else answer

    with proxy(mirror.chain.url, change) as url:
        follower = threading.Thread(
            target=follow,
            args=(Chain(url), mirror.store, stop),
            kwargs={"interval": 0.02, "synced": results.put, "trouble": troubles.put},
        )
        follower.start()
        try:
            assert troubles.get(timeout=30).exit_code == 7
            away.clear()
            assert results.get(timeout=30).chronicle_ok
        finally:
            stop.set()
            follower.join(timeout=30)
    assert not follower.is_alive()


def test_following_waits_for_another_process_that_writes(mirror: Mirrored) -> None:
    store, stop = open_mirror(mirror.path, mirror.identity, patience=0.01), threading.Event()
    troubles, results = queue.Queue[IndexerError](), queue.Queue[SyncResult]()
    other = sqlite3.connect(mirror.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    follower = threading.Thread(
        target=follow,
        args=(mirror.chain, store, stop),
        kwargs={"interval": 0.02, "synced": results.put, "trouble": troubles.put},
    )
    follower.start()
    try:
        assert isinstance(troubles.get(timeout=30), MirrorLocked)
        other.execute("ROLLBACK")
        assert results.get(timeout=30).chronicle_ok
    finally:
        stop.set()
        follower.join(timeout=30)
        other.close()
    assert not follower.is_alive()


def test_following_stops_loudly_when_something_is_wrong(mirror: Mirrored) -> None:
    other = mirror.identity._replace(chain_id=1)
    with pytest.raises(MirrorOfAnotherChain):
        follow(mirror.chain, open_mirror(mirror.path, other), threading.Event())
