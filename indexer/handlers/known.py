"""What handlers must remember of earlier events: whose key an account is, which ballot was last."""

from sqlmodel import Session, col, select

from indexer.rules.ballots import Lane, next_sequence
from indexer.tables import BallotRow, MemberChange


class Known:
    """Memory over one run of events in order, filled from the mirror where it lacks something.

    Without a session it starts from nothing, for a run that begins with the instance's first event.
    """

    def __init__(self, session: Session | None) -> None:
        self._session = session
        self._member_ids: dict[str, int] = {}
        self._epochs: dict[int, int] = {}
        self._lanes: dict[int, dict[int, Lane]] = {}
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

    def ballot_counted(self, proposal_id: int, member_id: int) -> Lane:
        """Remember that a ballot was counted now, and return its epoch and sequence."""
        lanes = self._lanes_of(proposal_id)
        epoch = self._epochs[member_id]
        announced = self._announced.pop((proposal_id, member_id), None)
        lane = Lane(epoch, next_sequence(lanes.get(member_id), epoch, announced))
        lanes[member_id] = lane
        return lane

    def _lanes_of(self, proposal_id: int) -> dict[int, Lane]:
        if proposal_id not in self._lanes:
            self._lanes[proposal_id] = self._recall_lanes(proposal_id)
        return self._lanes[proposal_id]

    def _recall_keys(self, session: Session) -> None:
        keys = select(MemberChange.member_id, MemberChange.account, MemberChange.epoch)
        keys = keys.where(col(MemberChange.account).is_not(None))
        for member_id, account, epoch in session.exec(
            keys.order_by(col(MemberChange.block), col(MemberChange.log_index))
        ):
            self.key_given(member_id, str(account), epoch)

    def _recall_lanes(self, proposal_id: int) -> dict[int, Lane]:
        if self._session is None:
            return {}
        ballots = select(BallotRow.member_id, BallotRow.epoch, BallotRow.sequence)
        found = self._session.exec(
            ballots.where(BallotRow.proposal_id == proposal_id).order_by(
                col(BallotRow.block), col(BallotRow.log_index)
            )
        )
        return {member_id: Lane(epoch, sequence) for member_id, epoch, sequence in found}
