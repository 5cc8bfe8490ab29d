"""At the head only what changed is proven again; the header's bloom bears out what did not."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from indexer.batch import Range, read_batch
from indexer.batches import recall, store_batch
from indexer.chain import Chain
from indexer.errors import MirrorIncomplete
from indexer.reader import Reader
from indexer.tables import Cursor
from tests.indexer.acts import act
from tests.indexer.mirrored import Mirrored, fresh, rows
from tests.indexer.proxy import Answer, Change, Request, logs_changed, proxy, refusing, unchanged

STATE = ("eth_getProof", "eth_call")


@contextmanager
def asked(mirror: Mirrored, change: Change = unchanged) -> Iterator[tuple[Reader, list[Request]]]:
    """A reader, and the requests that ask its node for a state."""
    requests: list[Request] = []

    def note(request: Request, answer: Answer) -> Answer:
        if request["method"] in STATE:
            requests.append(request)
        return change(request, answer)

    with proxy(mirror.chain.url, note) as url:
        yield Reader(Chain(url), mirror.store), requests


def addresses(requests: list[Request]) -> set[str]:
    return {request["params"][0].lower() for request in requests}


def test_a_block_without_our_logs_is_proven_by_its_header_alone(mirror: Mirrored) -> None:
    with asked(mirror) as (reader, requests):
        reader.sync()
        assert addresses(requests) == {at.lower() for at in mirror.identity.addresses.values()}
        requests.clear()
        mirror.coop.chain.mine()
        result = reader.sync()
    assert requests == []
    assert result.chronicle_ok
    assert result.proven_to == result.to_block == mirror.chain.head().number


def test_only_contracts_that_logged_are_proven_again(mirror: Mirrored, tmp_path: Path) -> None:
    with asked(mirror) as (reader, requests):
        reader.sync()
        requests.clear()
        mirror.coop.propose(mirror.coop.ada, opens_in=5)
        result = reader.sync()
    assert {each["method"] for each in requests} == {"eth_getProof"}
    assert addresses(requests) == {mirror.identity.assembly.lower()}
    assert result.proven_to == result.to_block == mirror.chain.head().number
    assert rows(mirror.store) == fresh(mirror, tmp_path)


def test_a_node_that_hides_all_logs_of_a_new_block_is_found_out(mirror: Mirrored) -> None:
    start = mirror.chain.head().number

    def hide(logs: list[Any]) -> list[Any]:
        return [] if int(logs[0]["blockNumber"], 16) > start else logs

    with asked(mirror, logs_changed(hide)) as (reader, requests):
        reader.sync()
        before = rows(mirror.store)
        requests.clear()
        mirror.coop.propose(mirror.coop.ada, opens_in=5)
        with pytest.raises(MirrorIncomplete) as caught:
            reader.sync()
    assert addresses(requests[:1]) == {mirror.identity.assembly.lower()}
    assert caught.value.details["last"] == start + 1
    assert rows(mirror.store) == before


def test_what_was_not_proven_before_is_not_taken_as_proven_by_a_bloom(mirror: Mirrored) -> None:
    start = mirror.chain.head().number
    no_proofs = refusing(-32000, "no proofs", lambda request: request["method"] == "eth_getProof")
    with asked(mirror, no_proofs) as (reader, requests):
        assert reader.sync().proven_to < start
        requests.clear()
        mirror.coop.chain.mine()
        result = reader.sync()
    assert result.chronicle_ok
    assert result.proven_to < start
    assert len(requests) == 2 * len(mirror.identity.addresses)


def test_heads_of_some_contracts_prove_nothing_where_the_others_were_not_proven(
    mirror: Mirrored,
) -> None:
    no_proofs = refusing(-32000, "no proofs", lambda request: request["method"] in STATE)
    with asked(mirror, no_proofs) as (reader, _):
        assert not reader.sync().chronicle_ok
    mirror.coop.propose(mirror.coop.ada, opens_in=5)
    end, store = mirror.chain.head(), mirror.store
    batch = read_batch(mirror.chain, mirror.identity, Range(end.number, end, "changed"))
    assert batch.heads is not None
    assert list(batch.heads) == ["assembly"]
    with store.writing() as session:
        store_batch(session, mirror.identity, batch, recall(session, mirror.identity))
    with store.reading() as session:
        cursor = session.get_one(Cursor, 1)
        assert cursor.block == end.number
        assert max(cursor.verified, cursor.proven) < mirror.identity.first_block


def test_a_node_without_old_state_is_asked_for_it_once_and_then_at_the_head(
    mirror: Mirrored,
) -> None:
    for _ in range(3):
        act(mirror.coop)
    mirror.coop.chain.rpc("anvil_mine", hex(400))
    act(mirror.coop)
    head = mirror.chain.head()

    def old(request: Request) -> bool:
        new = ({"blockHash": head.hash}, hex(head.number))
        return request["method"] in STATE and request["params"][-1] not in new

    with asked(mirror, refusing(-32000, "missing trie node", old)) as (reader, requests):
        ends: list[int] = []
        result = reader.sync(progress=lambda progress: ends.append(progress.block))
    assert len(ends) > 2
    assert result.proven_to == result.to_block == head.number
    assert len({str(request["params"][-1]) for request in requests if old(request)}) <= 3
