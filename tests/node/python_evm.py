"""A third client behind HTTP: py-evm, an EVM in Python, through eth-tester's JSON-RPC.

It shares no code with anvil and Hardhat, has Ethereum's own fees and headers, a chain id beyond 32
bits, and no proofs, as some nodes have not.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from eth.exceptions import Revert
from eth.vm.spoof import SpoofTransaction
from eth_tester import EthereumTester, PyEVMBackend
from web3 import EthereumTesterProvider, Web3
from web3.types import RPCEndpoint

_REVERTED, _REFUSED = 3, -32000
_BLOOM = 512  # hex digits
_CALL_GAS = 16_000_000


class _Backend(PyEVMBackend):  # type: ignore[misc]  # eth-tester has no types
    """Answers a call as nodes do: whoever calls need not be able to pay, and a revert's data is
    told."""

    def call(self, transaction: dict[str, Any], block_number: Any = "latest") -> bytes:
        given = {"gas": _CALL_GAS, **transaction}
        unsigned = self._get_normalized_and_unsigned_evm_transaction(given, block_number)
        number = self.get_block_by_number(block_number)["number"]
        state = self.chain.get_vm(self.chain.get_canonical_block_header_by_number(number)).state
        state.set_balance(given["from"], 10**30)
        done = state.apply_transaction(SpoofTransaction(unsigned, from_=given["from"]))
        done.raise_if_error()
        return bytes(done.output)


@dataclass(frozen=True)
class PythonEvm:
    """A running client; a block holds each transaction at once."""

    url: str
    tester: Any
    _lock: threading.Lock

    def now(self) -> int:
        """Return the timestamp of the latest block, in seconds."""
        with self._lock:
            return int(self.tester.get_block_by_number("latest")["timestamp"])

    def warp(self, moment: int) -> None:
        """Mine a block at that second."""
        with self._lock:
            self.tester.time_travel(moment)
            self.tester.mine_block()

    def give(self, account: str, wei: int) -> None:
        """Let an account pay for its transactions."""
        with self._lock:
            rich = self.tester.get_accounts()[0]
            self.tester.send_transaction({"from": rich, "to": account, "value": wei, "gas": 21_000})


@contextmanager
def python_evm() -> Iterator[PythonEvm]:
    """Run the client on the loopback interface."""
    tester, lock = EthereumTester(_Backend()), threading.Lock()
    w3 = Web3(EthereumTesterProvider(tester))
    w3.middleware_onion.clear()  # of web3's own: the values shall be as the client gives them
    ask = w3.provider.request_func(w3, w3.middleware_onion)

    def answer(request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to one request; one at a time, for the EVM is one."""
        found = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            params = [_by_number(each, tester) for each in request["params"]]
            with lock:
                given = ask(RPCEndpoint(request["method"]), params)
        except Revert as error:
            reverted = {"code": _REVERTED, "message": "execution reverted"}
            return {**found, "error": {**reverted, "data": "0x" + error.args[0].hex()}}
        except Exception as error:  # whatever it cannot do is its refusal
            message = str(error) or type(error).__name__
            return {**found, "error": {"code": _REFUSED, "message": message}}
        if "error" in given:
            return {**found, "error": given["error"]}
        return {**found, "result": _document(given["result"])}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told = [answer(each) for each in asked] if isinstance(asked, list) else answer(asked)
            reply = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield PythonEvm(f"http://127.0.0.1:{server.server_port}", tester, lock)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _by_number(param: Any, tester: Any) -> Any:
    """Return a parameter that names a block by its number: by hashes eth-tester knows none."""
    if not isinstance(param, Mapping) or "blockHash" not in param:
        return param
    rest = {key: each for key, each in param.items() if key != "blockHash"}
    number = tester.get_block_by_hash(param["blockHash"])["number"]
    return {**rest, "fromBlock": number, "toBlock": number} if rest else number


def _document(value: Any, name: str = "") -> Any:
    """Return a value as JSON-RPC writes it: numbers and bytes in hex digits."""
    if isinstance(value, Mapping):
        return {key: _document(each, key) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_document(each) for each in value]
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, int) and not isinstance(value, bool):
        return f"0x{value:0{_BLOOM}x}" if name == "logsBloom" else hex(value)
    # Where a header has no extra data eth-tester shows zeros, which its hash belies.
    return "0x" if name == "extraData" and not int(value, 16) else value
