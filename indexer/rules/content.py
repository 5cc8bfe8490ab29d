"""The word that every ballot commits to, `content`, from all that it stands for.

The formulas are in IAssembly.sol and IPayRates.sol.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from eth_abi.abi import encode

from indexer.hashing import keccak
from indexer.rules.bylaws import DecisionClass

_HASHED = re.compile(r"0x[0-9a-f]{64}")
_BAD_BYTE = re.compile(r"(\\x[0-9a-f]{2})")
_MOST_BAD_BYTES = 10  # 1,024 spellings


class Action(NamedTuple):
    """What the Assembly calls: a checksummed address, wei, calldata."""

    target: str
    value: int
    data: bytes


@dataclass(frozen=True)
class ProposalParts:
    """All that a proposal froze; `opens_at` in seconds."""

    chain_id: int
    assembly: str
    proposal_id: int
    decision_class: int
    rule_version: int
    opens_at: int
    actions: tuple[Action, ...]
    code_hashes: tuple[bytes, ...]
    text_hash: bytes
    """keccak256 of the description; of a confirming vote the content that it confirms."""


@dataclass(frozen=True)
class PayVoteParts:
    """All that a pay vote froze; `role` is the name's 32 bytes, moments in seconds."""

    chain_id: int
    pay_rates: str
    pay_vote_id: int
    role: bytes
    rule_version: int
    opens_at: int
    deadline: int
    from_: int
    step: int
    rungs: int
    present_rung: int


def proposal_content(parts: ProposalParts) -> bytes:
    """Return the 32 bytes that ballots on the proposal name."""
    actions = actions_hash(parts.actions)
    codes = keccak(b"".join(parts.code_hashes))
    types = ["uint256", "address", "uint256", "uint8", "uint32", "uint40", *["bytes32"] * 3]
    first = (parts.chain_id, parts.assembly, parts.proposal_id)
    froze = (parts.decision_class, parts.rule_version, parts.opens_at)
    return keccak(encode(types, [*first, *froze, actions, codes, parts.text_hash]))


def actions_hash(actions: Sequence[Action]) -> bytes:
    """Return the 32 bytes that stand for all actions of a proposal."""
    return keccak(encode(["(address,uint256,bytes)[]"], [list(actions)]))


def substance(
    decision_class: DecisionClass, actions: Sequence[Action], text_hash: bytes, subject: int
) -> bytes:
    """Return the 32 bytes of what must not come again at once (contracts/modules/Proposals).

    A resolution is its text; a removal is the act and the person; others are their actions.
    """
    if not actions:
        parts = [text_hash]
    elif decision_class is DecisionClass.REMOVAL:
        parts = [actions[0].data[:4].ljust(32, b"\0"), subject.to_bytes(32)]
    else:
        parts = [actions_hash(actions)]
    return keccak(b"".join([decision_class.to_bytes(32), *parts]))


def pay_vote_content(parts: PayVoteParts) -> bytes:
    """Return the 32 bytes that ballots in the pay vote name."""
    types = ["uint256", "address", "uint256", "bytes32", "uint32", "uint40", "uint40"]
    types += ["uint48", "uint48", "uint16", "uint8"]
    first = (parts.chain_id, parts.pay_rates, parts.pay_vote_id, parts.role)
    when = (parts.rule_version, parts.opens_at, parts.deadline)
    ladder = (parts.from_, parts.step, parts.rungs, parts.present_rung)
    return keccak(encode(types, [*first, *when, *ladder]))


def is_hashed(description: str) -> bool:
    """Return whether a description only names the hash of a text that travels as a file."""
    return _HASHED.fullmatch(description) is not None


def spellings(text: str) -> Iterator[bytes]:
    """Return every run of bytes that is read as this text, where \\xNN can be a bad byte or the
    four characters themselves. None at all if there are more than 1,024."""
    pieces = _BAD_BYTE.split(text)
    if len(pieces) // 2 > _MOST_BAD_BYTES:
        return
    choices: list[Sequence[bytes]] = [
        (piece.encode(), bytes([int(piece[2:], 16)])) if index % 2 else (piece.encode(),)
        for index, piece in enumerate(pieces)
    ]
    for chosen in product(*choices):
        yield b"".join(chosen)


def least_size(text: str) -> int:
    """Return the least number of bytes that can be read as this text."""
    return len(_BAD_BYTE.sub("?", text).encode())
