"""Tries as the yellow paper draws them: plain, slow, recursive, and made with the rlp library."""

from collections.abc import Mapping

import rlp
from Crypto.Hash import keccak as crypto

Pairs = dict[str, bytes]
"""Values by their paths in hex digits."""


def keccak(data: bytes) -> bytes:
    return crypto.new(digest_bits=256, data=data).digest()


def pairs(values: Mapping[bytes, bytes]) -> Pairs:
    return {key.hex(): value for key, value in values.items()}


def root(values: Mapping[bytes, bytes]) -> bytes:
    return keccak(rlp.encode(_node(pairs(values))))


def proof(values: Mapping[bytes, bytes], key: bytes) -> list[bytes]:
    """The nodes from the root down to where the key ends, without those held by their parents."""
    below, path = pairs(values), key.hex()
    nodes = [rlp.encode(_node(below))]
    while len(below) > 1:
        shared = _shared(below)
        if shared and not path.startswith(shared):
            break
        digits = len(shared) or 1
        if not path:
            break
        below = _below(below, path[:digits])
        path = path[digits:]
        if not below:
            break
        encoded = rlp.encode(_node(below, is_branch=bool(shared)))
        if len(encoded) >= 32:
            nodes.append(encoded)
    return nodes


def _node(values: Pairs, is_branch: bool = False) -> object:
    if not values:
        return b""
    if len(values) == 1:
        ((path, value),) = values.items()
        return [_packed(path, 2), value]
    shared = _shared(values)
    if shared:
        assert not is_branch
        return [_packed(shared, 0), _reference(_below(values, shared))]
    children = [_reference(_below(values, digit)) for digit in "0123456789abcdef"]
    return [*children, values.get("", b"")]


def _shared(values: Pairs) -> str:
    first, last = min(values), max(values)
    length = 0
    while first[length : length + 1] == last[length : length + 1] != "":
        length += 1
    return first[:length]


def _below(values: Pairs, start: str) -> Pairs:
    return {path[len(start) :]: value for path, value in values.items() if path.startswith(start)}


def _reference(values: Pairs) -> object:
    node = _node(values)
    encoded = rlp.encode(node)
    return node if len(encoded) < 32 else keccak(encoded)


def _packed(path: str, flags: int) -> bytes:
    return bytes.fromhex(f"{flags + 1}{path}" if len(path) % 2 else f"{flags}0{path}")
