"""The door to the chain: what is true comes through, what cannot be true is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from indexer.chain import Chain
from indexer.errors import (
    BlockMissing,
    ChainRefused,
    ChainUnreachable,
    ContractMissing,
    ContractReverted,
    LogsInconsistent,
)
from node.devnet import CHAIN_ID, Devnet
from tests.indexer.mirrored import Mirrored
from tests.indexer.proxy import logs_changed, proxy, refusing, unchanged

NOBODY = "0x000000000000000000000000000000000000dEaD"


def addresses(mirror: Mirrored) -> list[str]:
    return list(mirror.identity.addresses.values())


def test_headers_follow_one_another(each_chain: Devnet) -> None:
    chain = Chain(each_chain.url)
    each_chain.mine()
    each_chain.mine()
    head = chain.head()
    before = chain.block(head.number - 1)
    assert chain.chain_id() == CHAIN_ID
    assert before.hash == head.parent_hash
    assert before.timestamp <= head.timestamp
    assert chain.block(head.hash) == head
    found = chain.headers([head.number, before.number])
    assert {number: (h.hash, h.parent_hash, h.timestamp) for number, h in found.items()} == {
        h.number: (h.hash, h.parent_hash, h.timestamp) for h in (head, before)
    }


def test_a_block_beyond_the_head_is_missing(each_chain: Devnet) -> None:
    chain = Chain(each_chain.url)
    beyond = chain.head().number + 1
    with pytest.raises(BlockMissing, match=str(beyond)):
        chain.block(beyond)
    with pytest.raises(BlockMissing):
        chain.headers([0, beyond])
    with pytest.raises(BlockMissing):
        chain.block("0x" + "ab" * 32)


def test_finality_never_runs_ahead_of_the_head(each_chain: Devnet) -> None:
    chain = Chain(each_chain.url)
    finalized, safe, head = chain.head("finalized"), chain.head("safe"), chain.head()
    assert finalized.number <= safe.number <= head.number


def test_an_account_without_code_has_none(each_chain: Devnet) -> None:
    chain = Chain(each_chain.url)
    assert chain.code(NOBODY) == b""
    assert chain.code_hash(NOBODY) == bytes(32)
    assert chain.balance(NOBODY) == 0
    with pytest.raises(ContractMissing, match=NOBODY):
        chain.view("Assembly", NOBODY, "proposalCount")


def test_a_method_that_the_node_lacks_is_refused(each_chain: Devnet) -> None:
    with pytest.raises(ChainRefused, match="eth_sing"):
        Chain(each_chain.url).request("eth_sing")


def test_nobody_at_the_address_is_told_in_plain_words() -> None:
    with pytest.raises(ChainUnreachable, match="does not answer") as caught:
        Chain("http://127.0.0.1:9").chain_id()
    assert caught.value.exit_code == 7
    assert "0x7f" not in caught.value.message


def test_an_answer_that_is_no_json_is_no_chain(each_chain: Devnet) -> None:
    def html(*_: Any) -> Any:
        return "<html>"

    with proxy(each_chain.url, html) as url, pytest.raises(ChainUnreachable):
        Chain(url).chain_id()


# Views


def test_a_view_gives_names(mirror: Mirrored) -> None:
    record = mirror.view("Membership", "memberOf", 1)
    assert record["account"] == mirror.coop.ada.address
    assert (record["until"], record["epoch"]) == (0, 0)
    assert mirror.view("Assembly", "proposalCount") == 0
    assert mirror.view("PayRates", "bounds", b"weaver".ljust(32, b"\0")) == {
        "lowest": 1_350,
        "highest": 1_650,
    }


def test_a_view_of_a_past_block_is_asked_by_its_hash(mirror: Mirrored) -> None:
    before = mirror.chain.head()
    mirror.coop.propose(mirror.coop.ada, opens_in=5)
    assert mirror.view("Assembly", "proposalCount", at=before) == 0
    assert mirror.view("Assembly", "proposalCount", at=before.number) == 0
    assert mirror.view("Assembly", "proposalCount") == 1


def test_a_block_that_was_reorganised_away_has_no_state(mirror: Mirrored) -> None:
    gone = mirror.chain.head()._replace(hash="0x" + "ab" * 32)
    with pytest.raises(ChainRefused):
        mirror.view("Assembly", "proposalCount", at=gone)


def test_a_refusal_has_its_name_and_values(mirror: Mirrored) -> None:
    with pytest.raises(ContractReverted) as caught:
        mirror.view("Assembly", "state", 99)
    assert caught.value.name == "AssemblyUnknownProposal"
    assert caught.value.args_by_name == {"proposalId": 99}
    assert caught.value.exit_code == 6


# Logs


def test_a_span_is_proven_by_its_headers(mirror: Mirrored) -> None:
    first = mirror.identity.first_block
    mirror.coop.propose(mirror.coop.ada, opens_in=5)
    mirror.coop.chain.mine()
    end = mirror.chain.head()
    last = end.number
    span = mirror.chain.span(addresses(mirror), first, end)
    assert set(span.blocks) == {first - 1, *(log.block for log in span.logs), last}
    assert span.logs == mirror.chain.logs(addresses(mirror), first, last)
    assert {log.address for log in span.logs} == set(addresses(mirror))


def test_a_span_beyond_the_head_is_refused_rather_than_cut(mirror: Mirrored) -> None:
    head = mirror.chain.head()
    beyond = head._replace(number=head.number + 100)
    assert mirror.chain.logs(addresses(mirror), 0, beyond.number)
    with pytest.raises(BlockMissing):
        mirror.chain.span(addresses(mirror), 0, beyond)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda logs: [*logs, logs[-1]], "out of order or doubled"),
        (lambda logs: list(reversed(logs)), "out of order or doubled"),
        (lambda logs: [{**logs[0], "address": NOBODY}, *logs[1:]], "nobody asked for"),
        (lambda logs: [{**logs[0], "blockNumber": "0x0"}, *logs[1:]], "nobody asked for"),
        (lambda logs: [{**logs[0], "blockHash": "0x" + "ab" * 32}, *logs[1:]], "two hashes"),
        (lambda logs: [{**each, "blockHash": "0x" + "ab" * 32} for each in logs], "another block"),
        (lambda logs: [{**logs[0], "removed": True}, *logs[1:]], "removed"),
        (lambda logs: [{**logs[0], "data": None}, *logs[1:]], "lacks a part"),
        (lambda logs: [{**logs[0], "topics": ["0x01"]}, *logs[1:]], "no words"),
        (lambda logs: [{**logs[0], "topics": ["0x" + "ab" * 32] * 5}, *logs[1:]], "more than four"),
    ],
)
def test_logs_that_cannot_be_true_are_refused(
    mirror: Mirrored, change: Callable[[list[Any]], list[Any]], reason: str
) -> None:
    first = mirror.identity.first_block
    with (
        proxy(mirror.chain.url, logs_changed(change)) as url,
        pytest.raises(LogsInconsistent, match=reason),
    ):
        Chain(url).span(addresses(mirror), first, mirror.chain.head())


def test_a_node_without_batches_is_asked_one_by_one(mirror: Mirrored) -> None:
    first, last = mirror.identity.first_block, mirror.chain.head()
    with proxy(mirror.chain.url, unchanged, batches=False) as url:
        assert Chain(url).span(addresses(mirror), first, last) == mirror.chain.span(
            addresses(mirror), first, last
        )


def test_a_refusal_inside_a_batch_is_a_refusal(mirror: Mirrored) -> None:
    refused = refusing(-32601, "no such method", lambda request: "Number" in request["method"])
    with proxy(mirror.chain.url, refused) as url, pytest.raises(ChainRefused, match="no such"):
        Chain(url).headers([0, 1])
