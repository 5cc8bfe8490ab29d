"""The whole path on a chain as a testnet is: slow blocks, a finality that lags, a node with limits.

Blocks come every two seconds and cost a base fee; final is what lies some blocks deep; the node
gives logs of 1,000 blocks at most and refuses every thirtieth request as one too many.
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from node import devnet
from node.devnet import Devnet
from tests.contracts.people import person
from tests.indexer.proxy import Answer, Request, proxy
from tests.node.desk import Desk, desk  # noqa: F401

SEPOLIA = 11_155_111
DAY = 86_400
TOO_MANY, TOO_FAR = "Too many requests", "ranges over 1000 blocks are not supported"


@pytest.fixture
def testnet() -> Iterator[Devnet]:
    """A chain of Sepolia's number with a block every two seconds, final four blocks later."""
    options = ["--block-time", "2", "--slots-in-an-epoch", "2"]
    with devnet.start("anvil", options=options) as chain:
        chain.rpc("anvil_setChainId", SEPOLIA)
        yield chain


@contextmanager
def strict(chain: Devnet) -> Iterator[tuple[str, list[str]]]:
    """The chain's node as strangers offer it, and what it said when it refused."""
    asked, refusals = itertools.count(1), list[str]()

    def refused(request: Request, code: int, message: str) -> Answer:
        refusals.append(message)
        error = {"code": code, "message": message}
        return {"jsonrpc": "2.0", "id": request["id"], "error": error}

    def change(request: Request, answer: Answer) -> Answer:
        if next(asked) % 30 == 0:
            return refused(request, -32005, TOO_MANY)
        if request["method"] == "eth_getLogs" and _span(request) > 1_000:
            return refused(request, -32602, TOO_FAR)
        return answer

    with proxy(chain.url, change) as url:
        yield url, refusals


def _span(request: Request) -> int:
    wanted = request["params"][0]
    if "blockHash" in wanted:
        return 1
    return int(wanted["toBlock"], 16) - int(wanted["fromBlock"], 16) + 1


def test_a_co_op_is_founded_votes_and_is_audited_on_a_chain_as_a_testnet_is(
    desk: Desk,  # noqa: F811
    testnet: Devnet,
) -> None:
    desk.dev_key()
    # The founders are those that `Desk.found` names.
    signs = {
        name: desk.keep_key(name, person(name).key.key.hex()) for name in ("ben", "cleo", "dan")
    }
    with strict(testnet) as (url, refusals):

        def run(*words: object, by: str = "") -> Any:
            said = desk.run(*words, *signs.get(by, ()), "--rpc", url, "--json")
            assert said.code == 0, said.err
            return said.data

        # 1. founded, with the name typed as a public chain demands
        refused = desk.found(url)
        assert refused.code == 2, refused.err
        assert "--confirm" in refused.err
        made = desk.found(url, "pioneers", "--confirm", "pioneers")
        assert made.code == 0, made.err
        run("instance", "verify")
        # 2. proposed and voted on, with thousands of blocks in between
        text = desk.file("bicycle.md", "# Buy a bicycle\n\nFor the couriers.\n")
        run("proposal", "create", text, "--yes", by="ben")
        testnet.rpc("anvil_mine", hex(2_500), hex(17 * DAY // 2_500))
        for name in signs:
            run("vote", 1, "for", "--yes", by=name)
        # 3. every ballot ends for good once it lies deep enough
        ended = run("outbox", "retry", "--final", "--finality", "finalized", by="ben")
        assert {each["status"] for each in ended} == {"final"}
        # 4. mirrored and audited
        run("index", "sync")
        found = run("proposal", "show", 1)
        assert found["tally"]["for"] == 3
        assert run("audit", "run")["ok"] is True
    assert set(refusals) == {TOO_MANY, TOO_FAR}  # the node was as strict as it should be
