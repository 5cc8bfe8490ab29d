"""Merkle-Patricia tries: what a proof proves of one key, and the root over an ordered list.

Paths are hex digits: a digit is a nibble. A node refers to a child by its hash, or holds it where
its encoding takes less than 32 bytes.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from indexer.errors import ProofInvalid
from indexer.hashing import keccak
from indexer.proofs import rlp

EMPTY_ROOT = keccak(rlp.EMPTY)
"""Root of the trie without keys."""

_WIDTH = 16  # children of a branch; its own value comes after them


def proven(root: bytes, key: bytes, proof: Sequence[bytes]) -> bytes | None:
    """Return the value that the trie of that root holds at the key, None if it holds none.

    `proof` is the nodes from the root down to where the key ends. `key` is the path itself: in the
    tries of state and storage the hash of what is sought. Raises ProofInvalid unless every node
    hashes to what refers to it, and none is missing or superfluous.
    """
    nodes = iter(proof)

    def take(digest: bytes) -> bytes:
        node = next(nodes, None)
        if node is None:
            raise ProofInvalid("a node is missing")
        if keccak(node) != digest:
            raise ProofInvalid("a node does not hash to what refers to it")
        return node

    value = None
    if proof or root != EMPTY_ROOT:
        value = _descend(take(root), key.hex(), take)
    if next(nodes, None) is not None:
        raise ProofInvalid("it has nodes beyond the one where the key ends")
    return value


def held(root: bytes, key: bytes, nodes: Mapping[bytes, bytes]) -> bytes | None:
    """Return the value at the key as `proven` does, from many proofs' nodes by their hashes.

    `nodes` holds keccak256 -> node, so that a node that is there is the one that is meant. Raises
    ProofInvalid if one is missing.
    """

    def take(digest: bytes) -> bytes:
        node = nodes.get(digest)
        if node is None:
            raise ProofInvalid("a node is missing")
        return node

    return None if root == EMPTY_ROOT else _descend(take(root), key.hex(), take)


def _descend(node: bytes, path: str, take: Callable[[bytes], bytes]) -> bytes | None:
    """Return the value at the path below a node, taking further nodes by their hashes."""
    while node != rlp.EMPTY:
        items = _items(node)
        if len(items) == _WIDTH + 1:
            if not path:
                return rlp.payload(items[_WIDTH]) or None
            child, path = items[int(path[0], _WIDTH)], path[1:]
        elif len(items) == 2:
            is_leaf, part = _part(rlp.payload(items[0]))
            if is_leaf:
                return _value(items[1]) if part == path else None
            if not path.startswith(part):
                return None
            child, path = items[1], path[len(part) :]
            if child == rlp.EMPTY:
                raise ProofInvalid("an extension leads nowhere")
        else:
            raise ProofInvalid(f"a node has {len(items)} items")
        node = _child(child, take)
    return None


@lru_cache(maxsize=4096)
def _items(node: bytes) -> list[bytes]:
    """Return a node's items; cached, since many proofs share their upper nodes. Never changed."""
    return rlp.items(node)


def _child(reference: bytes, take: Callable[[bytes], bytes]) -> bytes:
    """Return the node that a reference means: the held one, or the one of that hash."""
    if reference == rlp.EMPTY:
        return reference
    if reference[0] >= 0xC0:
        if len(reference) >= 32:
            raise ProofInvalid("a node is held by its parent though it is too long")
        return reference
    return take(rlp.payload(reference))


def _value(item: bytes) -> bytes:
    value = rlp.payload(item)
    if not value:
        raise ProofInvalid("a leaf is empty")
    return value


def _part(packed: bytes) -> tuple[bool, str]:
    """Return whether a packed part of a path is a leaf's, and the part: flags, then its digits."""
    digits = packed.hex()
    if not digits or digits[0] not in "0123" or (digits[0] in "02" and digits[1] != "0"):
        raise ProofInvalid("a node's part of the path is malformed")
    is_leaf = digits[0] in "23"
    part = digits[1:] if digits[0] in "13" else digits[2:]
    if not part and not is_leaf:
        raise ProofInvalid("an extension has no path")
    return is_leaf, part


def ordered_root(items: Sequence[bytes]) -> bytes:
    """Return the root of the trie that holds each item at the RLP of its index.

    That is the receipts root of encoded receipts, and the transactions root of transactions.
    """
    return _ordered(items) if items else EMPTY_ROOT


def hashed_root(items: Mapping[bytes, bytes]) -> bytes:
    """Return the root of the trie that holds each item at the keccak256 of its key.

    So are the tries of state and storage.
    """
    if not items:
        return EMPTY_ROOT
    by_path = sorted((keccak(key).hex(), item) for key, item in items.items())
    return keccak(_Builder([path for path, _ in by_path], [item for _, item in by_path]).node(0))


def ordered_proof(items: Sequence[bytes], index: int) -> list[bytes]:
    """Return the nodes that prove one item of the trie of `ordered_root`, as `proven` takes them.

    The key is the RLP of the index.
    """
    made: dict[bytes, bytes] = {}
    root = _ordered(items, made)
    path: list[bytes] = []

    def take(digest: bytes) -> bytes:
        path.append(made[digest])
        return made[digest]

    _descend(take(root), _index_path(index), take)
    return path


def _ordered(items: Sequence[bytes], made: dict[bytes, bytes] | None = None) -> bytes:
    # In the order of their keys: 01 … 7f, then 80 for 0, then 8180 and on.
    values = [*items[1:128], items[0], *items[128:]]
    indices = [*range(1, min(128, len(items))), 0, *range(128, len(items))]
    builder = _Builder([_index_path(index) for index in indices], values, made)
    node = builder.node(0)
    root = keccak(node)
    if made is not None:
        made[root] = node
    return root


@lru_cache(maxsize=4096)
def _index_path(index: int) -> str:
    return rlp.number(index).hex()


class _Builder:
    """Makes the nodes over sorted paths, of which none begins another."""

    def __init__(
        self, paths: list[str], values: Sequence[bytes], made: dict[bytes, bytes] | None = None
    ) -> None:
        self._paths = paths
        self._values = values
        self._made = made
        """Where nodes are kept by their hashes, if they are wanted."""

    def node(self, first: int, end: int | None = None, depth: int = 0) -> bytes:
        """Return the node over the paths from `first` to before `end`, from that depth on."""
        end = len(self._paths) if end is None else end
        path = self._paths[first]
        if end - first == 1:
            return rlp.wrapped(_packed(path[depth:], True) + rlp.text(self._values[first]))
        last = self._paths[end - 1]
        fork = depth
        while path[fork] == last[fork]:
            fork += 1
        branch = self._branch(first, end, fork)
        if fork == depth:
            return branch
        return rlp.wrapped(_packed(path[depth:fork], False) + self._reference(branch))

    def _branch(self, first: int, end: int, depth: int) -> bytes:
        children = [rlp.EMPTY] * (_WIDTH + 1)
        while first < end:
            digit = self._paths[first][depth]
            stop = first + 1
            while stop < end and self._paths[stop][depth] == digit:
                stop += 1
            children[int(digit, _WIDTH)] = self._reference(self.node(first, stop, depth + 1))
            first = stop
        return rlp.sequence(children)

    def _reference(self, node: bytes) -> bytes:
        if len(node) < 32:
            return node
        digest = keccak(node)
        if self._made is not None:
            self._made[digest] = node
        return b"\xa0" + digest


@lru_cache(maxsize=4096)
def _packed(part: str, is_leaf: bool) -> bytes:
    """Return a part of a path as an item: its flags, then its digits."""
    flags = 2 * is_leaf + len(part) % 2
    return rlp.text(bytes.fromhex(f"{flags}{part}" if flags % 2 else f"{flags}0{part}"))
