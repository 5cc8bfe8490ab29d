"""Receipts: where and how a ballot was counted, and how anyone can check it."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from indexer import queries
from indexer.queries import AsOf, BallotInfo, PayBallotInfo
from node.ballot import AnyBallot, Ballot, PayBallot, SignedBallot, ballot_hash
from node.domains import expected_domain
from node.instance import Instance
from node.typed_data import Domain


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
            "ballot_hash": "0x" + self.ballot_hash.hex(),
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


def prove(found: Receipt) -> str:
    """The command that proves a receipt."""
    ballot = found.ballot
    subject = f"{ballot.subject}" if isinstance(ballot, Ballot) else f"--pay-vote {ballot.subject}"
    return f"coop receipt show {subject} --member {ballot.member_id}"


def of_member(
    session: Session, at: AsOf, instance: Instance, proposal_id: int, member_id: int
) -> list[Receipt]:
    """Receipts of a member's ballots on a proposal, oldest first; its hash is computed anew."""
    content = bytes.fromhex(queries.proposal(session, at, proposal_id).content[2:])
    domain = expected_domain(instance, "Assembly")
    found = queries.ballots(session, at, proposal_id=proposal_id, member_id=member_id)
    return [
        _from_mirror(
            Ballot(
                proposal_id,
                content,
                each.choice,  # type: ignore[arg-type]  # the mirror knows these words only
                member_id,
                each.epoch,
                each.sequence,
                each.reason,
            ),
            domain,
            each,
        )
        for each in found
    ]


def of_member_on_pay(
    session: Session, at: AsOf, instance: Instance, pay_vote_id: int, member_id: int
) -> list[Receipt]:
    """Receipts of a member's ballots in a pay vote, oldest first."""
    content = bytes.fromhex(queries.pay_vote(session, at, pay_vote_id).content[2:])
    domain = expected_domain(instance, "PayRates")
    found = queries.pay_ballots(session, at, pay_vote_id=pay_vote_id, member_id=member_id)
    return [
        _from_mirror(
            PayBallot(
                pay_vote_id,
                content,
                each.rate,
                member_id,
                each.epoch,
                each.sequence,
                each.reason,
            ),
            domain,
            each,
        )
        for each in found
    ]


def _from_mirror(ballot: AnyBallot, domain: Domain, found: BallotInfo | PayBallotInfo) -> Receipt:
    return Receipt(
        ballot=ballot,
        ballot_hash=ballot_hash(ballot, domain),
        status=found.status,
        tx=found.tx,
        block=found.block,
        log_index=found.log_index,
    )
