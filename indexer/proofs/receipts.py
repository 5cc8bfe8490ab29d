"""Receipts: every log of a block, in its place, by the block's receipts root."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from indexer.errors import ProofInvalid
from indexer.proofs import rlp
from indexer.proofs.trie import ordered_root

_KINDS = range(5)  # legacy, access list, dynamic fee, blob, code setting: all share one form
_PARTS = 4  # outcome, gas, bloom, logs


class ProvenLog(NamedTuple):
    """A log with its places in the block; `address` is 20 bytes."""

    log_index: int
    tx_index: int
    address: bytes
    topics: tuple[bytes, ...]
    data: bytes


class _Receipt(NamedTuple):
    encoded: bytes
    logs: list[tuple[bytes, tuple[bytes, ...], bytes]]


def logs(receipts_root: bytes, answer: Sequence[Mapping[str, Any]]) -> list[ProvenLog]:
    """Return all logs of a block, in order, from what eth_getBlockReceipts answered with.

    Places are counted, never taken from the answer. What a log says of its block or transaction is
    ignored: no receipt holds it. Raises ProofInvalid unless the receipts make up the receipts root.
    """
    return _placed(receipts_root, [_readable(each) for each in answer])


def encoded(answer: Mapping[str, Any]) -> bytes:
    """Return a receipt that a node answered with as the receipts trie holds it."""
    return _readable(answer).encoded


def logs_in(receipts_root: bytes, receipts: Sequence[bytes]) -> list[ProvenLog]:
    """Return all logs of a block, in order, from its receipts as the receipts trie holds them.

    Raises ProofInvalid unless they make up the receipts root.
    """
    return _placed(receipts_root, [_opened(each) for each in receipts])


def logs_of(receipt: bytes) -> list[tuple[bytes, tuple[bytes, ...], bytes]]:
    """Return the logs of one receipt as the receipts trie holds it: address, topics, data."""
    return _opened(receipt).logs


def _placed(receipts_root: bytes, receipts: Sequence[_Receipt]) -> list[ProvenLog]:
    if ordered_root([each.encoded for each in receipts]) != receipts_root:
        raise ProofInvalid("the receipts do not make up the block's receipts root")
    found: list[ProvenLog] = []
    for tx_index, receipt in enumerate(receipts):
        for log in receipt.logs:
            found.append(ProvenLog(len(found), tx_index, *log))
    return found


def _opened(raw: bytes) -> _Receipt:
    fields = rlp.items(raw[1:] if raw and raw[0] in _KINDS else raw)
    if len(fields) != _PARTS:
        raise ProofInvalid(f"a receipt has {len(fields)} parts")
    read = []
    for log in rlp.items(fields[-1]):
        parts = rlp.items(log)
        if len(parts) != 3:
            raise ProofInvalid(f"a log has {len(parts)} parts")
        topics = tuple([rlp.payload(topic) for topic in rlp.items(parts[1])])
        read.append((rlp.payload(parts[0]), topics, rlp.payload(parts[2])))
    return _Receipt(raw, read)


def _readable(said: Mapping[str, Any]) -> _Receipt:
    try:
        return _receipt(said)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ProofInvalid(f"a receipt is unreadable ({error!r})") from error


def _receipt(said: Mapping[str, Any]) -> _Receipt:
    """Return a receipt as the receipts trie holds it, and its logs: address, topics, data."""
    read = [
        (
            _bytes(log["address"]),
            tuple([_bytes(topic) for topic in log["topics"]]),
            _bytes(log["data"]),
        )
        for log in said["logs"]
    ]
    kind = int(said.get("type", "0x0"), 16)
    if kind not in _KINDS:
        raise ProofInvalid(f"a receipt is of type {kind}, which this version does not know")
    body = rlp.sequence(
        (
            _outcome(said),
            rlp.number(int(said["cumulativeGasUsed"], 16)),
            rlp.text(_bytes(said["logsBloom"])),
            rlp.sequence([_log(*log) for log in read]),
        )
    )
    return _Receipt(bytes((kind,)) + body if kind else body, read)


def _outcome(said: Mapping[str, Any]) -> bytes:
    """Return whether the transaction succeeded; the oldest receipts hold a state root instead."""
    status = said.get("status")
    return rlp.text(_bytes(said["root"])) if status is None else rlp.number(int(status, 16))


def _log(address: bytes, topics: tuple[bytes, ...], data: bytes) -> bytes:
    listed = rlp.sequence([rlp.text(topic) for topic in topics])
    return rlp.wrapped(rlp.text(address) + listed + rlp.text(data))


def _bytes(digits: str) -> bytes:
    return bytes.fromhex(digits[2:])
