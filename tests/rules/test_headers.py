"""Headers of every fork, encoded by the rlp library, and what a node could change in them."""

from typing import Any

import pytest
import rlp as library
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import HeaderForged
from indexer.proofs.headers import header, may_contain
from tests.rules.tries import keccak

WORD = st.binary(min_size=32, max_size=32)
NUMBER = st.integers(0, 300) | st.integers(0, 2**64 - 1)
FIXED: dict[str, st.SearchStrategy[bytes | int]] = {
    "parentHash": WORD,
    "sha3Uncles": WORD,
    "miner": st.binary(min_size=20, max_size=20),
    "stateRoot": WORD,
    "transactionsRoot": WORD,
    "receiptsRoot": WORD,
    "logsBloom": st.binary(min_size=256, max_size=256),
    "difficulty": st.integers(0, 2**256 - 1) | NUMBER,
    "number": NUMBER,
    "gasLimit": NUMBER,
    "gasUsed": NUMBER,
    "timestamp": NUMBER,
    "extraData": st.binary(max_size=32) | st.integers(0, 600).map(bytes),
    "mixHash": WORD,
    "nonce": st.binary(min_size=8, max_size=8),
}
APPENDED: dict[str, st.SearchStrategy[bytes | int]] = {
    "baseFeePerGas": NUMBER,
    "withdrawalsRoot": WORD,
    "blobGasUsed": NUMBER,
    "excessBlobGas": NUMBER,
    "parentBeaconBlockRoot": WORD,
    "requestsHash": WORD,
}
FIELDS = FIXED | APPENDED
HEADERS = st.fixed_dictionaries(FIELDS)
SAMPLE: dict[str, bytes | int] = {
    name: 0x1234 + place
    if name in ("difficulty", "number", "gasLimit", "gasUsed", "timestamp")
    or name in ("baseFeePerGas", "blobGasUsed", "excessBlobGas")
    else bytes([place + 1]) * {"miner": 20, "logsBloom": 256, "nonce": 8}.get(name, 32)
    for place, name in enumerate(FIELDS)
}
GENESIS = {
    "hash": "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3",
    "parentHash": "0x" + "00" * 32,
    "sha3Uncles": "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347",
    "miner": "0x" + "00" * 20,
    "stateRoot": "0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544",
    "transactionsRoot": "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421",
    "receiptsRoot": "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421",
    "logsBloom": "0x" + "00" * 256,
    "difficulty": "0x400000000",
    "number": "0x0",
    "gasLimit": "0x1388",
    "gasUsed": "0x0",
    "timestamp": "0x0",
    "extraData": "0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa",
    "mixHash": "0x" + "00" * 32,
    "nonce": "0x0000000000000042",
}


def answer(fields: dict[str, bytes | int], hashed: int = len(FIELDS)) -> dict[str, Any]:
    """What a node says of a header of which the first few fields are hashed."""
    said: dict[str, Any] = {
        name: hex(value) if isinstance(value, int) else "0x" + value.hex()
        for name, value in fields.items()
    }
    encoded = library.encode([fields[name] for name in list(FIELDS)[:hashed]])
    return said | {"hash": "0x" + keccak(encoded).hex()}


def rehashed(said: dict[str, Any]) -> dict[str, Any]:
    """The header of a node's answer in which something was changed, with the hash that it has."""
    fields: dict[str, bytes | int] = {
        name: int(said[name], 16)
        if isinstance(SAMPLE[name], int)
        else bytes.fromhex(said[name][2:])
        for name in FIELDS
    }
    return said | {"hash": answer(fields)["hash"]}


def test_the_first_block_of_the_main_chain_hashes_to_the_hash_that_everybody_knows() -> None:
    found = header(GENESIS)
    assert found.hash == GENESIS["hash"]
    assert found.state_root.hex() == GENESIS["stateRoot"][2:]


@given(HEADERS, st.integers(len(FIXED), len(FIELDS)))
def test_a_header_of_any_fork_is_opened_whatever_the_node_lists_beside_it(
    fields: dict[str, bytes | int], hashed: int
) -> None:
    found = header(answer(fields, hashed))
    assert found.number == fields["number"]
    assert found.timestamp == fields["timestamp"]
    assert "0x" + found.parent_hash[2:] == answer(fields)["parentHash"]
    assert found.hash == answer(fields, hashed)["hash"]
    assert found.state_root == fields["stateRoot"]
    assert found.receipts_root == fields["receiptsRoot"]
    assert found.logs_bloom == fields["logsBloom"]


@pytest.mark.parametrize("hashed", range(len(FIXED), len(FIELDS) + 1))
def test_a_field_that_is_none_is_not_part_of_the_header(hashed: int) -> None:
    absent: dict[str, Any] = dict.fromkeys(list(FIELDS)[hashed:])
    assert header(answer(SAMPLE, hashed) | absent).number == SAMPLE["number"]


@pytest.mark.parametrize("name", [*FIELDS, "hash"])
def test_a_changed_field_is_refused(name: str) -> None:
    said = answer(SAMPLE)
    last = said[name][-1]
    said[name] = said[name][:-1] + ("0" if last != "0" else "1")
    with pytest.raises(HeaderForged):
        header(said)


@pytest.mark.parametrize("name", [*FIELDS, "hash"])
def test_a_missing_field_is_refused(name: str) -> None:
    said = answer(SAMPLE)
    del said[name]
    with pytest.raises(HeaderForged):
        header(said)


@pytest.mark.parametrize("name", [*FIELDS, "hash"])
@pytest.mark.parametrize("value", [None, 7, "", "0x", "0xzz", "-0x81", "0x" + "ff" * 70_000, []])
def test_what_is_no_field_at_all_is_refused(name: str, value: object) -> None:
    with pytest.raises(HeaderForged):
        header(answer(SAMPLE) | {name: value})


def test_bytes_moved_from_one_field_to_the_next_are_refused() -> None:
    said = answer(SAMPLE | {"parentHash": b"\xa0" * 32, "sha3Uncles": b"\xa0" * 32})
    said["parentHash"] += "a0"
    said["sha3Uncles"] = said["sha3Uncles"][:-2]
    with pytest.raises(HeaderForged, match="wrong length"):
        header(said)


def test_blanks_that_stand_for_moved_bytes_are_refused() -> None:
    said = answer(SAMPLE)
    said["stateRoot"] = said["stateRoot"][:-2] + "  "
    with pytest.raises(HeaderForged, match="blanks"):
        header(said)


def test_hex_digits_in_capitals_make_no_other_hash() -> None:
    said = answer(SAMPLE)
    capitals = {name: "0x" + value[2:].upper() for name, value in said.items()}
    assert header(capitals) == header(said)


@given(st.lists(st.binary(min_size=20, max_size=20), max_size=8), st.binary(min_size=20))
def test_a_bloom_may_contain_what_set_its_bits_and_nothing_else(
    logged: list[bytes], other: bytes
) -> None:
    bits = set().union(*map(_bits, logged))
    bloom = sum(1 << bit for bit in bits).to_bytes(256, "big")
    assert all(may_contain(bloom, address) for address in logged)
    assert may_contain(bloom, other) == (_bits(other) <= bits)


def _bits(address: bytes) -> set[int]:
    digest = int.from_bytes(keccak(address)[:6], "big")
    return {digest >> shift & 0x7FF for shift in (32, 16, 0)}
