"""Recomputes the word that a ballot commits to, `content`, from what the member can read.

The formulas are in IAssembly and IPayRates. A member who signs a ballot signs that word, so it is
computed here from the shown text and actions and never taken from a server.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from node.packing import Ladder

NO_CODE_HASH = bytes(32)
_TEXT_HASH = re.compile(r"0x[0-9a-f]{64}")


@dataclass(frozen=True)
class Action:
    """What the Assembly calls when a proposal is executed."""

    target: str
    """Checksummed address."""
    value: int
    """Wei."""
    data: bytes


@dataclass(frozen=True)
class ProposalParts:
    """All that a proposal froze."""

    chain_id: int
    assembly: str
    proposal_id: int
    decision_class: int
    """The contract's DecisionClass."""
    rule_version: int
    opens_at: int
    """Seconds since 1970."""
    actions: tuple[Action, ...]
    code_hashes: tuple[bytes, ...]
    description: str
    confirms: bytes = b""
    """Content of the proposal that a confirming vote is about; it stands for the text."""


@dataclass(frozen=True)
class PayVoteParts:
    """All that a pay vote froze; `role` is the name's 32 bytes, times in seconds since 1970."""

    chain_id: int
    pay_rates: str
    pay_vote_id: int
    role: bytes
    rule_version: int
    opens_at: int
    deadline: int
    ladder: Ladder
    present_rung: int


def proposal_content(parts: ProposalParts) -> bytes:
    """The 32 bytes that ballots on this proposal name."""
    return keccak(
        encode(
            [
                "uint256",
                "address",
                "uint256",
                "uint8",
                "uint32",
                "uint40",
                "bytes32",
                "bytes32",
                "bytes32",
            ],
            [
                parts.chain_id,
                parts.assembly,
                parts.proposal_id,
                parts.decision_class,
                parts.rule_version,
                parts.opens_at,
                _actions_hash(parts.actions),
                keccak(b"".join(parts.code_hashes)),
                parts.confirms or text_hash(parts.description),
            ],
        )
    )


def _actions_hash(actions: Sequence[Action]) -> bytes:
    values = [(action.target, action.value, action.data) for action in actions]
    return keccak(encode(["(address,uint256,bytes)[]"], [values]))


def pay_vote_content(parts: PayVoteParts) -> bytes:
    """The 32 bytes that ballots in this pay vote name."""
    ladder = parts.ladder
    return keccak(
        encode(
            [
                *("uint256", "address", "uint256", "bytes32", "uint32", "uint40", "uint40"),
                *("uint48", "uint48", "uint16", "uint8"),
            ],
            [
                parts.chain_id,
                parts.pay_rates,
                parts.pay_vote_id,
                parts.role,
                parts.rule_version,
                parts.opens_at,
                parts.deadline,
                ladder.start,
                ladder.step,
                ladder.rungs,
                parts.present_rung,
            ],
        )
    )


def text_hash(description: str) -> bytes:
    """keccak256 of the description as the chain holds it, in UTF-8."""
    return keccak(description.encode())


def hashed_description(text: str) -> str:
    """The description of a proposal about a person: "0x" and its text's hash."""
    return "0x" + text_hash(text).hex()


def is_hashed(description: str) -> bool:
    """Whether a description only names the hash of a text that travels as a file."""
    return _TEXT_HASH.fullmatch(description) is not None


def code_hash(code: bytes) -> bytes:
    """The EXTCODEHASH that a proposal freezes for a target; zero for a target without code."""
    return keccak(code) if code else NO_CODE_HASH


def changed_targets(
    actions: Sequence[Action], frozen: Sequence[bytes], present: Sequence[bytes]
) -> tuple[str, ...]:
    """Targets whose code is no longer what the proposal froze: its execution would be refused."""
    return tuple(
        action.target
        for action, then, now in zip(actions, frozen, present, strict=True)
        if then != now
    )
