"""Reading from several nodes: one that fails is left, and none is trusted beyond the chain."""

import itertools
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from indexer.chain import Chain
from indexer.errors import (
    ChainBusy,
    ChainRefused,
    ChainUnreachable,
    ChronicleMismatch,
    IndexerError,
    LogsInconsistent,
    MirrorIncomplete,
    MirrorOfAnotherChain,
)
from indexer.sources import Sources
from indexer.store import open_mirror
from indexer.sync import sync
from node.devnet import start
from tests.indexer.acts import act
from tests.indexer.mirrored import Mirrored, fresh, rows
from tests.indexer.proxy import Answer, Request, logs_changed, proxy, refusing
from tests.rules.test_headers import rehashed

MISMATCH = ChronicleMismatch("Assembly", 9, "0x01", "0x02")


def sources(count: int) -> tuple[Sources, list[float]]:
    """So many nodes that nobody asks, and the waits that were asked for."""
    waits: list[float] = []
    chains = [Chain(f"http://127.0.0.1:{number}") for number in range(1, count + 1)]
    return Sources(chains, lambda _: None, waits.append), waits


def test_a_dead_node_is_left_for_the_next(mirror: Mirrored, tmp_path: Path) -> None:
    act(mirror.coop)
    nodes = [Chain("http://127.0.0.1:9"), mirror.chain]
    assert sync(nodes, mirror.store).chronicle_ok
    assert rows(mirror.store) == fresh(mirror, tmp_path)


def test_a_node_that_withholds_a_log_is_left_for_the_next(mirror: Mirrored, tmp_path: Path) -> None:
    act(mirror.coop)
    with proxy(mirror.chain.url, logs_changed(lambda logs: logs[:-1])) as url:
        result = sync([Chain(url), mirror.chain], mirror.store)
    assert result.chronicle_ok
    assert result.proven_to == result.to_block
    assert rows(mirror.store) == fresh(mirror, tmp_path)


def test_when_all_nodes_withhold_nothing_false_is_stored_and_the_range_is_named(
    mirror: Mirrored,
) -> None:
    act(mirror.coop)
    with (
        proxy(mirror.chain.url, logs_changed(lambda logs: logs[:-1])) as url,
        pytest.raises(MirrorIncomplete, match="2 nodes") as caught,
    ):
        sync([Chain(url), Chain(url)], mirror.store)
    assert caught.value.exit_code == 8
    assert caught.value.details["first"] == caught.value.details["last"]
    assert mirror.sync().chronicle_ok


def test_a_second_node_of_another_chain_is_refused(mirror: Mirrored) -> None:
    mirror.sync()
    with start("anvil") as other, pytest.raises(MirrorOfAnotherChain, match="first block"):
        sync([Chain("http://127.0.0.1:9"), Chain(other.url)], mirror.store)


def test_a_forged_header_is_found_by_its_hash(mirror: Mirrored) -> None:
    def forge(request: Request, answer: Answer) -> Answer:
        if request["method"] != "eth_getBlockByNumber" or not answer.get("result"):
            return answer
        if request["params"][0] in ("latest", "safe", "finalized"):
            return answer
        return {**answer, "result": {**answer["result"], "stateRoot": "0x" + "ab" * 32}}

    with (
        proxy(mirror.chain.url, forge) as url,
        pytest.raises(MirrorIncomplete, match="false header"),
    ):
        sync(Chain(url), mirror.store)


def test_every_header_is_linked_to_the_next_when_that_is_asked_for(mirror: Mirrored) -> None:
    act(mirror.coop)
    mirror.coop.chain.rpc("anvil_mine", hex(5))
    numbers = {hex(n) for n in range(mirror.identity.first_block, mirror.chain.head().number + 1)}

    def asked_for(*, every_header: bool) -> set[str]:
        asked: set[str] = set()

        def note(request: Request, answer: Answer) -> Answer:
            if request["method"] == "eth_getBlockByNumber":
                asked.add(request["params"][0])
            return answer

        with proxy(mirror.chain.url, note) as url:
            store = open_mirror(mirror.path, mirror.identity, fresh=True)
            assert sync(Chain(url), store, every_header=every_header).chronicle_ok
        return asked

    assert asked_for(every_header=True) >= numbers
    assert not asked_for(every_header=False) >= numbers


def test_a_header_that_hashes_well_but_is_of_another_chain_is_found_by_its_link(
    mirror: Mirrored,
) -> None:
    act(mirror.coop)
    mirror.coop.chain.rpc("anvil_mine", hex(5))
    place = hex(mirror.chain.head().number - 2)

    def exchange(request: Request, answer: Answer) -> Answer:
        if request["method"] != "eth_getBlockByNumber" or request["params"][0] != place:
            return answer
        return {**answer, "result": rehashed({**answer["result"], "extraData": "0xabcd"})}

    contracts, first = list(mirror.identity.addresses.values()), mirror.identity.first_block
    with proxy(mirror.chain.url, exchange) as url:
        chain, end = Chain(url), mirror.chain.head()
        assert chain.span(contracts, first, end).last == end  # that block's header is not read
        with pytest.raises(LogsInconsistent, match="another parent"):
            chain.span(contracts, first, end, every_header=True)


def test_a_node_asks_us_to_wait_and_is_asked_again_after_that(mirror: Mirrored) -> None:
    waits: list[float] = []
    with _busy_at_first(mirror.chain.url, retry_after="7") as url:
        one = Sources([Chain(url)], lambda _: None, waits.append)
        with pytest.raises(ChainBusy) as caught:
            one.chain.heads()
        assert one.after(caught.value, 5, 9) == 9
        assert one.chain.heads()[0] == mirror.chain.head()
    assert waits == [7.0]


def test_a_busy_node_is_waited_for_longer_each_time_and_then_left() -> None:
    two, waits = sources(2)
    busy = ChainBusy("http://127.0.0.1:1", "HTTP 429", None)
    for _ in range(6):
        assert two.after(busy, 1, 9) == 9
    assert waits == [0.5, 1, 2, 4, 8, 16]
    assert two.after(busy, 1, 9) == 9
    assert two.chain.url == "http://127.0.0.1:2"


def test_a_node_that_wants_a_very_long_wait_is_left_at_once() -> None:
    two, waits = sources(2)
    two.after(ChainBusy("http://127.0.0.1:1", "HTTP 503", 3_600.0), 1, 9)
    assert two.chain.url == "http://127.0.0.1:2"
    assert waits == []


@pytest.mark.parametrize(
    "error",
    [MISMATCH, LogsInconsistent("doubled", 3), ChainRefused("eth_getLogs", -32602, "too many")],
)
def test_a_fault_halves_the_range_down_to_one_block_before_the_node_is_left(
    error: IndexerError,
) -> None:
    two, _ = sources(2)
    last = 1_000
    ranges = []
    while two.chain.url == "http://127.0.0.1:1":
        last = two.after(error, 1, last)
        ranges.append(last)
    assert ranges[:9] == [500, 250, 125, 63, 32, 16, 8, 4, 2]
    assert set(ranges[9:]) == {1}


def test_a_node_without_an_answer_is_left_after_the_third_time() -> None:
    two, _ = sources(2)
    away = ChainUnreachable("http://127.0.0.1:1", "timed out")
    for _ in range(2):
        two.after(away, 1, 1_000)
        assert two.chain.url == "http://127.0.0.1:1"
    two.after(away, 1, 1_000)
    assert two.chain.url == "http://127.0.0.1:2"


def test_when_all_have_failed_the_error_is_raised_and_a_later_try_begins_anew() -> None:
    one, _ = sources(1)
    away = ChainUnreachable("http://127.0.0.1:1", "timed out")
    for _ in range(2):
        for _ in range(2):
            one.after(away, 1, 1)
        with pytest.raises(ChainUnreachable):
            one.after(away, 1, 1)


def test_answers_that_are_cut_or_html_are_the_networks_fault(mirror: Mirrored) -> None:
    for body in (b'{"jsonrpc": "2.0", "resu', b"<html>Bad gateway</html>"):
        with _speaking(200, body, {}) as url, pytest.raises(ChainUnreachable):
            Chain(url).head()


def test_a_refusal_of_ranges_in_any_words_is_split(mirror: Mirrored, tmp_path: Path) -> None:
    act(mirror.coop)
    codes = itertools.cycle([-32005, -32602, -32000])

    def long(request: Request) -> bool:
        query: dict[str, str] = request["params"][0] if request["params"] else {}
        return request["method"] == "eth_getLogs" and "fromBlock" in query

    def change(request: Request, answer: Answer) -> Answer:
        words = "query returned more than 10000 results. Try with this range [0x1, 0x2]"
        return refusing(next(codes), words, long)(request, answer)

    with proxy(mirror.chain.url, change) as url:
        assert sync(Chain(url), mirror.store).chronicle_ok
    assert rows(mirror.store) == fresh(mirror, tmp_path)


def _speaking(status: int, body: bytes, headers: dict[str, str]) -> Any:
    """A server that says the same to everybody."""
    return _server(lambda _: (status, body, headers))


def _busy_at_first(url: str, retry_after: str) -> Any:
    """A node that asks to wait once, and then answers."""
    import requests

    asked: list[bytes] = []

    def reply(body: bytes) -> tuple[int, bytes, dict[str, str]]:
        asked.append(body)
        if len(asked) == 1:
            return 429, b"slow down", {"Retry-After": retry_after}
        json_type = {"Content-Type": "application/json"}
        return 200, requests.post(url, data=body, headers=json_type, timeout=30).content, json_type

    return _server(reply)


class _server:  # noqa: N801 -- used like the functions above
    """An HTTP server on a free port; as a context it gives its address."""

    def __init__(self, reply: Any) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, text, headers = reply(body)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(text))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
