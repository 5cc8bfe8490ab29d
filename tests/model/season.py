"""A random season: what people do next, allowed or not, often on the very edge of a moment.

Everything is chosen by looking at the model; the chain is never asked what to do.
"""

from collections.abc import Callable, Sequence
from random import Random

from indexer.rules import proposals as rules
from tests.contracts.people import Person
from tests.model.ballots import Entry
from tests.model.changing import change_of
from tests.model.coop import CoopModel
from tests.model.guarding import Guarding
from tests.model.picking import CONCERNING, PAY, WHEN, Picker
from tests.model.playing import Play
from tests.model.proposing import proposal_of
from tests.model.signing import Signer
from tests.model.words import Call

HOUR, DAY = 3_600, 86_400
HORIZON = 3 * DAY
Act = Callable[[], tuple[str, Call]]


class Season:
    """Plays random acts on both sides."""

    def __init__(self, play: Play, people: tuple[Person, ...], seed: int) -> None:
        self.play, self.random = play, Random(seed)
        self.pick = Picker(play, people, self.random)
        self.guarding = Guarding(self.pick, self.random)
        self.signer = Signer(play.bench.addresses, self.random)

    @property
    def model(self) -> CoopModel:
        """The co-op now."""
        return self.play.model

    def run(self, acts: int) -> None:
        """So many acts, refused ones included."""
        likely: list[tuple[int, Act]] = [
            (3, self.apply),
            (1, self.withdraw),
            (5, self.order),
            (3, self.guarding.name_guardians),
            (7, self.guarding.vouch),
            (1, self.guarding.cancel_recovery),
            (3, self.guarding.complete_recovery),
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
        while sum(self.play.done.values()) < acts:
            # What is sensible at that moment is judged then, so the clock goes first.
            self.model.next_block(self.moment())
            together = 2 if self.random.random() < 0.1 else 1
            drawn = [self._act(weights, choices)() for _ in range(together)]
            assembly = self.model.world.addresses["Assembly"]
            orders = [act for act in drawn if act[0] == assembly]
            self.play.block(orders[:1] or drawn)

    def _act(self, weights: Sequence[int], choices: Sequence[Act]) -> Act:
        act = self.random.choices(choices, weights)[0]
        while not self._timely(act.__name__):
            act = self.random.choices(choices, weights)[0]
        return act

    def _timely(self, act: str) -> bool:
        """Whether there is something to do it to; now and then it is tried without."""
        if act not in WHEN or self.random.random() < 0.04:
            return True
        if act in PAY:
            return any(self.model.pay_votes.state(vote) in WHEN[act] for vote in self.pick.votes())
        class_ = CONCERNING.get(act)
        return any(
            self.model.assembly.state(each.number) in WHEN[act]
            and class_ in (None, each.decision_class)
            for each in self.pick.recent()
        )

    def moment(self) -> int:
        """When the next act happens: soon, later, or on an edge, a second before or after."""
        now = self.model.world.now
        edges = [edge + shift for edge in self._edges() for shift in (-1, 0, 0, 1, 1)]
        ahead = sorted(edge for edge in edges if now < edge <= now + HORIZON)
        draw = self.random.random()
        waits = sorted(edge + shift for edge in self.guarding.edges() for shift in (-1, 0, 1))
        if draw > 0.98 and waits and waits[-1] > now:  # guardians wait for weeks
            return next(edge for edge in waits if edge > now)
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
        edges += self.guarding.edges()
        return edges

    # Membership

    def apply(self) -> tuple[str, Call]:
        profile = self.random.choice([b"\x11" * 32] * 9 + [bytes(32)])
        return self.pick.anybody(), Call("Membership", "applyToJoin", (profile,))

    def withdraw(self) -> tuple[str, Call]:
        return self.pick.anybody(), Call("Membership", "withdrawApplication")

    def leave(self) -> tuple[str, Call]:
        leaver = self.pick.anybody() if self.pick.roll() > 5 else self.pick.stranger()
        return leaver, Call("Membership", "leaveCooperative")

    def reinstate(self) -> tuple[str, Call]:
        members = self.model.membership.roll.members.values()
        suspended = [each.member_id for each in members if each.standing == "suspended"]
        number = self.random.choice(suspended or [self.pick.member()])
        return self.pick.anybody(), Call("Membership", "reinstate", (number,))

    def rotate(self) -> tuple[str, Call]:
        member, new = self.pick.member(), self.pick.person()
        by = self.pick.person_of(self.model.membership.holder(member)) or self.pick.person()
        return self.pick.anybody(), self.signer.rotation(self.model, member, by, new)

    def order(self) -> tuple[str, Call]:
        """What a passed proposal would do, at once; now and then somebody tries it alone."""
        call = change_of(self.model, self.random, self.pick.anybody(), self.pick.member())
        if call.function in ("suspend", "expel") and self.pick.roll() <= 5:
            call = Call("Membership", "admit", (self.pick.anybody(),))
        assembly = self.model.world.addresses["Assembly"]
        return (assembly if self.random.random() < 0.95 else self.pick.anybody()), call

    # Proposals

    def propose(self) -> tuple[str, Call]:
        call = proposal_of(self.model, self.random, self.pick.anybody(), self.pick.member())
        return (self.pick.proposer() if self.random.random() < 0.95 else self.pick.stranger()), call

    def cancel(self) -> tuple[str, Call]:
        proposal = self.pick.proposal("pending")
        proposer = self.pick.holder(proposal.proposer) if proposal else ""
        return self.pick.mostly(proposer), Call("Assembly", "cancel", (self.pick.number(proposal),))

    def vote(self) -> tuple[str, Call]:
        proposal, member = self.pick.proposal("active"), self.pick.member()
        held = proposal.ballots.get(member) if proposal else None
        sequence = self.pick.sequence(held.lane.sequence if held else 0)
        reason = self.pick.reason()
        args = (self.pick.number(proposal), member, self.pick.choice(proposal), sequence, reason)
        return self.pick.mostly(self.pick.key(member)), Call("Assembly", "castBallot", args)

    def vote_in_a_batch(self) -> tuple[str, Call]:
        proposal = self.pick.proposal("active")
        entries: list[Entry] = []
        if proposal:
            for member in self.pick.members():
                held = proposal.ballots.get(member)
                sequence = self.pick.sequence(held.lane.sequence if held else 0)
                choice = 3 if self.random.random() < 0.05 else self.pick.choice(proposal)
                by = self.pick.signing(member)
                entries.append(
                    self.signer.ballot(
                        self.model, proposal, by, member, choice, sequence, self.pick.reason()
                    )
                )
        call = self.signer.batch("castBallots", self.pick.number(proposal), entries)
        return self.pick.anybody(), call

    def queue(self) -> tuple[str, Call]:
        return self.pick.anybody(), Call(
            "Assembly", "queue", (self.pick.number(self.pick.proposal("succeeded")),)
        )

    def execute(self) -> tuple[str, Call]:
        proposal = self.pick.proposal("queued")
        actions = proposal.actions if proposal else ()
        text = proposal.text_hash if proposal else bytes(32)
        if self.random.random() < 0.05:
            text = b"\x77" * 32
        number, world = self.pick.number(proposal), self.model.world
        wire = tuple((world.addresses[each.contract], 0, each.data) for each in actions)
        call = Call("Assembly", "execute", (number, actions, text), (number, wire, text))
        return self.pick.anybody(), call

    def reply(self) -> tuple[str, Call]:
        proposal = self.pick.concerning("reply")
        call = Call("Assembly", "reply", (self.pick.number(proposal), b"\x22" * 32))
        return self.pick.mostly(self.pick.holder(proposal.subject if proposal else 0)), call

    def appeal(self) -> tuple[str, Call]:
        proposal = self.pick.concerning("appeal")
        call = Call("Assembly", "appeal", (self.pick.number(proposal),))
        return self.pick.mostly(self.pick.holder(proposal.subject if proposal else 0)), call

    def object(self) -> tuple[str, Call]:
        proposal = self.pick.concerning("object")
        call = Call("Assembly", "object", (self.pick.number(proposal),))
        return self.pick.mostly(self.pick.holder(proposal.subject if proposal else 0)), call

    # Pay

    def open_pay_vote(self) -> tuple[str, Call]:
        name = self.random.choice([*self.model.roles.roles] * 4 + [b"nobody".ljust(32, b"\0")])
        notice, now = self.model.roles.rules[-1].notice, self.model.world.now
        ahead = self.random.choice([0, 1, 30, HOUR, 14 * DAY, -1, 14 * DAY + 1])
        ahead = ahead if self.random.random() < 0.3 else self.random.choice([5, 600])
        call = Call("PayRates", "openPayVote", (name, now + notice + ahead))
        return self.pick.key(self.pick.member()), call

    def cast_pay_ballot(self) -> tuple[str, Call]:
        vote, member = self.pick.pay_vote("open"), self.pick.member()
        rate, before = 1_500, 0
        if vote:
            rate = self.random.choice(vote.ladder.rates) + (self.random.random() < 0.06)
            before = vote.ballots[member][1].sequence if member in vote.ballots else 0
        number = vote.number if vote else self.random.choice([1, 99])
        args = (number, member, rate, self.pick.sequence(before), self.pick.reason())
        return self.pick.mostly(self.pick.key(member)), Call("PayRates", "castPayBallot", args)

    def pay_batch(self) -> tuple[str, Call]:
        vote = self.pick.pay_vote("open")
        entries: list[Entry] = []
        if vote:
            for member in self.pick.members():
                before = vote.ballots[member][1].sequence if member in vote.ballots else 0
                rung = self.random.randrange(min(256, len(vote.ladder.rates) + 1))
                by = self.pick.signing(member)
                entries.append(
                    self.signer.pay_ballot(
                        self.model,
                        vote,
                        by,
                        member,
                        rung,
                        self.pick.sequence(before),
                        self.pick.reason(),
                    )
                )
        number = vote.number if vote else 99
        return self.pick.anybody(), self.signer.batch("castPayBallots", number, entries)

    def close_pay_vote(self) -> tuple[str, Call]:
        vote = self.pick.pay_vote("counting")
        return self.pick.anybody(), Call("PayRates", "closePayVote", (vote.number if vote else 99,))
