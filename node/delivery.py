"""From the outbox to the chain: a ballot is kept before it is sent, and sent until it is final.

Only the chain's state and its transactions say what became of a ballot. What a node answers when it
is handed a transaction is noted and not believed: it may have sent what it refused.
"""

import math
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from indexer.blocks import BlockRef, Finality
from indexer.chain import Chain
from indexer.errors import (
    BlockMissing,
    ChainBusy,
    ChainRefused,
    ChainUnreachable,
    ContractReverted,
)
from node import casting
from node.errors import (
    CoopError,
    NetworkProblem,
    NotEnoughFunds,
    TransactionPending,
    VotingClosed,
)
from node.fees import Fees
from node.instance import Instance
from node.outbox import ENDS, Attempt, End, Letter, Outbox, OutboxLocked, Owner
from node.output import when
from node.places import Place, Standing, places
from node.sender import Sender

_WHY: dict[Standing, str] = {
    "replaced": "A newer ballot of the member took its place.",
    "rekeyed": "The member has another key since.",
}
_CLOSED = "The vote closed before a block held it."
NODE_FAULTS = (BlockMissing, ChainBusy, ChainRefused, ChainUnreachable, NetworkProblem)
"""What may come of a node at any step; the next one goes on."""
MARGIN = 30
"""Seconds before a promise ends in which the ballot goes on its own way, by the chain's clock."""
PATIENCE = 180.0
"""Seconds that `carry` waits for a block."""


class FeeCapReached(CoopError):
    """A transaction waits, and what it offers may not be raised any more."""

    code = "fee_cap_reached"
    exit_code = 7


class Promising(CoopError):
    """A ballot is not sent, for a relayer promised to bring it and still has time."""

    code = "promised"
    exit_code = 7


def owner(instance: Instance) -> Owner:
    """Whose ballots the outbox of an instance holds."""
    return Owner(instance.chain_id, instance.assembly, instance.pay_rates)


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
    problems: dict[int, CoopError] = field(default_factory=dict)
    """By letter, why it was not sent at the last `step`."""
    absent: set[int] = field(default_factory=set)
    """The letters that no block held at the last look, nor a newer ballot in their place."""

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
        return bool(problem) and not isinstance(problem, (NetworkProblem, FeeCapReached))

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

    # What the chain shows

    def look(self) -> list[Letter]:
        """Note what became of each letter; give those that no block holds and that may be sent."""
        self.problems = {}
        letters = self.outbox.letters()
        if not letters:
            self.absent = set()
            return []
        final, now = self._final(), self._places(letters, None)
        self.absent = {number for number, place in now.items() if place.standing == "absent"}
        blocks = self._blocks(letters)
        ended: dict[int, tuple[End, str]] = {}
        late = {each.letter for each in self.outbox.promises() if not each.broken}
        settled = [
            each
            for each in letters
            if now[each.number] != Place("absent", open=True) or each.number in late
        ]
        if final and settled:
            ended = self._ended(settled, final, blocks, now)
        self.outbox.note(
            counted={
                each.number: now[each.number].standing == "counted"
                for each in letters
                if (now[each.number].standing == "counted") != (each.state == "counted")
            },
            ended=ended,
            blocks={each.number: block for each, block in blocks.items() if block != each.block},
        )
        for each in letters:
            if now[each.number] == Place("absent", open=False) and each.number not in ended:
                self.problems[each.number] = VotingClosed(_CLOSED)
        return [each for each in letters if now[each.number] == Place("absent", open=True)]

    def _places(self, letters: Sequence[Letter], at: BlockRef | None) -> dict[int, Place]:
        ballots = [each.signed.ballot for each in letters]
        try:
            found = places(self.chain, self.instance, ballots, at)
        except ContractReverted:
            # A reorganisation took a proposal, or the member; one by one, so that others go on.
            if len(letters) == 1:
                return {letters[0].number: Place("absent", open=True)}
            return {n: place for each in letters for n, place in self._places([each], at).items()}
        return {each.number: place for each, place in zip(letters, found, strict=True)}

    def _final(self) -> BlockRef | None:
        try:
            return self.chain.head(self.finality)
        except (BlockMissing, ChainRefused):
            return None  # a chain that knows no such finality: nothing is final there

    def _blocks(self, letters: Sequence[Letter]) -> dict[Attempt, int | None]:
        """By attempt the block that holds it now."""
        attempts = self.outbox.attempts([each.number for each in letters])
        receipts = self.chain.request_many(
            [("eth_getTransactionReceipt", [each.transaction.tx]) for each in attempts]
        )
        with self.chain.sensible():
            return {
                each: int(receipt["blockNumber"], 16) if receipt else None
                for each, receipt in zip(attempts, receipts, strict=True)
            }

    def _ended(
        self,
        letters: Sequence[Letter],
        final: BlockRef,
        blocks: Mapping[Attempt, int | None],
        now: Mapping[int, Place],
    ) -> dict[int, tuple[End, str]]:
        try:
            then = self._places(letters, final)
        except ChainRefused:
            # The node has forgotten that block's state; its transactions it still knows.
            carried = {
                number
                for attempt, block in blocks.items()
                if block is not None and block <= final.number
                for number in attempt.letters
            }
            return {
                each.number: ("final", "")
                for each in letters
                if each.number in carried and now[each.number].standing == "counted"
            }
        self._judge_promises(letters, then, final)
        return {each.number: end for each in letters if (end := _end(then[each.number]))}

    def _judge_promises(
        self, letters: Sequence[Letter], then: Mapping[int, Place], final: BlockRef
    ) -> None:
        """Note whose word was broken: the time is over, the member could vote, and nothing stands.

        What stands too late is left to the audit, which knows when each ballot was counted.
        """
        absent = {each.number: each for each in letters if then[each.number].standing == "absent"}
        broken = [
            each.number
            for each in self.outbox.promises()
            if not each.broken
            and each.letter in absent
            and final.timestamp > each.before
            and casting.is_member(self.chain, self.instance, absent[each.letter].signed)
        ]
        if broken:
            self.outbox.broken(broken)

    # Sending

    def _send(self, sender: Sender, missing: Sequence[Letter]) -> None:
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
        self.problems |= {numbers[signed]: problem for signed, problem in refused.items()}
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


def _end(then: Place) -> tuple[End, str] | None:
    if then.standing == "counted":
        return "final", ""
    if then.standing != "absent":
        return "refused", _WHY[then.standing]
    return None if then.open else ("expired", _CLOSED)


def _pending(letters: Sequence[Letter], silent: str, patience: float) -> TransactionPending:
    sent = [each.tx for each in letters if each.tx]
    what = f"No block held it after {patience:.0f} seconds."
    return TransactionPending(
        f"{silent} {what}".strip(),
        undone="It may still take effect." if sent else "",
        hint="Go on with: coop outbox retry",
        details={"tx": sent[-1]} if sent else {},
    )
