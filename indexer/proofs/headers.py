"""Block headers: a header is what hashes to its block's hash, whatever the node says beside it."""

from collections.abc import Mapping
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from indexer.errors import HeaderForged
from indexer.hashing import keccak

_of_every_fork = itemgetter(
    *("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot"),
    *("logsBloom", "difficulty", "number", "gasLimit", "gasUsed", "timestamp", "extraData"),
    *("mixHash", "nonce"),
)
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

# By the number of its digits: what stands before a number in hex digits.
_PREFIXES = tuple(f"{0x80 + (size + 1) // 2:02x}" + "0" * (size % 2) for size in range(65))
_ENOUGH = 0x8000  # bytes of extra data; with these, a header's length still fits into two bytes


class Header(NamedTuple):
    """A block's header as its hash proves it; hashes are 0x-hex, `timestamp` is in seconds.

    `payload`: the RLP of its fields one after the other, the first of them of fixed lengths.
    """

    number: int
    hash: str
    parent_hash: str
    timestamp: int
    payload: bytes

    @property
    def state_root(self) -> bytes:
        """The root of the state after the block."""
        return self.payload[88:120]

    @property
    def receipts_root(self) -> bytes:
        """The root of the receipts of its transactions."""
        return self.payload[154:186]

    @property
    def logs_bloom(self) -> bytes:
        """Which contracts' logs it may hold: see `may_contain`."""
        return self.payload[189:445]


def header(answer: Mapping[str, Any]) -> Header:
    """Return the header that eth_getBlockBy… answered with.

    Raises HeaderForged unless keccak256 of its RLP is the hash that the answer claims.
    """
    try:
        return _opened(answer)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        reason = f"nothing, for it is unreadable ({error!r})"
        raise HeaderForged(answer.get("number"), answer.get("hash"), reason) from error


def _opened(answer: Mapping[str, Any]) -> Header:
    claimed, text, appended = answer["hash"].lower(), _fixed(answer), _appended(answer)
    for count in range(len(appended), -1, -1):
        payload = _bytes(text + "".join(appended[:count]))
        # The bloom alone takes 256 bytes, so the payload's length takes two.
        found = "0x" + keccak(b"\xf9" + len(payload).to_bytes(2, "big") + payload).hex()
        if found == claimed:
            parent = "0x" + answer["parentHash"][2:].lower()
            number, timestamp = int(answer["number"], 16), int(answer["timestamp"], 16)
            return Header(number, found, parent, timestamp, payload)
    raise HeaderForged(int(answer["number"], 16), answer["hash"], found)


def may_contain(bloom: bytes, address: bytes) -> bool:
    """Whether a block with this bloom may hold logs of that contract; if not, it holds none."""
    return all(bloom[place] & bit for place, bit in _bits(address))


@lru_cache(maxsize=64)
def _bits(address: bytes) -> tuple[tuple[int, int], ...]:
    """Return in which byte of a bloom which bit an address sets; three of them, of 2048 bits."""
    digest = keccak(address)
    numbers = (int.from_bytes(digest[at : at + 2], "big") % 2048 for at in (0, 2, 4))
    return tuple((255 - number // 8, 1 << number % 8) for number in numbers)


def _fixed(answer: Mapping[str, Any]) -> str:
    """Return the RLP of the fields that every header has, in hex digits.

    The prefixes are written down, so the lengths must be as they say: else a node could move bytes
    from one field to the next without changing the hash. Raises ValueError where they are not.
    """
    (
        parent,
        uncles,
        miner,
        state,
        transactions,
        receipts,
        bloom,
        difficulty,
        number,
        gas_limit,
        gas_used,
        timestamp,
        extra,
        mixed,
        nonce,
    ) = _of_every_fork(answer)
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
        f"a0{receipts[2:]}b90100{bloom[2:]}{_number(difficulty)}{_number(number)}"
        f"{_number(gas_limit)}{_number(gas_used)}{_number(timestamp)}{_string(extra)}"
        f"a0{mixed[2:]}88{nonce[2:]}"
    )


def _appended(answer: Mapping[str, Any]) -> list[str]:
    """Return the RLP of each field that may follow the fixed ones, in hex digits."""
    found = []
    for name, is_hash in _APPENDED:
        value = answer.get(name)
        if value is None:
            break
        found.append(_word(value) if is_hash else _number(value))
    return found


@lru_cache(maxsize=512)
def _word(text: str) -> str:
    """Return the RLP of 32 bytes, both in hex digits; cached as `_number` is."""
    if len(text) != 66:
        raise ValueError("a field has a wrong length")
    return "a0" + text[2:]


def _bytes(digits: str) -> bytes:
    """Return the bytes of hex digits; blanks, which `fromhex` skips, would move fields."""
    found = bytes.fromhex(digits)
    if 2 * len(found) != len(digits):
        raise ValueError("a field has blanks")
    return found


@lru_cache(maxsize=512)
def _number(text: str) -> str:
    """Return the RLP of a number, both in hex digits; raises ValueError unless it is of 256 bits.

    Cached, since most of a header's numbers are those of the header before.
    """
    digits = text[2:].lstrip("0")
    size = len(digits)
    if size > 64 or len(text) < 3:
        raise ValueError("a number is none of 256 bits")
    return digits.zfill(2) if 0 < size < 3 and int(digits, 16) < 0x80 else _PREFIXES[size] + digits


@lru_cache(maxsize=64)
def _string(text: str) -> str:
    """Return the RLP of a string, both in hex digits; raises ValueError for a very long one."""
    digits = text[2:]
    size = len(digits) // 2
    if size >= _ENOUGH:
        raise ValueError("a string is too long")
    if size == 1 and digits < "80":
        return digits
    if size <= 55:
        return f"{0x80 + size:02x}{digits}"
    return f"b8{size:02x}{digits}" if size < 256 else f"b9{size:04x}{digits}"
