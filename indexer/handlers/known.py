"""What handlers must remember of earlier events: whose key an account is, which ballot was last."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlmodel import Session, col, select

from indexer.rules.ballots import CHOICES, Lane, next_sequence
from indexer.tables import BallotRow, MemberChange

_BALLOTS = 50_000  # ballots kept in memory, some 10 MB: those of proposals voted on side by side
_FOR, _AGAINST, _ABSTAIN = (CHOICES.index(word) for word in ("for", "against", "abstain"))


class Counted(NamedTuple):
    """A ballot in its lane, and the proposal's tally with it."""

    epoch: int
    sequence: int
    votes_for: int
    votes_against: int
    votes_abstain: int


class _Standing(NamedTuple):
    """A standing ballot; `choice` by its number."""

    epoch: int
    sequence: int
    choice: int


@dataclass(slots=True)
class _Poll:
    """The standing ballots on a proposal by memberId, and how many name each choice."""

    ballots: dict[int, _Standing] = field(default_factory=dict)
    counts: list[int] = field(default_factory=lambda: [0] * len(CHOICES))

    def put(self, member_id: int, ballot: _Standing) -> None:
        """A ballot, in place of the member's earlier one if there was one."""
        replaced = self.ballots.get(member_id)
        if replaced:
            self.counts[replaced.choice] -= 1
        self.counts[ballot.choice] += 1
        self.ballots[member_id] = ballot


class Known:
    """Memory over one run of events in order, filled from the mirror where it lacks something.

    Without a session it starts from nothing, for a run that begins with the instance's first event.
    """

    def __init__(self, session: Session | None) -> None:
        self._session = session
        self._member_ids: dict[str, int] = {}
        self._epochs: dict[int, int] = {}
        self._polls: OrderedDict[int, _Poll] = OrderedDict()
        self._announced: dict[tuple[int, int], int] = {}
        if session is not None:
            self._recall_keys(session)

    def key_given(self, member_id: int, account: str, epoch: int | None = None) -> None:
        """Remember that the account belongs to the member, from `epoch` on if the epoch rose."""
        self._member_ids[account] = member_id
        self._epochs[member_id] = self._epochs.get(member_id, 0) if epoch is None else epoch

    def member_of(self, account: str) -> int:
        """Return the memberId to which an account belongs; KeyError if it never was a member's."""
        return self._member_ids[account]

    def epoch_of(self, member_id: int) -> int:
        """Return how often a member's key was changed; KeyError if there is no such member."""
        return self._epochs[member_id]

    def sequence_announced(self, proposal_id: int, member_id: int, sequence: int) -> None:
        """Remember the sequence of the next ballot of this proposal and member."""
        self._announced[proposal_id, member_id] = sequence

    def ballot_counted(self, proposal_id: int, member_id: int, choice: int) -> Counted:
        """Remember that a ballot was counted now, and return its epoch, sequence and the tally."""
        poll = self._poll(proposal_id)
        epoch = self._epochs[member_id]
        announced = None
        if self._announced:
            announced = self._announced.pop((proposal_id, member_id), None)
        before = poll.ballots.get(member_id)
        lane = Lane(before.epoch, before.sequence) if before else None
        sequence = next_sequence(lane, epoch, announced)
        poll.put(member_id, _Standing(epoch, sequence, choice))
        counts = poll.counts
        return Counted(epoch, sequence, counts[_FOR], counts[_AGAINST], counts[_ABSTAIN])

    def trim(self, session: Session) -> None:
        """Forget the proposals least lately voted on; all that was remembered is stored now.

        They are looked up in `session` when they are needed again.
        """
        self._session = session
        kept = sum(len(poll.ballots) for poll in self._polls.values())
        while kept > _BALLOTS and len(self._polls) > 1:
            kept -= len(self._polls.popitem(last=False)[1].ballots)

    def _poll(self, proposal_id: int) -> _Poll:
        poll = self._polls.get(proposal_id)
        if poll is None:
            poll = self._polls[proposal_id] = self._recall_poll(proposal_id)
        else:
            self._polls.move_to_end(proposal_id)
        return poll

    def _recall_keys(self, session: Session) -> None:
        keys = select(MemberChange.member_id, MemberChange.account, MemberChange.epoch)
        keys = keys.where(col(MemberChange.account).is_not(None))
        for member_id, account, epoch in session.exec(
            keys.order_by(col(MemberChange.block), col(MemberChange.log_index))
        ):
            self.key_given(member_id, str(account), epoch)

    def _recall_poll(self, proposal_id: int) -> _Poll:
        poll = _Poll()
        if self._session is None:
            return poll
        ballots = select(BallotRow.member_id, BallotRow.epoch, BallotRow.sequence, BallotRow.choice)
        for member_id, epoch, sequence, choice in self._session.exec(
            ballots.where(BallotRow.proposal_id == proposal_id).order_by(
                col(BallotRow.block), col(BallotRow.log_index)
            )
        ):
            poll.put(member_id, _Standing(epoch, sequence, CHOICES.index(choice)))
        return poll
