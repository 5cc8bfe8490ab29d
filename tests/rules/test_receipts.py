"""Receipts of every type, encoded by the rlp library, and what a node could change in them."""

from typing import Any

import pytest
import rlp as library
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import ProofInvalid
from indexer.proofs.receipts import logs
from tests.rules import tries

LOGS = st.fixed_dictionaries(
    {
        "address": st.binary(min_size=20, max_size=20),
        "topics": st.lists(st.binary(min_size=32, max_size=32), max_size=4),
        "data": st.binary(max_size=100),
    }
)
RECEIPTS = st.fixed_dictionaries(
    {
        "type": st.integers(0, 4),
        "status": st.integers(0, 1),
        "cumulativeGasUsed": st.integers(0, 2**40),
        "logsBloom": st.binary(min_size=256, max_size=256),
        "logs": st.lists(LOGS, max_size=4),
    }
)
LOG: dict[str, Any] = {"address": b"a" * 20, "topics": [b"t" * 32, b"u" * 32], "data": b"d" * 64}
RECEIPT: dict[str, Any] = {
    "type": 2,
    "status": 1,
    "cumulativeGasUsed": 50_000,
    "logsBloom": b"b" * 256,
    "logs": [LOG, LOG | {"data": b""}],
}


def root(receipts: list[dict[str, Any]]) -> bytes:
    return tries.root(
        {library.encode(index): encoded(receipt) for index, receipt in enumerate(receipts)}
    )


def encoded(receipt: dict[str, Any]) -> bytes:
    listed = [[log["address"], log["topics"], log["data"]] for log in receipt["logs"]]
    outcome = receipt.get("status", receipt.get("root"))
    body: bytes = library.encode(
        [outcome, receipt["cumulativeGasUsed"], receipt["logsBloom"], listed]
    )
    return bytes([receipt["type"]]) + body if receipt["type"] else body


def said(value: Any) -> Any:
    """The same as JSON has it."""
    if isinstance(value, dict):
        return {name: said(each) for name, each in value.items()}
    if isinstance(value, list):
        return [said(each) for each in value]
    return hex(value) if isinstance(value, int) else "0x" + value.hex()


@given(st.lists(RECEIPTS, max_size=20))
def test_the_logs_of_a_block_come_with_their_places(receipts: list[dict[str, Any]]) -> None:
    found = logs(root(receipts), said(receipts))
    assert [log.log_index for log in found] == list(range(len(found)))
    assert [(log.tx_index, log.address, list(log.topics), log.data) for log in found] == [
        (index, log["address"], log["topics"], log["data"])
        for index, receipt in enumerate(receipts)
        for log in receipt["logs"]
    ]


def test_a_receipt_from_before_there_was_a_status_holds_a_state_root() -> None:
    old = {name: value for name, value in RECEIPT.items() if name != "status"}
    old |= {"type": 0, "root": b"r" * 32}
    assert len(logs(root([old]), said([old]))) == 2
    untyped = {name: value for name, value in old.items() if name != "type"}
    assert len(logs(root([old]), said([untyped]))) == 2


def test_the_places_that_a_node_claims_are_ignored() -> None:
    claims = {"logIndex": "0x7", "transactionIndex": "0x8", "blockNumber": "0x9"}
    answer = said([RECEIPT, RECEIPT])
    for receipt in answer:
        receipt |= claims
        receipt["logs"] = [log | claims for log in receipt["logs"]]
    found = logs(root([RECEIPT, RECEIPT]), answer)
    assert [(log.log_index, log.tx_index) for log in found] == [(0, 0), (1, 0), (2, 1), (3, 1)]


@pytest.mark.parametrize(
    "change",
    [
        {"type": 1},
        {"status": 0},
        {"cumulativeGasUsed": 50_001},
        {"logsBloom": b"c" * 256},
        {"logs": []},
        {"logs": [LOG]},
        {"logs": [LOG | {"data": b""}, LOG]},
        {"logs": [LOG | {"address": b"A" * 20}, RECEIPT["logs"][1]]},
        {"logs": [LOG | {"topics": [b"u" * 32, b"t" * 32]}, RECEIPT["logs"][1]]},
        {"logs": [LOG | {"topics": [b"t" * 32]}, RECEIPT["logs"][1]]},
        {"logs": [LOG | {"topics": [b"t" * 64]}, RECEIPT["logs"][1]]},
        {"logs": [LOG | {"data": b"d" * 63}, RECEIPT["logs"][1]]},
    ],
    ids=str,
)
def test_a_changed_receipt_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ProofInvalid, match="do not make up"):
        logs(root([RECEIPT, RECEIPT]), said([RECEIPT, RECEIPT | change]))


def test_receipts_left_out_added_or_swapped_are_refused() -> None:
    other = RECEIPT | {"cumulativeGasUsed": 70_000}
    for wrong in ([], [RECEIPT], [other, RECEIPT], [RECEIPT, other, other]):
        with pytest.raises(ProofInvalid, match="do not make up"):
            logs(root([RECEIPT, other]), said(wrong))


@pytest.mark.parametrize("name", ["status", "cumulativeGasUsed", "logsBloom", "logs"])
def test_a_receipt_that_lacks_something_is_refused(name: str) -> None:
    lacking = {field: value for field, value in RECEIPT.items() if field != name}
    with pytest.raises(ProofInvalid, match="unreadable"):
        logs(root([RECEIPT]), said([lacking]))


@pytest.mark.parametrize("name", RECEIPT)
@pytest.mark.parametrize("value", [7, "0xzz", "-0x5", [None], [{}], [{"address": None}]])
def test_what_is_no_receipt_at_all_is_refused(name: str, value: object) -> None:
    for answer in ([said(RECEIPT) | {name: value}], [value]):
        with pytest.raises(ProofInvalid):
            logs(root([RECEIPT]), answer)  # type: ignore[arg-type]


def test_a_receipt_of_an_unknown_type_is_named() -> None:
    with pytest.raises(ProofInvalid, match="of type 126"):
        logs(root([RECEIPT]), said([RECEIPT | {"type": 126}]))
