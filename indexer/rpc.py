"""JSON-RPC to one node, by web3's own transport.

The only module that imports web3 (about one second: import it where it is needed). Every failure
comes out as one of our own errors, whatever the node behind the address is; nothing is repeated
here, since who asks knows better what a second try should look like.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from itertools import zip_longest
from operator import itemgetter
from typing import Any

import orjson
import requests
from web3 import HTTPProvider
from web3.exceptions import Web3Exception
from web3.types import RPCEndpoint, RPCResponse

from indexer import abi
from indexer.background import Background
from indexer.errors import ChainBusy, ChainRefused, ChainUnreachable, ContractReverted

Request = tuple[str, list[Any]]

_BATCH = 250  # requests a message: beyond that, nodes refuse or slow down
_REVERTED = (3, -32000, -32015, -32603)  # what nodes use for a revert, with the data beside it
_BUSY_STATUS = (429, 502, 503, 504)
# Nodes use -32005 both for too many requests and for too many results: the words tell them apart.
_BUSY_CODES = (429, -32005, -32097)
_BUSY_WORDS = re.compile(
    r"rate.?limit|too many requests|per second|per minute|capacity|throttl|try again", re.IGNORECASE
)


class _Provider(HTTPProvider):
    """web3's provider, with a faster parser and all of a message prepared once that stays the same.

    What `requests` would find out each time are the proxy, certificates and passwords that a
    member's settings hold for the address: half a millisecond of Python.
    """

    def __init__(self, url: str, timeout: float) -> None:
        super().__init__(url, exception_retry_configuration=None)
        self._session = requests.Session()
        headers = self.get_request_headers()
        self._message = self._session.prepare_request(requests.Request("POST", url, headers))
        settings = self._session.merge_environment_settings(url, {}, True, None, None)
        self._settings = {**settings, "timeout": timeout}

    @staticmethod
    def decode_rpc_response(raw_response: bytes) -> RPCResponse:
        """Return the parsed answer; a cut or foreign body is a ValueError, as with web3's own."""
        answer: RPCResponse = orjson.loads(raw_response)
        return answer

    def post_batch(self, part: Sequence[Request]) -> bytes:
        """Send requests as one message, numbered from 0, and return the body of the answer."""
        message = [
            {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
            for number, (method, params) in enumerate(part)
        ]
        return self._make_request(RPCEndpoint("batch"), orjson.dumps(message))

    def _make_request(self, method: RPCEndpoint, request_data: bytes) -> bytes:
        message = self._message.copy()
        message.prepare_cookies(self._session.cookies)
        message.prepare_body(request_data, None)
        with self._session.send(message, **self._settings) as response:
            if not response.ok:
                _ = response.content  # it may tell why
                response.raise_for_status()
            return b"".join(response.iter_content(None))


class Node:
    """One node; all methods raise ChainUnreachable, ChainBusy or ChainRefused when it fails."""

    def __init__(self, url: str, timeout: float) -> None:
        self.url, self.timeout = url, timeout
        self._provider = _Provider(url, timeout)
        self._background = Background("read-answers")

    def request(self, method: str, *params: Any) -> Any:
        """Return the result of one JSON-RPC request, as the node gives it."""
        try:
            answer = self._provider.make_request(RPCEndpoint(method), list(params))
        except (OSError, ValueError, TypeError, Web3Exception) as error:
            answer = self._refusal_in(error)
        return self._result(method, answer)

    def request_many(self, requests: Sequence[Request]) -> list[Any]:
        """Return the results of many requests in order; one by one if the node takes no batches."""
        return list(self.request_each(requests))

    def request_each(self, requests: Sequence[Request]) -> Iterator[Any]:
        """Give the same results one after another: the next ones come while these are used."""
        if len(requests) < 2:
            yield from (self.request(method, *params) for method, params in requests)
            return
        parts = [requests[at : at + _BATCH] for at in range(0, len(requests), _BATCH)]
        if len(parts) == 1:
            yield from self._results(parts[0], partial(self._provider.post_batch, parts[0]))
            return
        # Two at a time: the thread sends the second without having to wait for us.
        coming = deque(self._coming(part) for part in parts[:2])
        for part, later in zip_longest(parts, parts[2:]):
            results = self._results(part, coming.popleft().result)
            if later:
                coming.append(self._coming(later))
            yield from results

    def _coming(self, part: Sequence[Request]) -> Future[bytes]:
        return self._background.begin(partial(self._provider.post_batch, part))

    def _results(self, part: Sequence[Request], body: Callable[[], bytes]) -> list[Any]:
        """Return the results of one message, whose answer `body` gives."""
        try:
            answers: Any = orjson.loads(body())
            answers.sort(key=itemgetter("id"))
            whole = [answer["id"] for answer in answers] == list(range(len(part)))
        except (OSError, AttributeError, ValueError, TypeError, KeyError, Web3Exception) as error:
            self._refuse_busy(error)  # asking one by one would be even more requests
            whole = False
        if not whole:
            return [self.request(method, *params) for method, params in part]
        good = [each["result"] for each in answers if "result" in each and not each.get("error")]
        if len(good) == len(part):
            return good
        return [
            self._result(method, answer) for (method, _), answer in zip(part, answers, strict=True)
        ]

    @contextmanager
    def sensible(self) -> Iterator[None]:
        """Raise ChainUnreachable when the node's answer lacks a part or holds no number."""
        try:
            yield
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ChainUnreachable(self.url, "its answer makes no sense") from error

    def _result(self, method: str, answer: Any) -> Any:
        if not isinstance(answer, dict) or not ("result" in answer or answer.get("error")):
            raise ChainUnreachable(self.url, "its answer is no JSON-RPC")
        error = answer.get("error")
        if not error:
            return answer["result"]
        error = error if isinstance(error, dict) else {"message": str(error)}
        with self.sensible():
            number, message = int(error.get("code", 0)), str(error.get("message", ""))
            reverted = method == "eth_call" and number in _REVERTED
            data = _revert_data(error) if reverted else None
        if reverted and (data is not None or "revert" in message.lower()):
            raise ContractReverted(*abi.decode_error(data or b""))
        if number in _BUSY_CODES and _BUSY_WORDS.search(message):
            raise ChainBusy(self.url, message, None)
        raise ChainRefused(method, number, message)

    def _refusal_in(self, error: Exception) -> Any:
        """Return the JSON-RPC error that some nodes send with an HTTP status of failure."""
        self._refuse_busy(error)
        response = getattr(error, "response", None)
        try:
            answer = response.json() if response is not None else None
        except ValueError:
            answer = None
        if not isinstance(answer, dict) or "error" not in answer:
            raise ChainUnreachable(self.url, _reason(error)) from error
        return answer

    def _refuse_busy(self, error: Exception) -> None:
        response = getattr(error, "response", None)
        if response is not None and response.status_code in _BUSY_STATUS:
            seconds = _retry_after(response.headers)
            raise ChainBusy(self.url, f"HTTP {response.status_code}", seconds) from error


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a node asks us to wait: a number or a date (RFC 9110, 10.2.3)."""
    wanted = headers.get("Retry-After", "").strip()
    if wanted.isdecimal():
        return float(wanted)
    try:
        at = parsedate_to_datetime(wanted)
    except ValueError:
        return None
    return max(0.0, (at - datetime.now(UTC)).total_seconds()) if at.tzinfo else None


def _revert_data(error: Any) -> bytes | None:
    """Find the revert's bytes: `data`, or on some chains one or two levels deeper."""
    for _ in range(4):
        if isinstance(error, str) and error.startswith("0x"):
            return bytes.fromhex(error[2:])
        if not isinstance(error, dict):
            return None
        error = error.get("data", error.get("result"))
    return None


def _reason(error: Exception) -> str:
    """The innermost cause, in words rather than in Python objects."""
    while isinstance(inner := error.__cause__ or error.__context__, Exception):
        error = inner
    return str(error) or type(error).__name__
