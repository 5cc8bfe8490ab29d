"""Whole tables, row by row, for files that leave the mirror: flat, typed, in a fixed order.

No table is in memory as a whole. A row is a NamedTuple whose fields are the columns; their types
are str, int, bool, Moment, one of these or None, and Nested for what has a shape of its own.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from heapq import merge
from typing import Any, NamedTuple

from sqlalchemy import Select
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from indexer import abi
from indexer.abi import Parameter
from indexer.moment import Moment
from indexer.queries.actions import actions
from indexer.queries.as_of import AsOf
from indexer.queries.courses import Proposal, proposals_of
from indexer.queries.events import events
from indexer.queries.facts import streamed
from indexer.queries.members import each_member
from indexer.queries.pay import currency, role_name
from indexer.queries.proposals import summary
from indexer.tables import BallotRow, Block, Log, PayBallotRow, ProposalRow, Rate

TOGETHER = 200
"""Proposals whose facts are held in memory at once."""

_EXACT = 53  # bits of an integer that every JSON reader takes without loss


class Nested(NamedTuple):
    """A value with a shape of its own: JSON where a column can't hold it."""

    value: Any


class Member(NamedTuple):
    """A member, or with `member_id` None a candidate."""

    member_id: int | None
    account: str
    status: str
    since: Moment
    until: Moment | None
    suspended_until: Moment | None
    admissible_at: Moment | None
    epoch: int
    profile_hash: str | None


class ProposalExport(NamedTuple):
    """A proposal at the block's moment; votes, roll and quorum in members."""

    proposal_id: int
    class_: str
    state: str
    proposer_id: int | None
    subject_id: int | None
    title: str
    text: str
    text_hash: str
    actions: Nested
    created_at: Moment
    opens_at: Moment
    closes_at: Moment
    second_call: bool
    execute_after: Moment | None
    expires_at: Moment | None
    votes_for: int
    votes_against: int
    votes_abstain: int
    roll: int
    quorum: int
    rule_version: int
    confirms: int | None
    confirmation: int | None
    content: str
    block: int
    tx: str


class Ballot(NamedTuple):
    """A counted ballot: on a proposal, with a choice, or in a pay vote, with a rate."""

    block: int
    log_index: int
    cast_at: Moment
    proposal_id: int | None
    pay_vote_id: int | None
    member_id: int
    choice: str | None
    rate: int | None
    epoch: int
    sequence: int
    status: str
    reason: str
    tx: str


class RateExport(NamedTuple):
    """A rate in minor units of the currency per hour, and from when it was in force."""

    block: int
    log_index: int
    role: str
    rate: int
    currency: str
    since: Moment
    pay_vote_id: int | None
    tx: str


class Event(NamedTuple):
    """An event in its place on the chain; `args` by the ABI's names."""

    block: int
    log_index: int
    at: Moment
    contract: str
    event: str
    args: Nested
    tx: str


def member_rows(session: Session, as_of: AsOf) -> Iterator[Member]:
    """Give the members by memberId, then the candidates by date."""
    for each in each_member(session, as_of):
        yield Member(*each)


def proposal_rows(session: Session, as_of: AsOf) -> Iterator[ProposalExport]:
    """Give the proposals by id."""
    row = ProposalRow
    last = 0
    while True:
        page = (
            columns(col(row.proposal_id))
            .where(col(row.block) <= as_of.block, col(row.proposal_id) > last)
            .order_by(col(row.proposal_id))
            .limit(TOGETHER)
        )
        ids = tuple(session.connection().execute(page).scalars())
        if not ids:
            return
        found = proposals_of(session, as_of, ids)
        yield from (_proposal(session, as_of, found[number]) for number in ids)
        last = ids[-1]


def ballot_rows(session: Session, as_of: AsOf) -> Iterator[Ballot]:
    """Give all counted ballots, replaced ones and those of pay votes included, as the chain has
    them."""
    return merge(
        _ballots(session, as_of, BallotRow, "proposal_id", "choice"),
        _ballots(session, as_of, PayBallotRow, "pay_vote_id", "rate"),
        key=lambda ballot: (ballot.block, ballot.log_index),
    )


def rate_rows(session: Session, as_of: AsOf) -> Iterator[RateExport]:
    """Give all rates of all roles in the order in which they came into force."""
    word = currency(session, as_of)
    for moment, tx, block, log_index, role, rate, pay_vote_id in streamed(
        session, _placed(as_of, Rate, Rate.role, Rate.rate, Rate.pay_vote_id)
    ):
        yield RateExport(
            block=block,
            log_index=log_index,
            role=role_name(role),
            rate=rate,
            currency=word,
            since=Moment(moment),
            pay_vote_id=pay_vote_id or None,
            tx=tx,
        )


def event_rows(session: Session, as_of: AsOf) -> Iterator[Event]:
    """Give all events in order, integers of types wider than 53 bits as decimal text."""
    for each in events(session, as_of):
        inputs = _inputs(each.contract, each.event)
        yield Event(
            block=each.block,
            log_index=each.log_index,
            at=each.at,
            contract=each.contract,
            event=each.event,
            args=Nested({name: _exact(inputs[name], value) for name, value in each.args.items()}),
            tx=each.tx,
        )


ROWS = {
    "members": (Member, member_rows),
    "proposals": (ProposalExport, proposal_rows),
    "ballots": (Ballot, ballot_rows),
    "rates": (RateExport, rate_rows),
    "events": (Event, event_rows),
}
"""What can be exported -> the row, and the function that gives the rows."""


def _proposal(session: Session, as_of: AsOf, found: Proposal) -> ProposalExport:
    told = summary(found, as_of)
    acts = actions(session, as_of, told.proposal_id)
    shared = {name: getattr(told, name) for name in ProposalExport._fields if hasattr(told, name)}
    return ProposalExport(
        **shared,
        text=found.row.description,
        text_hash=found.freeze.text_hash,
        actions=Nested(acts),
        votes_for=told.tally.for_,
        votes_against=told.tally.against,
        votes_abstain=told.tally.abstain,
        rule_version=found.freeze.rule_version,
        content=found.freeze.content,
    )


def _ballots(session: Session, as_of: AsOf, row: Any, poll: str, said: str) -> Iterator[Ballot]:
    """Give one table's ballots; `poll` names the column of the poll, `said` that of the answer."""
    later = aliased(row)
    number, answer = getattr(row, poll), getattr(row, said)
    replaced = _replaced(row, later, as_of).where(getattr(later, poll) == number).exists()
    query = _placed(
        as_of, row, number, answer, row.member_id, row.epoch, row.sequence, row.reason, replaced
    )
    unsaid = dict.fromkeys(("proposal_id", "pay_vote_id", "choice", "rate"))
    for moment, tx, block, log_index, on, what, member, *rest, reason, gone in streamed(
        session, query
    ):
        epoch, sequence = rest
        yield Ballot(
            **{**unsaid, poll: on, said: what},
            block=block,
            log_index=log_index,
            cast_at=Moment(moment),
            member_id=member,
            epoch=epoch,
            sequence=sequence,
            status="replaced" if gone else "counted",
            reason=reason,
            tx=tx,
        )


def _replaced(row: Any, later: Any, as_of: AsOf) -> Select[Any]:
    """A later ballot of the same member, through the block."""
    after = (later.block > row.block) | (
        (later.block == row.block) & (later.log_index > row.log_index)
    )
    same = later.member_id == row.member_id
    return columns(later.block).where(same, later.block <= as_of.block, after)


def _placed(as_of: AsOf, table: Any, *values: Any) -> Select[Any]:
    """A query of moment, transaction, block, log index and the values, in the chain's order."""
    return (
        columns(col(Block.timestamp), col(Log.tx_hash), table.block, table.log_index, *values)
        .join_from(
            table,
            Log,
            (table.block == col(Log.block)) & (table.log_index == col(Log.log_index)),
        )
        .join(Block, table.block == col(Block.number))
        .where(table.block <= as_of.block)
        .order_by(table.block, table.log_index)
    )


@cache
def _inputs(contract: str, event: str) -> Mapping[str, Parameter]:
    (found,) = (each for each in abi.events(contract).values() if each.name == event)
    return {each.name: each for each in found.inputs}


def _exact(parameter: Parameter, value: Any) -> Any:
    """Return the value with integers as text where their type, not this value, can exceed 2^53."""
    if parameter.type.endswith("]"):
        inner = Parameter("", parameter.type.rpartition("[")[0], parameter.components)
        return [_exact(inner, each) for each in value]
    if parameter.components:
        return {each.name: _exact(each, value[each.name]) for each in parameter.components}
    kind, _, bits = parameter.type.partition("int")
    if kind in ("", "u") and bits.isdecimal() and int(bits) > _EXACT:
        return str(value)
    return value
