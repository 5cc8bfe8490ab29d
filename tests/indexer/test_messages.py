"""Many requests to a node: parted into messages, the next on its way while one is used."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from indexer.chain import Chain
from indexer.errors import ChainRefused
from indexer.rpc import Request

ASKED: list[Request] = [("eth_double", [number]) for number in range(600)]
DOUBLED = [2 * number for number in range(600)]
Reply = Callable[[list[Any]], Any]


def answers(body: list[Any]) -> list[Any]:
    """A node that doubles."""
    return [{"jsonrpc": "2.0", "id": r["id"], "result": 2 * r["params"][0]} for r in body]


@contextmanager
def node(reply: Reply) -> Iterator[tuple[Chain, list[int], list[str | None]]]:
    """A node of which `reply` answers messages; how many requests each held, and its cookie."""
    sizes: list[int] = []
    cookies: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            sizes.append(len(body) if isinstance(body, list) else 1)
            cookies.append(self.headers["Cookie"])
            found = reply(body) if isinstance(body, list) else answers([body])[0]
            text = json.dumps(found).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.send_header("Set-Cookie", "node=seven")
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield Chain(f"http://127.0.0.1:{server.server_port}"), sizes, cookies
        finally:
            server.shutdown()
            thread.join()


def test_results_come_in_the_order_of_the_requests_whatever_the_order_of_the_answers() -> None:
    with node(lambda body: answers(body)[::-1]) as (chain, sizes, _):
        assert chain.request_many(ASKED) == DOUBLED
    assert sizes == [250, 250, 100]


def test_later_messages_are_on_their_way_while_the_first_results_are_used() -> None:
    with node(answers) as (chain, sizes, _):
        results = chain.request_each(ASKED)
        assert next(results) == 0
        assert list(results) == DOUBLED[1:]
        assert sizes == [250, 250, 100]
        sizes.clear()
        assert next(chain.request_each(ASKED)) == 0  # nobody wants the others
        assert chain.request_many(ASKED[:300]) == DOUBLED[:300]


@pytest.mark.parametrize(
    "reply",
    [
        lambda body: answers(body)[:-1],
        lambda body: [*answers(body)[:-1], answers(body)[0]],
        lambda body: {"error": {"code": -32600, "message": "no batches"}},
        lambda body: [{}],
        lambda body: "nonsense",
    ],
    ids=["too few", "one twice", "none", "no numbers", "nonsense"],
)
def test_a_node_that_cannot_answer_many_at_once_is_asked_one_by_one(reply: Reply) -> None:
    with node(reply) as (chain, sizes, _):
        assert chain.request_many(ASKED[:20]) == DOUBLED[:20]
    assert sizes == [20, *[1] * 20]


def test_a_refusal_in_a_later_message_is_raised_when_it_is_reached() -> None:
    def refuse_the_last(body: list[Any]) -> list[Any]:
        error = {"code": -32000, "message": "too far"}
        return [
            {"jsonrpc": "2.0", "id": each["id"], "error": error}
            if body[i]["params"] == [599]
            else each
            for i, each in enumerate(answers(body))
        ]

    with node(refuse_the_last) as (chain, _, _):
        results = chain.request_each(ASKED)
        assert [next(results) for _ in range(500)] == DOUBLED[:500]
        with pytest.raises(ChainRefused, match="too far"):
            list(results)


def test_a_cookie_goes_back_so_that_all_answers_come_from_the_node_behind_it() -> None:
    with node(answers) as (chain, _, cookies):
        chain.request("eth_double", 1)
        chain.request_many(ASKED[:2])
    assert cookies == [None, "node=seven"]
