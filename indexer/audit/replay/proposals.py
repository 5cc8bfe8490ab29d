"""What the replay keeps of a proposal, and the state that follows from it at any moment."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from indexer.audit.replay.proceedings import Order, Proceedings
from indexer.rules import proposals as rules
from indexer.rules.ballots import Lane
from indexer.rules.bylaws import DecisionClass, Rule, Tally
from indexer.rules.proposals import Course, Session, State
from indexer.rules.roll import Roll

WAITING: tuple[State, ...] = ("pending", "active", "succeeded", "queued")
"""States from which a proposal may still be defeated."""
_AGAINST, _FOR, _ABSTAIN = range(3)


class Standing(NamedTuple):
    """A member's ballot that stands: epoch and sequence, and the number of the choice."""

    lane: Lane
    choice: int


@dataclass
class Proposal:
    """One proposal; moments in seconds, 0 = has not happened."""

    number: int
    decision_class: DecisionClass
    version: int
    rule: Rule
    proposer: int
    """memberId; 0 for a confirming vote."""
    subject: int
    opens_at: int
    deadline: int
    planned_end: int
    """The deadline without what late swing added."""
    content: bytes
    substance: bytes = b""
    """What must not come again at once, as the contract hashes it; empty for a confirming vote."""
    same_before: int = 0
    """An older proposal of that substance that could still be defeated when this or a newer one was
    made; 0 if there was none."""
    orders: tuple[Order, ...] = ()
    """What its actions have the co-op's contracts do; given up once they are carried out."""
    confirms: int = 0
    confirmation: int = 0
    eta: int = 0
    second_called: bool = False
    canceled: bool = False
    executed: bool = False
    roll: int | None = None
    """The frozen roll, less the person concerned if they have no vote; None until it is asked."""
    counts: list[int] = field(default_factory=lambda: [0, 0, 0])
    """Ballots against, for, abstaining."""
    ballots: dict[int, Standing] = field(default_factory=dict)
    """memberId -> the ballot that stands."""
    changed: int = 0
    """Ballots that replaced an earlier one."""
    last_minute: int = 0
    """Ballots counted within a minute of the deadline as it then was."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Cause -> ballots that were not counted."""
    rotated: list[int] = field(default_factory=list)
    """Members whose key changed while the vote was open."""

    @property
    def excluded(self) -> int:
        """The member who has no vote here; 0 if nobody."""
        return 0 if self.rule.subject_votes else self.subject

    @property
    def tally(self) -> Tally:
        """The ballots that stand, counted."""
        return Tally(self.counts[_FOR], self.counts[_AGAINST], self.counts[_ABSTAIN])

    def is_running(self, now: int) -> bool:
        """Whether ballots are taken, a second call only once it was opened."""
        over = self.canceled or self.executed
        return self.opens_at < now <= self.deadline and not over


class ProposalBook:
    """All proposals by id, and what follows from the clock."""

    def __init__(self, proceedings: Proceedings, roll: Roll) -> None:
        self.proposals: dict[int, Proposal] = {}
        self._proceedings, self._roll = proceedings, roll
        self._open: list[int] = []
        """Proposals whose vote may not have ended."""

    def put(self, proposal: Proposal) -> None:
        """A new proposal."""
        self.proposals[proposal.number] = proposal
        self._open.append(proposal.number)

    def roll_of(self, proposal: Proposal) -> int:
        """The roll of a proposal: the present one until it freezes."""
        if proposal.roll is not None:
            return proposal.roll
        size = self._roll.size_without(proposal.opens_at, proposal.excluded)
        if self._proceedings.now > proposal.opens_at:
            proposal.roll = size
        return size

    def course(self, proposal: Proposal) -> Course:
        """The proposal as the pure rules take it."""
        confirmation = self.proposals.get(proposal.confirmation)
        return Course(
            opens_at=proposal.opens_at,
            deadline=proposal.deadline,
            rule=proposal.rule,
            tally=proposal.tally,
            roll=self.roll_of(proposal),
            second_called=proposal.second_called,
            canceled=proposal.canceled,
            executed=proposal.executed,
            eta=proposal.eta,
            confirms=proposal.confirms,
            confirmation=self.course(confirmation) if confirmation else None,
        )

    def state(self, proposal: Proposal) -> State:
        """The state now."""
        return rules.state(self.course(proposal), self._proceedings.now)

    def session(self, proposal: Proposal) -> Session:
        """The deadline now, and whether it is that of the second call."""
        return rules.session(self.course(proposal), self._proceedings.now)

    def due(self, proposal: Proposal) -> int:
        """From when a queued proposal can be executed."""
        return rules.due(self.course(proposal), self._proceedings.now)

    def key_changed(self, member_id: int) -> None:
        """A member's key changed: remember it with every vote that is open."""
        for proposal in self._running():
            if self._proceedings.now > proposal.opens_at:
                proposal.rotated.append(member_id)

    def freeze(self) -> None:
        """Ask every roll that is frozen by now, so that it stands with its proposal."""
        for proposal in self.proposals.values():
            self.roll_of(proposal)

    def _running(self) -> Iterator[Proposal]:
        now, proposals = self._proceedings.now, self.proposals
        self._open = [each for each in self._open if now <= self.session(proposals[each]).deadline]
        for number in self._open:
            if not proposals[number].canceled:
                yield proposals[number]
