# ruff: noqa: N803 -- the parameters bear the names of the ABI
"""Proposals: creation, deadlines, and the steps to their end."""

from collections.abc import Sequence

from indexer.handlers.known import Known
from indexer.handlers.row import Row, hexed, row
from indexer.rules.bylaws import DecisionClass
from indexer.tables import (
    DeadlineMove,
    FrozenCode,
    ProposalAction,
    ProposalFreeze,
    ProposalRow,
    ProposalStep,
)


def proposal_created(
    _: Known,
    proposalId: int,
    proposer: str,
    targets: Sequence[str],
    values: Sequence[int],
    signatures: Sequence[str],
    calldatas: Sequence[bytes],
    voteStart: int,
    voteEnd: int,
    description: str,
) -> list[Row]:
    """A proposal with its actions, one row each."""
    created = row(
        ProposalRow,
        proposal_id=proposalId,
        proposer=proposer,
        opens_at=voteStart,
        closes_at=voteEnd,
        description=description,
    )
    actions = zip(targets, values, signatures, calldatas, strict=True)
    return [created] + [
        row(
            ProposalAction,
            position=position,
            proposal_id=proposalId,
            target=target,
            value=str(value),
            signature=signature,
            calldata=hexed(calldata),
        )
        for position, (target, value, signature, calldata) in enumerate(actions)
    ]


def proposal_frozen(
    _: Known,
    proposalId: int,
    class_: int,
    ruleVersion: int,
    proposerId: int,
    subjectId: int,
    confirms: int,
    content: bytes,
    codeHashes: Sequence[bytes],
    textHash: bytes,
) -> list[Row]:
    """What else the proposal froze, with the code hash of each action's target."""
    frozen = row(
        ProposalFreeze,
        proposal_id=proposalId,
        decision_class=DecisionClass(class_).word,
        rule_version=ruleVersion,
        proposer_id=proposerId,
        subject_id=subjectId,
        confirms=confirms,
        content=hexed(content),
        text_hash=hexed(textHash),
    )
    return [frozen] + [
        row(FrozenCode, position=position, proposal_id=proposalId, code_hash=hexed(code_hash))
        for position, code_hash in enumerate(codeHashes)
    ]


def proposal_extended(_: Known, proposalId: int, extendedDeadline: int) -> list[Row]:
    """A late swing moved the deadline."""
    return [_move(proposalId, "extended", extendedDeadline)]


def second_call_opened(_: Known, proposalId: int, deadline: int) -> list[Row]:
    """The first ballot after a missed quorum; the vote goes on until this deadline."""
    return [_move(proposalId, "second_called", deadline)]


def proposal_canceled(_: Known, proposalId: int) -> list[Row]:
    """The proposer withdrew it, or the person concerned objected."""
    return [_step(proposalId, "canceled")]


def proposal_queued(_: Known, proposalId: int, etaSeconds: int) -> list[Row]:
    """The execution delay runs until `etaSeconds`."""
    return [_step(proposalId, "queued", etaSeconds)]


def proposal_executed(_: Known, proposalId: int) -> list[Row]:
    """All actions were carried out."""
    return [_step(proposalId, "executed")]


def _move(proposal_id: int, change: str, deadline: int) -> Row:
    return row(DeadlineMove, proposal_id=proposal_id, change=change, deadline=deadline)


def _step(proposal_id: int, step: str, eta: int | None = None) -> Row:
    return row(ProposalStep, proposal_id=proposal_id, step=step, eta=eta)
