"""Receipts: where and how a ballot was counted, and how anyone can check it."""

from dataclasses import dataclass
from typing import Any

from node.ballot import AnyBallot, Ballot, SignedBallot


@dataclass(frozen=True)
class Receipt:
    """What became of one ballot. `status`: counted, skipped, replaced, waiting, or simulated."""

    ballot: AnyBallot
    ballot_hash: bytes
    status: str
    tx: str | None = None
    block: int | None = None
    log_index: int | None = None
    refusal: int = 0
    """The contract's Refusal when it was skipped."""

    def data(self) -> dict[str, Any]:
        """The `data` of a document of kind receipt."""
        return {
            **_voted(self.ballot),
            "ballot_hash": self.ballot_hash,
            "block": self.block,
            "log_index": self.log_index,
            "status": self.status,
            "tx": self.tx,
        }


def receipt(signed: SignedBallot, status: str, **found: Any) -> Receipt:
    """The receipt of a signed ballot."""
    return Receipt(signed.ballot, signed.ballot_hash, status, **found)


def _voted(ballot: AnyBallot) -> dict[str, Any]:
    common = {"member_id": ballot.member_id, "epoch": ballot.epoch, "sequence": ballot.sequence}
    if isinstance(ballot, Ballot):
        return {"proposal_id": ballot.proposal_id, "choice": ballot.choice, **common}
    return {"pay_vote_id": ballot.pay_vote_id, "rate": ballot.rate, **common}
