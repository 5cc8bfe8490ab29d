"""A node that is busy or away for a moment is asked again, and for how long."""

import itertools

import pytest

from indexer.errors import ChainBusy, ChainRefused, ChainUnreachable
from indexer.patience import PatientChain
from indexer.rpc import Request as Asked
from node.devnet import Devnet
from tests.indexer.proxy import Answer, Change, Request, proxy


def busy(times: int) -> Change:
    """A node that takes no more requests, so many times."""
    left = times

    def change(request: Request, answer: Answer) -> Answer:
        nonlocal left
        left -= 1
        if left < 0:
            return answer
        error = {"code": -32005, "message": "rate limit exceeded"}
        return {"jsonrpc": "2.0", "id": request["id"], "error": error}

    return change


def test_a_busy_node_is_asked_again_after_longer_and_longer_waits(anvil: Devnet) -> None:
    waits: list[float] = []
    with proxy(anvil.url, busy(3)) as url:
        assert PatientChain(url, wait=waits.append).chain_id() == 31337
    assert waits == [0.5, 1.0, 2.0]


def test_each_request_of_a_batch_is_answered_in_the_end(anvil: Devnet) -> None:
    asked: list[Asked] = [("eth_chainId", [])] * 3
    with proxy(anvil.url, busy(2)) as url:
        answers = PatientChain(url, wait=lambda _: None).request_many(asked)
    assert answers == [hex(31337)] * 3


def test_what_is_too_much_together_is_asked_one_by_one(anvil: Devnet) -> None:
    count = itertools.count(1)

    def each_third(request: Request, answer: Answer) -> Answer:
        return answer if next(count) % 3 else busy(1)(request, answer)

    asked: list[Asked] = [("eth_chainId", [])] * 10  # there is always a third one among these
    with proxy(anvil.url, each_third) as url:
        answers = PatientChain(url, wait=lambda _: None).request_many(asked)
    assert answers == [hex(31337)] * 10


def test_a_silent_node_is_not_asked_again_where_that_could_do_something_twice() -> None:
    waits: list[float] = []
    with pytest.raises(ChainUnreachable):
        PatientChain("http://127.0.0.1:9", wait=waits.append, silence=False).chain_id()
    assert waits == []


def test_patience_ends(anvil: Devnet) -> None:
    waits: list[float] = []
    with proxy(anvil.url, busy(100)) as url, pytest.raises(ChainBusy):
        PatientChain(url, wait=waits.append).chain_id()
    assert len(waits) == 4
    with pytest.raises(ChainUnreachable):
        PatientChain("http://127.0.0.1:9", wait=waits.append).chain_id()
    assert len(waits) == 8


def test_what_a_node_refuses_for_good_is_not_asked_again(anvil: Devnet) -> None:
    waits: list[float] = []
    with pytest.raises(ChainRefused):
        PatientChain(anvil.url, wait=waits.append).request("eth_nothing")
    assert waits == []
