"""A random season: what people do next, allowed or not, often on the very edge of a moment.

Everything is chosen by looking at the model; the chain is never asked what to do.
"""

from collections.abc import Callable
from random import Random

from indexer.rules import proposals as rules
from indexer.rules.bylaws import DecisionClass
from tests.contracts.people import Person
from tests.model.ballots import Entry
from tests.model.changing import change_of
from tests.model.coop import CoopModel
from tests.model.pay_votes import PayVote
from tests.model.playing import Play
from tests.model.proposals import Proposal
from tests.model.proposing import proposal_of
from tests.model.signing import Signer
from tests.model.words import Call

HOUR, DAY = 3_600, 86_400
HORIZON = 3 * DAY


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


class Season:
    """Plays random acts on both sides."""

    def __init__(self, play: Play, people: tuple[Person, ...], seed: int) -> None:
        self.play, self.people, self.random = play, people, Random(seed)
        self.signer = Signer(play.bench.addresses, self.random)

    @property
    def model(self) -> CoopModel:
        """The co-op now."""
        return self.play.model

    def run(self, acts: int) -> None:
        """So many acts, refused ones included."""
        likely: list[tuple[int, Callable[[], tuple[str, Call]]]] = [
            (3, self.apply),
            (1, self.withdraw),
            (5, self.order),
            (1, self.leave),
            (2, self.rotate),
            (1, self.reinstate),
            (8, self.propose),
            (2, self.cancel),
            (22, self.vote),
            (6, self.vote_in_a_batch),
            (6, self.queue),
            (6, self.execute),
            (2, self.reply),
            (4, self.appeal),
            (2, self.object),
            (4, self.open_pay_vote),
            (9, self.cast_pay_ballot),
            (4, self.pay_batch),
            (5, self.close_pay_vote),
        ]
        weights, choices = zip(*likely, strict=True)
        for _ in range(acts):
            moment = self.moment()
            # What is sensible at that moment is judged then, so the clock goes first.
            self.play.model.world.now = moment
            act = self.random.choices(choices, weights)[0]
            while not self._timely(act.__name__):
                act = self.random.choices(choices, weights)[0]
            sender, call = act()
            self.play.act(sender, call, moment)

    def _timely(self, act: str) -> bool:
        """Whether there is something to do it to; now and then it is tried without."""
        if act not in WHEN or self.random.random() < 0.04:
            return True
        if act in PAY:
            return any(self.model.pay_votes.state(vote) in WHEN[act] for vote in self._votes())
        class_ = CONCERNING.get(act)
        return any(
            self.model.assembly.state(each.number) in WHEN[act]
            and class_ in (None, each.decision_class)
            for each in self._recent()
        )

    def moment(self) -> int:
        """When the next act happens: soon, later, or on an edge, a second before or after."""
        now = self.model.world.now
        edges = [edge + shift for edge in self._edges() for shift in (-1, 0, 0, 1, 1)]
        ahead = sorted(edge for edge in edges if now < edge <= now + HORIZON)
        draw = self.random.random()
        if draw < 0.22 and ahead:
            return ahead[min(int(self.random.expovariate(0.5)), len(ahead) - 1)]
        return now + self.random.choice([HOUR] if draw > 0.98 else [1, 1, 20, 300])

    def _edges(self) -> list[int]:
        """Every moment at which something turns."""
        model, now, edges = self.model, self.model.world.now, []
        for proposal in list(model.assembly.proposals.values())[-12:]:
            course = model.assembly.course(proposal)
            deadline = rules.session(course, now).deadline
            edges += [proposal.opens_at, deadline, deadline - proposal.rule.swing_window]
            edges += [proposal.eta, rules.due(course, now), rules.expires_at(course, now)]
            edges += [deadline + proposal.rule.cool_down, proposal.deadline]
        for vote in list(model.pay_votes.votes.values())[-6:]:
            edges += [vote.opens_at, vote.deadline, vote.deadline + vote.rule.grace]
            edges += [(vote.closed_at or vote.deadline) + model.roles.rules[-1].rest]
        for applied in model.membership.candidates.values():
            edges.append(applied + model.membership.probation)
        edges += [member.suspended_until for member in model.membership.roll.members.values()]
        edges += [touched + 2 * DAY for touched in model.membership.touched.values()]
        return edges

    # Membership

    def apply(self) -> tuple[str, Call]:
        profile = self.random.choice([b"\x11" * 32] * 9 + [bytes(32)])
        return self._anybody(), Call("Membership", "applyToJoin", (profile,))

    def withdraw(self) -> tuple[str, Call]:
        return self._anybody(), Call("Membership", "withdrawApplication")

    def leave(self) -> tuple[str, Call]:
        leaver = self._anybody() if self._roll() > 5 else self._stranger()
        return leaver, Call("Membership", "leaveCooperative")

    def reinstate(self) -> tuple[str, Call]:
        members = self.model.membership.roll.members.values()
        suspended = [each.member_id for each in members if each.standing == "suspended"]
        number = self.random.choice(suspended or [self._member()])
        return self._anybody(), Call("Membership", "reinstate", (number,))

    def rotate(self) -> tuple[str, Call]:
        member, new = self._member(), self._person()
        by = self._person_of(self.model.membership.holder(member)) or self._person()
        return self._anybody(), self.signer.rotation(self.model, member, by, new)

    def order(self) -> tuple[str, Call]:
        """What a passed proposal would do, at once; now and then somebody tries it alone."""
        call = change_of(self.model, self.random, self._anybody(), self._member())
        if call.function in ("suspend", "expel") and self._roll() <= 5:
            call = Call("Membership", "admit", (self._anybody(),))
        assembly = self.model.world.addresses["Assembly"]
        return (assembly if self.random.random() < 0.95 else self._anybody()), call

    # Proposals

    def propose(self) -> tuple[str, Call]:
        call = proposal_of(self.model, self.random, self._anybody(), self._member())
        return (self._proposer() if self.random.random() < 0.95 else self._stranger()), call

    def cancel(self) -> tuple[str, Call]:
        proposal = self._proposal("pending")
        proposer = self.model.membership.holder(proposal.proposer) if proposal else ""
        return self._mostly(proposer), Call("Assembly", "cancel", (self._number(proposal),))

    def vote(self) -> tuple[str, Call]:
        proposal, member = self._proposal("active"), self._member()
        held = proposal.ballots.get(member) if proposal else None
        sequence = self._sequence(held.lane.sequence if held else 0)
        reason = self._reason()
        args = (self._number(proposal), member, self._choice(proposal), sequence, reason)
        return self._mostly(self._key(member)), Call("Assembly", "castBallot", args)

    def vote_in_a_batch(self) -> tuple[str, Call]:
        proposal = self._proposal("active")
        entries: list[Entry] = []
        if proposal:
            for member in self._members():
                held = proposal.ballots.get(member)
                sequence = self._sequence(held.lane.sequence if held else 0)
                choice = 3 if self.random.random() < 0.05 else self._choice(proposal)
                by = self._signing(member)
                entries.append(
                    self.signer.ballot(
                        self.model, proposal, by, member, choice, sequence, self._reason()
                    )
                )
        call = self.signer.batch("castBallots", self._number(proposal), entries)
        return self._anybody(), call

    def queue(self) -> tuple[str, Call]:
        return self._anybody(), Call(
            "Assembly", "queue", (self._number(self._proposal("succeeded")),)
        )

    def execute(self) -> tuple[str, Call]:
        proposal = self._proposal("queued")
        actions = proposal.actions if proposal else ()
        text = proposal.text_hash if proposal else bytes(32)
        if self.random.random() < 0.05:
            text = b"\x77" * 32
        number, world = self._number(proposal), self.model.world
        wire = tuple((world.addresses[each.contract], 0, each.data) for each in actions)
        call = Call("Assembly", "execute", (number, actions, text), (number, wire, text))
        return self._anybody(), call

    def reply(self) -> tuple[str, Call]:
        proposal = self._concerning("reply")
        call = Call("Assembly", "reply", (self._number(proposal), b"\x22" * 32))
        return self._mostly(self._subject(proposal)), call

    def appeal(self) -> tuple[str, Call]:
        proposal = self._concerning("appeal")
        call = Call("Assembly", "appeal", (self._number(proposal),))
        return self._mostly(self._subject(proposal)), call

    def object(self) -> tuple[str, Call]:
        proposal = self._concerning("object")
        call = Call("Assembly", "object", (self._number(proposal),))
        return self._mostly(self._subject(proposal)), call

    # Pay

    def open_pay_vote(self) -> tuple[str, Call]:
        name = self.random.choice([*self.model.roles.roles] * 4 + [b"nobody".ljust(32, b"\0")])
        notice, now = self.model.roles.rules[-1].notice, self.model.world.now
        ahead = self.random.choice([0, 1, 30, HOUR, 14 * DAY, -1, 14 * DAY + 1])
        ahead = ahead if self.random.random() < 0.3 else self.random.choice([5, 600])
        call = Call("PayRates", "openPayVote", (name, now + notice + ahead))
        return self._key(self._member()), call

    def cast_pay_ballot(self) -> tuple[str, Call]:
        vote, member = self._pay_vote("open"), self._member()
        rate, before = 1_500, 0
        if vote:
            rate = self.random.choice(vote.ladder.rates) + (self.random.random() < 0.06)
            before = vote.ballots[member][1].sequence if member in vote.ballots else 0
        number = vote.number if vote else self.random.choice([1, 99])
        args = (number, member, rate, self._sequence(before), self._reason())
        return self._mostly(self._key(member)), Call("PayRates", "castPayBallot", args)

    def pay_batch(self) -> tuple[str, Call]:
        vote = self._pay_vote("open")
        entries: list[Entry] = []
        if vote:
            for member in self._members():
                before = vote.ballots[member][1].sequence if member in vote.ballots else 0
                rung = self.random.randrange(min(256, len(vote.ladder.rates) + 1))
                by = self._signing(member)
                entries.append(
                    self.signer.pay_ballot(
                        self.model, vote, by, member, rung, self._sequence(before), self._reason()
                    )
                )
        number = vote.number if vote else 99
        return self._anybody(), self.signer.batch("castPayBallots", number, entries)

    def close_pay_vote(self) -> tuple[str, Call]:
        vote = self._pay_vote("counting")
        return self._anybody(), Call("PayRates", "closePayVote", (vote.number if vote else 99,))

    # Who and what

    def _person(self) -> Person:
        return self.random.choice(self.people)

    def _anybody(self) -> str:
        return self._person().address

    def _stranger(self) -> str:
        return self.people[-1].address

    def _mostly(self, account: str) -> str:
        return account if account and self.random.random() < 0.92 else self._anybody()

    def _person_of(self, account: str) -> Person | None:
        return next((each for each in self.people if each.address == account), None)

    def _roll(self) -> int:
        return self.model.membership.roll.size_at(self.model.world.now)

    def _member(self) -> int:
        last = len(self.model.membership.roll.members)
        return self.random.randint(1, last) if self.random.random() < 0.97 else last + 1

    def _members(self) -> list[int]:
        last = len(self.model.membership.roll.members) + 1
        return self.random.sample(range(1, last + 1), min(self.random.randint(1, 5), last))

    def _key(self, member: int) -> str:
        account = self.model.membership.holder(member)
        return account if self._person_of(account) else self._anybody()

    def _proposer(self) -> str:
        """Mostly somebody who may propose now."""
        model, now = self.model, self.model.world.now
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
        return self._key(self._member())

    def _signing(self, member: int) -> Person:
        holder = self._person_of(self.model.membership.holder(member))
        return holder if holder and self.random.random() < 0.9 else self._person()

    def _sequence(self, before: int) -> int:
        step = self.random.choice([1, 1, 1, 1, 1, 2, 40, 0])
        return max(0, min(255, before + step))

    def _choice(self, proposal: Proposal | None) -> int:
        """A proposal has its mood, so that many pass and some fail."""
        mood = (proposal.number if proposal else 0) % 4
        return self.random.choices([0, 1, 2], [(1, 6, 1), (1, 6, 1), (5, 4, 1), (3, 3, 4)][mood])[0]

    def _reason(self) -> str:
        return self.random.choice([""] * 12 + ["because", "r" * 500, "ü" * 251])

    def _proposal(self, *wanted: str) -> Proposal | None:
        """Nearly always one in a state wanted."""
        recent = self._recent()
        fitting = [each for each in recent if self.model.assembly.state(each.number) in wanted]
        if fitting and self.random.random() < 0.95:
            return self.random.choice(fitting)
        return self.random.choice(recent) if recent else None

    def _concerning(self, act: str) -> Proposal | None:
        """One that concerns a member, in a state and mostly of the class that the act needs."""
        states, right = self.model.assembly.state, self.random.random() < 0.95
        fitting = [
            each
            for each in self._recent()
            if each.subject and states(each.number) in WHEN[act]
            if not right or each.decision_class == CONCERNING[act]
        ]
        return self.random.choice(fitting) if fitting else self._proposal(*WHEN[act])

    def _subject(self, proposal: Proposal | None) -> str:
        holder = self.model.membership.holder(proposal.subject) if proposal else ""
        return holder if self._person_of(holder) else ""

    def _recent(self) -> list[Proposal]:
        return list(self.model.assembly.proposals.values())[-16:]

    def _votes(self) -> list[PayVote]:
        return list(self.model.pay_votes.votes.values())[-6:]

    def _number(self, proposal: Proposal | None) -> int:
        return proposal.number if proposal else len(self.model.assembly.proposals) + 1

    def _pay_vote(self, wanted: str) -> PayVote | None:
        recent = self._votes()
        fitting = [each for each in recent if self.model.pay_votes.state(each) == wanted]
        if fitting and self.random.random() < 0.95:
            return self.random.choice(fitting)
        return self.random.choice(recent) if recent else None
