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

from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from indexer import abi
from indexer.chain import Chain
from indexer.deployed import FACTORY
from indexer.errors import ChainRefused, ContractReverted
from node import chains, reverts
from node.errors import NetworkProblem, NotEnoughFunds, RefusedByContract, TransactionPending
from node.founding import places
from node.founding.journal import Attempt, Journal
from node.founding.steps import CREATION, Step, Way

_GAS_CAP = 2**24  # EIP-7825: no transaction may ask for more
_TIP = 10**9  # wei, where the node does not say
_RAISE = 1.125  # nodes take another transaction of the same number for this much more
_KNOWN = ("already known", "already imported", "known transaction")
_BROKE = ("insufficient funds", "enough funds")


@dataclass
class Run:
    """One run of a founding; `fee` is the most to pay in wei a gas (None: twice the base fee), and
    `patience` the seconds until a transaction must be in a block."""

    chain: Chain
    account: LocalAccount
    journal: Journal
    say: Callable[[str], None]
    patience: float
    fee: int | None = None

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
        raised = self.fee is not None and self.fee >= newest.max_fee * _RAISE
        if raised and newest.account == self.account.address:
            return self._signed(step, newest.nonce)
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

    def _signed(self, step: Step, nonce: int | None = None) -> Attempt:
        """Sign a step's transaction and keep it, before anybody else has it."""
        if step.signed:
            tx = "0x" + keccak(hexstr=step.signed).hex()
            attempt = Attempt(step.name, tx, step.signed, places.DEPLOYER_MAKER, 0, 0)
        else:
            attempt = self._newly_signed(step, nonce)
        self.journal = self.journal.adding(attempt)
        return attempt

    def _newly_signed(self, step: Step, nonce: int | None) -> Attempt:
        call = {"from": self.account.address, "to": step.to, "value": hex(step.value)}
        call["data"] = "0x" + step.data.hex()
        self._simulate(call)
        latest = self.chain.request("eth_getBlockByNumber", "latest", False)
        max_fee, tip = self._fees(int(latest.get("baseFeePerGas", "0x0"), 16))
        number = self._count(self.account.address, "pending") if nonce is None else nonce
        transaction = {
            "to": step.to,
            "data": call["data"],
            "value": step.value,
            "chainId": self.journal.chain_id,
            "nonce": number,
            "gas": self._gas(call, int(latest["gasLimit"], 16)),
            "maxFeePerGas": max_fee,
            "maxPriorityFeePerGas": tip,
        }
        signed = self.account.sign_transaction(cast(Any, transaction))
        raw, tx = signed.raw_transaction.to_0x_hex(), signed.hash.to_0x_hex()
        return Attempt(step.name, tx, raw, self.account.address, number, max_fee)

    def _hand_over(self, attempt: Attempt) -> None:
        try:
            self.chain.request("eth_sendRawTransaction", attempt.raw)
        except ChainRefused as error:
            said = str(error).lower()
            if any(word in said for word in _KNOWN):
                return
            if self.chain.request("eth_getTransactionByHash", attempt.tx) is not None:
                return
            self.journal = self.journal.dropping(attempt.tx)
            raise self._problem(error) from error

    def _wait(self, step: Step, tx: str) -> Mapping[str, Any]:
        """Wait for the receipt of any transaction of the step: they bear the same number."""
        end, pause = time.monotonic() + self.patience, 0.05
        while True:
            receipt = self._receipt_of(step)
            if receipt is not None:
                return receipt
            if time.monotonic() > end:
                raise TransactionPending(
                    f"The transaction for {step.name} was sent, and no block held it after "
                    f"{self.patience:.0f} seconds.",
                    undone="The founding is not finished; nothing of it is lost.",
                    hint="Run the same command again: it waits for this transaction. If the fee is "
                    "too low, give a higher one with --fee.",
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
            self._simulate(call)
        raise reverts.unexplained(receipt["transactionHash"])

    # What the node is asked

    def _simulate(self, call: Mapping[str, Any]) -> None:
        try:
            self.chain.request("eth_call", dict(call), "latest")
        except ContractReverted as error:
            raise reverts.told(error.name, error.args_by_name) from error
        except ChainRefused as error:
            raise self._problem(error) from error

    def _gas(self, call: Mapping[str, Any], limit: int) -> int:
        try:
            estimate = int(self.chain.request("eth_estimateGas", dict(call), "latest"), 16)
        except ChainRefused as error:
            raise self._problem(error) from error
        return max(estimate, min(estimate * 6 // 5 + 100_000, limit, _GAS_CAP))

    def _fees(self, base: int) -> tuple[int, int]:
        try:
            tip = int(self.chain.request("eth_maxPriorityFeePerGas"), 16)
        except ChainRefused:
            tip = _TIP
        most = 2 * base + tip if self.fee is None else self.fee
        return most, min(tip, most)

    def _count(self, account: str, at: str) -> int:
        return int(self.chain.request("eth_getTransactionCount", account, at), 16)

    def _problem(self, error: ChainRefused) -> Exception:
        reason = str(error.details["reason"])
        if any(word in reason.lower() for word in _BROKE):
            return NotEnoughFunds(
                f"Account {self.account.address} cannot pay for the next transaction.",
                hint="Send it some of the chain's currency (coop instance plan says how much) and "
                "run the same command again.",
                details={"account": self.account.address},
            )
        return NetworkProblem(
            f"The chain's node took no transaction: {reason}.",
            hint="Run the same command again, or with another node (--rpc).",
            details=error.details,
        )
