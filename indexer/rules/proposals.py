"""The state of a proposal at any moment, from facts alone (contracts/modules/ProposalBook)."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from indexer.rules.bylaws import Rule, Tally, passes, quorum_needed, quorum_reached

State = Literal[
    "pending", "active", "canceled", "defeated", "succeeded", "queued", "expired", "executed"
]


@dataclass(frozen=True)
class Course:
    """The facts of a proposal up to a moment; moments in seconds, votes in members.

    `deadline` is the latest one that an event named: at creation, by an extension or by the opening
    of the second call. `roll` is the frozen one, or the present one before the freeze.
    """

    opens_at: int
    deadline: int
    rule: Rule
    tally: Tally
    roll: int
    second_called: bool = False
    canceled: bool = False
    executed: bool = False
    eta: int = 0
    confirms: int = 0
    confirmation: "Course | None" = None
    """The confirming vote that an appeal started."""


class Session(NamedTuple):
    """The voting session that a proposal is in, or ended with."""

    deadline: int
    second_call: bool


def session(course: Course, now: int) -> Session:
    """Return the session at a moment: a missed quorum opens the second call by itself."""
    if now <= course.deadline or course.second_called or course.canceled:
        return Session(course.deadline, course.second_called)
    delay = course.rule.second_call_delay
    if delay == 0 or quorum_reached(course.rule, course.tally, course.roll):
        return Session(course.deadline, False)
    return Session(course.deadline + delay, True)


def state(course: Course, now: int) -> State:
    """Return the proposal's state at a moment, as the contract's `state` gives it."""
    if course.executed:
        return "executed"
    if course.canceled:
        return "canceled"
    if now <= course.opens_at:
        return "pending"
    deadline, second_call = session(course, now)
    if now <= deadline:
        return "active"
    if not passes(course.rule, course.tally, course.roll, second_call):
        return "defeated"
    if course.confirms:
        return "succeeded"  # a confirming vote has nothing to carry out, so nothing expires
    return _after_passing(course, deadline, now)


def quorum(course: Course, now: int) -> int:
    """Return the votes needed for the quorum of the session at a moment."""
    return quorum_needed(course.rule, course.roll, session(course, now).second_call)


def due(course: Course, now: int) -> int:
    """Return from when a queued proposal can be executed, 0 if it is not queued.

    While a confirming vote runs this is the earliest that is possible.
    """
    if not course.eta or course.confirmation is None:
        return course.eta
    return max(course.eta, session(course.confirmation, now).deadline)


def expires_at(course: Course, now: int) -> int:
    """Return the last moment to queue a passed proposal or execute a queued one; 0 for none."""
    if state(course, now) in ("succeeded", "expired") and not course.eta and not course.confirms:
        return session(course, now).deadline + course.rule.grace
    return due(course, now) + course.rule.grace if course.eta else 0


def _after_passing(course: Course, deadline: int, now: int) -> State:
    if course.eta == 0:
        return "succeeded" if now <= deadline + course.rule.grace else "expired"
    if course.confirmation is not None:
        confirmed = state(course.confirmation, now)
        if confirmed == "defeated":
            return "defeated"
        if confirmed != "succeeded":
            return "queued"
    return "queued" if now <= due(course, now) + course.rule.grace else "expired"
