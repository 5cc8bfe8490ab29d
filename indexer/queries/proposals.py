"""Proposals: the list, and everything about one."""

from dataclasses import dataclass

from sqlmodel import Session

from indexer.collector import collector_resting
from indexer.errors import NotFound
from indexer.moment import Moment
from indexer.queries.actions import ActionInfo, actions
from indexer.queries.as_of import AsOf
from indexer.queries.ballots import BallotInfo, ballots
from indexer.queries.courses import Proposal, proposals_of
from indexer.queries.facts import sourced
from indexer.rules import proposals as rules
from indexer.rules.bylaws import Rule, Tally
from indexer.tables import Objection, ProposalStep, Reply


@dataclass(frozen=True)
class ProposalSummary:
    """A proposal at the moment of the block; votes, roll and quorum in members.

    `closes_at` is the deadline of the session that runs or ran last. `execute_after` is set once
    queued, `expires_at` while it waits for queueing or execution.
    """

    proposal_id: int
    class_: str
    state: rules.State
    proposer_id: int | None
    subject_id: int | None
    title: str
    created_at: Moment
    opens_at: Moment
    closes_at: Moment
    second_call: bool
    execute_after: Moment | None
    expires_at: Moment | None
    tally: Tally
    roll: int
    quorum: int
    confirms: int | None
    confirmation: int | None
    block: int
    tx: str


@dataclass(frozen=True)
class StepInfo:
    """Something that happened to a proposal: canceled, queued, executed, replied, objected."""

    step: str
    at: Moment
    block: int
    tx: str
    reply_hash: str | None = None


@dataclass(frozen=True)
class ProposalDetail(ProposalSummary):
    """Everything about a proposal; `ballots` are the standing ones in the order of casting."""

    text: str
    text_hash: str
    content: str
    rule_version: int
    rule: Rule
    actions: tuple[ActionInfo, ...]
    ballots: tuple[BallotInfo, ...]
    steps: tuple[StepInfo, ...]


@collector_resting()
def proposals(
    session: Session, as_of: AsOf, *, state: rules.State | None = None
) -> tuple[ProposalSummary, ...]:
    """Return all proposals by id, or those in one state."""
    found = (summary(each, as_of) for each in proposals_of(session, as_of).values())
    return tuple(each for each in found if state is None or each.state == state)


@collector_resting()
def proposal(session: Session, as_of: AsOf, proposal_id: int) -> ProposalDetail:
    """Return one proposal; NotFound if there is none of that id."""
    found = proposals_of(session, as_of, (proposal_id,)).get(proposal_id)
    if found is None:
        raise NotFound("proposal", proposal_id, as_of.block)
    cast = ballots(session, as_of, proposal_id=proposal_id)
    return ProposalDetail(
        **vars(summary(found, as_of)),
        text=found.row.description,
        text_hash=found.freeze.text_hash,
        content=found.freeze.content,
        rule_version=found.freeze.rule_version,
        rule=found.course.rule,
        actions=actions(session, as_of, proposal_id),
        ballots=tuple(each for each in cast if each.status == "counted"),
        steps=_steps(session, as_of, proposal_id),
    )


def summary(found: Proposal, as_of: AsOf) -> ProposalSummary:
    """Return a proposal's facts as they stand at the block's moment."""
    course, now = found.course, as_of.timestamp
    running = rules.session(course, now)
    return ProposalSummary(
        proposal_id=found.row.proposal_id,
        class_=found.freeze.decision_class,
        state=rules.state(course, now),
        proposer_id=found.freeze.proposer_id or None,
        subject_id=found.freeze.subject_id or None,
        title=_title(found),
        created_at=found.source.moment,
        opens_at=Moment(course.opens_at),
        closes_at=Moment(running.deadline),
        second_call=running.second_call,
        execute_after=_moment(rules.due(course, now)),
        expires_at=_moment(rules.expires_at(course, now)),
        tally=course.tally,
        roll=course.roll,
        quorum=rules.quorum(course, now),
        confirms=course.confirms or None,
        confirmation=found.confirmation or None,
        block=found.row.block,
        tx=found.source.tx,
    )


def _title(found: Proposal) -> str:
    """The text's first line; about a person there is no text on the chain, only its hash."""
    if found.freeze.confirms:
        return f"Confirmation of proposal {found.freeze.confirms}"
    lines = [line.lstrip("# ").strip() for line in found.row.description.splitlines()]
    return next((line for line in lines if line), "")


def _steps(session: Session, as_of: AsOf, proposal_id: int) -> tuple[StepInfo, ...]:
    steps = [
        (row.block, row.log_index, StepInfo(row.step, source.moment, row.block, source.tx))
        for source, row in sourced(
            session, as_of, ProposalStep, ProposalStep.proposal_id == proposal_id
        )
    ]
    for source, reply in sourced(session, as_of, Reply, Reply.proposal_id == proposal_id):
        info = StepInfo("replied", source.moment, reply.block, source.tx, reply.reply_hash)
        steps.append((reply.block, reply.log_index, info))
    objections = sourced(session, as_of, Objection, Objection.proposal_id == proposal_id)
    for source, row in objections:
        info = StepInfo("objected", source.moment, row.block, source.tx)
        steps.append((row.block, row.log_index, info))
    return tuple(info for _, _, info in sorted(steps, key=lambda step: step[:2]))


def _moment(seconds: int) -> Moment | None:
    return Moment(seconds) if seconds else None
