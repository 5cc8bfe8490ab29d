"""JSON-RPC to one node, by web3's own transport.

The only module that imports web3 (about one second: import it where it is needed). Every failure
comes out as one of our own errors, whatever the node behind the address is; nothing is repeated
here, since who asks knows better what a second try should look like.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson
from web3 import HTTPProvider
from web3.exceptions import Web3Exception
from web3.types import RPCEndpoint, RPCResponse

from indexer import abi
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
    """web3's provider with a parser that is twice as fast."""

    @staticmethod
    def decode_rpc_response(raw_response: bytes) -> RPCResponse:
        """Return the parsed answer; a cut or foreign body is a ValueError, as with web3's own."""
        answer: RPCResponse = orjson.loads(raw_response)
        return answer


class Node:
    """One node; all methods raise ChainUnreachable, ChainBusy or ChainRefused when it fails."""

    def __init__(self, url: str, timeout: float) -> None:
        self.url = url
        self._provider = _Provider(
            url, request_kwargs={"timeout": timeout}, exception_retry_configuration=None
        )

    def request(self, method: str, *params: Any) -> Any:
        """Return the result of one JSON-RPC request, as the node gives it."""
        try:
            answer = self._provider.make_request(RPCEndpoint(method), list(params))
        except (OSError, ValueError, TypeError, Web3Exception) as error:
            answer = self._refusal_in(error)
        return self._result(method, answer)

    def request_many(self, requests: Sequence[Request]) -> list[Any]:
        """Return the results of many requests in order; one by one if the node takes no batches."""
        if len(requests) < 2:
            return [self.request(method, *params) for method, params in requests]
        results: list[Any] = []
        for start in range(0, len(requests), _BATCH):
            part = requests[start : start + _BATCH]
            try:
                answers = self._provider.make_batch_request(
                    [(RPCEndpoint(method), params) for method, params in part]
                )
            except (OSError, ValueError, TypeError, KeyError, Web3Exception) as error:
                self._refuse_busy(error)  # asking one by one would be even more requests
                answers = {}
            if isinstance(answers, list) and len(answers) == len(part):
                pairs = zip(part, answers, strict=True)
                results += [self._result(method, answer) for (method, _), answer in pairs]
            else:
                results += [self.request(method, *params) for method, params in part]
        return results

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
