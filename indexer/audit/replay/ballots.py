"""Ballots replayed: who cast them, when, in which order, and whether the outcome swung late.

The contract judges a swing once a call. A call's end is not logged, but one call that should have
moved the deadline shows in the votes from the last logged move to the end of the transaction: a
move depends on the second alone, so later calls in it cannot hide an earlier one.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from indexer.audit.replay.cast import Cast
from indexer.audit.replay.proceedings import Proceedings
from indexer.audit.replay.proposals import Proposal, ProposalBook, Standing
from indexer.rules import swing
from indexer.rules.ballots import CHOICES, REFUSALS, Lane, next_sequence
from indexer.rules.bylaws import PERSONAL, Tally, passes
from indexer.rules.content import least_size
from indexer.rules.roll import Member, Roll, eligible

MAX_REASON = 500
"""Bytes of a reason, where the class bears one."""
UNSEEN = frozenset({"bad_choice", "bad_reason"})
"""Causes that the log of a skipped ballot does not let anybody judge."""
_MAX_SEQUENCE = 255
_LAST_MINUTE = 60

Args = Mapping[str, Any]


class _Announced(NamedTuple):
    proposal: int
    member_id: int
    sequence: int


class Ballots:
    """The Assembly's events of ballots, and ProposalExtended, which they bring about."""

    def __init__(self, proceedings: Proceedings, roll: Roll, book: ProposalBook) -> None:
        self.handlers: dict[str, Callable[[Args], None]] = {
            "Assembly.BallotSequence": self._sequence,
            "Assembly.VoteCast": self._cast,
            "Assembly.BallotSkipped": self._skipped,
            "Assembly.ProposalExtended": self._extended,
        }
        self._proceedings, self._checks = proceedings, proceedings.checks
        self._roll, self._book = roll, book
        self._announced: _Announced | None = None
        self._before: dict[int, Tally] = {}
        """Proposal -> its tally before the transaction's late votes, or since its last move."""
        proceedings.at_end.append(self._end_transaction)

    def _sequence(self, args: Args) -> None:
        number, member_id, sequence = args["proposalId"], args["memberId"], args["sequence"]
        proposal, member = self._known(number), self._roll.members.get(member_id)
        if proposal is None or member is None:
            return
        least = _next(proposal, member)
        skips = least < sequence <= _MAX_SEQUENCE
        self._checks.that("4.4.6", "announced", skips, f"above {least}", sequence)
        self._announced = _Announced(number, member_id, sequence)
        self._proceedings.must_follow(
            "4.4.6",
            "no_ballot",
            "Assembly.VoteCast",
            proposalId=number,
            voter=member.account,
        )

    def _cast(self, args: Args) -> None:
        voter, choice, now = args["voter"], args["support"], self._proceedings.now
        announced, self._announced = self._announced, None
        proposal, checks = self._known(args["proposalId"]), self._checks
        member = self._roll.members.get(self._roll.member_ids.get(voter, 0))
        present = member is not None and member.account == voter
        checks.that("4.4.2", "no_member", present, "a member's present key", voter)
        if proposal is None or member is None:
            return
        earlier = proposal.ballots.get(member.member_id)
        self._see_eligible(proposal, member)
        running = proposal.is_running(now)
        window = (proposal.opens_at, proposal.deadline)
        checks.that("4.4.4", "outside_window", running, window, now)
        first = earlier is None or now <= proposal.planned_end
        checks.that("4.4.5", "already_voted", first, "a first ballot", member.member_id)
        is_choice = 0 <= choice < len(CHOICES) and args["weight"] == 1
        checks.that("4.4.7", "choice", is_choice, "a choice of weight 1", choice)
        self._see_reason(proposal, args["reason"])

        sequence = _next(proposal, member)
        if announced and announced[:2] == (proposal.number, member.member_id):
            sequence = announced.sequence
        checks.that("4.4.6", "sequence", sequence <= _MAX_SEQUENCE, _MAX_SEQUENCE, sequence)
        self._proceedings.cast.append(
            Cast(
                contract="assembly",
                poll=proposal.number,
                member_id=member.member_id,
                sequence=sequence,
                counted=True,
                account=member.account,
                epoch=member.epoch,
                content=proposal.content,
                said=choice,
                reason=args["reason"],
            )
        )
        if is_choice:
            ballot = Standing(Lane(member.epoch, sequence), choice)
            self._count(proposal, member.member_id, earlier, ballot)

    def _count(
        self, proposal: Proposal, member_id: int, earlier: Standing | None, ballot: Standing
    ) -> None:
        now = self._proceedings.now
        if swing.is_late(proposal.rule, proposal.planned_end, now):
            self._before.setdefault(proposal.number, proposal.tally)
        if earlier is not None:
            proposal.counts[earlier.choice] -= 1
            proposal.changed += 1
        proposal.counts[ballot.choice] += 1
        proposal.ballots[member_id] = ballot
        proposal.last_minute += proposal.deadline - now < _LAST_MINUTE
        cast, roll = len(proposal.ballots), self._book.roll_of(proposal)
        self._checks.that("4.4.10", "above_roll", cast <= roll, roll, cast)

    def _skipped(self, args: Args) -> None:
        number, member_id, refusal = args["proposalId"], args["memberId"], args["refusal"]
        proposal = self._known(number)
        if proposal is None:
            return
        skipped = Cast("assembly", number, member_id, args["sequence"], False)
        self._proceedings.cast.append(skipped)
        now, checks, found = self._proceedings.now, self._checks, REFUSALS[refusal]
        window = (proposal.opens_at, proposal.deadline)
        checks.that("4.4.4", "outside_window", proposal.is_running(now), window, now)
        if found not in UNSEEN:
            cause = self._cause(proposal, member_id, args["sequence"])
            checks.that("4.4.11", "cause", found == cause, cause, found)
        proposal.skipped[found] += 1

    def _cause(self, proposal: Proposal, member_id: int, sequence: int) -> str:
        """Why a ballot with a choice and a fitting reason was not counted."""
        member = self._roll.members.get(member_id)
        if member is None:
            return "unknown_member"
        if not eligible(member, proposal.opens_at):
            return "not_eligible"
        if member_id == proposal.excluded:
            return "person_concerned"
        if sequence < _next(proposal, member):
            return "stale_sequence"
        late = self._proceedings.now > proposal.planned_end
        return "already_voted" if late and member_id in proposal.ballots else "bad_signature"

    def _see_eligible(self, proposal: Proposal, member: Member) -> None:
        on_roll = eligible(member, proposal.opens_at)
        since = (member.standing, member.since)
        self._checks.that("4.4.3", "not_eligible", on_roll, f"by {proposal.opens_at}", since)
        if proposal.subject:
            other = member.member_id != proposal.excluded
            self._checks.that("4.4.8", "person_concerned", other, "somebody else", "the person")

    def _see_reason(self, proposal: Proposal, reason: str) -> None:
        longest = 0 if proposal.decision_class in PERSONAL else MAX_REASON
        size = least_size(reason) if reason else 0
        self._checks.that("4.4.9", "reason", size <= longest, longest, size)

    # Late swing

    def _extended(self, args: Args) -> None:
        proposal = self._known(args["proposalId"])
        if proposal is not None:
            self._judge(proposal, args["extendedDeadline"])

    def _end_transaction(self) -> None:
        for number in list(self._before):
            self._checks.place += 1
            self._judge(self._book.proposals[number], None)

    def _judge(self, proposal: Proposal, found: int | None) -> None:
        before = self._before.pop(proposal.number, proposal.tally)
        expected = None
        if self._passes(proposal, before) != self._passes(proposal, proposal.tally):
            now = self._proceedings.now
            rule, planned_end = proposal.rule, proposal.planned_end
            expected = swing.extended(rule, planned_end, proposal.deadline, now)
        self._checks.about("proposal", proposal.number)
        holds = found == expected
        self._checks.that("4.3.11", "extension", holds, expected or "none", found or "none")
        if found is not None:
            proposal.deadline = found

    def _passes(self, proposal: Proposal, tally: Tally) -> bool:
        roll = self._book.roll_of(proposal)
        return passes(proposal.rule, tally, roll, proposal.second_called)

    def _known(self, number: int) -> Proposal | None:
        self._checks.about("proposal", number)
        proposal = self._book.proposals.get(number)
        self._checks.that("4.4.1", "unknown_proposal", proposal is not None, "one made", number)
        return proposal


def _next(proposal: Proposal, member: Member) -> int:
    """The least sequence that the member's next ballot can bear."""
    standing = proposal.ballots.get(member.member_id)
    return next_sequence(standing.lane if standing else None, member.epoch, None)
