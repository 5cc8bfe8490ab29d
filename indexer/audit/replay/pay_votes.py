"""Pay votes replayed: the ladder, every ballot, and the result that follows from them."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from indexer.audit.replay.ballots import MAX_REASON, UNSEEN
from indexer.audit.replay.cast import Cast
from indexer.audit.replay.proceedings import Proceedings
from indexer.audit.replay.roles import Role, Roles
from indexer.rules import pay
from indexer.rules.ballots import REFUSALS
from indexer.rules.content import PayVoteParts, least_size, pay_vote_content
from indexer.rules.pay import Ladder, PayRule
from indexer.rules.roll import Member, Roll, eligible

_EPOCHS = 256  # the contract keeps eight bits of a pay ballot's epoch
_MAX_SEQUENCE = 255
_MAX_AHEAD = 14 * 86_400

Args = Mapping[str, Any]


class PayBallot(NamedTuple):
    """A member's pay ballot that stands; `rate` in minor units per hour."""

    rate: int
    epoch: int
    sequence: int


class Outcome(NamedTuple):
    """How a pay vote was closed, as the chain said it."""

    moment: int
    ballots: int
    filled: int
    median: int
    result: int


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
    """The rate that was in force when the vote was called."""
    content: bytes
    outcome: Outcome | None = None
    counts: Counter[int] = field(default_factory=Counter)
    """Rate -> ballots that stand on it."""
    ballots: dict[int, PayBallot] = field(default_factory=dict)
    """memberId -> the ballot that stands."""
    changed: int = 0
    """Ballots that replaced an earlier one."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Cause -> ballots that were not counted."""

    def state(self, now: int) -> pay.State:
        """The state at a moment."""
        closed = self.outcome is not None
        return pay.state(self.opens_at, self.deadline, self.rule.grace, closed, now)

    @property
    def ends_at(self) -> int:
        """When it was closed, or the last moment at which it can be."""
        return self.outcome.moment if self.outcome else self.deadline + self.rule.grace


class PayVotes:
    """PayRates' events of pay votes and their ballots."""

    def __init__(self, proceedings: Proceedings, roll: Roll, roles: Roles) -> None:
        self.votes: dict[int, PayVote] = {}
        self.handlers: dict[str, Callable[[Args], None]] = {
            "PayRates.PayVoteOpened": self._opened,
            "PayRates.PayBallotCast": self._cast,
            "PayRates.PayBallotCastWithReason": self._cast,
            "PayRates.PayBallotSkipped": self._skipped,
            "PayRates.PayVoteClosed": self._closed,
        }
        self._proceedings, self._checks = proceedings, proceedings.checks
        self._roll, self._roles = roll, roles

    # Opening

    def _opened(self, args: Args) -> None:
        number, opener, now = args["payVoteId"], args["openerId"], self._proceedings.now
        checks = self._checks
        checks.about("pay vote", number)
        next_id = max(self.votes, default=0) + 1
        checks.that("4.5.5", "pay_vote_id", number == next_id, next_id, number)
        member = self._roll.members.get(opener)
        standing = member.standing if member else "unknown"
        checks.that("4.5.6", "opener", standing == "active", "an active member", standing)
        role, rule = self._roles.present(args["role"]), self._roles.rules[-1]
        if not checks.that("4.5.7", "no_role", role is not None, "a role", args["role"]):
            return
        assert role is not None
        self._see_turn(role, rule)

        version, opens_at, deadline = args["ruleVersion"], args["opensAt"], args["deadline"]
        newest = len(self._roles.rules)
        checks.that("4.5.8", "rule_version", version == newest, newest, version)
        earliest = now + rule.notice
        within = earliest <= opens_at <= earliest + _MAX_AHEAD
        checks.that("4.5.8", "opening", within, (earliest, earliest + _MAX_AHEAD), opens_at)
        planned = opens_at + rule.voting_period
        checks.that("4.5.8", "deadline", deadline == planned, planned, deadline)
        self._see_ladder(role, args)
        self._see_content(args)
        top = args["from"] + args["step"] * (args["rungs"] - 1)
        self.votes[number] = PayVote(
            number=number,
            role=role.name,
            version=version,
            rule=rule,
            opens_at=opens_at,
            deadline=deadline,
            ladder=Ladder(args["from"], top, args["step"]),
            present=args["from"] + args["step"] * args["presentRung"],
            content=args["content"],
        )
        role.newest_vote = number

    def _see_turn(self, role: Role, rule: PayRule) -> None:
        """One vote at a time on a role, and a rest between two."""
        last, now = self.votes.get(role.newest_vote), self._proceedings.now
        if last is None:
            return
        over = last.outcome is not None or now > last.ends_at
        self._checks.that("4.5.7", "under_way", over, "no other vote on the role", last.number)
        rested = last.ends_at + rule.rest
        self._checks.that("4.5.7", "resting", now >= rested, f"from {rested}", now)

    def _see_ladder(self, role: Role, args: Args) -> None:
        ladder = pay.ladder(role.rate, role.step, self._roles.bounds(role))
        rungs = ((ladder.to - ladder.from_) // ladder.step) + 1
        expected = (ladder.from_, ladder.step, rungs, (role.rate - ladder.from_) // ladder.step)
        found = (args["from"], args["step"], args["rungs"], args["presentRung"])
        self._checks.that("4.5.9", "ladder", found == expected, expected, found)

    def _see_content(self, args: Args) -> None:
        parts = PayVoteParts(
            chain_id=self._proceedings.chain_id,
            pay_rates=self._proceedings.addresses["pay_rates"],
            pay_vote_id=args["payVoteId"],
            role=args["role"],
            rule_version=args["ruleVersion"],
            opens_at=args["opensAt"],
            deadline=args["deadline"],
            from_=args["from"],
            step=args["step"],
            rungs=args["rungs"],
            present_rung=args["presentRung"],
        )
        content, found = pay_vote_content(parts), args["content"]
        self._checks.that("4.5.10", "content", content == found, content, found)

    # Ballots

    def _cast(self, args: Args) -> None:
        ballot, now, checks = pay.logged_ballot(args["ballot"]), self._proceedings.now, self._checks
        vote = self._known(ballot.pay_vote_id)
        if vote is None:
            return
        state = vote.state(now)
        checks.that("4.5.12", "outside_window", state == "open", "open", state)
        member = self._roll.members.get(ballot.member_id)
        on_roll = member is not None and eligible(member, vote.opens_at)
        checks.that("4.5.11", "not_eligible", on_roll, vote.opens_at, ballot.member_id)
        is_rung = ballot.rate in vote.ladder.rates
        checks.that("4.5.13", "rate", is_rung, tuple(vote.ladder), ballot.rate)
        size = least_size(args.get("reason", ""))
        checks.that("4.5.15", "reason", size <= MAX_REASON, MAX_REASON, size)
        if member is None:
            return
        last = _last_sequence(vote, member)
        follows = last < ballot.sequence <= _MAX_SEQUENCE
        checks.that("4.5.14", "sequence", follows, f"above {last}", ballot.sequence)
        earlier = vote.ballots.get(ballot.member_id)
        if earlier is not None:
            vote.counts[earlier.rate] -= 1
            vote.changed += 1
        vote.counts[ballot.rate] += 1
        self._proceedings.cast.append(
            Cast(
                contract="pay_rates",
                poll=vote.number,
                member_id=member.member_id,
                sequence=ballot.sequence,
                counted=True,
                account=member.account,
                epoch=member.epoch,
                content=vote.content,
                said=(ballot.rate - vote.ladder.from_) // vote.ladder.step,
                rate=ballot.rate,
                reason=args.get("reason", ""),
            )
        )
        vote.ballots[ballot.member_id] = PayBallot(ballot.rate, member.epoch, ballot.sequence)

    def _skipped(self, args: Args) -> None:
        vote, found = self._known(args["payVoteId"]), REFUSALS[args["refusal"]]
        if vote is None:
            return
        skipped = Cast("pay_rates", vote.number, args["memberId"], args["sequence"], False)
        self._proceedings.cast.append(skipped)
        now = self._proceedings.now
        state = vote.state(now)
        self._checks.that("4.5.12", "outside_window", state == "open", "open", state)
        if found not in UNSEEN:
            cause = self._cause(vote, args["memberId"], args["sequence"])
            self._checks.that("4.5.16", "cause", found == cause, cause, found)
        vote.skipped[found] += 1

    def _cause(self, vote: PayVote, member_id: int, sequence: int) -> str:
        """Why a pay ballot for a rung, with a fitting reason, was not counted."""
        member = self._roll.members.get(member_id)
        if member is None:
            return "unknown_member"
        if not eligible(member, vote.opens_at):
            return "not_eligible"
        stale = sequence <= _last_sequence(vote, member)
        return "stale_sequence" if stale else "bad_signature"

    # Closing

    def _closed(self, args: Args) -> None:
        vote, now, checks = self._known(args["payVoteId"]), self._proceedings.now, self._checks
        if vote is None:
            return
        state, role = vote.state(now), self._roles.present(vote.role)
        checks.that("4.5.17", "state", state == "counting", "counting", state)
        earlier = self._earlier(vote)
        checks.that("4.5.17", "earlier_first", not earlier, "no earlier vote", earlier)
        roll = self._roll.size_at(vote.opens_at)
        expected = pay.result(vote.counts, vote.present, pay.target(vote.rule, roll))
        found = (args["ballots"], args["filled"], args["median"])
        checks.that("4.5.18", "count", found == expected, tuple(expected), found)

        result = args["result"]
        if checks.that("4.5.17", "no_role", role is not None, "a present role", vote.role):
            assert role is not None
            bounds = self._roles.bounds(role)
            clamped = bounds.clamp(args["median"])
            checks.that("4.5.19", "result", result == clamped, clamped, result)
            if result != role.rate:
                self._proceedings.must_follow(
                    "4.5.20",
                    "not_set",
                    "PayRates.RateSet",
                    role=vote.role,
                    rate=result,
                    payVoteId=vote.number,
                )
        vote.outcome = Outcome(now, *found, result)

    def _earlier(self, vote: PayVote) -> int:
        """A vote on another role that had to be closed before; 0 if there is none."""
        now = self._proceedings.now
        for role in self._roles.roles.values():
            other = self.votes.get(role.newest_vote)
            if other is None or role.retired or role.name == vote.role:
                continue
            before = (other.deadline, other.number) < (vote.deadline, vote.number)
            if before and other.outcome is None and now <= other.ends_at:
                return other.number
        return 0

    def _known(self, number: int) -> PayVote | None:
        self._checks.about("pay vote", number)
        vote = self.votes.get(number)
        self._checks.that("4.5.5", "unknown", vote is not None, "a pay vote", number)
        return vote


def _last_sequence(vote: PayVote, member: Member) -> int:
    """What the member's next pay ballot must surpass: a new epoch starts again."""
    earlier = vote.ballots.get(member.member_id)
    if earlier is None or earlier.epoch % _EPOCHS != member.epoch % _EPOCHS:
        return 0
    return earlier.sequence
