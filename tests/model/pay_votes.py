"""Pay votes as a pure model: calling, casting, closing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from eth_abi.abi import encode
from eth_hash.auto import keccak

from indexer.rules import pay
from indexer.rules.ballots import Lane
from indexer.rules.pay import Ladder, PayRule
from indexer.rules.roll import eligible
from tests.contracts.roll import REFUSALS
from tests.model.ballots import MAX_REASON, Entry, last_sequence
from tests.model.membership import Membership
from tests.model.roles import Role, Roles
from tests.model.words import Refused, Signed

DAY = 86_400
STATES = ("pending", "open", "counting", "closed", "expired")
CONTENT = [
    "uint256",
    "address",
    "uint256",
    "bytes32",
    "uint32",
    "uint40",
    "uint40",
    "uint48",
    "uint48",
    "uint16",
    "uint8",
]


class PayBallot(NamedTuple):
    """What a member signs."""

    pay_vote: int
    content: bytes
    rate: int
    member_id: int
    epoch: int
    sequence: int
    reason: str


@dataclass
class PayVote:
    """One pay vote; moments in seconds."""

    number: int
    role: bytes
    version: int
    rule: PayRule
    opens_at: int
    deadline: int
    ladder: Ladder
    present: int
    content: bytes
    closed_at: int = 0
    ballots: dict[int, tuple[int, Lane]] = field(default_factory=dict)
    """memberId -> rung and lane."""

    @property
    def counts(self) -> list[int]:
        """How many ballots stand on each rung."""
        rungs = [rung for rung, _ in self.ballots.values()]
        return [rungs.count(rung) for rung in range(len(self.ladder.rates))]

    @property
    def present_rung(self) -> int:
        """The rung of the rate that was in force when the vote was called."""
        return self.ladder.rates.index(self.present)


class PayVotes:
    """All pay votes of the co-op."""

    def __init__(self, roles: Roles, membership: Membership) -> None:
        self.roles, self.membership, self.world = roles, membership, roles.world
        self.votes: dict[int, PayVote] = {}

    def open_pay_vote(self, sender: str, name: bytes, opens_at: int) -> None:
        member = self.membership.roll.current(sender)
        if member is None:
            raise Refused("PayRatesNotMember", sender)
        role, rule, now = self.roles.active(name), self.roles.rules[-1], self.world.now
        self._refuse_another(role)
        if not now + rule.notice <= opens_at <= now + rule.notice + 14 * DAY:
            bounds = (now + rule.notice, now + rule.notice + 14 * DAY)
            raise Refused("PayRatesOpeningOutOfBounds", opens_at, *bounds)
        number, version = len(self.votes) + 1, len(self.roles.rules)
        ladder = pay.ladder(role.rate, role.step, self.roles.bounds(role))
        deadline = opens_at + rule.voting_period
        terms = (version, opens_at, deadline, ladder.from_, ladder.step, len(ladder.rates))
        question = (*terms, ladder.rates.index(role.rate))
        here = (self.world.chain_id, self.world.addresses["PayRates"], number, name)
        content = keccak(encode(CONTENT, [*here, *question]))
        self.votes[number] = PayVote(
            number, name, version, rule, opens_at, deadline, ladder, role.rate, content
        )
        role.votes.append(number)
        self.roles.log("PayVoteOpened", number, name, member.member_id, *question, content)

    def cast_pay_ballot(
        self, sender: str, number: int, member_id: int, rate: int, sequence: int, reason: str
    ) -> None:
        vote = self._in_state(number, "open")
        rates = vote.ladder.rates
        rung = rates.index(rate) if rate in rates else len(rates)
        refusal = self.refusal(vote, member_id, rung, sequence, reason)
        if refusal == "None" and self.membership.holder(member_id) != sender:
            refusal = "BadSignature"
        if refusal != "None":
            raise Refused("PayRatesBallotRefused", number, member_id, REFUSALS.index(refusal))
        self._count(vote, member_id, rung, sequence, reason)

    def cast_pay_ballots(self, sender: str, number: int, entries: Sequence[Entry]) -> None:
        vote = self._in_state(number, "open")
        for member_id, rung, sequence, reason, signature in entries:
            refusal = self.refusal(vote, member_id, rung, sequence, reason)
            signed = refusal == "None" and self._is_signed(
                vote, member_id, rung, sequence, reason, signature
            )
            if signed:
                self._count(vote, member_id, rung, sequence, reason)
            else:
                refusal = "BadSignature" if refusal == "None" else refusal
                said = (member_id, sequence, REFUSALS.index(refusal))
                self.roles.log("PayBallotSkipped", number, *said)

    def close_pay_vote(self, sender: str, number: int) -> None:
        vote = self._in_state(number, "counting")
        role = self.roles.active(vote.role)
        if earlier := self._earlier(vote):
            raise Refused("PayRatesEarlierVoteFirst", number, earlier)
        roll = self.membership.roll.size_at(vote.opens_at)
        counts = dict(zip(vote.ladder.rates, vote.counts, strict=True))
        ballots, filled, median = pay.result(counts, vote.present, pay.target(vote.rule, roll))
        rate = self.roles.bounds(role).clamp(median)
        vote.closed_at = self.world.now
        self.roles.log("PayVoteClosed", number, ballots, filled, median, rate)
        if rate != role.rate:
            self.roles.set_rate(role, rate, number)

    def state(self, vote: PayVote) -> str:
        """The state now."""
        closed = vote.closed_at != 0
        return pay.state(vote.opens_at, vote.deadline, vote.rule.grace, closed, self.world.now)

    def known(self, number: int) -> PayVote:
        """A pay vote that was called."""
        if number not in self.votes:
            raise Refused("PayRatesUnknownPayVote", number)
        return self.votes[number]

    def refusal(self, vote: PayVote, member_id: int, rung: int, sequence: int, reason: str) -> str:
        """Why the ballot cannot be counted, whoever signed it."""
        if len(reason.encode()) > MAX_REASON:
            return "BadReason"
        if rung >= len(vote.ladder.rates):
            return "BadChoice"
        member = self.membership.roll.members.get(member_id)
        if member is None:
            return "UnknownMember"
        if not eligible(member, vote.opens_at):
            return "NotEligible"
        _, lane = vote.ballots.get(member_id, (0, None))
        return "StaleSequence" if sequence <= last_sequence(lane, member) else "None"

    def _in_state(self, number: int, wanted: str) -> PayVote:
        vote = self.known(number)
        if (found := self.state(vote)) != wanted:
            said = (STATES.index(found), STATES.index(wanted))
            raise Refused("PayRatesUnexpectedState", number, *said)
        return vote

    def _refuse_another(self, role: Role) -> None:
        last = self.votes[role.votes[-1]] if role.votes else None
        ended = 0
        if last:
            ended = last.closed_at or last.deadline + last.rule.grace
            if not last.closed_at and self.world.now <= ended:
                raise Refused("PayRatesVoteUnderWay", role.name, last.number)
        rested = ended + self.roles.rules[-1].rest
        if self.world.now < rested:
            raise Refused("PayRatesResting", role.name, rested)

    def _earlier(self, vote: PayVote) -> int:
        """The vote of another role to be closed first; of several that of the newest role."""
        for role in reversed(self.roles.roles.values()):
            if role.name == vote.role or role.retired or not role.votes:
                continue
            other = self.votes[role.votes[-1]]
            before = (other.deadline, other.number) < (vote.deadline, vote.number)
            if before and self.state(other) in ("pending", "open", "counting"):
                return other.number
        return 0

    def _is_signed(
        self,
        vote: PayVote,
        member_id: int,
        rung: int,
        sequence: int,
        reason: str,
        signature: Signed,
    ) -> bool:
        member, rate = self.membership.roll.members[member_id], vote.ladder.rates[rung]
        message = PayBallot(
            vote.number, vote.content, rate, member_id, member.epoch, sequence, reason
        )
        return (signature.signer, signature.message) == (member.account, message)

    def _count(self, vote: PayVote, member_id: int, rung: int, sequence: int, reason: str) -> None:
        epoch = self.membership.roll.members[member_id].epoch
        vote.ballots[member_id] = (rung, Lane(epoch, sequence))
        rate = vote.ladder.rates[rung]
        word = vote.number << 88 | member_id << 56 | sequence << 48 | rate
        if reason:
            self.roles.log("PayBallotCastWithReason", word, reason)
        else:
            self.roles.log("PayBallotCast", word)
