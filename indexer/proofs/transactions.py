"""Transactions as their sender signed them: bytes that hash to the transaction's hash.

Whoever holds the bytes needs no node to know what was called, with which data, and by whose key.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from indexer.errors import ProofInvalid
from indexer.hashing import keccak
from indexer.proofs import rlp
from indexer.proofs.keys import signer

_LEGACY, _ACCESS_LIST, _DYNAMIC_FEE, _BLOB, _CODE_SETTING = range(5)
# The fields before the signature, in the order of their EIP (2930, 1559, 4844, 7702).
_FIELDS: Mapping[int, tuple[str, ...]] = {
    _LEGACY: ("nonce", "gasPrice", "gas", "to", "value", "input"),
    _ACCESS_LIST: ("chainId", "nonce", "gasPrice", "gas", "to", "value", "input", "accessList"),
    _DYNAMIC_FEE: (
        "chainId",
        "nonce",
        "maxPriorityFeePerGas",
        "maxFeePerGas",
        "gas",
        "to",
        "value",
        "input",
        "accessList",
    ),
}
_FIELDS = {
    **_FIELDS,
    _BLOB: (*_FIELDS[_DYNAMIC_FEE], "maxFeePerBlobGas", "blobVersionedHashes"),
    _CODE_SETTING: (*_FIELDS[_DYNAMIC_FEE], "authorizationList"),
}
_BYTES = frozenset({"to", "input"})
_SIGNATURE = 3  # fields: v or parity, r, s


class Call(NamedTuple):
    """What a transaction does: `to` is empty when it makes a contract; `value` is in wei.

    `to` and `sender` are 20 bytes. `sender` is None if nobody's key signed it, which only a test
    chain takes.
    """

    to: bytes
    data: bytes
    sender: bytes | None
    value: int


def encoded(answer: Mapping[str, Any]) -> bytes:
    """Return the bytes of a transaction that a node answered with; their hash is its name.

    Raises ProofInvalid for a type that this version does not know, a missing part, or where they
    do not hash to the `hash` that the node claims.
    """
    try:
        raw, claimed = _encoded(answer), bytes.fromhex(answer["hash"][2:])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ProofInvalid(f"a transaction is unreadable ({error!r})") from error
    if keccak(raw) != claimed:
        raise ProofInvalid(f"a transaction does not hash to its name, 0x{claimed.hex()}")
    return raw


def call(raw: bytes) -> Call:
    """Return what a transaction does and whose key signed it; ProofInvalid if it is none."""
    kind = raw[0] if raw and raw[0] < 0x80 else _LEGACY
    if kind not in _FIELDS or (kind == _LEGACY) != (raw[:1] >= b"\xc0"):
        raise ProofInvalid(f"a transaction is of type {kind}, which this version does not know")
    items = rlp.items(raw[1:] if kind else raw)
    names = _FIELDS[kind]
    if len(items) != len(names) + _SIGNATURE:
        raise ProofInvalid(f"a transaction of type {kind} has {len(items)} fields")
    v, r, s = (int.from_bytes(rlp.payload(item), "big") for item in items[-_SIGNATURE:])
    signed = items[:-_SIGNATURE]
    if kind:
        digest, parity = keccak(raw[:1] + rlp.sequence(signed)), v
    elif v in (27, 28):
        digest, parity = keccak(rlp.sequence(signed)), v - 27
    else:  # EIP-155
        bound = [rlp.number((v - 35) // 2), rlp.EMPTY, rlp.EMPTY] if v >= 35 else []
        digest, parity = keccak(rlp.sequence([*signed, *bound])), (v - 35) % 2
    to, data, value = (rlp.payload(items[names.index(name)]) for name in ("to", "input", "value"))
    within = max(r, s) < 1 << 256
    rs = r.to_bytes(32, "big") + s.to_bytes(32, "big") if within else bytes(64)
    return Call(to, data, signer(digest, rs, parity), int.from_bytes(value, "big"))


def _encoded(answer: Mapping[str, Any]) -> bytes:
    kind = int(answer.get("type", "0x0"), 16)
    if kind not in _FIELDS:
        raise ProofInvalid(f"a transaction is of type {kind}, which this version does not know")
    items = [_field(name, answer[name]) for name in _FIELDS[kind]]
    v = answer["yParity"] if kind and "yParity" in answer else answer["v"]
    items += [rlp.number(int(each, 16)) for each in (v, answer["r"], answer["s"])]
    body = rlp.sequence(items)
    return bytes((kind,)) + body if kind else body


def _field(name: str, value: Any) -> bytes:
    if name in _BYTES:
        return rlp.text(bytes.fromhex(value[2:]) if value else b"")
    if name == "accessList":
        return rlp.sequence([_access(each) for each in value])
    if name == "blobVersionedHashes":
        return _strings(value)
    if name == "authorizationList":
        return rlp.sequence([_authorization(each) for each in value])
    return rlp.number(int(value, 16))


def _access(entry: Mapping[str, Any]) -> bytes:
    address = rlp.text(bytes.fromhex(entry["address"][2:]))
    return rlp.sequence([address, _strings(entry["storageKeys"])])


def _authorization(entry: Mapping[str, Any]) -> bytes:
    address = rlp.text(bytes.fromhex(entry["address"][2:]))
    parity = entry["yParity"] if "yParity" in entry else entry["v"]
    numbers = [
        rlp.number(int(each, 16))
        for each in (entry["chainId"], entry["nonce"], parity, entry["r"], entry["s"])
    ]
    return rlp.sequence([numbers[0], address, *numbers[1:]])


def _strings(values: Sequence[str]) -> bytes:
    return rlp.sequence([rlp.text(bytes.fromhex(each[2:])) for each in values])
