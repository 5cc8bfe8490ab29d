"""Signed acts as both sides take them: the model gets what was signed, the chain the bytes."""

from collections.abc import Sequence
from random import Random
from typing import Any

from node.devnet import CHAIN_ID
from tests.contracts.people import Person
from tests.contracts.signing import BALLOT, PAY_BALLOT, ROTATION, entry, sign_typed
from tests.model.ballots import Ballot, Entry
from tests.model.coop import CoopModel
from tests.model.membership import Rotation
from tests.model.pay_votes import PayBallot, PayVote
from tests.model.proposals import WORDS, Proposal
from tests.model.words import Call, Signed

NAME = "Weavers"
DAY = 86_400


class Signer:
    """Signs, now and then something else than what is then sent."""

    def __init__(self, addresses: dict[str, str], random: Random) -> None:
        self.addresses, self.random = addresses, random

    def rotation(self, model: CoopModel, member: int, by: Person, new: Person) -> Call:
        """A change of key that mostly both keys sign."""
        holder, now = model.membership.roll.members.get(member), model.world.now
        deadline = now + self.random.choice([DAY, DAY, DAY, 0, -1])
        epoch = holder.epoch if holder else 0
        epoch += self.random.choice([0] * 12 + [1])
        message = Rotation(member, by.address, new.address, epoch, deadline)
        other = self.random.choice([new] * 12 + [by])
        signed = [
            self._sign(who, "Membership", "Rotation", ROTATION, message) for who in (by, other)
        ]
        args = (member, new.address, deadline)
        raw = tuple(each.raw for each in signed)
        return Call("Membership", "rotate", (*args, *signed), (*args, *raw))

    def ballot(
        self,
        model: CoopModel,
        proposal: Proposal,
        by: Person,
        member: int,
        choice: int,
        sequence: int,
        reason: str,
    ) -> Entry:
        """A ballot for a batch; sometimes another one was signed."""
        word = WORDS[choice] if choice < len(WORDS) else "for"
        holder = model.membership.roll.members.get(member)
        epoch = holder.epoch if holder else 0
        message = Ballot(proposal.number, proposal.content, word, member, epoch, sequence, reason)
        altered = self._altered(message, proposal=message.proposal + 1)
        return Entry(
            member, choice, sequence, reason, self._sign(by, "Assembly", "Ballot", BALLOT, altered)
        )

    def pay_ballot(
        self,
        model: CoopModel,
        vote: PayVote,
        by: Person,
        member: int,
        rung: int,
        sequence: int,
        reason: str,
    ) -> Entry:
        """A pay ballot for a batch; sometimes another one was signed."""
        rate = vote.ladder.from_ + vote.ladder.step * rung
        holder = model.membership.roll.members.get(member)
        epoch = holder.epoch if holder else 0
        message = PayBallot(vote.number, vote.content, rate, member, epoch, sequence, reason)
        altered = self._altered(message, pay_vote=message.pay_vote + 1)
        signed = self._sign(by, "PayRates", "PayBallot", PAY_BALLOT, altered)
        return Entry(member, rung, sequence, reason, signed)

    def batch(self, function: str, number: int, entries: Sequence[Entry]) -> Call:
        """The entries packed."""
        pay = function == "castPayBallots"
        packed = b""
        for each in entries:
            choice, rung = (0, each.choice) if pay else (each.choice, None)
            long = self.random.random() < 0.2
            packed += entry(
                each.member_id,
                choice,
                each.signature.raw,
                each.sequence,
                each.reason,
                long=long,
                rung=rung,
            )
        contract = "PayRates" if pay else "Assembly"
        return Call(contract, function, (number, tuple(entries)), (number, packed))

    def _altered(self, message: Any, **other_poll: int) -> Any:
        changes: list[dict[str, Any]] = [
            {"content": b"\x99" * 32},
            {"epoch": message.epoch + 1},
            {"sequence": message.sequence + 1},
            {"reason": message.reason + "?"},
            other_poll,
        ]
        if self.random.random() < 0.9:
            return message
        return message._replace(**self.random.choice(changes))

    def _sign(
        self, by: Person, contract: str, name: str, fields: list[tuple[str, str]], message: Any
    ) -> Signed:
        domain = {
            "name": NAME,
            "version": "1",
            "chainId": CHAIN_ID,
            "verifyingContract": self.addresses[contract],
        }
        words = {key: value for (key, _), value in zip(fields, message, strict=True)}
        return Signed(by.address, message, sign_typed(by, domain, name, fields, words, {}))
