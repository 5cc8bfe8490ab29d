"""Tells when the chain has a new block: by websocket where the node offers one, else by the clock.

Only that there is one: what it holds is read over HTTP, which is faster and needs no order.
"""

import json
import threading
from contextlib import suppress
from threading import Event
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

_AGAIN = 10.0  # seconds before a lost or refused websocket is tried again
_ANSWER = 5.0  # seconds within which a node must open one
_STEP = 0.1  # seconds within which a stop is noticed
_SUBSCRIBE = {"jsonrpc": "2.0", "id": 1, "method": "eth_subscribe", "params": ["newHeads"]}


class NewHeads:
    """Waits for new heads of one node; a context manager, since a thread listens meanwhile."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._news, self._closed = Event(), Event()
        self._listener = threading.Thread(target=self._listen, name="new heads", daemon=True)

    def __enter__(self) -> Self:
        self._listener.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closed.set()
        self._listener.join()

    def wait(self, stop: Event, seconds: float) -> None:
        """Return when there is a new head, when `stop` is set, or after so many seconds."""
        left = seconds
        while left > 0 and not stop.is_set() and not self._news.wait(min(left, _STEP)):
            left -= _STEP
        self._news.clear()

    def _listen(self) -> None:
        while not self._closed.is_set():
            # Without a websocket, or while it is away, the clock does.
            with (
                suppress(OSError, WebSocketException),
                connect(self._url, open_timeout=_ANSWER, close_timeout=_STEP) as open_,
            ):
                open_.send(json.dumps(_SUBSCRIBE))
                self._hear(open_)
            self._closed.wait(_AGAIN)

    def _hear(self, connection: ClientConnection) -> None:
        """Pass news on until the connection is lost or nobody waits any more."""
        while not self._closed.is_set():
            with suppress(TimeoutError):
                connection.recv(timeout=_STEP)
                self._news.set()


def websocket_of(url: str) -> str:
    """Return the websocket address that belongs to a node's HTTP address."""
    parts = urlsplit(url)
    scheme = {"https": "wss", "http": "ws"}.get(parts.scheme, parts.scheme)
    return urlunsplit(parts._replace(scheme=scheme))
