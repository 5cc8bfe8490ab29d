"""From the outbox to the chain: a ballot is kept before it is sent, and sent until it is final.

Only the chain's state and its transactions say what became of a ballot. What a node answers when it
is handed a transaction is noted and not believed: it may have sent what it refused.
"""

import math
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from indexer.blocks import Finality
from indexer.chain import Chain
from indexer.errors import ChainRefused, ChainUnreachable
from node import casting, sighting
from node.errors import (
    CoopError,
    NetworkProblem,
    NotEnoughFunds,
    TransactionPending,
    VotingClosed,
)
from node.fees import Fees
from node.instance import Instance
from node.outbox import ENDS, Attempt, Letter, Outbox, OutboxLocked
from node.output import when
from node.sender import NODE_FAULTS, Sender
from node.sighting import Lookout

MARGIN = 30
"""Seconds before a promise ends in which the ballot goes on its own way, by the chain's clock."""
PATIENCE = 180.0
"""Seconds that `carry` waits for a block."""


class FeeCapReached(CoopError):
    """A transaction waits, and what it offers may not be raised any more."""

    code = "fee_cap_reached"
    exit_code = 7


class NotOpenYet(CoopError):
    """A vote that was open is to come again: a reorganisation took its beginning."""

    code = "not_open_yet"
    exit_code = 5


class Promising(CoopError):
    """A ballot is not sent, for a relayer promised to bring it and still has time."""

    code = "promised"
    exit_code = 7


_PASSING = (NetworkProblem, FeeCapReached, NotOpenYet)
"""Problems that time alone may mend."""


@dataclass
class Courier:
    """Looks after the ballots of one outbox; `step` again and again until nothing is open.

    One transaction of the account is on its way at a time, so that none waits for a lost one
    before it. Two of them with the same ballot do no harm: the contract counts a sequence once.
    """

    chain: Chain
    instance: Instance
    outbox: Outbox
    finality: Finality
    """How deep a ballot must lie to be final."""
    patience: float = 60.0
    """Seconds until a transaction that no block takes offers more."""
    batch: int = 1_000
    """Ballots a transaction at most."""
    window: int | None = None
    """How many ballots that were never sent a step looks at, at most; None for all."""
    problems: dict[int, CoopError] = field(default_factory=dict)
    """By letter, why it was not sent at the last `step`."""
    absent: set[int] = field(default_factory=set)
    """The letters that no block held at the last look, nor a newer ballot in their place."""

    def __post_init__(self) -> None:
        self._lookout = Lookout(self.chain, self.instance, self.outbox, self.finality)

    def step(self, sender: Sender, only: Collection[int] | None = None) -> None:
        """Look at the chain once, then send what it does not show; `only`: of what was never sent
        before, just these letters. NODE_FAULTS may come at any point: what was kept goes on at the
        next step. OutboxLocked while another process sends."""
        with self.outbox.sending():
            missing = [
                each
                for each in self._free(self.look())
                if only is None or each.tx or each.number in only
            ]
            if missing:
                self._send(sender, missing)

    def carry(
        self,
        sender: Sender,
        wanted: Collection[int],
        tell: Callable[[str], None],
        patience: float = PATIENCE,
        *,
        to_the_end: bool = False,
    ) -> None:
        """Step until a block holds each wanted letter (`to_the_end`: a final one), or it ended, or
        time alone will not mend why it does not go; TransactionPending after `patience` seconds.
        Can be broken off at any time.
        """
        self.absent = set(wanted)
        begun, pause = time.monotonic(), 0.02
        while True:
            try:
                silent = self._stepped(sender, wanted)
            except NODE_FAULTS as error:
                silent = error.message
            letters = [self.outbox.letter(number) for number in wanted]
            waiting = [
                each
                for each in letters
                if (each.state not in ENDS if to_the_end else each.number in self.absent)
            ]
            if all(self._lasts(each) for each in waiting):
                return
            passed = time.monotonic() - begun
            if passed >= patience:
                raise _pending(waiting, silent, patience)
            tell(self._awaited(waiting, silent, patience - passed))
            time.sleep(min(pause, patience - passed))
            pause = min(pause * 1.5, 1.0)

    def _stepped(self, sender: Sender, wanted: Collection[int]) -> str:
        """Step, or look only while another process sends; return that there is one."""
        try:
            self.step(sender, wanted)
        except OutboxLocked as error:
            self.look()
            return error.happened
        return ""

    def _free(self, letters: Sequence[Letter]) -> list[Letter]:
        """Those that no relayer has promised to bring in time."""
        promised = {each.letter: each for each in self.outbox.promises()}
        if not promised:
            return list(letters)
        now, free = self.chain.head().timestamp, []
        for letter in letters:
            given = promised.get(letter.number)
            if given is None or letter.tx or now >= given.before - MARGIN:
                free.append(letter)
            else:
                self.problems[letter.number] = Promising(
                    f"{given.relay} promised to bring it before {when(given.before)}.",
                    hint="If it does not, it is sent from here: coop outbox retry",
                )
        return free

    def _lasts(self, letter: Letter) -> bool:
        """Whether there is a problem that time alone will not mend."""
        problem = self.problems.get(letter.number)
        return bool(problem) and not isinstance(problem, _PASSING)

    def await_promise(self, number: int, tell: Callable[[str], None]) -> None:
        """Look on until a block holds a promised letter, or the relayer's time is over."""
        given = [each for each in self.outbox.promises() if each.letter == number][-1]
        pause, self.absent = 0.02, {number}
        while time.time() < given.before + PATIENCE:  # later only if the chain is away
            left = float(given.before - MARGIN)
            try:
                self.look()
                left -= self.chain.head().timestamp
            except NODE_FAULTS as error:
                tell(error.message)
            else:
                if number not in self.absent or left <= 0:
                    return
                tell(f"Waiting for {given.relay}: it has {left:.0f} seconds left.")
            time.sleep(pause)
            pause = min(pause * 1.5, 1.0)

    def _awaited(self, letters: Sequence[Letter], silent: str, left: float) -> str:
        problem = next(
            (
                self.problems[each.number].happened
                for each in letters
                if each.number in self.problems
            ),
            "",
        )
        what = silent or problem or "Waiting for a block to take the transaction."
        return what if math.isinf(left) else f"{what} {left:.0f} seconds left."

    def look(self) -> list[Letter]:
        """Note what became of each letter; give those that no block holds and that may be sent."""
        found = self._lookout.look(self._chosen)
        self.absent = set(found.absent)
        # Of what was not looked at the last is still true.
        for number in found.asked:
            self.problems.pop(number, None)
        self.problems |= dict.fromkeys(found.closed, VotingClosed(sighting.CLOSED))
        return list(found.missing)

    def _chosen(self, waiting: Sequence[Letter]) -> Sequence[Letter]:
        """Which of the letters that were never sent are looked at: the oldest, after those that
        could be sent the ones that could not."""
        if self.window is None or len(waiting) <= self.window:
            return waiting
        return sorted(waiting, key=lambda each: each.number in self.problems)[: self.window]

    # Sending

    def _send(self, sender: Sender, missing: Sequence[Letter]) -> None:
        if sender.keeper:
            sender.keeper.again(sender)
        taken = sender.count("latest")
        by_number = {each.number: each for each in missing}
        flying = [
            each
            for each in self.outbox.attempts(by_number)
            if each.transaction.account == sender.address and each.transaction.nonce >= taken
        ]
        if not flying:
            self._set_out(sender, missing, sender.count("pending"))
            return
        lowest = min(each.transaction.nonce for each in flying)
        rivals = [each for each in flying if each.transaction.nonce == lowest]
        last = rivals[-1]
        again = [by_number[number] for number in sorted(last.letters) if number in by_number]
        pending, known = sender.count("pending"), self._known(rivals)
        # 1. A number below ours is free: until it is used, no block can take ours.
        # 2. Somebody else's transaction has our number.
        if pending < lowest or (pending > lowest and not known):
            self._set_out(sender, again, pending)
        # 3. On its way; it offers more if that takes long.
        elif known:
            if time.time() - last.made_at >= self.patience:
                self._raise(sender, again, last)
        # 4. The node has lost it, or never had it.
        else:
            self._hand_over(sender, last)

    def _known(self, attempts: Sequence[Attempt]) -> bool:
        found = self.chain.request_many(
            [("eth_getTransactionByHash", [each.transaction.tx]) for each in attempts]
        )
        return any(each is not None for each in found)

    def _set_out(self, sender: Sender, letters: Sequence[Letter], nonce: int) -> None:
        self._make(sender, letters, nonce, sender.fees())

    def _raise(self, sender: Sender, letters: Sequence[Letter], last: Attempt) -> None:
        made = last.transaction
        fees = Fees(made.tip, made.most).raised(sender.fees())
        if fees == fees.within(sender.fee_cap):
            self._make(sender, letters, made.nonce, fees)
            return
        for each in letters:
            self.problems[each.number] = FeeCapReached(
                f"No block has taken the transaction for {self.patience:.0f} seconds, and it may "
                f"offer no more: the cap is {sender.fee_cap / 10**9:g} gwei.",
                hint="Wait, or allow more with --max-fee GWEI.",
            )

    def _make(self, sender: Sender, letters: Sequence[Letter], nonce: int, fees: Fees) -> None:
        """Keep and send a transaction with as many letters as it can carry; what the contract would
        not count keeps its problem."""
        numbers = {each.signed: each.number for each in letters}
        parcel, refused = casting.parcel(sender, self.instance, list(numbers), self.batch)
        doubtful = [each for each in letters if each.signed in refused]
        # A block that came since the look may hold it: then the contract refuses it a second time.
        now = sighting.standings(self.chain, self.instance, doubtful)
        self.problems |= {
            # What is sent is of votes that are open or to come: a closed one is left out before.
            numbers[signed]: NotOpenYet(problem.happened, hint=problem.hint)
            if isinstance(problem, VotingClosed)
            else problem
            for signed, problem in refused.items()
            if now[numbers[signed]].standing == "absent"
        }
        if parcel:
            made = sender.signed(parcel.call, parcel.gas, nonce, fees)
            carried = [numbers[signed] for signed in parcel.ballots]
            self._hand_over(sender, self.outbox.attempt(made, carried))

    def _hand_over(self, sender: Sender, attempt: Attempt) -> None:
        try:
            self.chain.request("eth_sendRawTransaction", attempt.transaction.raw)
        except (ChainRefused, ChainUnreachable) as error:
            made = attempt.transaction
            needed = made.gas * made.most
            if self.chain.balance(sender.address) < needed and not self._known([attempt]):
                problem: CoopError = NotEnoughFunds(
                    f"Account {sender.address} cannot pay for the transaction.",
                    hint="Send it some of the chain's currency, or let somebody else carry the "
                    "ballot.",
                    details={"account": sender.address},
                )
            else:
                problem = NetworkProblem(
                    f"The chain's node took no transaction: {error.message}",
                    hint="It is tried again. Another node: --rpc",
                )
            self.problems |= dict.fromkeys(attempt.letters, problem)


def _pending(letters: Sequence[Letter], silent: str, patience: float) -> TransactionPending:
    sent = [each.tx for each in letters if each.tx]
    what = f"No block held it after {patience:.0f} seconds."
    return TransactionPending(
        f"{silent} {what}".strip(),
        undone="It may still take effect." if sent else "",
        hint="Go on with: coop outbox retry",
        details={"tx": sent[-1]} if sent else {},
    )
