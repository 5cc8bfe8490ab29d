"""What the model keeps of a proposal."""

from dataclasses import dataclass, field, replace
from typing import Any

from indexer.rules import swing
from indexer.rules.ballots import Lane, tally
from indexer.rules.bylaws import DecisionClass, Rule, Tally
from indexer.rules.proposals import Course
from tests.model.words import Call

STATES = ("pending", "active", "canceled", "defeated", "succeeded", "queued", "expired", "executed")
WORDS = ("against", "for", "abstain")


@dataclass(frozen=True)
class Standing:
    """A member's counted ballot."""

    choice: int
    lane: Lane


@dataclass
class Proposal:
    """The facts of one proposal; moments in seconds."""

    number: int
    decision_class: DecisionClass
    version: int
    rule: Rule
    proposer: int
    subject: int
    opens_at: int
    deadline: int
    content: bytes
    actions: tuple[Call, ...]
    text_hash: bytes
    substance: str | tuple[Any, ...] | None = None
    """What must not come again at once; None for a confirming vote."""
    confirms: int = 0
    confirmation: int = 0
    eta: int = 0
    second_called: bool = False
    extended_from: int = 0
    """The deadline from which the vote was extended; 0 if it was not."""
    canceled: bool = False
    executed: bool = False
    ballots: dict[int, Standing] = field(default_factory=dict)

    @property
    def excluded(self) -> int:
        """The member who has no vote here; 0 if nobody."""
        return 0 if self.rule.subject_votes else self.subject

    @property
    def tally(self) -> Tally:
        """The ballots that stand, counted."""
        return tally((member, WORDS[each.choice]) for member, each in self.ballots.items())

    def course(self, roll: int, confirmation: Course | None) -> Course:
        """The same facts as the pure rules take them."""
        return Course(
            opens_at=self.opens_at,
            deadline=self.deadline,
            rule=self.rule,
            tally=self.tally,
            roll=roll,
            second_called=self.second_called,
            canceled=self.canceled,
            executed=self.executed,
            eta=self.eta,
            confirms=self.confirms,
            confirmation=confirmation,
        )

    @property
    def planned_end(self) -> int:
        """The deadline without what late swing added to it."""
        return self.extended_from or self.deadline

    def call_again(self) -> None:
        """Opens the second call, in which late swing starts anew."""
        self.second_called = True
        self.deadline += self.rule.second_call_delay
        self.extended_from = 0

    def is_late(self, now: int) -> bool:
        """Whether a flip of the outcome moves the deadline: from one window before the end on."""
        return swing.is_late(self.rule, self.planned_end, now)

    def in_extension(self, now: int) -> bool:
        """Whether only members who have not voted may cast."""
        return self.extended_from != 0 and now > self.extended_from

    def extend(self, now: int) -> bool:
        """Moves the deadline to a window from now, capped; whether it moved."""
        moved = swing.extended(self.rule, self.planned_end, self.deadline, now)
        if moved is None:
            return False
        self.deadline, self.extended_from = moved, self.planned_end
        return True


def with_presence(rule: Rule) -> Rule:
    """The rule for which everybody who voted took part: for the cool-down."""
    return replace(rule, presence=True)
