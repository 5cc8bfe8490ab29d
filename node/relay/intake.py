"""Looks at incoming ballots: whatever would not be counted is refused, the rest kept and promised.

Many are looked at together: one question to the chain, one write to the disk.
"""

from collections.abc import Mapping, Sequence
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
    gas_each: int = casting.GAS_OF_ONE
    """What a ballot in a batch takes."""
    _deadlines: dict[tuple[Signing, int], int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def admit(self, ballots: Sequence[SignedBallot]) -> list[Answer]:
        """Check, keep and promise; the answers in the ballots' order.

        Raises what `Chain` raises: then nothing was kept.
        """
        with self._lock:
            if problem := self.cannot():
                return [problem] * len(ballots)
            answers: dict[SignedBallot, Answer] = {}
            for step in (self._known, self._foreign, self._undated, self._uncountable, self._keep):
                left = [each for each in dict.fromkeys(ballots) if each not in answers]
                answers |= step(left) if left else {}
        return [answers[each] for each in ballots]

    # The steps: each answers some of the ballots that the ones before left.

    def _known(self, ballots: Sequence[SignedBallot]) -> Mapping[SignedBallot, Answer]:
        """1. What was taken before gets the same answer, wherever it is by now."""
        found = self.outbox.known(["0x" + each.ballot_hash.hex() for each in ballots])
        return {
            each: (letter, self._promise(letter, letter.saved_at))
            for each in ballots
            if (letter := found.get("0x" + each.ballot_hash.hex()))
        }

    def _foreign(self, ballots: Sequence[SignedBallot]) -> Mapping[SignedBallot, Answer]:
        """2. Ballots for another co-op, contract or chain."""
        found: dict[SignedBallot, Answer] = {}
        for signed in ballots:
            try:
                casting.refuse_foreign(signed, self.instance)
            except CoopError as error:
                found[signed] = error
        return found

    def _undated(self, ballots: Sequence[SignedBallot]) -> Mapping[SignedBallot, Answer]:
        """3. Votes that nobody knows, or that end too soon."""
        found: dict[SignedBallot, Answer] = {}
        now = self.sender.chain.head().timestamp
        for signed in ballots:
            try:
                if now + self.terms.margin > self._deadline(signed.ballot):
                    found[signed] = TooLate(
                        "The vote ends too soon for this relayer to promise anything.",
                        hint="Send the ballot yourself: coop outbox retry",
                    )
            except CoopError as error:
                found[signed] = error
        return found

    def _uncountable(self, ballots: Sequence[SignedBallot]) -> Mapping[SignedBallot, Answer]:
        """4. What the contract would not count, asked for all together."""
        return casting.refused(self.sender.chain, self.instance, self.sender, ballots)

    def _keep(self, ballots: Sequence[SignedBallot]) -> Mapping[SignedBallot, Answer]:
        """5. The rest is on the disk before anything is promised."""
        now, found = self.sender.chain.head().timestamp, dict[SignedBallot, Answer]()
        for signed, kept in zip(ballots, self.outbox.put_all(ballots), strict=True):
            if isinstance(kept, StaleBallot):
                found[signed] = kept
            else:
                self.open += 1
                found[signed] = kept, self._promise(kept, now)
        return found

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

    def _promise(self, letter: Letter, since: int) -> Promise:
        before = min(since + self.terms.promise, self._deadline(letter.signed.ballot))
        return promises.promise(letter.signed, before, self.sender.account)
