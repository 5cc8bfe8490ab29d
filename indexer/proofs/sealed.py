"""Headers as bytes: what is kept of a block when no node will be there to ask again."""

from collections.abc import Mapping
from typing import Any

from indexer.errors import ProofInvalid
from indexer.hashing import keccak
from indexer.proofs import rlp
from indexer.proofs.headers import Header, header

# Lengths in bytes of what every header holds, in its order; None: a number, 0: of any length.
_FIXED = (32, 32, 20, 32, 32, 32, 256, None, None, None, None, None, 0, 32, 8)
_APPENDED = (None, 32, None, None, 32, 32)
_PARENT, _TRANSACTIONS, _NUMBER, _TIMESTAMP = 0, 4, 8, 11
_START = 3  # bytes: a list whose length takes two


def sealed(answer: Mapping[str, Any]) -> bytes:
    """Return the RLP of the header that a node answered with; its keccak256 is the block's hash.

    Raises HeaderForged unless it is the hash that the answer claims.
    """
    payload = header(answer).payload
    return b"\xf9" + len(payload).to_bytes(2, "big") + payload


def opened(raw: bytes) -> Header:
    """Return the header that these bytes are; ProofInvalid if they are none."""
    items = rlp.items(raw)
    if not len(_FIXED) <= len(items) <= len(_FIXED) + len(_APPENDED) or raw[0] != 0xF9:
        raise ProofInvalid(f"a header has {len(items)} fields")
    values = [rlp.payload(item) for item in items]
    for value, size in zip(values, (*_FIXED, *_APPENDED), strict=False):
        if size and len(value) != size:
            raise ProofInvalid(f"a header's field has {len(value)} bytes in place of {size}")
        if size is None and (len(value) > 32 or value.startswith(b"\0")):
            raise ProofInvalid("a header's number is none")
    return Header(
        number=int.from_bytes(values[_NUMBER], "big"),
        hash="0x" + keccak(raw).hex(),
        parent_hash="0x" + values[_PARENT].hex(),
        timestamp=int.from_bytes(values[_TIMESTAMP], "big"),
        payload=raw[_START:],
    )


def transactions_root(raw: bytes) -> bytes:
    """Return the transactions root in a header's bytes."""
    return rlp.payload(rlp.items(raw)[_TRANSACTIONS])
