"""What a reviewer with fresh eyes found at the door to the chain: each was wrong once."""

from collections.abc import Callable
from typing import Any

import pytest

from indexer.chain import Chain
from indexer.errors import ChainUnreachable
from tests.indexer.mirrored import Mirrored
from tests.indexer.proxy import proxy

NOBODY = "0x" + "00" * 20


@pytest.mark.parametrize(
    ("reply", "ask"),
    [
        ({"result": None}, Chain.chain_id),
        ({"result": "many"}, Chain.chain_id),
        ({"result": {}}, Chain.head),
        ({"result": "0x"}, Chain.head),
        ({"result": {}}, lambda chain: chain.headers([1, 2])),
        ({"result": None}, lambda chain: chain.code(NOBODY)),
        ({"result": None}, lambda chain: chain.balance(NOBODY)),
        ({"error": {"code": None, "message": "no"}}, Chain.chain_id),
        ({"error": {"code": "E1", "message": "no"}}, Chain.chain_id),
        (
            {"error": {"code": 3, "message": "revert", "data": "0xzz"}},
            lambda chain: chain.request("eth_call", {"to": NOBODY}, "latest"),
        ),
    ],
)
def test_a_node_whose_answer_makes_no_sense_is_a_fault_of_the_network(
    mirror: Mirrored, reply: dict[str, Any], ask: Callable[[Chain], object]
) -> None:
    def senseless(request: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": request["id"], **reply}

    with (
        proxy(mirror.chain.url, senseless) as url,
        pytest.raises(ChainUnreachable, match="makes no sense") as caught,
    ):
        ask(Chain(url))
    assert caught.value.exit_code == 7
