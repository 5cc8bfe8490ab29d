"""Recomputes the word that a ballot commits to, `content`, from what the member can read.

The formulas are in IAssembly and IPayRates. A member who signs a ballot signs that word, so it is
computed here from the shown text and actions and never taken from a server.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from eth_utils.crypto import keccak

from indexer.rules import content
from indexer.rules.content import Action, is_hashed
from node.packing import Ladder

__all__ = [
    "Action",
    "PayVoteParts",
    "ProposalParts",
    "changed_targets",
    "code_hash",
    "hashed_description",
    "is_hashed",
    "pay_vote_content",
    "proposal_content",
    "text_hash",
]

NO_CODE_HASH = bytes(32)


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
    return content.proposal_content(
        content.ProposalParts(
            chain_id=parts.chain_id,
            assembly=parts.assembly,
            proposal_id=parts.proposal_id,
            decision_class=parts.decision_class,
            rule_version=parts.rule_version,
            opens_at=parts.opens_at,
            actions=parts.actions,
            code_hashes=parts.code_hashes,
            text_hash=parts.confirms or text_hash(parts.description),
        )
    )


def pay_vote_content(parts: PayVoteParts) -> bytes:
    """The 32 bytes that ballots in this pay vote name."""
    return content.pay_vote_content(
        content.PayVoteParts(
            chain_id=parts.chain_id,
            pay_rates=parts.pay_rates,
            pay_vote_id=parts.pay_vote_id,
            role=parts.role,
            rule_version=parts.rule_version,
            opens_at=parts.opens_at,
            deadline=parts.deadline,
            from_=parts.ladder.start,
            step=parts.ladder.step,
            rungs=parts.ladder.rungs,
            present_rung=parts.present_rung,
        )
    )


def text_hash(description: str) -> bytes:
    """keccak256 of the description as the chain holds it, in UTF-8."""
    return keccak(description.encode())


def hashed_description(text: str) -> str:
    """The description of a proposal about a person: "0x" and its text's hash."""
    return "0x" + text_hash(text).hex()


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
