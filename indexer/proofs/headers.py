"""Block headers: a header is what hashes to its block's hash, whatever the node says beside it."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from indexer.errors import HeaderForged
from indexer.hashing import keccak

# Fields that forks appended, in their order; True: 32 bytes, False: a number. A header holds the
# first few of them, which the hash decides: some nodes list fields that are not part of it.
_APPENDED = (
    ("baseFeePerGas", False),
    ("withdrawalsRoot", True),
    ("blobGasUsed", False),
    ("excessBlobGas", False),
    ("parentBeaconBlockRoot", True),
    ("requestsHash", True),
)

_ENOUGH = 0x8000  # bytes of extra data; with these, a header's length still fits into two bytes


class Header(NamedTuple):
    """A block's header as its hash proves it; hashes are 0x-hex, `timestamp` is in seconds."""

    number: int
    hash: str
    parent_hash: str
    timestamp: int
    state_root: bytes
    receipts_root: bytes
    logs_bloom: bytes


def header(answer: Mapping[str, Any]) -> Header:
    """Return the header that eth_getBlockBy… answered with.

    Raises HeaderForged unless keccak256 of its RLP is the hash that the answer claims.
    """
    try:
        return _opened(answer)
    except (KeyError, TypeError, ValueError) as error:
        reason = f"nothing, for it is unreadable ({error!r})"
        raise HeaderForged(answer.get("number"), answer.get("hash"), reason) from error


def _opened(answer: Mapping[str, Any]) -> Header:
    number, timestamp = int(answer["number"], 16), int(answer["timestamp"], 16)
    claimed = bytes.fromhex(answer["hash"][2:])
    fixed = _fixed(answer, number, timestamp)
    found = b""
    for tail in reversed(_tails(answer)):
        payload = _bytes(fixed + tail)
        # The bloom alone takes 256 bytes, so the payload's length takes two.
        found = keccak(b"\xf9" + len(payload).to_bytes(2, "big") + payload)
        if found == claimed:
            return Header(
                number,
                "0x" + found.hex(),
                "0x" + payload[1:33].hex(),
                timestamp,
                payload[88:120],
                payload[154:186],
                payload[189:445],
            )
    raise HeaderForged(number, answer["hash"], "0x" + found.hex())


def may_contain(bloom: bytes, address: bytes) -> bool:
    """Whether a block with this bloom may hold logs of that contract; if not, it holds none."""
    return all(bloom[place] & bit for place, bit in _bits(address))


@lru_cache(maxsize=64)
def _bits(address: bytes) -> tuple[tuple[int, int], ...]:
    """Return in which byte of a bloom which bit an address sets; three of them, of 2048 bits."""
    digest = keccak(address)
    numbers = (int.from_bytes(digest[at : at + 2], "big") % 2048 for at in (0, 2, 4))
    return tuple((255 - number // 8, 1 << number % 8) for number in numbers)


def _fixed(answer: Mapping[str, Any], number: int, timestamp: int) -> str:
    """Return the RLP of the fields that every header has, in hex digits.

    The prefixes are written down, so the lengths must be as they say: else a node could move bytes
    from one field to the next without changing the hash. Raises ValueError where they are not.
    """
    parent, uncles, miner = answer["parentHash"], answer["sha3Uncles"], answer["miner"]
    state, transactions = answer["stateRoot"], answer["transactionsRoot"]
    receipts, bloom = answer["receiptsRoot"], answer["logsBloom"]
    extra, mixed, nonce = answer["extraData"][2:], answer["mixHash"], answer["nonce"]
    if not (
        len(parent) == len(uncles) == len(state) == len(transactions) == len(receipts) == 66
        and len(mixed) == 66
        and len(miner) == 42
        and len(bloom) == 514
        and len(nonce) == 18
    ):
        raise ValueError("a field has a wrong length")
    return (
        f"a0{parent[2:]}a0{uncles[2:]}94{miner[2:]}a0{state[2:]}a0{transactions[2:]}"
        f"a0{receipts[2:]}b90100{bloom[2:]}{_number(int(answer['difficulty'], 16))}"
        f"{_number(number)}{_number(int(answer['gasLimit'], 16))}"
        f"{_number(int(answer['gasUsed'], 16))}{_number(timestamp)}"
        f"{_string(extra)}a0{mixed[2:]}88{nonce[2:]}"
    )


def _tails(answer: Mapping[str, Any]) -> list[str]:
    """Return what may follow the fixed fields: nothing, or one appended field more each time."""
    digits = ""
    found = [digits]
    for name, is_hash in _APPENDED:
        value = answer.get(name)
        if value is None:
            break
        if not is_hash:
            digits += _number(int(value, 16))
        elif len(value) == 66:
            digits += "a0" + value[2:]
        else:
            raise ValueError(f"{name} has a wrong length")
        found.append(digits)
    return found


def _bytes(digits: str) -> bytes:
    """Return the bytes of hex digits; blanks, which `fromhex` skips, would move fields."""
    found = bytes.fromhex(digits)
    if 2 * len(found) != len(digits):
        raise ValueError("a field has blanks")
    return found


def _number(value: int) -> str:
    """Return the RLP of a number in hex digits; raises ValueError unless it is of 256 bits."""
    if value < 0x80:
        if value < 0:
            raise ValueError("a number is below zero")
        return f"{value:02x}" if value else "80"
    if value >> 256:
        raise ValueError("a number is too large")
    digits = f"{value:x}"
    if len(digits) % 2:
        digits = "0" + digits
    return f"{0x80 + len(digits) // 2:02x}{digits}"


def _string(digits: str) -> str:
    """Return the RLP of a string in hex digits; raises ValueError for a very long one."""
    size = len(digits) // 2
    if size >= _ENOUGH:
        raise ValueError("a string is too long")
    if size == 1 and digits < "80":
        return digits
    if size <= 55:
        return f"{0x80 + size:02x}{digits}"
    return f"b8{size:02x}{digits}" if size < 256 else f"b9{size:04x}{digits}"
