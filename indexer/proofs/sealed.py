"""Headers as bytes: what is kept of a block when no node will be there to ask again."""

from collections.abc import Mapping
from typing import Any

from indexer.errors import HeaderForged, ProofInvalid
from indexer.hashing import keccak
from indexer.proofs import rlp
from indexer.proofs.headers import Header, header

# Names in a node's answer and lengths in bytes; None: a number, 0: of any length.
_FIXED: tuple[tuple[str, int | None], ...] = (
    ("parentHash", 32),
    ("sha3Uncles", 32),
    ("miner", 20),
    ("stateRoot", 32),
    ("transactionsRoot", 32),
    ("receiptsRoot", 32),
    ("logsBloom", 256),
    ("difficulty", None),
    ("number", None),
    ("gasLimit", None),
    ("gasUsed", None),
    ("timestamp", None),
    ("extraData", 0),
    ("mixHash", 32),
    ("nonce", 8),
)
_APPENDED: tuple[tuple[str, int | None], ...] = (
    ("baseFeePerGas", None),
    ("withdrawalsRoot", 32),
    ("blobGasUsed", None),
    ("excessBlobGas", None),
    ("parentBeaconBlockRoot", 32),
    ("requestsHash", 32),
)
_NAMES = [name for name, _ in _FIXED]


def sealed(answer: Mapping[str, Any]) -> bytes:
    """Return the RLP of the header that a node answered with; its keccak256 is the block's hash.

    Raises HeaderForged unless it is the hash that the answer claims.
    """
    checked = header(answer)
    items = [_item(answer[name], size) for name, size in _FIXED]
    for name, size in ((None, None), *_APPENDED):
        if name is not None:
            if answer.get(name) is None:
                break
            items.append(_item(answer[name], size))
        raw = rlp.sequence(items)
        if "0x" + keccak(raw).hex() == checked.hash:
            return raw
    raise HeaderForged(checked.number, checked.hash, "no header of a form that is known")


def opened(raw: bytes) -> Header:
    """Return the header that these bytes are; ProofInvalid if they are none."""
    items = rlp.items(raw)
    if not len(_FIXED) <= len(items) <= len(_FIXED) + len(_APPENDED):
        raise ProofInvalid(f"a header has {len(items)} fields")
    values = [rlp.payload(item) for item in items]
    for value, (name, size) in zip(values, (*_FIXED, *_APPENDED), strict=False):
        if size and len(value) != size:
            raise ProofInvalid(f"a header's {name} has {len(value)} bytes")
        if size is None and (len(value) > 32 or value.startswith(b"\0")):
            raise ProofInvalid(f"a header's {name} is no number")
    named = dict(zip(_NAMES, values, strict=False))
    return Header(
        number=int.from_bytes(named["number"], "big"),
        hash="0x" + keccak(raw).hex(),
        parent_hash="0x" + named["parentHash"].hex(),
        timestamp=int.from_bytes(named["timestamp"], "big"),
        state_root=named["stateRoot"],
        receipts_root=named["receiptsRoot"],
        logs_bloom=named["logsBloom"],
    )


def transactions_root(raw: bytes) -> bytes:
    """Return the transactions root in a header's bytes."""
    return rlp.payload(rlp.items(raw)[_NAMES.index("transactionsRoot")])


def _item(value: str, size: int | None) -> bytes:
    return rlp.number(int(value, 16)) if size is None else rlp.text(bytes.fromhex(value[2:]))
