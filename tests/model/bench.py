"""The real contracts on a real chain, reached by plain JSON-RPC in batches."""

import json
from collections.abc import Sequence
from http.client import HTTPConnection
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from eth_hash.auto import keccak

from node.devnet import CHAIN_ID, Devnet
from tests.contracts.artifacts import load
from tests.contracts.coop import Coop
from tests.model.words import Call
from tests.model.world import OWN, World

GAS = hex(25_000_000)  # two of them fit a block


class Mined(NamedTuple):
    """What became of a call: the refusal's bytes if it was refused, and its logs."""

    refusal: bytes | None
    logs: list[tuple[str, list[bytes], bytes]]
    """Address, topics, data."""


class Bench:
    """Sends calls to the contracts at moments of our choice, and asks many views at once."""

    def __init__(self, chain: Devnet, coop: Coop) -> None:
        parts = urlsplit(chain.url)
        self._connection = HTTPConnection(str(parts.hostname), parts.port, timeout=60)
        own = (coop.membership, coop.bylaws, coop.assembly, coop.pay_rates)
        self.addresses: dict[str, str] = {
            name: each.address for name, each in zip(OWN, own, strict=True)
        }
        assembly = self.addresses["Assembly"]
        self._ask([("anvil_setBalance", assembly, hex(10**20))])
        self._ask([("anvil_impersonateAccount", assembly)])
        self._ask([("evm_setAutomine", False)])
        self._code = str(self._ask([("eth_getCode", assembly, "latest")])[0]["result"])
        self._ordering = load("Ordering")["deployedBytecode"]

    def close(self) -> None:
        """Gives the chain back as it was and ends the connection."""
        self._ask([("evm_setAutomine", True)])
        self._connection.close()

    def world(self, **others: str) -> World:
        """The facts around the contracts; `others` are addresses without code."""
        names = list(self.addresses)
        codes = self._ask([("eth_getCode", self.addresses[name], "latest") for name in names])
        block = self._ask([("eth_getBlockByNumber", "latest", False)])[0]["result"]
        return World(
            chain_id=CHAIN_ID,
            addresses={**self.addresses, **others},
            code_hashes={
                self.addresses[name]: keccak(bytes.fromhex(code["result"][2:]))
                for name, code in zip(names, codes, strict=True)
            },
            now=int(block["timestamp"], 16),
            block=int(block["number"], 16),
        )

    def mine(self, acts: Sequence[tuple[str, Call]], moment: int) -> list[Mined]:
        """Mines calls, in this order, in one block at that second. An order in the Assembly's name
        has its block to itself: in the meantime the Assembly answers nothing else."""
        orders = [act for act in acts if self._is_order(*act)]
        if orders:
            self._ask([("anvil_setCode", self.addresses["Assembly"], self._ordering)])
        sent = [self._send(sender, call) for sender, call in acts]
        self._ask([("evm_setNextBlockTimestamp", moment)])
        self._ask([("evm_mine",)])
        mined = [self._mined(transaction) for transaction in sent]
        if orders:
            self._ask([("anvil_setCode", self.addresses["Assembly"], self._code)])
        return mined

    def _is_order(self, sender: str, call: Call) -> bool:
        return sender == self.addresses["Assembly"] and call.contract == "Membership"

    def _send(self, sender: str, call: Call) -> str:
        target, data = self.addresses[call.contract], "0x" + call.data.hex()
        transaction = {"from": sender, "to": target, "data": data, "gas": GAS}
        return str(self._ask([("eth_sendTransaction", transaction)])[0]["result"])

    def _mined(self, sent: str) -> Mined:
        receipt, until = None, monotonic() + 60
        while receipt is None:  # a receipt can be missing for an instant
            receipt = self._ask([("eth_getTransactionReceipt", sent)])[0]["result"]
            if monotonic() > until:
                pool = self._ask([("txpool_content",)])[0]["result"]
                raise AssertionError(f"{sent} is in no block; the pool holds {pool}")
        refusal = None if receipt["status"] == "0x1" else self._why(sent)
        logs = [
            (log["address"].lower(), [_bytes(each) for each in log["topics"]], _bytes(log["data"]))
            for log in receipt["logs"]
        ]
        return Mined(refusal, logs)

    def ask(self, calls: Sequence[Call], block: int) -> list[bytes]:
        """The answers of views at a block: returned bytes, or those of the refusal."""
        requests = [
            (
                "eth_call",
                {"to": self.addresses[each.contract], "data": "0x" + each.data.hex()},
                hex(block),
            )
            for each in calls
        ]
        return [
            _bytes(answer["result"] if "result" in answer else answer["error"]["data"])
            for answer in self._ask(requests)
        ]

    def _why(self, transaction: str) -> bytes:
        request = ("debug_traceTransaction", transaction, {"tracer": "callTracer"})
        return _bytes(self._ask([request])[0]["result"].get("output", "0x"))

    def _ask(self, requests: Sequence[tuple[Any, ...]]) -> list[Any]:
        batch = [
            {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
            for number, (method, *params) in enumerate(requests)
        ]
        headers = {"Content-Type": "application/json"}
        self._connection.request("POST", "/", json.dumps(batch), headers)
        answers: list[Any] = json.loads(self._connection.getresponse().read())
        return sorted(answers, key=lambda answer: int(answer["id"]))


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
