"""The read side's only door to the chain: headers, logs, views.

The only module of the indexer that imports web3 (about one second: import it where it is needed).
Every failure comes out as one of our own errors, whatever the node behind the address is.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from eth_abi.exceptions import DecodingError
from eth_utils.crypto import keccak
from web3 import HTTPProvider
from web3.exceptions import Web3Exception
from web3.types import RPCEndpoint

from indexer import abi
from indexer.blocks import BlockRef, Finality, RawLog, Span
from indexer.errors import (
    BlockMissing,
    ChainRefused,
    ChainUnreachable,
    ContractMissing,
    ContractReverted,
    LogsInconsistent,
)

Request = tuple[str, list[Any]]
At = BlockRef | int | str | None
"""A header (asked for by its hash), a number, a tag, or None for the latest block."""

_BATCH = 250  # requests a message: beyond that, nodes refuse or slow down
_REVERTED = (3, -32000, -32015, -32603)  # what nodes use for a revert, with the data beside it


class Chain:
    """One JSON-RPC node; all methods raise ChainUnreachable or ChainRefused when it fails."""

    def __init__(self, url: str, timeout: float = 60.0) -> None:
        self.url = url
        # web3's own retries would also repeat refusals; a sync is repeated as a whole instead.
        self._provider = HTTPProvider(
            url, request_kwargs={"timeout": timeout}, exception_retry_configuration=None
        )

    # Blocks

    def chain_id(self) -> int:
        """Return the chain's id."""
        with self._sensible():
            return _integer(self.request("eth_chainId"))

    def block(self, at: Finality | int | str) -> BlockRef:
        """Return the header of a number, hash or tag; BlockMissing if there is none."""
        by_hash = isinstance(at, str) and len(at) == 66
        method = "eth_getBlockByHash" if by_hash else "eth_getBlockByNumber"
        with self._sensible():
            return _header(self.request(method, _tag(at), False), str(at))

    def head(self, finality: Finality = "latest") -> BlockRef:
        """Return the newest block of that finality; on a young chain that is block 0."""
        return self.block(finality)

    def blocks(self, numbers: Iterable[int]) -> dict[int, BlockRef]:
        """Return number -> header; BlockMissing if the chain lacks one of them."""
        wanted = list(numbers)
        answers = self._request_many(
            [("eth_getBlockByNumber", [hex(number), False]) for number in wanted]
        )
        with self._sensible():
            headers = [
                _header(each, str(number)) for number, each in zip(wanted, answers, strict=True)
            ]
        return {header.number: header for header in headers}

    # Logs

    def logs(self, addresses: Sequence[str], first: int, last: int) -> tuple[RawLog, ...]:
        """Return the contracts' logs of a range, in order; LogsInconsistent if they cannot be true.

        A node answers a range that reaches beyond its head with what it has: see `span`.
        """
        return tuple(log for log, _ in self._logs(addresses, first, last))

    def span(self, addresses: Sequence[str], first: int, last: int) -> Span:
        """Return the logs of a range together with headers that agree with them.

        BlockMissing if the range ends beyond the head, LogsInconsistent if it changed meanwhile.
        """
        # 1. The end exists, so that the node cannot silently stop before it.
        end = self.block(last)
        # 2. The logs, in order, each once, of our contracts only.
        logs = self._logs(addresses, first, last)
        # 3. The headers, read after the logs: the last is the same, and each log names its own.
        before = [first - 1] if first else []
        blocks = self.blocks(sorted({*before, *(log.block for log, _ in logs), last}))
        if blocks[last].hash != end.hash:
            raise LogsInconsistent("the last block was replaced while they were read", last)
        for log, block_hash in logs:
            if blocks[log.block].hash != block_hash:
                raise LogsInconsistent("a log names another block hash than the header", log.block)
        return Span(first, end, blocks, tuple(log for log, _ in logs))

    # State

    def view(self, contract: str, address: str, function: str, *args: Any, at: At = None) -> Any:
        """Call a view of the artifact `contract`; ContractReverted or ContractMissing if it fails.

        One output comes bare, several as a dictionary by name; structs are dictionaries.
        """
        return self.views([(contract, address, function, args)], at)[0]

    def views(
        self, calls: Sequence[tuple[str, str, str, Sequence[Any]]], at: At = None
    ) -> list[Any]:
        """Call several views (artifact, address, function, arguments) of one block at once."""
        signatures = [abi.function(contract, function) for contract, _, function, _ in calls]
        answers = self._request_many(
            [
                ("eth_call", [{"to": address, "data": _hex(abi.encode_call(each, args))}, _at(at)])
                for each, (_, address, _, args) in zip(signatures, calls, strict=True)
            ]
        )
        return [
            _outputs(each, contract, address, answer)
            for each, (contract, address, _, _), answer in zip(
                signatures, calls, answers, strict=True
            )
        ]

    def code(self, address: str, at: At = None) -> bytes:
        """Return the code of an account; empty if it has none."""
        with self._sensible():
            return _bytes(self.request("eth_getCode", address, _at(at)))

    def code_hash(self, address: str, at: At = None) -> bytes:
        """Return keccak256 of the account's code; 32 zeros without code, as `content` has it."""
        code = self.code(address, at)
        return keccak(code) if code else bytes(32)

    def call(self, address: str, data: bytes, sender: str, at: At = None) -> bytes:
        """Return what a call of that sender would answer; ContractReverted if it is refused."""
        asked = {"from": sender, "to": address, "data": _hex(data)}
        with self._sensible():
            return _bytes(self.request("eth_call", asked, _at(at)))

    def storage(self, address: str, slot: str, at: At = None) -> bytes:
        """Return a word of the account's storage."""
        with self._sensible():
            return _bytes(self.request("eth_getStorageAt", address, slot, _at(at)))

    def balance(self, address: str, at: At = None) -> int:
        """Return the account's balance in wei."""
        with self._sensible():
            return _integer(self.request("eth_getBalance", address, _at(at)))

    # Transport

    def request(self, method: str, *params: Any) -> Any:
        """Return the result of one JSON-RPC request, as the node gives it."""
        try:
            answer = self._provider.make_request(RPCEndpoint(method), list(params))
        except (OSError, ValueError, TypeError, Web3Exception) as error:
            answer = _refusal_in(error)
            if answer is None:
                raise ChainUnreachable(self.url, _reason(error)) from error
        return self._result(method, answer)

    def _request_many(self, requests: Sequence[Request]) -> list[Any]:
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
            except (OSError, ValueError, TypeError, KeyError, Web3Exception):
                answers = {}
            if isinstance(answers, list) and len(answers) == len(part):
                pairs = zip(part, answers, strict=True)
                results += [self._result(method, answer) for (method, _), answer in pairs]
            else:
                results += [self.request(method, *params) for method, params in part]
        return results

    def _result(self, method: str, answer: Any) -> Any:
        if not isinstance(answer, dict) or not ("result" in answer or answer.get("error")):
            raise ChainUnreachable(self.url, "its answer is no JSON-RPC")
        error = answer.get("error")
        if not error:
            return answer["result"]
        error = error if isinstance(error, dict) else {"message": str(error)}
        with self._sensible():
            number, message = int(error.get("code", 0)), str(error.get("message", ""))
            reverted = method == "eth_call" and number in _REVERTED
            data = _revert_data(error) if reverted else None
        if reverted and (data is not None or "revert" in message.lower()):
            raise ContractReverted(*abi.decode_error(data or b""))
        raise ChainRefused(method, number, message)

    @contextmanager
    def _sensible(self) -> Iterator[None]:
        """Raise ChainUnreachable when the node's answer lacks a part or holds no number."""
        try:
            yield
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ChainUnreachable(self.url, "its answer makes no sense") from error

    def _logs(self, addresses: Sequence[str], first: int, last: int) -> list[tuple[RawLog, str]]:
        wanted = {address.lower() for address in addresses}
        query = {"address": sorted(wanted), "fromBlock": hex(first), "toBlock": hex(last)}
        answer = self.request("eth_getLogs", query)
        try:
            logs = [_log(each) for each in answer]
        except (KeyError, TypeError, ValueError) as error:
            raise LogsInconsistent(f"a log lacks a part ({error})", first) from error
        for log, _ in logs:
            if log.address.lower() not in wanted or not first <= log.block <= last:
                raise LogsInconsistent("a log that nobody asked for", log.block)
        for (log, log_hash), (following, following_hash) in pairwise(logs):
            if (log.block, log.log_index) >= (following.block, following.log_index):
                raise LogsInconsistent("they are out of order or doubled", following.block)
            if log.block == following.block and log_hash != following_hash:
                raise LogsInconsistent("one block has two hashes", log.block)
        return logs


def _log(answer: Any) -> tuple[RawLog, str]:
    if answer.get("removed"):
        raise ValueError("it was removed")
    log = RawLog(
        block=_integer(answer["blockNumber"]),
        log_index=_integer(answer["logIndex"]),
        tx_hash=str(answer["transactionHash"]),
        tx_index=_integer(answer["transactionIndex"]),
        address=abi.checksummed(answer["address"]),
        topics=tuple(_bytes(topic) for topic in answer["topics"]),
        data=_bytes(answer["data"]),
    )
    return log, str(answer["blockHash"])


def _header(answer: Any, wanted: str) -> BlockRef:
    if answer is None:
        raise BlockMissing(wanted)
    return BlockRef(
        number=_integer(answer["number"]),
        hash=str(answer["hash"]),
        parent_hash=str(answer["parentHash"]),
        timestamp=_integer(answer["timestamp"]),
    )


def _outputs(signature: abi.Signature, contract: str, address: str, answer: Any) -> Any:
    try:
        return abi.decode_outputs(signature, _bytes(answer))
    except (DecodingError, OverflowError, ValueError) as error:
        # An account without code answers every call with nothing.
        raise ContractMissing(contract, address) from error


def _revert_data(error: Any) -> bytes | None:
    """Find the revert's bytes: `data`, or on some chains one or two levels deeper."""
    for _ in range(4):
        if isinstance(error, str) and error.startswith("0x"):
            return _bytes(error)
        if not isinstance(error, dict):
            return None
        error = error.get("data", error.get("result"))
    return None


def _refusal_in(error: Exception) -> Any:
    """Return the JSON-RPC error that some chains send with an HTTP status of failure, if any."""
    response = getattr(error, "response", None)
    try:
        answer = response.json() if response is not None else None
    except ValueError:
        return None
    return answer if isinstance(answer, dict) and "error" in answer else None


def _reason(error: Exception) -> str:
    """The innermost cause, in words rather than in Python objects."""
    while isinstance(inner := error.__cause__ or error.__context__, Exception):
        error = inner
    return str(error) or type(error).__name__


def _at(at: At) -> Any:
    if isinstance(at, BlockRef):
        return {"blockHash": at.hash}
    return _tag("latest" if at is None else at)


def _tag(at: int | str) -> str:
    return at if isinstance(at, str) else hex(at)


def _integer(answer: Any) -> int:
    return int(answer, 16)


def _bytes(answer: Any) -> bytes:
    return bytes.fromhex(str(answer).removeprefix("0x"))


def _hex(value: bytes) -> str:
    return "0x" + value.hex()
