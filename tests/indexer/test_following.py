"""Following the chain until stopped, through what goes wrong meanwhile."""

import queue
import sqlite3
import threading
from contextlib import suppress

import pytest

from indexer.chain import Chain
from indexer.errors import (
    IndexerError,
    MirrorLocked,
    MirrorOfAnotherChain,
)
from indexer.follow import follow
from indexer.reader import SyncResult
from indexer.store import open_mirror
from tests.contracts.acts import apply
from tests.indexer.mirrored import Mirrored, rows
from tests.indexer.proxy import Answer, Request, proxy


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


def test_a_new_head_is_heard_of_by_websocket_long_before_the_clock(mirror: Mirrored) -> None:
    stop, results = threading.Event(), queue.Queue[SyncResult]()
    chain, store, never = Chain(mirror.chain.url), mirror.store, 3_600.0
    follower = threading.Thread(
        target=follow,
        args=(chain, store, stop),
        kwargs={"interval": never, "synced": results.put},
    )
    follower.start()
    try:
        assert results.get(timeout=30).to_block == mirror.chain.head().number
        heard = None
        for _ in range(30):  # the websocket may open only after the first of these blocks
            mirror.coop.chain.mine()
            with suppress(queue.Empty):
                heard = results.get(timeout=1)
                break
        assert heard is not None
        assert heard.events == 0
    finally:
        stop.set()
        follower.join(timeout=30)
    assert not follower.is_alive()


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
