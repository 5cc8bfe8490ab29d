"""Pay votes: ladder, histogram, state and result. Rates are integer minor units per hour."""

from dataclasses import dataclass
from typing import NamedTuple

from sqlmodel import Session

from indexer.collector import collector_resting
from indexer.errors import NotFound
from indexer.moment import Moment
from indexer.queries.as_of import AsOf
from indexer.queries.ballots import PayBallotInfo, pay_ballots
from indexer.queries.bylaws import pay_rules
from indexer.queries.facts import Source, facts, sourced
from indexer.queries.members import roll
from indexer.queries.pay import currency, role_name
from indexer.rules import pay as rules
from indexer.rules.roll import Roll
from indexer.tables import PayVoteResult, PayVoteRow


class Rung(NamedTuple):
    """How many standing ballots name a rate."""

    rate: int
    ballots: int


@dataclass(frozen=True)
class PayVoteInfo:
    """A pay vote at the moment of the block.

    `ballots` counts the standing ones, `histogram` holds the rates that have any, `median`
    and `filled` are what closing would give or gave, `result` the rate that the vote set (None
    until closed). `cast` lists the standing ballots, `roll` is in members.
    """

    pay_vote_id: int
    role: str
    currency: str
    state: rules.State
    opener_id: int
    rule_version: int
    opens_at: Moment
    closes_at: Moment
    expires_at: Moment
    ladder: rules.Ladder
    present: int
    ballots: int
    histogram: tuple[Rung, ...]
    filled: int
    median: int
    result: int | None
    roll: int
    content: str
    block: int
    tx: str
    cast: tuple[PayBallotInfo, ...]


@collector_resting()
def pay_votes(session: Session, as_of: AsOf) -> tuple[PayVoteInfo, ...]:
    """Return all pay votes by id."""
    return _pay_votes(session, as_of, None)


@collector_resting()
def pay_vote(session: Session, as_of: AsOf, pay_vote_id: int) -> PayVoteInfo:
    """Return one pay vote; NotFound if there is none of that id."""
    found = _pay_votes(session, as_of, pay_vote_id)
    if not found:
        raise NotFound("pay vote", pay_vote_id, as_of.block)
    return found[0]


def _pay_votes(session: Session, as_of: AsOf, wanted: int | None) -> tuple[PayVoteInfo, ...]:
    only = [] if wanted is None else [PayVoteRow.pay_vote_id == wanted]
    called = list(sourced(session, as_of, PayVoteRow, *only))
    if not called:
        return ()
    closed = {row.pay_vote_id: row for _, row in facts(session, as_of, PayVoteResult)}
    versions = {each.version: each.rule for each in pay_rules(session, as_of)}
    standing: dict[int, list[PayBallotInfo]] = {}
    for ballot in pay_ballots(session, as_of, pay_vote_id=wanted):
        if ballot.status == "counted":
            standing.setdefault(ballot.pay_vote_id, []).append(ballot)
    known, word = roll(session, as_of), currency(session, as_of)
    return tuple(
        _info(
            source,
            row,
            versions[row.rule_version],
            closed.get(row.pay_vote_id),
            tuple(standing.get(row.pay_vote_id, ())),
            known,
            word,
            as_of,
        )
        for source, row in called
    )


def _info(
    source: Source,
    row: PayVoteRow,
    rule: rules.PayRule,
    closed: PayVoteResult | None,
    cast: tuple[PayBallotInfo, ...],
    known: Roll,
    word: str,
    as_of: AsOf,
) -> PayVoteInfo:
    histogram: dict[int, int] = {}
    for ballot in sorted(cast, key=lambda each: each.rate):
        histogram[ballot.rate] = histogram.get(ballot.rate, 0) + 1
    present = row.from_ + row.present_rung * row.step
    members = known.size_at(row.opens_at)
    outcome = rules.result(histogram, present, rules.target(rule, members))
    return PayVoteInfo(
        pay_vote_id=row.pay_vote_id,
        role=role_name(row.role),
        currency=word,
        state=rules.state(
            row.opens_at, row.closes_at, rule.grace, closed is not None, as_of.timestamp
        ),
        opener_id=row.opener_id,
        rule_version=row.rule_version,
        opens_at=Moment(row.opens_at),
        closes_at=Moment(row.closes_at),
        expires_at=Moment(row.closes_at + rule.grace),
        ladder=rules.Ladder(row.from_, row.from_ + (row.rungs - 1) * row.step, row.step),
        present=present,
        ballots=outcome.ballots,
        histogram=tuple(Rung(*each) for each in histogram.items()),
        filled=outcome.filled,
        median=outcome.median,
        result=closed.result if closed else None,
        roll=members,
        content=row.content,
        block=row.block,
        tx=source.tx,
        cast=cast,
    )
