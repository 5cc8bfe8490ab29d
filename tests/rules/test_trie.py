"""Proofs of tries and roots over ordered lists, against plain recursive tries."""

import pytest
import rlp as library
from hypothesis import assume, given
from hypothesis import strategies as st

from indexer.errors import ProofInvalid
from indexer.proofs import rlp
from indexer.proofs.trie import EMPTY_ROOT, ordered_root, proven
from tests.rules import tries

# Few different bytes make paths that part late; short values make nodes held by their parents.
KEYS = st.binary(min_size=2, max_size=2) | st.lists(
    st.sampled_from([0x00, 0x01, 0x10, 0x11]), min_size=1, max_size=4
).map(bytes)
VALUES = st.binary(min_size=1, max_size=3) | st.binary(min_size=30, max_size=70)
TRIES = st.dictionaries(KEYS, VALUES, min_size=1, max_size=40)
HASHED = st.dictionaries(st.binary(min_size=32, max_size=32), VALUES, min_size=1, max_size=20)


def test_the_empty_trie_has_the_root_that_everybody_knows() -> None:
    known = "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"
    assert EMPTY_ROOT.hex() == known
    assert ordered_root([]).hex() == known


@pytest.mark.parametrize("proof", [[], [b"\x80"]], ids=["no node", "the empty node"])
def test_the_empty_trie_holds_nothing(proof: list[bytes]) -> None:
    assert proven(EMPTY_ROOT, b"key", proof) is None


@given(TRIES | HASHED)
def test_every_value_of_a_trie_is_proven(values: dict[bytes, bytes]) -> None:
    root = tries.root(values)
    for key, value in values.items():
        assert proven(root, key, tries.proof(values, key)) == value


@given(TRIES | HASHED, KEYS | st.binary(min_size=32, max_size=32))
def test_the_absence_of_a_key_is_proven(values: dict[bytes, bytes], key: bytes) -> None:
    assume(key not in values)
    assert proven(tries.root(values), key, tries.proof(values, key)) is None


@given(TRIES | HASHED, st.data())
def test_a_proof_with_any_byte_changed_is_refused(
    values: dict[bytes, bytes], data: st.DataObject
) -> None:
    key = data.draw(st.sampled_from(sorted(values)) | KEYS)
    proof = tries.proof(values, key)
    place = data.draw(st.integers(0, len(proof) - 1))
    node = bytearray(proof[place])
    node[data.draw(st.integers(0, len(node) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ProofInvalid, match="does not hash"):
        proven(tries.root(values), key, [*proof[:place], bytes(node), *proof[place + 1 :]])


@given(TRIES | HASHED, st.data())
def test_a_proof_without_one_of_its_nodes_is_refused(
    values: dict[bytes, bytes], data: st.DataObject
) -> None:
    key = data.draw(st.sampled_from(sorted(values)) | KEYS)
    proof = tries.proof(values, key)
    place = data.draw(st.integers(0, len(proof) - 1))
    with pytest.raises(ProofInvalid, match=r"missing|does not hash"):
        proven(tries.root(values), key, [*proof[:place], *proof[place + 1 :]])


@given(TRIES | HASHED, st.data())
def test_a_proof_with_a_node_too_many_is_refused(
    values: dict[bytes, bytes], data: st.DataObject
) -> None:
    key = data.draw(st.sampled_from(sorted(values)) | KEYS)
    proof = tries.proof(values, key)
    extra = data.draw(st.sampled_from(proof) | st.binary(max_size=40))
    with pytest.raises(ProofInvalid, match="beyond"):
        proven(tries.root(values), key, [*proof, extra])


@given(TRIES)
def test_a_proof_of_another_trie_is_refused(values: dict[bytes, bytes]) -> None:
    key = min(values)
    with pytest.raises(ProofInvalid, match="does not hash"):
        proven(tries.root({**values, key: values[key] + b"!"}), key, tries.proof(values, key))


MALFORMED = {
    "no list": (b"\x83abc", "list is none"),
    "nothing": (b"", "missing"),
    "cut off": (b"\xc3\x80", "cut off"),
    "followed by more": (b"\xc0\x80", "list is none"),
    "three items": (b"\xc3\x80\x80\x80", "3 items"),
    "an item longer than its list": (b"\xc2\x20\x85abcde", "list is none"),
    "an item that ends beyond its list": (b"\xc3\x20\x83\x61", "cut off"),
    "a length in a long form": (b"\xf8\x02\x20\x61", "shortest"),
    "a byte in a long form": (b"\xc3\x81\x20\x61", "shortest"),
    "a length with leading zeros": (b"\xf9\x00\x40" + b"\x20" * 64, "shortest"),
    "a leaf that is empty": (b"\xc4\x82\x20k\x80", "leaf is empty"),
    "a leaf whose value is a list": (b"\xc4\x82\x20k\xc0", "string is none"),
    "a path with unknown flags": (b"\xc2\x40\x61", "path is malformed"),
    "a path padded with more than zero": (b"\xc2\x21\x61", "path is malformed"),
    "a path that is empty": (b"\xc2\x80\x61", "path is malformed"),
    "an extension without a path": (b"\xc2\x00\x61", "has no path"),
    "an extension that leads nowhere": (b"\xc2\x16\x80", "leads nowhere"),
    "a hash that is too short": (b"\xc3\x16\x81\x99", "node is missing"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_node_is_refused_though_it_hashes_to_the_root(name: str) -> None:
    node, reason = MALFORMED[name]
    with pytest.raises(ProofInvalid, match=reason):
        proven(tries.keccak(node), b"k", [node])


def test_a_node_of_32_bytes_held_by_its_parent_is_refused() -> None:
    leaf = library.encode([b"\x3b", b"v" * 29])
    assert len(leaf) == 32
    held = library.encode([b"\x16", library.decode(leaf)])
    with pytest.raises(ProofInvalid, match="too long"):
        proven(tries.keccak(held), b"\x6b", [held])


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=20))
def test_the_root_over_a_short_list_is_that_of_the_trie_over_its_indices(
    items: list[bytes],
) -> None:
    assert ordered_root(items) == _root_over(items)


@pytest.mark.parametrize("size", [1, 2, 16, 17, 127, 128, 129, 130, 255, 256, 257, 300, 1_000])
@pytest.mark.parametrize("length", [1, 90])
def test_the_root_over_a_long_list_is_that_of_the_trie_over_its_indices(
    size: int, length: int
) -> None:
    items = [index.to_bytes(2, "big").strip(b"\0") * length or b"0" for index in range(size)]
    assert ordered_root(items) == _root_over(items)


def _root_over(items: list[bytes]) -> bytes:
    return tries.root({library.encode(index): item for index, item in enumerate(items)})


NESTED = st.recursive(
    st.binary(max_size=70), lambda inner: st.lists(inner, max_size=6), max_leaves=30
)


@given(st.lists(NESTED, max_size=8))
def test_lists_are_taken_apart_and_put_together_as_the_rlp_library_does(
    values: list[object],
) -> None:
    encoded = library.encode(values)
    items = rlp.items(encoded)
    assert items == [library.encode(value) for value in values]
    assert rlp.sequence(items) == encoded


@given(st.binary(max_size=70) | st.integers(0, 300).map(bytes))
def test_strings_are_encoded_as_the_rlp_library_does(payload: bytes) -> None:
    assert rlp.text(payload) == library.encode(payload)
    assert rlp.payload(rlp.text(payload)) == payload


@given(st.integers(0, 2**256 - 1) | st.integers(0, 300))
def test_numbers_are_encoded_as_the_rlp_library_does(number: int) -> None:
    assert rlp.number(number) == library.encode(number)


@given(st.binary(max_size=12))
def test_what_the_rlp_library_refuses_is_refused(encoded: bytes) -> None:
    try:
        expected = [library.encode(item) for item in _listed(library.decode(encoded))]
    except (library.DecodingError, TypeError):
        with pytest.raises(ProofInvalid):
            _deeply(encoded)
    else:
        assert rlp.items(encoded) == expected


def _listed(decoded: object) -> list[object]:
    if not isinstance(decoded, list | tuple):
        raise TypeError
    return list(decoded)


def _deeply(item: bytes, is_top: bool = True) -> None:
    """Takes an item apart to its strings, as the library does at once."""
    if is_top or item[0] >= 0xC0:
        for each in rlp.items(item):
            _deeply(each, is_top=False)
    else:
        rlp.payload(item)
