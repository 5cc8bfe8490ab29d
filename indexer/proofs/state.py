"""State: what an account and the words of its storage were, by the state root of a block."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from indexer.errors import ProofInvalid
from indexer.hashing import keccak
from indexer.proofs import rlp
from indexer.proofs.trie import EMPTY_ROOT, hashed_root, held, proven

CHRONICLE_SLOT = 0
"""Where each of our contracts keeps its `chronicleHead`; see docs/layout."""


class Account(NamedTuple):
    """What the state keeps of an address; `balance` in wei."""

    nonce: int
    balance: int
    storage_root: bytes
    code_hash: bytes


def account(state_root: bytes, answer: Mapping[str, Any], address: str) -> Account | None:
    """Return the account that an eth_getProof answer proves, None if it proves that none exists.

    Raises ProofInvalid. What the answer says outside the proof's nodes is ignored.
    """
    key = keccak(_bytes(address))
    return _account(proven(state_root, key, _nodes(answer, "accountProof")))


def account_in(state_root: bytes, nodes: Mapping[bytes, bytes], address: str) -> Account | None:
    """Return the account as `account` does, from many proofs' nodes by their hashes."""
    return _account(held(state_root, keccak(_bytes(address)), nodes))


def word_in(holder: Account | None, nodes: Mapping[bytes, bytes], slot: int) -> int:
    """Return a word of an account's storage from many proofs' nodes; ProofInvalid if one lacks."""
    if holder is None:
        return 0
    found = held(holder.storage_root, keccak(slot.to_bytes(32, "big")), nodes)
    return 0 if found is None else _word(found)


def storage_root(words: Mapping[int, int]) -> bytes:
    """Return the root of the storage trie that holds these words by their slots.

    A chain keeps no zeros there: leave them out.
    """
    return hashed_root({slot.to_bytes(32, "big"): rlp.number(word) for slot, word in words.items()})


def nodes_of(answer: Mapping[str, Any]) -> set[bytes]:
    """Return all trie nodes of an eth_getProof answer, each once; ProofInvalid if it holds none."""
    proofs = answer.get("storageProof")
    if not isinstance(proofs, list):
        raise ProofInvalid("it has no storageProof")
    texts = set(_texts(answer, "accountProof"))
    for proof in proofs:
        texts.update(_texts(proof, "proof"))
    return {_bytes(text) for text in texts}


def _account(found: bytes | None) -> Account | None:
    if found is None:
        return None
    fields = [rlp.payload(item) for item in rlp.items(found)]
    if len(fields) != 4 or len(fields[2]) != 32 or len(fields[3]) != 32:
        raise ProofInvalid("the account has not the fields of an account")
    return Account(_number(fields[0]), _number(fields[1]), fields[2], fields[3])


def storage(
    state_root: bytes, answer: Mapping[str, Any], address: str, slots: Sequence[int]
) -> list[int]:
    """Return the words that an eth_getProof answer proves for these slots, in their order.

    A word never written, and any word of an account that does not exist, is 0. Raises ProofInvalid.
    What the answer says outside the proofs' nodes is ignored.
    """
    holder = account(state_root, answer, address)
    if holder is None or holder.storage_root == EMPTY_ROOT:
        return [0] * len(slots)
    proofs = answer.get("storageProof")
    if not isinstance(proofs, list) or len(proofs) != len(slots):
        raise ProofInvalid(f"it should have proofs of {len(slots)} words of storage")
    words = []
    for slot, proof in zip(slots, proofs, strict=True):
        key = keccak(slot.to_bytes(32, "big"))
        found = proven(holder.storage_root, key, _nodes(proof, "proof"))
        words.append(0 if found is None else _word(found))
    return words


def _nodes(answer: Any, name: str) -> list[bytes]:
    return [_bytes(node) for node in _texts(answer, name)]


def _texts(answer: Any, name: str) -> list[Any]:
    nodes = answer.get(name) if isinstance(answer, Mapping) else None
    if not isinstance(nodes, list):
        raise ProofInvalid(f"it has no {name}")
    return nodes


def _bytes(text: Any) -> bytes:
    try:
        return bytes.fromhex(text[2:])
    except (TypeError, ValueError) as error:
        raise ProofInvalid("it is not written in hex digits") from error


def _word(found: bytes) -> int:
    # A word that was set back to zero is no longer in the trie; anvil leaves an empty one there.
    word = rlp.payload(found)
    if len(word) > 32:
        raise ProofInvalid("what is stored is not a word")
    return _number(word)


def _number(digits: bytes) -> int:
    if digits.startswith(b"\0"):
        raise ProofInvalid("a number has leading zeros")
    return int.from_bytes(digits, "big")
