"""Casting ballots as a pure model: which are refused and why, what the counted ones log."""

from collections.abc import Sequence
from typing import NamedTuple

from indexer.rules.ballots import Lane, next_sequence
from indexer.rules.bylaws import PERSONAL, passes
from indexer.rules.roll import Member, eligible
from tests.contracts.roll import REFUSALS
from tests.model.assembly import Assembly
from tests.model.proposals import WORDS, Proposal, Standing
from tests.model.words import Refused, Signed

MAX_REASON = 500


class Ballot(NamedTuple):
    """What a member signs."""

    proposal: int
    content: bytes
    choice: str
    member_id: int
    epoch: int
    sequence: int
    reason: str


class Entry(NamedTuple):
    """One ballot of a batch; `choice` is the rung in a batch of pay ballots."""

    member_id: int
    choice: int
    sequence: int
    reason: str
    signature: Signed


class Ballots:
    """The way of a ballot into a proposal of the Assembly."""

    def __init__(self, assembly: Assembly) -> None:
        self.assembly, self.world = assembly, assembly.world

    def cast_ballot(
        self, sender: str, number: int, member_id: int, choice: int, sequence: int, reason: str
    ) -> None:
        proposal, passed = self._begin(number)
        refusal = self.refusal(proposal, member_id, choice, sequence, reason)
        if refusal == "None" and self.assembly.membership.holder(member_id) != sender:
            refusal = "BadSignature"
        if refusal != "None":
            raise Refused("AssemblyBallotRefused", number, member_id, REFUSALS.index(refusal))
        self._count(proposal, member_id, choice, sequence, reason)
        self._end(proposal, passed)

    def cast_ballots(self, sender: str, number: int, entries: Sequence[Entry]) -> None:
        proposal, passed = self._begin(number)
        for entry in entries:
            member_id, choice, sequence, reason, _ = entry
            refusal = self.refusal(proposal, member_id, choice, sequence, reason)
            if refusal == "None" and not self._is_signed(proposal, entry):
                refusal = "BadSignature"
            if refusal == "None":
                self._count(proposal, member_id, choice, sequence, reason)
            else:
                said = (member_id, sequence, REFUSALS.index(refusal))
                self._log("BallotSkipped", number, *said)
        self._end(proposal, passed)

    def refusal(
        self, proposal: Proposal, member_id: int, choice: int, sequence: int, reason: str
    ) -> str:
        """Why the ballot cannot be counted, whoever signed it."""
        longest = 0 if proposal.decision_class in PERSONAL else MAX_REASON
        if len(reason.encode()) > longest:
            return "BadReason"
        if choice >= len(WORDS):
            return "BadChoice"
        member = self.assembly.membership.roll.members.get(member_id)
        if member is None:
            return "UnknownMember"
        if not eligible(member, proposal.opens_at):
            return "NotEligible"
        if member_id == proposal.excluded:
            return "PersonConcerned"
        standing = proposal.ballots.get(member_id)
        if sequence <= last_sequence(standing.lane if standing else None, member):
            return "StaleSequence"
        late = standing is not None and proposal.in_extension(self.world.now)
        return "AlreadyVoted" if late else "None"

    def _begin(self, number: int) -> tuple[Proposal, bool]:
        """The proposal, and whether it passes before the call."""
        proposal = self.assembly._in_state(number, "active")
        if self.world.now > proposal.deadline:
            proposal.call_again()
            self._log("SecondCallOpened", number, proposal.deadline)
        return proposal, self._passes(proposal)

    def _end(self, proposal: Proposal, passed: bool) -> None:
        if not proposal.is_late(self.world.now) or self._passes(proposal) == passed:
            return
        if proposal.extend(self.world.now):
            self._log("ProposalExtended", proposal.number, proposal.deadline)

    def _passes(self, proposal: Proposal) -> bool:
        course = self.assembly.course(proposal)
        return passes(course.rule, course.tally, course.roll, proposal.second_called)

    def _is_signed(self, proposal: Proposal, entry: Entry) -> bool:
        member = self.assembly.membership.roll.members[entry.member_id]
        message = Ballot(
            proposal.number,
            proposal.content,
            WORDS[entry.choice],
            entry.member_id,
            member.epoch,
            entry.sequence,
            entry.reason,
        )
        return (entry.signature.signer, entry.signature.message) == (member.account, message)

    def _count(
        self, proposal: Proposal, member_id: int, choice: int, sequence: int, reason: str
    ) -> None:
        member = self.assembly.membership.roll.members[member_id]
        standing = proposal.ballots.get(member_id)
        before = standing.lane if standing else None
        if sequence != next_sequence(before, member.epoch, None):
            self._log("BallotSequence", proposal.number, member_id, sequence)
        proposal.ballots[member_id] = Standing(choice, Lane(member.epoch, sequence))
        self._log("VoteCast", member.account, proposal.number, choice, 1, reason)

    def _log(self, name: str, *values: object) -> None:
        self.world.record("Assembly", name, *values)


def last_sequence(lane: Lane | None, member: Member) -> int:
    """The sequence to be surpassed: a new epoch starts again."""
    return lane.sequence if lane and lane.epoch == member.epoch else 0
