"""Batches as they travel: the calldata of `castBallots` and `castPayBallots` taken apart.

One entry: flags(1: bits 0–1 choice, 2 reason follows, 3 long signature follows) memberId(4)
sequence(1) [rung(1) in pay votes], then r(32) vs(32) or length(2) signature, then length(2) reason.
"""

from collections.abc import Iterator
from typing import NamedTuple

from indexer.abi import ContractName

_REASON, _LONG = 4, 8


class Entry(NamedTuple):
    """One ballot of a batch; `said` is the number of the choice, or the rung of the ladder."""

    member_id: int
    sequence: int
    said: int
    signature: bytes
    """r ‖ vs of EIP-2098, r ‖ s ‖ v, or whatever a contract account takes."""
    reason: bytes


def entries(contract: ContractName, packed: bytes) -> Iterator[Entry]:
    """Yield the entries of a batch for that contract; ValueError where it is cut off."""
    is_pay = contract == "pay_rates"
    at, end = 0, len(packed)
    while at < end:
        flags = packed[at]
        member_id, sequence = int.from_bytes(packed[at + 1 : at + 5], "big"), packed[at + 5]
        said = packed[at + 6] if is_pay else flags & 3
        at += 7 if is_pay else 6
        if flags & _LONG:
            signature, at = _counted(packed, at)
        else:
            signature, at = packed[at : at + 64], at + 64
        reason = b""
        if flags & _REASON:
            reason, at = _counted(packed, at)
        if at > end:
            raise ValueError("the batch is cut off")
        yield Entry(member_id, sequence, said, signature, reason)


def _counted(packed: bytes, at: int) -> tuple[bytes, int]:
    start = at + 2
    stop = start + int.from_bytes(packed[at:start], "big")
    return packed[start:stop], stop
