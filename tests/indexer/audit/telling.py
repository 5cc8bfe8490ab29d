"""What the members of the audit's season do again and again."""

from collections.abc import Sequence
from typing import Any

from tests.contracts.coop import DAY, Coop
from tests.contracts.people import Person
from tests.contracts.signing import PAY_BALLOT, entry, sign_typed


class Telling:
    """Acts on one co-op."""

    def __init__(self, coop: Coop) -> None:
        self.coop = coop

    def member(self, function: str, *args: Any) -> tuple[str, int, bytes]:
        """An action on Membership."""
        return self.coop.action(self.coop.membership, function, *args)

    def decide(
        self, actions: Sequence[tuple[str, int, bytes]], text: str, opens_in: int = 2 * DAY
    ) -> int:
        """Proposes, and carries it through by the votes of ada to dan."""
        coop = self.coop
        number = coop.propose(coop.ada, actions, text, opens_in=opens_in)
        voters = [coop.ada, coop.ben, coop.cleo, coop.dan]
        coop.carry(number, actions, text, [*voters, coop.hal][:5] if self.many() else voters)
        return number

    def many(self) -> bool:
        """Whether the quorum of half the roll needs a fifth voter."""
        return int(self.coop.membership.functions.rollSize().call()) > 8

    def opened(self, text: str) -> int:
        """A resolution by ada that takes ballots now."""
        number = self.coop.propose(self.coop.ada, text=text, opens_in=60)
        self.coop.open(number)
        return number

    def entry(self, number: int, member: int, by: Person, choice: int, sequence: int = 1) -> bytes:
        """A signed ballot for a batch."""
        signed = self.coop.sign(by, number, choice, sequence, memberId=member)
        return entry(member, choice, signed, sequence)

    def rate(self, vote: int, rung: int) -> int:
        """The rate of a rung."""
        info = self.coop.pay_rates.functions.payVote(vote).call()
        return int(info[4] + info[5] * rung)

    def pay_opened(self, name: bytes) -> int:
        """A pay vote by ben that takes ballots now."""
        coop, functions = self.coop, self.coop.pay_rates.functions
        opens_at = coop.now() + 5
        coop.send(functions.openPayVote(name, opens_at), coop.ben)
        coop.warp(opens_at + 1)
        return int(functions.payVoteCount().call())

    def pay(self, by: Person, vote: int, rate: int, sequence: int = 1, reason: str = "") -> None:
        """A direct pay ballot."""
        args = (vote, self.coop.id_of(by), rate, sequence, reason)
        self.coop.send(self.coop.pay_rates.functions.castPayBallot(*args), by)

    def pay_entry(self, vote: int, member: int, by: Person, rate: int) -> bytes:
        """A signed pay ballot for a batch."""
        coop = self.coop
        info = coop.pay_rates.functions.payVote(vote).call()
        message = {"payVoteId": vote, "content": info[10], "rate": rate, "memberId": member}
        epoch = coop.membership.functions.memberOf(member).call()[3]
        message |= {"epoch": epoch, "sequence": 1, "reason": ""}
        domain = coop.domain(coop.pay_rates, {})
        signed = sign_typed(by, domain, "PayBallot", PAY_BALLOT, message, {})
        return entry(member, 0, signed, rung=(rate - info[4]) // info[5])

    def pay_closed(self, vote: int) -> None:
        """Closes a pay vote as soon as it can be."""
        coop = self.coop
        info = coop.pay_rates.functions.payVote(vote).call()
        moment = max(int(info[2]) + 1, coop.now() + 1)
        coop.send(coop.pay_rates.functions.closePayVote(vote), coop.tom, at=moment)

    def appealed(self, removal: int, person: Person) -> int:
        """The person concerned appeals; the confirming vote."""
        functions = self.coop.assembly.functions
        self.coop.send(functions.appeal(removal), person)
        return int(functions.proposalCount().call())
