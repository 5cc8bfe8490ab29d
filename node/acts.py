"""Acts: transactions that are no ballots (a proposal, an application, a new key …), in the outbox.

Each is kept before it is sent, until a block at the finality depth holds it or can't any more. So
what a crash, a silent node or a reorganisation cut off is neither lost nor done a second time by
running the command again.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from sqlmodel import col, select

from indexer.blocks import Finality
from indexer.chain import Chain
from indexer.errors import BlockMissing, ChainRefused
from node.errors import CoopError, TransactionPending
from node.fees import Fees
from node.outbox_file import PATIENCE, ActRow, OutboxFile, Owner
from node.sender import NODE_FAULTS, Sender, SignedTransaction

STUCK = 60.0
"""Seconds until a transaction that no block takes offers more."""


class ActDone(CoopError):
    """What a command would do was done by an earlier run of it that was cut off."""

    code = "done_before"
    exit_code = 2


@dataclass(frozen=True)
class Act:
    """A transaction in the outbox."""

    number: int
    what: str
    """The command that made it."""
    transaction: SignedTransaction
    call: Mapping[str, str]
    made_at: int
    """Seconds since 1970, by this machine's clock: when it was made, or last taken back."""
    block: int | None
    """The block that held it when last looked at."""
    state: str
    """sent, included (a block holds it, which is not final yet), final, or refused (see `why`)."""
    why: str


class Acts:
    """The acts in one outbox.

    `what` is the command that is running; `finality` how deep a block must lie to be final.
    """

    def __init__(
        self,
        path: Path,
        owner: Owner,
        what: str = "",
        finality: Finality = "finalized",
        stuck: float = STUCK,
    ) -> None:
        self._file = OutboxFile(path, owner, PATIENCE)
        self._what = what
        self._finality = finality
        self._stuck = stuck

    def listed(self, *, everything: bool = False) -> list[Act]:
        """Return those that are not settled for good, or all ever kept, oldest first."""
        wanted = select(ActRow).order_by(col(ActRow.number))
        with self._file.session() as session:
            rows = session.exec(
                wanted if everything else wanted.where(col(ActRow.ended).is_(None))
            ).all()
            return [_act(row) for row in rows]

    def look(self, chain: Chain) -> list[Act]:
        """Note what became of each, of whatever account; return those that wait for a block.

        One that a reorganisation took back waits again. One whose number another transaction took
        waits no more, and is refused once that is final.
        """
        known = self.listed()
        if not known:
            return []
        seen = _looked(chain, known, self._finality)
        with self._file.session() as session:
            for act in known:
                _note(session.get_one(ActRow, act.number), act, seen)
        return [
            act
            for act in self.listed()
            if act.block is None and act.transaction.nonce >= seen.used[act.transaction.account]
        ]

    # What a sender tells

    def keep(self, made: SignedTransaction, call: Mapping[str, str]) -> None:
        """Keep a transaction before it is handed over."""
        self._keep(made, call, self._what)

    def included(self, tx: str, block: int) -> None:
        """Note that a block holds it, and that its owner is told so."""
        with self._file.session() as session:
            row = session.exec(select(ActRow).where(ActRow.tx == tx)).one()
            row.block, row.told = block, True

    def refused(self, tx: str, why: str) -> None:
        """Note that the node took it not."""
        with self._file.session() as session:
            row = session.exec(select(ActRow).where(ActRow.tx == tx)).one()
            row.ended, row.why = "refused", why

    def settle(self, sender: Sender) -> None:
        """Bring to an end what an earlier run began, before anything new is sent.

        ActDone if that was this very command; TransactionPending if no block takes it.
        """
        if self.look(sender.chain):
            self.carry(sender, lambda _: None, sender.patience)
        with self._file.session() as session:
            done = session.exec(
                select(ActRow).where(
                    ActRow.account == sender.address,
                    ActRow.what == self._what,
                    col(ActRow.block).is_not(None),
                    ActRow.why == "",
                    col(ActRow.told).is_(False),
                )
            ).first()
            if done is None:
                return
            done.told = True
        raise ActDone(
            f"An earlier run of `{done.what}` was cut off, or its block was taken back, and it "
            f"went through after all: transaction {done.tx} is in block {done.block}.",
            undone="Nothing more was sent.",
            hint="Look at what it did. To do it once more, run the command again.",
            details={"tx": done.tx, "block": done.block},
        )

    def told(self, numbers: Iterable[int]) -> None:
        """Note that their owner was told of the blocks that hold these."""
        with self._file.session() as session:
            for number in numbers:
                row = session.get_one(ActRow, number)
                row.told = row.block is not None

    # Bringing them to the chain

    def carry(
        self,
        sender: Sender,
        tell: Callable[[str], None],
        patience: float,
        *,
        to_the_end: bool = False,
    ) -> None:
        """Hand the account's acts over until blocks hold them (`to_the_end`: final ones).

        TransactionPending after `patience` seconds. Can be broken off at any time.
        """
        end, pause = time.monotonic() + patience, 0.02
        while True:
            try:
                waiting = self.again(sender)
                if not waiting and not (to_the_end and self._open(sender)):
                    return
                told = "Waiting for a final block to hold the transactions."
                if waiting:
                    told = f"Waiting for a block to take the transaction of {waiting[0].what}."
            except NODE_FAULTS as error:
                told = error.message
            tell(told)
            if time.monotonic() >= end:
                raise _pending(self._open(sender), patience)
            time.sleep(min(pause, max(0.0, end - time.monotonic())))
            pause = min(pause * 1.5, 1.0)

    def again(self, sender: Sender) -> list[Act]:
        """Look, hand over what waits; return it, the newest offer for the lowest number first."""
        waiting = [
            each for each in self.look(sender.chain) if each.transaction.account == sender.address
        ]
        for act in waiting:
            sender.hand_over(act.transaction.raw)
        if waiting:
            # No block takes a number before the one below it.
            waiting.sort(key=lambda each: (each.transaction.nonce, -each.number))
            if time.time() - waiting[0].made_at >= self._stuck:
                self._raise(sender, waiting[0])
        return waiting

    def _raise(self, sender: Sender, act: Act) -> None:
        """Make the act again with a better offer, unless that is beyond the cap."""
        made = act.transaction
        fees = Fees(made.tip, made.most).raised(sender.fees())
        if fees == fees.within(sender.fee_cap):
            better = sender.signed(act.call, made.gas, made.nonce, fees)
            self._keep(better, act.call, act.what)
            sender.hand_over(better.raw)

    def _open(self, sender: Sender) -> list[Act]:
        return [each for each in self.listed() if each.transaction.account == sender.address]

    def _keep(self, made: SignedTransaction, call: Mapping[str, str], what: str) -> None:
        with self._file.session() as session:
            kept = session.exec(select(ActRow).where(ActRow.tx == made.tx)).first()
            if kept is None:
                values: dict[str, Any] = made._asdict()
                kept = ActRow(**values, what=what, call=json.dumps(dict(call)), made_at=0)
            kept.made_at, kept.ended, kept.why = int(time.time()), None, ""
            session.add(kept)


class _Looked(NamedTuple):
    """What one look found."""

    final: int
    """The newest final block; -1 if the chain knows none."""
    held: Mapping[str, tuple[int, bool]]
    """By transaction the block that holds it and whether it did what it should."""
    used: Mapping[str, int]
    """By account how many of its numbers are used."""
    used_for_good: Mapping[str, int]
    """The same at the final block, at least as far as these acts show."""


def _looked(chain: Chain, acts: Sequence[Act], finality: Finality) -> _Looked:
    # In this order: what a block takes in between is found, not given up.
    accounts = sorted({each.transaction.account for each in acts})
    used = chain.request_many([("eth_getTransactionCount", [one, "latest"]) for one in accounts])
    try:
        final = chain.head(finality).number
    except (BlockMissing, ChainRefused):
        final = -1  # no such finality: nothing is final there
    at = hex(max(final, 0))
    try:
        used_for_good = chain.request_many(
            [("eth_getTransactionCount", [one, at]) for one in accounts]
        )
    except ChainRefused:
        used_for_good = ["0x0"] * len(accounts)  # the node has forgotten that block's state
    found = [each.transaction.tx for each in acts]
    receipts = chain.request_many([("eth_getTransactionReceipt", [each]) for each in found])
    with chain.sensible():
        held = {
            tx: (int(receipt["blockNumber"], 16), int(receipt["status"], 16) == 1)
            for tx, receipt in zip(found, receipts, strict=True)
            if receipt
        }
        counts = {one: int(count, 16) for one, count in zip(accounts, used, strict=True)}
        last = {one: int(count, 16) for one, count in zip(accounts, used_for_good, strict=True)}
    for act in acts:
        made = act.transaction
        if made.tx in held and held[made.tx][0] <= final:
            last[made.account] = max(last[made.account], made.nonce + 1)
    return _Looked(final, held, counts, last)


def _note(row: ActRow, act: Act, seen: _Looked) -> None:
    """Write down what a look found of an act."""
    made = act.transaction
    if row.ended is not None:  # by another process, for good
        return
    if made.tx in seen.held:
        row.block, succeeded = seen.held[made.tx]
        row.why = "" if succeeded else "The contract refused it."
        if row.block <= seen.final:
            row.ended = "final" if succeeded else "refused"
        return
    if row.block is not None:
        row.block, row.told, row.why, row.made_at = None, False, "", int(time.time())
    if made.nonce < seen.used_for_good[made.account]:
        row.ended = "refused"
        row.why = "Another transaction of the account took its number."


def _pending(acts: Sequence[Act], patience: float) -> TransactionPending:
    last = next((each for each in acts if each.block is None), None)
    of = f" of an earlier command ({last.what})" if last else ""
    return TransactionPending(
        f"A transaction{of} is still on its way: no block took it within {patience:.0f} seconds.",
        undone="Nothing more was sent.",
        hint="Go on with: coop outbox retry",
        details={"tx": last.transaction.tx} if last else {},
    )


def _act(row: ActRow) -> Act:
    assert row.number is not None
    made = SignedTransaction(**{name: getattr(row, name) for name in SignedTransaction._fields})
    call = json.loads(row.call)
    state = row.ended or ("sent" if row.block is None else "included")
    return Act(row.number, row.what, made, call, row.made_at, row.block, state, row.why)
