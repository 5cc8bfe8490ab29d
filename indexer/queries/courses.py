"""Gathers the facts of proposals into the courses that `rules.proposals` judges."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session, col

from indexer.queries.as_of import AsOf
from indexer.queries.ballots import tallies
from indexer.queries.bylaws import rules
from indexer.queries.facts import Source, facts, sourced
from indexer.queries.members import roll
from indexer.rules.bylaws import Rule, Tally
from indexer.rules.proposals import Course
from indexer.rules.roll import Roll
from indexer.tables import Appeal, DeadlineMove, ProposalFreeze, ProposalRow, ProposalStep


@dataclass(frozen=True)
class Proposal:
    """All facts of a proposal up to a block."""

    row: ProposalRow
    freeze: ProposalFreeze
    source: Source
    course: Course
    confirmation: int
    """The confirming vote that an appeal started; 0 if none."""


def proposals_of(
    session: Session, as_of: AsOf, ids: tuple[int, ...] | None = None
) -> dict[int, Proposal]:
    """Return id -> proposal; all of them, or those named with their confirming votes."""
    appeals = {
        row.proposal_id: row.confirmation
        for _, row in facts(session, as_of, Appeal, *_among(Appeal, ids))
    }
    if ids is not None:
        ids = (*ids, *(appeals[each] for each in ids if each in appeals))
    freezes = {
        row.proposal_id: row
        for _, row in facts(session, as_of, ProposalFreeze, *_among(ProposalFreeze, ids))
    }
    by_version = {(each.class_, each.version): each.rule for each in rules(session, as_of)}
    counted = tallies(session, as_of, ids)
    known = roll(session, as_of)
    changes = _changes(session, as_of, ids)

    found: dict[int, Proposal] = {}
    for source, row in sourced(session, as_of, ProposalRow, *_among(ProposalRow, ids)):
        freeze = freezes[row.proposal_id]
        rule = by_version[freeze.decision_class, freeze.rule_version]
        course = Course(
            opens_at=row.opens_at,
            deadline=row.closes_at,
            rule=rule,
            tally=counted.get(row.proposal_id, Tally()),
            roll=_roll(known, row.opens_at, freeze, rule),
            confirms=freeze.confirms,
        )
        course = replace(course, **changes.get(row.proposal_id, {}))
        appeal = appeals.get(row.proposal_id, 0)
        found[row.proposal_id] = Proposal(row, freeze, source, course, appeal)
    return {number: _with_confirmation(each, found) for number, each in found.items()}


def _changes(
    session: Session, as_of: AsOf, ids: tuple[int, ...] | None
) -> Mapping[int, dict[str, Any]]:
    """Return id -> what events changed in the course since creation."""
    changes: dict[int, dict[str, Any]] = {}
    for _, move in facts(session, as_of, DeadlineMove, *_among(DeadlineMove, ids)):
        change = changes.setdefault(move.proposal_id, {})
        change["deadline"] = move.deadline
        if move.change == "second_called":
            change["second_called"] = True
    for _, step in facts(session, as_of, ProposalStep, *_among(ProposalStep, ids)):
        change = changes.setdefault(step.proposal_id, {})
        if step.step == "queued":
            change["eta"] = step.eta
        else:
            change[step.step] = True  # canceled, executed
    return changes


def _roll(known: Roll, opens_at: int, freeze: ProposalFreeze, rule: Rule) -> int:
    # Members' later changes are not among the facts, so that before the freeze this is the present
    # roll, as the contract reckons it then.
    without = 0 if rule.subject_votes else freeze.subject_id
    return known.size_without(opens_at, without)


def _with_confirmation(proposal: Proposal, found: Mapping[int, Proposal]) -> Proposal:
    if not proposal.confirmation:
        return proposal
    confirming = found[proposal.confirmation].course
    return replace(proposal, course=replace(proposal.course, confirmation=confirming))


def _among(table: Any, ids: tuple[int, ...] | None) -> list[Any]:
    return [] if ids is None else [col(table.proposal_id).in_(ids)]
