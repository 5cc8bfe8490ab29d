"""A relayer on a real chain and port, and one that cheats."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

from node import ballot_file, promises
from node.ballot import SignedBallot
from node.relay import service
from node.relay.desk import Desk
from node.relay.terms import Terms
from tests.node.village import Village

QUICK = Terms(age=0.05)


@contextmanager
def relayer(village: Village, terms: Terms = QUICK, by: str = "gus") -> Iterator[tuple[str, Desk]]:
    """Give the address of a relayer whose transactions somebody pays, and its inside."""
    queue = village.home / "weavers.relay.db"
    desk = service.desk(village.sender(by), village.instance, queue, terms, "finalized")
    with service.listening("127.0.0.1", 0) as (sock, url):
        server = service.server(desk)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
        thread.start()
        try:
            yield url, desk
        finally:
            server.should_exit = True
            thread.join()


def post(url: str, signed: SignedBallot) -> requests.Response:
    """Hand a ballot over, as any program could."""
    document = ballot_file.dump(ballot_file.signed_file(signed))
    return requests.post(f"{url}/v1/ballots", data=document.encode(), timeout=30)


Answer = Callable[[SignedBallot], dict[str, Any]]


@contextmanager
def cheat(answer: Answer) -> Iterator[tuple[str, list[SignedBallot]]]:
    """Give the address of one that takes every ballot, answers as it likes and does nothing."""
    taken: list[SignedBallot] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            taken.append(ballot_file.parse(text).signed())
            body = json.dumps(answer(taken[-1])).encode()
            self.send_response(202)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", taken
        finally:
            server.shutdown()
            thread.join()


def word(village: Village, signed: SignedBallot, seconds: int, by: str = "hal") -> dict[str, Any]:
    """Somebody's signed promise."""
    before = village.coop.now() + seconds
    return promises.promise(signed, before, village.key(by)).document
