"""A JSON-RPC node in front of the test chain that answers as a test wants it: late, cut, forged."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

Request = dict[str, Any]
Answer = dict[str, Any]
Change = Callable[[Request, Answer], Answer]


@contextmanager
def proxy(
    url: str,
    change: Change,
    *,
    batches: bool = True,
    swallows: Callable[[Request], bool] = lambda _: False,
) -> Iterator[str]:
    """Give the address of a node that passes each request on and changes each answer.

    A request that it swallows is not passed on, and never answered.
    """

    def answer(request: Request) -> Answer:
        return change(request, requests.post(url, json=request, timeout=30).json())

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if any(map(swallows, body if isinstance(body, list) else [body])):
                self.close_connection = True
                return
            if not isinstance(body, list):
                found: Any = answer(body)
            elif batches:
                found = [answer(each) for each in body]
            else:
                found = {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": "no"}}
            text = json.dumps(found).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            with suppress(BrokenPipeError):  # whoever asked may have gone
                self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def unchanged(_: Request, answer: Answer) -> Answer:
    """The answer as it is."""
    return answer


def refusing(code: int, message: str, when: Callable[[Request], bool]) -> Change:
    """Answer some requests with an error."""

    def change(request: Request, answer: Answer) -> Answer:
        if not when(request):
            return answer
        error = {"code": code, "message": message}
        return {"jsonrpc": "2.0", "id": request["id"], "error": error}

    return change


def logs_changed(change: Callable[[list[Any]], list[Any]]) -> Change:
    """Change the logs that eth_getLogs gives, where it gives any."""

    def changed(request: Request, answer: Answer) -> Answer:
        if request["method"] == "eth_getLogs" and answer.get("result"):
            return {**answer, "result": change(answer["result"])}
        return answer

    return changed
