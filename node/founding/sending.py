"""Takes the steps of a founding, so that it can end anywhere and go on from there.

For each step that the chain does not show:
1. what was signed for it before is looked for, and handed over again as it was
2. only when nothing of it can be taken any more is a new transaction signed and kept
3. it is handed over, and waited for
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from eth_utils.crypto import keccak

from indexer import abi
from indexer.chain import Chain
from indexer.deployed import FACTORY
from indexer.errors import ChainRefused
from node import chains, reverts
from node.errors import NetworkProblem, NotEnoughFunds, RefusedByContract, TransactionPending
from node.fees import Fees
from node.founding import places
from node.founding.journal import Attempt, Journal
from node.founding.steps import CREATION, Step, Way
from node.sender import Sender


@dataclass
class Run:
    """One run of a founding; `fee` is what to offer for a unit of gas in wei (None: what the node
    suggests)."""

    sender: Sender
    journal: Journal
    say: Callable[[str], None]
    fee: int | None = None

    @property
    def chain(self) -> Chain:
        """The chain that the co-op is founded on."""
        return self.sender.chain

    def to_the_end(self, way: Way) -> tuple[str, int]:
        """Take all steps that are missing; return the co-op's transaction and its block."""
        *before, creation = way.steps
        for number, step in enumerate(before, 1):
            if not step.is_done(self.chain):
                self.say(f"Sending {number} of {len(way.steps)}: {step.name}.")
                self._take(step)
        if creation.is_done(self.chain) and self.journal.of(CREATION):
            return self._found_out(way)
        self.say(f"Sending {len(way.steps)} of {len(way.steps)}: {creation.name}.")
        try:
            receipt = self._take(creation)
        except RefusedByContract:
            if not (self.journal.of(CREATION) and creation.is_done(self.chain)):
                raise
            return self._found_out(way)  # somebody sent the very same terms and was first
        return receipt["transactionHash"], int(receipt["blockNumber"], 16)

    def _take(self, step: Step) -> Mapping[str, Any]:
        """Bring one step into a block and return its receipt."""
        receipt = self._receipt_of(step)
        if receipt is None:
            attempt = self._pending(step) or self._signed(step)
            self._hand_over(attempt)
            receipt = self._wait(step, attempt.tx)
        if int(receipt["status"], 16) == 0:
            self._explain(step, receipt)
        self.journal = self.journal.confirming(
            receipt["transactionHash"], int(receipt["blockNumber"], 16)
        )
        return receipt

    # What was sent before

    def _receipt_of(self, step: Step) -> Mapping[str, Any] | None:
        for attempt in self.journal.of(step.name):
            receipt = self.chain.request("eth_getTransactionReceipt", attempt.tx)
            if receipt is not None:
                return cast(Mapping[str, Any], receipt)
        return None

    def _pending(self, step: Step) -> Attempt | None:
        """Return what was signed for a step and may still be taken; paid better if asked for."""
        attempts = self.journal.of(step.name)
        if not attempts or step.signed:
            return attempts[-1] if attempts else None
        newest = attempts[-1]
        if self._count(newest.account, "latest") > newest.nonce:
            # Another transaction of the account took its number. A receipt would be seen by now.
            if self._receipt_of(step) is None:
                for attempt in attempts:
                    self.journal = self.journal.dropping(attempt.tx)
                return None
            return newest
        if self.fee is not None and newest.account == self.sender.address:
            offer = Fees(newest.tip, newest.max_fee).raised(self._offer())
            if offer == offer.within(self.fee):
                return self._signed(step, newest.nonce, offer)
        return newest

    def _found_out(self, way: Way) -> tuple[str, int]:
        """Return transaction and block of the co-op from the factory's own events."""
        last, size = self.chain.head().number, chains.profile(self.journal.chain_id).log_range
        topic = next(each.topic for each in abi.events(FACTORY).values())
        made = bytes.fromhex(way.instance["assembly"][2:]).rjust(32, b"\0")
        for first in range(self.journal.first_block, last + 1, size):
            for log in self.chain.logs([way.factory], first, min(last, first + size - 1)):
                if log.topics == topic + made:
                    return log.tx_hash, log.block
        raise NetworkProblem(
            f"The co-op stands at {way.instance['assembly']}, but this node does not say which "
            "transaction made it.",
            undone="The instance file was not written yet.",
            hint="Run the same command again, or with another --rpc.",
        )

    # What is sent now

    def _signed(self, step: Step, nonce: int | None = None, offer: Fees | None = None) -> Attempt:
        """Sign a step's transaction and keep it, before anybody else has it."""
        if step.signed:
            tx = "0x" + keccak(hexstr=step.signed).hex()
            attempt = Attempt(step.name, tx, step.signed, places.DEPLOYER_MAKER, 0, 0, 0)
        else:
            data, value = "0x" + step.data.hex(), hex(step.value)
            call, gas = self.sender.tried({"to": step.to, "data": data, "value": value})
            number = self._count(self.sender.address, "pending") if nonce is None else nonce
            made = self.sender.signed(call, gas, number, offer or self._offer())
            attempt = Attempt(
                step.name, made.tx, made.raw, made.account, made.nonce, made.most, made.tip
            )
        self.journal = self.journal.adding(attempt)
        return attempt

    def _offer(self) -> Fees:
        suggested = self.sender.fees()
        return suggested if self.fee is None else Fees(suggested.tip, self.fee).within(self.fee)

    def _hand_over(self, attempt: Attempt) -> None:
        try:
            self.chain.request("eth_sendRawTransaction", attempt.raw)
        except ChainRefused as error:
            if self.sender.is_known(attempt.tx, error):
                return
            self.journal = self.journal.dropping(attempt.tx)
            raise self._problem(error) from error

    def _wait(self, step: Step, tx: str) -> Mapping[str, Any]:
        """Wait for the receipt of any transaction of the step: they bear the same number."""
        end, pause = time.monotonic() + self.sender.patience, 0.05
        while True:
            receipt = self._receipt_of(step)
            if receipt is not None:
                return receipt
            if time.monotonic() > end:
                raise TransactionPending(
                    f"The transaction for {step.name} was sent, and no block held it after "
                    f"{self.sender.patience:.0f} seconds.",
                    undone="The founding is not finished; nothing of it is lost.",
                    hint="Run the same command again: it waits for this transaction. If the fee is "
                    "too low, give a higher one with --max-fee.",
                    details={"tx": tx},
                )
            time.sleep(pause)
            pause = min(pause * 2, 1.0)

    def _explain(self, step: Step, receipt: Mapping[str, Any]) -> None:
        """Raise why a transaction failed that a block holds; a later run may sign a new one."""
        if step.name != CREATION and step.is_done(self.chain):
            return  # somebody else made the same contract in between
        if not step.is_done(self.chain):
            self.journal = self.journal.dropping(receipt["transactionHash"])
            call = {"from": receipt["from"], "to": step.to, "data": "0x" + step.data.hex()}
            self.sender.simulate(call)
        raise reverts.unexplained(receipt["transactionHash"])

    def _count(self, account: str, at: str) -> int:
        return int(self.chain.request("eth_getTransactionCount", account, at), 16)

    def _problem(self, error: ChainRefused) -> Exception:
        """The sender's words, and how a founding goes on."""
        problem = self.sender.problem(error)
        if isinstance(problem, NotEnoughFunds):
            problem.hint = (
                "Send it some of the chain's currency (coop instance plan says how much) and run "
                "the same command again."
            )
        elif isinstance(problem, NetworkProblem):
            problem.hint = "Run the same command again, or with another node (--rpc)."
        return problem
