"""Reading on when the chain replaces or loses blocks that were read."""

import itertools
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.chain import Chain
from indexer.check import check
from indexer.errors import (
    ChainKeepsChanging,
    ReorganisedBeyondFinal,
    ReorganisedBeyondKnown,
)
from indexer.reader import FINAL_DEPTH
from indexer.sync import sync
from node.devnet import Devnet
from tests.contracts.acts import apply
from tests.contracts.coop import Coop
from tests.indexer.acts import act
from tests.indexer.mirrored import Mirrored, fresh, mirrored, rows
from tests.indexer.proxy import Answer, Request, proxy


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


def test_a_node_with_a_lower_head_has_only_fallen_behind(mirror: Mirrored) -> None:
    read = reorganised(mirror, 2, None)
    before = rows(mirror.store)
    result = mirror.sync()
    assert mirror.chain.head().number < read
    assert (result.dropped, result.to_block, result.lag_blocks) == (0, read, 0)
    assert rows(mirror.store) == before


def test_once_that_node_goes_another_way_it_is_followed(mirror: Mirrored, tmp_path: Path) -> None:
    read = reorganised(mirror, 2, None)
    mirror.sync()
    apply(mirror.coop, mirror.coop.kim)
    act(mirror.coop, "What happened instead")
    result = mirror.sync()
    assert result.dropped > 0
    assert result.to_block == mirror.chain.head().number != read
    assert rows(mirror.store) == fresh(mirror, tmp_path)


def test_what_counted_as_final_stays_so_when_a_node_falls_behind_first(mirror: Mirrored) -> None:
    snapshot = mirror.coop.chain.rpc("evm_snapshot")
    act(mirror.coop, "What the chain called final")
    mirror.coop.chain.rpc("anvil_mine", hex(2 * FINAL_DEPTH))
    mirror.sync()
    before = rows(mirror.store)
    assert mirror.coop.chain.rpc("evm_revert", snapshot) is True
    assert mirror.sync().dropped == 0
    act(mirror.coop, "What happened instead")
    with pytest.raises(ReorganisedBeyondFinal):
        mirror.sync()
    assert rows(mirror.store) == before


def test_what_counted_as_final_is_given_up_only_when_that_is_accepted(
    mirror: Mirrored, tmp_path: Path
) -> None:
    snapshot = mirror.coop.chain.rpc("evm_snapshot")
    act(mirror.coop, "What the chain called final")
    mirror.coop.chain.rpc("anvil_mine", hex(2 * FINAL_DEPTH))
    mirror.sync()
    before = rows(mirror.store)
    assert mirror.coop.chain.rpc("evm_revert", snapshot) is True
    act(mirror.coop, "What happened instead")
    with pytest.raises(ReorganisedBeyondFinal, match="counted as final") as caught:
        mirror.sync()
    assert caught.value.exit_code == 8
    assert "--accept-reorganisation" in caught.value.hint
    assert rows(mirror.store) == before
    result = sync(mirror.chain, mirror.store, accept_reorganisation=True)
    assert result.dropped > 0
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
