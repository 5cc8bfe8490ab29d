"""Acts: transactions that are no ballots (a proposal, an application, a new key …), in the outbox.

Each is kept before it is sent, until a block holds it or can't any more. So what a crash or a
silent node cut off is neither lost nor done a second time by running the command again.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from node.errors import CoopError, TransactionPending
from node.fees import Fees
from node.outbox_file import PATIENCE, ActRow, OutboxFile, Owner
from node.sender import Sender, SignedTransaction

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
    """Seconds since 1970, by this machine's clock."""
    block: int | None
    state: str
    """sent, done (a block holds it), or void (it never can be: see `why`)."""
    why: str


class Acts:
    """The acts in one outbox; `what` is the command that is running."""

    def __init__(self, path: Path, owner: Owner, what: str, stuck: float = STUCK) -> None:
        self._file = OutboxFile(path, owner, PATIENCE)
        self._what = what
        self._stuck = stuck

    def listed(self, *, everything: bool = False) -> list[Act]:
        """Return those that are on their way, or all ever kept, oldest first."""
        wanted = select(ActRow).order_by(col(ActRow.number))
        with self._file.session() as session:
            rows = session.exec(
                wanted if everything else wanted.where(col(ActRow.ended).is_(None))
            ).all()
            return [_act(row) for row in rows]

    # What a sender tells

    def keep(self, made: SignedTransaction, call: Mapping[str, str]) -> None:
        """Keep a transaction before it is handed over."""
        self._keep(made, call, self._what)

    def done(self, tx: str, block: int) -> None:
        """Note that a block holds it, so that no other one of its number can be taken."""
        with self._file.session() as session:
            row = session.exec(select(ActRow).where(ActRow.tx == tx)).one()
            row.block, row.ended = block, "done"
            for rival in session.exec(
                select(ActRow).where(ActRow.account == row.account, ActRow.nonce == row.nonce)
            ):
                if rival.ended is None:
                    rival.ended, rival.why = "void", f"Transaction {tx} took its place."

    def refused(self, tx: str, why: str) -> None:
        """Note that the node took it not."""
        with self._file.session() as session:
            row = session.exec(select(ActRow).where(ActRow.tx == tx)).one()
            row.ended, row.why = "void", why

    def settle(self, sender: Sender) -> None:
        """Bring to an end what an earlier run began, before anything new is sent.

        ActDone if that was this very command; TransactionPending if no block takes it.
        """
        begun = {each.transaction.nonce for each in self._open(sender)}
        if not begun:
            return
        self.carry(sender, lambda _: None, sender.patience)
        for act in self.listed(everything=True):
            made = act.transaction
            mine = made.account == sender.address and made.nonce in begun
            if mine and act.state == "done" and act.what == self._what:
                raise ActDone(
                    f"An earlier run of `{act.what}` was cut off and went through after all: "
                    f"transaction {made.tx} is in block {act.block}.",
                    undone="Nothing more was sent.",
                    hint="Look at what it did. To do it once more, run the command again.",
                    details={"tx": made.tx, "block": act.block},
                )

    # Bringing them to the chain

    def carry(self, sender: Sender, tell: Callable[[str], None], patience: float) -> None:
        """Hand the account's acts over until blocks hold them; TransactionPending after a while."""
        end, pause = time.monotonic() + patience, 0.02
        while waiting := self._look(sender):
            for act in waiting:
                sender.hand_over(act.transaction.raw)
            # No block takes a number before the one below it.
            lowest = min(each.transaction.nonce for each in waiting)
            last = [each for each in waiting if each.transaction.nonce == lowest][-1]
            if time.time() - last.made_at >= self._stuck:
                self._raise(sender, last)
            tell(f"Waiting for a block to take the transaction of {last.what}.")
            if time.monotonic() >= end:
                raise TransactionPending(
                    f"A transaction of an earlier command ({last.what}) is still on its way: no "
                    f"block took it within {patience:.0f} seconds.",
                    undone="Nothing more was sent.",
                    hint="Go on with: coop outbox retry",
                    details={"tx": last.transaction.tx},
                )
            time.sleep(min(pause, max(0.0, end - time.monotonic())))
            pause = min(pause * 1.5, 1.0)

    def _look(self, sender: Sender) -> list[Act]:
        """Note what became of the account's acts; return those on their way."""
        waiting = self._open(sender)
        # In this order: a transaction that a block takes in between is found, not given up.
        taken = sender.count("latest") if waiting else 0
        for act in waiting:
            block = sender.block_of(act.transaction.tx)
            if block is not None:
                self.done(act.transaction.tx, block)
        for act in self._open(sender):
            if act.transaction.nonce < taken:
                why = "Another transaction of the account took its number."
                self.refused(act.transaction.tx, why)
        return self._open(sender)

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


def _act(row: ActRow) -> Act:
    assert row.number is not None
    made = SignedTransaction(**{name: getattr(row, name) for name in SignedTransaction._fields})
    call = json.loads(row.call)
    state = row.ended or "sent"
    return Act(row.number, row.what, made, call, row.made_at, row.block, state, row.why)
