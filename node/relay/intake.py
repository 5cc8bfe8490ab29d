"""Looks at incoming ballots: whatever would not be counted is refused, the rest kept and promised.

Many are looked at together: one question to the chain, one write to the disk.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock

from indexer.errors import ContractReverted
from node import casting, promises, reverts, voting
from node.ballot import AnyBallot, SignedBallot
from node.domains import Signing, address_of
from node.errors import CoopError, NotFound, StaleBallot, VotingClosed
from node.instance import Instance
from node.outbox import Letter, Outbox
from node.promises import Promise
from node.relay.terms import Terms
from node.sender import Sender

Answer = tuple[Letter, Promise] | CoopError
"""What a ballot gets: a number and a promise, or why it is not taken."""


class RelayBusy(CoopError):
    """The relayer takes no more for the moment."""

    code = "relay_busy"
    exit_code = 7


class RelayPoor(CoopError):
    """The relayer's account cannot pay for what it would promise."""

    code = "not_enough_funds"
    exit_code = 7


class TooLate(VotingClosed):
    """The vote ends too soon for a promise."""

    code = "too_late"


@dataclass
class Intake:
    """The relayer's side of the counter; `admit` is called by one thread at a time."""

    sender: Sender
    instance: Instance
    outbox: Outbox
    terms: Terms
    open: int = 0
    """Ballots on their way, as the carrier last counted them."""
    gas_each: int = 16_000
    """What a ballot in a batch takes, with some room."""
    _deadlines: dict[tuple[Signing, int], int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def admit(self, ballots: Sequence[SignedBallot]) -> list[Answer]:
        """Check, keep and promise; the answers in the ballots' order.

        Raises what `Chain` raises: then nothing was kept.
        """
        with self._lock:
            return self._admit(ballots)

    def _admit(self, ballots: Sequence[SignedBallot]) -> list[Answer]:
        chain, now = self.sender.chain, self.sender.chain.head().timestamp
        refused: dict[int, CoopError] = {}
        if problem := self.cannot():
            return [problem] * len(ballots)
        # 1. For this co-op, and signed by the account's own key or by a contract.
        for place, signed in enumerate(ballots):
            try:
                casting.refuse_foreign(signed, self.instance)
            except CoopError as error:
                refused[place] = error
        # 2. Of a known vote, early enough.
        until = {
            place: self._before(each.ballot, now, refused, place)
            for place, each in enumerate(ballots)
            if place not in refused
        }
        # 3. What the contract would count, asked for all together.
        wanted = {place: ballots[place] for place in until if place not in refused}
        why = casting.refused(chain, self.instance, self.sender, list(wanted.values()))
        refused |= {place: why[each] for place, each in wanted.items() if each in why}
        # 4. Kept on the disk before anything is promised.
        taken = [place for place in wanted if place not in refused]
        kept = self.outbox.put_all(ballots[place] for place in taken)
        answers: dict[int, Answer] = dict(refused)
        for place, letter in zip(taken, kept, strict=True):
            if isinstance(letter, StaleBallot):
                answers[place] = self._again(ballots[place]) or letter
            else:
                self.open += 1
                answers[place] = letter, self._promise(letter, until[place])
        return [answers[place] for place in range(len(ballots))]

    def cannot(self) -> CoopError | None:
        """Why no ballot at all is taken just now."""
        if self.open >= self.terms.queue:
            return RelayBusy(
                "This relayer has as many ballots on their way as it takes.",
                hint="Try again in a minute, or another relayer.",
            )
        fees, balance = self.sender.fees(), self.sender.chain.balance(self.sender.address)
        if balance < (self.open + self.terms.batch) * self.gas_each * fees.most:
            return RelayPoor(
                "This relayer has no money left to carry ballots with.",
                hint="Ask another relayer, or send the ballot yourself.",
                details={"account": self.sender.address},
            )
        return None

    def _before(
        self, ballot: AnyBallot, now: int, refused: dict[int, CoopError], place: int
    ) -> int:
        try:
            deadline = self._deadline(ballot)
        except CoopError as error:
            refused[place] = error
            return 0
        if now + self.terms.margin > deadline:
            refused[place] = TooLate(
                "The vote ends too soon for this relayer to promise anything.",
                hint="Send the ballot yourself: coop outbox retry",
            )
        return min(now + self.terms.promise, deadline)

    def _deadline(self, ballot: AnyBallot) -> int:
        """The vote's deadline, remembered: it never comes nearer."""
        contract = voting.contract_of(ballot)
        key = contract, ballot.subject
        if key not in self._deadlines:
            function = "proposal" if contract == "Assembly" else "payVote"
            address = address_of(self.instance, contract)
            try:
                found = self.sender.chain.view(contract, address, function, ballot.subject)
            except ContractReverted as error:
                raise reverts.told(error.name, error.args_by_name) from error
            if not found["deadline"]:
                raise NotFound(f"There is no vote {ballot.subject} of that kind.")
            self._deadlines[key] = int(found["deadline"])
        return self._deadlines[key]

    def _promise(self, letter: Letter, before: int) -> Promise:
        return promises.promise(letter.signed, before, self.sender.account)

    def _again(self, signed: SignedBallot) -> Answer | None:
        """The same answer for the same ballot, as long as it is on its way."""
        found = self.outbox.find(signed)
        if found is None or found.signed.ballot_hash != signed.ballot_hash:
            return None
        before = min(found.saved_at + self.terms.promise, self._deadline(signed.ballot))
        return found, self._promise(found, before)
