"""Who acts, and on what: mostly what makes sense now, seldom what does not."""

from random import Random

from indexer.rules import proposals as rules
from indexer.rules.bylaws import DecisionClass
from tests.contracts.people import Person
from tests.model.pay_votes import PayVote
from tests.model.playing import Play
from tests.model.proposals import Proposal

WAITING = ("pending", "active", "succeeded", "queued")
WHEN = {
    "cancel": ("pending",),
    "vote": ("active",),
    "vote_in_a_batch": ("active",),
    "queue": ("succeeded",),
    "execute": ("queued",),
    "reply": WAITING,
    "appeal": ("queued",),
    "object": WAITING,
    "cast_pay_ballot": ("open",),
    "pay_batch": ("open",),
    "close_pay_vote": ("counting",),
}
PAY = ("cast_pay_ballot", "pay_batch", "close_pay_vote")
CONCERNING = {
    "reply": DecisionClass.REMOVAL,
    "appeal": DecisionClass.REMOVAL,
    "object": DecisionClass.RECOVERY,
}


class Picker:
    """Picks people, members, proposals, pay votes, numbers and words at random."""

    def __init__(self, play: Play, people: tuple[Person, ...], random: Random) -> None:
        self.play, self.people, self.random = play, people, random

    def person(self) -> Person:
        return self.random.choice(self.people)

    def anybody(self) -> str:
        return self.person().address

    def stranger(self) -> str:
        return self.people[-1].address

    def mostly(self, account: str) -> str:
        return account if account and self.random.random() < 0.92 else self.anybody()

    def person_of(self, account: str) -> Person | None:
        return next((each for each in self.people if each.address == account), None)

    def roll(self) -> int:
        return self.play.model.membership.roll.size_at(self.play.model.world.now)

    def member(self) -> int:
        last = len(self.play.model.membership.roll.members)
        return self.random.randint(1, last) if self.random.random() < 0.97 else last + 1

    def members(self) -> list[int]:
        last = len(self.play.model.membership.roll.members) + 1
        return self.random.sample(range(1, last + 1), min(self.random.randint(1, 5), last))

    def key(self, member: int) -> str:
        account = self.play.model.membership.holder(member)
        return account if self.person_of(account) else self.anybody()

    def proposer(self) -> str:
        """Mostly somebody who may propose now."""
        model, now = self.play.model, self.play.model.world.now
        busy = {
            member
            for member, last in model.assembly.last_of.items()
            if now
            <= rules.session(model.assembly.course(model.assembly.proposals[last]), now).deadline
        }
        members = model.membership.roll.members.values()
        free = [
            each for each in members if each.standing == "active" and each.member_id not in busy
        ]
        if free and self.random.random() < 0.85:
            return self.random.choice(free).account
        return self.key(self.member())

    def signing(self, member: int) -> Person:
        holder = self.person_of(self.play.model.membership.holder(member))
        return holder if holder and self.random.random() < 0.9 else self.person()

    def sequence(self, before: int) -> int:
        """Mostly the next; left out, stale, or begun anew, as after a change of key."""
        number = self.random.choice([before + 1] * 6 + [before + 2, before + 40, before, 1])
        return min(255, number)

    def choice(self, proposal: Proposal | None) -> int:
        """A proposal has its mood, so that many pass and some fail."""
        mood = (proposal.number if proposal else 0) % 4
        return self.random.choices([0, 1, 2], [(1, 6, 1), (1, 6, 1), (5, 4, 1), (3, 3, 4)][mood])[0]

    def reason(self) -> str:
        return self.random.choice([""] * 12 + ["because", "r" * 500, "ü" * 251])

    def proposal(self, *wanted: str) -> Proposal | None:
        """Nearly always one in a state wanted."""
        recent = self.recent()
        fitting = [each for each in recent if self.play.model.assembly.state(each.number) in wanted]
        if fitting and self.random.random() < 0.95:
            return self.random.choice(fitting)
        return self.random.choice(recent) if recent else None

    def concerning(self, act: str) -> Proposal | None:
        """One that concerns a member, in a state and mostly of the class that the act needs."""
        states, right = self.play.model.assembly.state, self.random.random() < 0.95
        fitting = [
            each
            for each in self.recent()
            if each.subject and states(each.number) in WHEN[act]
            if not right or each.decision_class == CONCERNING[act]
        ]
        return self.random.choice(fitting) if fitting else self.proposal(*WHEN[act])

    def holder(self, member: int) -> str:
        """The member's present key, if it is one of those that can send."""
        account = self.play.model.membership.holder(member)
        return account if self.person_of(account) else ""

    def recent(self) -> list[Proposal]:
        return list(self.play.model.assembly.proposals.values())[-16:]

    def votes(self) -> list[PayVote]:
        return list(self.play.model.pay_votes.votes.values())[-6:]

    def number(self, proposal: Proposal | None) -> int:
        return proposal.number if proposal else len(self.play.model.assembly.proposals) + 1

    def pay_vote(self, wanted: str) -> PayVote | None:
        recent = self.votes()
        fitting = [each for each in recent if self.play.model.pay_votes.state(each) == wanted]
        if fitting and self.random.random() < 0.95:
            return self.random.choice(fitting)
        return self.random.choice(recent) if recent else None
