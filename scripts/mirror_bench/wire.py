"""Bare JSON-RPC over one connection that stays open: for making histories, and for the download."""

import http.client
import itertools
import json
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

_A_MESSAGE = 250  # requests


class Refusal(Exception):
    """The node answered a request with an error."""


class Wire(AbstractContextManager["Wire"]):
    """One keep-alive connection to a node on the loopback interface."""

    def __init__(self, url: str, timeout: float = 600.0) -> None:
        place = urlsplit(url)
        self._connection = http.client.HTTPConnection(
            str(place.hostname), place.port, timeout=timeout
        )
        self._numbers = itertools.count(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def reply(self, document: object) -> bytes:
        """Send a JSON document and return the body of the reply."""
        headers = {"Content-Type": "application/json"}
        self._connection.request("POST", "/", json.dumps(document).encode(), headers)
        return self._connection.getresponse().read()

    def ask(self, method: str, *params: Any) -> Any:
        """Return the result of one request, or raise Refusal."""
        return _result(method, json.loads(self.reply(self.request(method, *params))))

    def ask_many(self, method: str, calls: Iterable[Sequence[Any]]) -> list[Any]:
        """Return the results of one method for many parameters, in their order."""
        requests = [self.request(method, *params) for params in calls]
        results = []
        for start in range(0, len(requests), _A_MESSAGE):
            answers = json.loads(self.reply(requests[start : start + _A_MESSAGE]))
            answers.sort(key=lambda each: each["id"])
            results += [_result(method, each) for each in answers]
        return results

    def request(self, method: str, *params: Any) -> dict[str, Any]:
        """Return the document of one request."""
        number = next(self._numbers)
        return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def _result(method: str, answer: Any) -> Any:
    if "error" in answer:
        raise Refusal(f"{method}: {answer['error']}")
    return answer["result"]
