# ruff: noqa: N803 -- the parameters bear the names of the ABI
"""What the person concerned did: reply, appeal, objection."""

from indexer.handlers.known import Known
from indexer.handlers.row import Row, hexed, row
from indexer.tables import Appeal, Objection, Reply


def reply_recorded(_: Known, proposalId: int, memberId: int, replyHash: bytes) -> list[Row]:
    """A reply to a Removal is on record, by its hash."""
    return [row(Reply, proposal_id=proposalId, member_id=memberId, reply_hash=hexed(replyHash))]


def proposal_appealed(_: Known, proposalId: int, confirmation: int) -> list[Row]:
    """Execution waits for the confirming vote."""
    return [row(Appeal, proposal_id=proposalId, confirmation=confirmation)]


def recovery_objected(_: Known, proposalId: int, memberId: int) -> list[Row]:
    """The present key objected to its replacement; the cancellation follows as its own event."""
    return [row(Objection, proposal_id=proposalId, member_id=memberId)]
