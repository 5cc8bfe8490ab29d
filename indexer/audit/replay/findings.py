"""What can be told of a replayed history: facts, no verdicts."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from indexer.audit.replay.pay_votes import PayVote
from indexer.audit.replay.proposals import Proposal
from indexer.audit.replay.roles import Role
from indexer.rules.bylaws import Tally
from indexer.rules.proposals import State


class Turnout(NamedTuple):
    """How many of a proposal's roll voted; `roll` is the present one before the freeze.

    `decision_class` is the word of its class, `opens_at` the second in which the vote opens.
    """

    proposal: int
    state: State
    roll: int
    voted: int
    tally: Tally
    decision_class: str
    opens_at: int


class ByClass(NamedTuple):
    """How many proposals of a class there were, and in which states they stand."""

    word: str
    proposals: int
    states: Mapping[State, int]


class Changed(NamedTuple):
    """How many ballots on a proposal or in a pay vote replaced an earlier one."""

    poll: str
    ballots: int


class Skipped(NamedTuple):
    """How many ballots of batches were not counted for a cause."""

    poll: str
    cause: str
    ballots: int


class LastMinute(NamedTuple):
    """How many ballots were counted within a minute of the deadline as it then was."""

    proposal: int
    ballots: int


class RotatedMidVote(NamedTuple):
    """A member whose key changed while a vote was open."""

    proposal: int
    member_id: int


class Paid(NamedTuple):
    """A role's rate in minor units per hour, and the second from which it holds."""

    role: str
    since: int
    rate: int
    pay_vote: int


class Findings(NamedTuple):
    """All of it; only what there is, so that an empty list says that nothing of it happened."""

    turnout: list[Turnout]
    by_class: list[ByClass]
    changed: list[Changed]
    skipped: list[Skipped]
    last_minute: list[LastMinute]
    rotated_mid_vote: list[RotatedMidVote]
    pay_history: list[Paid]


def findings(
    turnout: Iterable[tuple[Proposal, State, int]], votes: Iterable[PayVote], roles: Iterable[Role]
) -> Findings:
    """Return the facts of proposals with their states and rolls, of pay votes and of roles."""
    known, pay_votes = list(turnout), list(votes)
    proposals = [proposal for proposal, _, _ in known]
    polls = [(f"proposal {each.number}", each.changed, each.skipped) for each in proposals]
    polls += [(f"pay vote {each.number}", each.changed, each.skipped) for each in pay_votes]
    return Findings(
        turnout=[
            Turnout(
                proposal=each.number,
                state=state,
                roll=roll,
                voted=len(each.ballots),
                tally=each.tally,
                decision_class=each.decision_class.word,
                opens_at=each.opens_at,
            )
            for each, state, roll in known
        ],
        by_class=_by_class((each, state) for each, state, _ in known),
        changed=[Changed(poll, ballots) for poll, ballots, _ in polls if ballots],
        skipped=[
            Skipped(poll, cause, ballots)
            for poll, _, causes in polls
            for cause, ballots in sorted(causes.items())
        ],
        last_minute=[
            LastMinute(each.number, each.last_minute) for each in proposals if each.last_minute
        ],
        rotated_mid_vote=[
            RotatedMidVote(each.number, member) for each in proposals for member in each.rotated
        ],
        pay_history=[Paid(role.word, *rate) for role in roles for rate in role.rates],
    )


def _by_class(states: Iterable[tuple[Proposal, State]]) -> list[ByClass]:
    counts: dict[str, Counter[State]] = {}
    for proposal, state in states:
        counts.setdefault(proposal.decision_class.word, Counter())[state] += 1
    return [ByClass(word, each.total(), dict(each)) for word, each in sorted(counts.items())]
