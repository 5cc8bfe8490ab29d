# ruff: noqa: N803 -- the parameters bear the names of the ABI
"""Pay votes and their ballots."""

from indexer.handlers.known import Known
from indexer.handlers.row import Row, hexed, row
from indexer.rules.pay import logged_ballot
from indexer.tables import PayBallotRow, PayVoteResult, PayVoteRow


def pay_vote_opened(
    _: Known,
    payVoteId: int,
    role: bytes,
    openerId: int,
    ruleVersion: int,
    opensAt: int,
    deadline: int,
    from_: int,
    step: int,
    rungs: int,
    presentRung: int,
    content: bytes,
) -> list[Row]:
    """A pay vote was called, with the ladder that the contract computed."""
    return [
        row(
            PayVoteRow,
            pay_vote_id=payVoteId,
            role=hexed(role),
            opener_id=openerId,
            rule_version=ruleVersion,
            opens_at=opensAt,
            closes_at=deadline,
            from_=from_,
            step=step,
            rungs=rungs,
            present_rung=presentRung,
            content=hexed(content),
        )
    ]


def pay_ballot_cast(known: Known, ballot: int) -> list[Row]:
    """A pay ballot was counted, in place of the member's earlier one if there was one."""
    return pay_ballot_cast_with_reason(known, ballot, "")


def pay_ballot_cast_with_reason(known: Known, ballot: int, reason: str) -> list[Row]:
    """The same of a ballot that says why."""
    cast = logged_ballot(ballot)
    return [
        row(
            PayBallotRow,
            pay_vote_id=cast.pay_vote_id,
            member_id=cast.member_id,
            rate=cast.rate,
            epoch=known.epoch_of(cast.member_id),
            sequence=cast.sequence,
            reason=reason,
        )
    ]


def pay_vote_closed(
    _: Known, payVoteId: int, ballots: int, filled: int, median: int, result: int
) -> list[Row]:
    """A pay vote was counted."""
    return [
        row(
            PayVoteResult,
            pay_vote_id=payVoteId,
            ballots=ballots,
            filled=filled,
            median=median,
            result=result,
        )
    ]
