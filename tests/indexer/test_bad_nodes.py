"""Reading from a node that withholds, forges, is late, refuses or does not answer."""

from pathlib import Path
from typing import Any

import pytest

from indexer.batch import Range, read_batch
from indexer.chain import Chain
from indexer.errors import (
    ChainRefused,
    ChainUnreachable,
    MirrorIncomplete,
    ProofInvalid,
)
from indexer.sync import sync
from tests.indexer.acts import act
from tests.indexer.mirrored import Mirrored, fresh, rows
from tests.indexer.proxy import Answer, Request, logs_changed, proxy, refusing


@pytest.mark.parametrize("place", [0, 5, -1])
def test_a_node_that_withholds_a_log_is_found_out_and_nothing_stored(
    mirror: Mirrored, place: int
) -> None:
    act(mirror.coop)

    def cut(logs: list[Any]) -> list[Any]:
        return [log for log in logs if log is not logs[place]]

    with (
        proxy(mirror.chain.url, logs_changed(cut)) as url,
        pytest.raises(MirrorIncomplete, match="not complete or not genuine") as caught,
    ):
        sync(Chain(url), mirror.store)
    assert caught.value.exit_code == 8
    assert caught.value.details["first"] == caught.value.details["last"]
    assert rows(mirror.store)["logs"] == []
    assert mirror.sync().chronicle_ok


def test_a_node_that_forges_a_log_is_found_out(mirror: Mirrored) -> None:
    act(mirror.coop)

    def forge(logs: list[Any]) -> list[Any]:
        *others, last = logs
        against = last["data"][:-1] + ("0" if last["data"][-1] != "0" else "1")
        return [*others, {**last, "data": against}]

    with proxy(mirror.chain.url, logs_changed(forge)) as url, pytest.raises(MirrorIncomplete):
        sync(Chain(url), mirror.store)


def test_a_node_that_is_late_once_is_asked_again(mirror: Mirrored, tmp_path: Path) -> None:
    act(mirror.coop)
    cuts: list[int] = []

    def cut_once(logs: list[Any]) -> list[Any]:
        cuts.append(len(logs))
        return logs[:-3] if len(cuts) == 1 else logs

    with proxy(mirror.chain.url, logs_changed(cut_once)) as url:
        assert sync(Chain(url), mirror.store).chronicle_ok
    assert rows(mirror.store) == fresh(mirror, tmp_path)


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
        if request["method"] not in ("eth_call", "eth_getProof"):
            return False
        return request["params"][-1] not in ({"blockHash": head.hash}, hex(head.number))

    with proxy(mirror.chain.url, refusing(-32000, "missing trie node", old)) as url:
        chain = Chain(url)
        assert not sync(chain, mirror.store, to=head.number - 2).chronicle_ok
        assert sync(chain, mirror.store).chronicle_ok


def test_a_proof_that_fails_is_refused_and_on_a_test_chain_counts_as_none(
    mirror: Mirrored,
) -> None:
    act(mirror.coop)
    identity, head = mirror.identity, mirror.chain.head().number

    def spoil(request: Request, answer: Answer) -> Answer:
        if request["method"] != "eth_getProof":
            return answer
        result = answer["result"]
        return {**answer, "result": {**result, "accountProof": result["accountProof"][1:]}}

    with proxy(mirror.chain.url, spoil) as url:
        elsewhere = identity._replace(chain_id=10)
        with pytest.raises(ProofInvalid):
            read_batch(Chain(url), elsewhere, Range(identity.first_block, Chain(url).block(head)))
        result = sync(Chain(url), mirror.store)
    assert result.chronicle_ok
    assert result.proven_to < identity.first_block
    act(mirror.coop)
    assert mirror.sync().proven_to == mirror.chain.head().number


def test_a_chain_that_does_not_answer_changes_nothing(mirror: Mirrored) -> None:
    mirror.sync()
    before = rows(mirror.store)
    with pytest.raises(ChainUnreachable):
        sync(Chain("http://127.0.0.1:9"), mirror.store)
    assert rows(mirror.store) == before
