"""What waits for a member: votes not cast yet, and how far open votes are from their quorum."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import Session

from indexer import queries
from indexer.moment import Moment
from indexer.queries import AsOf, MemberInfo, ProposalDetail, ProposalSummary
from node.output import rounded


@dataclass(frozen=True)
class Waiting:
    """A vote that is open to a member who has not cast a ballot; one of the two ids is set."""

    key: str
    member_id: int
    proposal_id: int | None
    pay_vote_id: int | None
    title: str
    """The proposal's, or the role."""
    closes_at: Moment

    @property
    def command(self) -> str:
        """What casts the ballot."""
        if self.proposal_id:
            return f"coop vote {self.proposal_id} for|against|abstain"
        return f"coop pay vote {self.pay_vote_id} RATE"


@dataclass(frozen=True)
class Forecast:
    """How far an open vote is from its quorum; all in members.

    `counted` is what counts towards it (every vote, or votes for only, as the rule says); `left`
    are those whose ballot, or changed ballot, could still add to it, at most.
    """

    proposal_id: int
    needed: int
    counted: int
    missing: int
    left: int
    for_only: bool
    closes_at: Moment

    def sentence(self, now: int) -> str:
        """The same for people: `4 of 7 votes needed for the quorum; 3 to go, 3 days left`."""
        what = "votes for" if self.for_only else "votes"
        state = f"{self.missing} to go" if self.missing else "reached"
        if self.missing > self.left:
            state += f", and only {self.left} could still add to it"
        said = f"{self.counted} of {self.needed} {what} needed for the quorum"
        return f"{said}; {state}, {rounded(self.closes_at - now)} left."


def waiting(
    session: Session, as_of: AsOf, proposals: list[ProposalSummary], key: str, member: MemberInfo
) -> Iterator[Waiting]:
    """Give the open votes that a member may cast a ballot in and has not, by what closes first."""
    if member.status != "active" or member.member_id is None:
        return
    number, found = member.member_id, []
    voted = {each.proposal_id for each in queries.ballots(session, as_of, member_id=number)}
    for each in proposals:
        if each.state != "active" or each.proposal_id in voted or member.since > each.opens_at:
            continue
        if each.subject_id == number and not _subject_votes(session, as_of, each):
            continue
        found.append(Waiting(key, number, each.proposal_id, None, each.title, each.closes_at))
    voted = {each.pay_vote_id for each in queries.pay_ballots(session, as_of, member_id=number)}
    for vote in queries.pay_votes(session, as_of):
        if vote.state == "open" and vote.pay_vote_id not in voted and member.since <= vote.opens_at:
            found.append(Waiting(key, number, None, vote.pay_vote_id, vote.role, vote.closes_at))
    yield from sorted(found, key=lambda each: each.closes_at)


def forecast(found: ProposalDetail) -> Forecast:
    """Return how far a proposal is from the quorum of the session that runs."""
    rule, tally = found.rule, found.tally
    counted = sum(tally) if rule.presence else tally.for_
    return Forecast(
        proposal_id=found.proposal_id,
        needed=found.quorum,
        counted=counted,
        missing=max(0, found.quorum - counted),
        left=found.roll - counted,
        for_only=not rule.presence,
        closes_at=found.closes_at,
    )


def _subject_votes(session: Session, as_of: AsOf, found: ProposalSummary) -> bool:
    return queries.proposal(session, as_of, found.proposal_id).rule.subject_votes
