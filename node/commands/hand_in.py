"""The end that `coop vote` and `coop pay vote` share: show, ask, sign, keep, send or write."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from node.commands.reading import at_block
from node.context import Context
from node.errors import (
    Interrupted,
    KeyProblem,
    NetworkProblem,
    NotEnoughFunds,
    RefusedByContract,
    UsageProblem,
    undone,
)

if TYPE_CHECKING:
    from node.ballot import AnyBallot, Ballot, PayBallot, SignedBallot
    from node.outbox import Letter, Outbox
    from node.receipts import Receipt
    from node.voting import Poll, Voter

B = TypeVar("B", "Ballot", "PayBallot")
_COUNTED = "Your vote was counted."


def relay_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--relay URL`, which may be given several times; they are asked in that order."""
    return click.option(
        "--relay",
        metavar="URL",
        multiple=True,
        callback=lambda _, __, urls: tuple(url.rstrip("/") for url in urls),
        help="Let this relayer carry it, free of charge; another one if it does not (repeatable).",
    )(command)


def hand_in(
    context: Context,
    poll: "Poll",
    who: "Voter",
    ballot: B,
    in_words: Callable[[B], Mapping[str, str]],
    offline: Path | None,
    relays: Sequence[str] = (),
) -> None:
    """Number, show, sign and keep a ballot; then cast it, give it to a relayer, or write it to a
    file to be carried."""
    from node import casting, voting
    from node.outbox import Outbox, owner

    chain, instance = context.chain(), context.instance()
    if offline and relays:
        raise UsageProblem("--offline and --relay exclude each other.")
    if offline is None and not relays:
        _refuse_without_funds(context, who)
    elif offline and offline.exists():
        raise UsageProblem(f"There is a file {offline} already.", hint="Choose another name.")
    path = context.settings.outbox_file(instance.name)
    outbox = Outbox(path, owner(instance))
    ballot = replace(ballot, sequence=voting.next_sequence(chain, instance, ballot, outbox))
    casting.rehearse(chain, instance, ballot)
    for name, text in in_words(ballot).items():
        context.out.consider(f"{name + ':':<16} {text}")
    context.out.confirm("Sign this ballot?", "Your vote was not sent.")
    signed = _signed(context, poll, who, ballot)
    if offline is None:
        _send(context, outbox, signed, relays, poll.deadline)
    else:
        _write(context, outbox, signed, offline)


def print_receipt(context: Context, receipt: "Receipt", done: str) -> None:
    """Print the receipt of one ballot, with the command that proves it."""
    from node.receipts import prove

    if receipt.status == "simulated":
        context.out.result("receipt", receipt.data(), human=lambda: context.out.line(done))
        return
    at = at_block(context.chain(), context.instance().chain_id, receipt.block)
    context.out.receipt("receipt", receipt.data(), done=done, prove=prove(receipt), as_of=at)


def _refuse_without_funds(context: Context, who: "Voter") -> None:
    free = int(context.chain().request("eth_gasPrice"), 16) == 0
    if not free and context.chain().balance(who.account) == 0:
        raise NotEnoughFunds(
            f"Account {who.account} holds nothing to pay the transaction with.",
            hint="Let somebody else carry your ballot: vote with --offline FILE and give them the "
            "file; they run: coop ballot submit FILE",
            details={"account": who.account},
        )


def _signed(context: Context, poll: "Poll", who: "Voter", ballot: "AnyBallot") -> "SignedBallot":
    from node.ballot import sign_ballot

    account = context.account()
    if account.address != who.account:
        raise KeyProblem(f"The key opened is that of {account.address}, not of {who.account}.")
    return sign_ballot(ballot, poll.domain, account)


def _send(
    context: Context,
    outbox: "Outbox",
    signed: "SignedBallot",
    relays: Sequence[str],
    deadline: int,
) -> None:
    from node import delivery, receipts

    if context.dry_run:
        simulated = receipts.receipt(signed, "simulated")
        print_receipt(context, simulated, "It would be counted. Nothing was sent.")
        return
    sender, instance, chain = context.sender(), context.instance(), context.chain()
    letter = outbox.put(signed)
    courier = delivery.Courier(chain, instance, outbox, context.settings.lasting)
    kept = f"Your ballot is kept as number {letter.number}; go on with: coop outbox retry."
    with undone(kept), _interruptible(kept), context.out.waiting() as tell:
        left = list(relays)
        while _promised(context, outbox, letter, left, deadline):
            courier.await_promise(letter.number, tell)
            if letter.number not in courier.absent:
                break
        courier.carry(sender, {letter.number}, tell)
        if problem := courier.problems.get(letter.number):
            raise problem
        print_receipt(context, _receipt(context, outbox.letter(letter.number), outbox), _COUNTED)


@contextmanager
def _interruptible(kept: str) -> Iterator[None]:
    """Say on Ctrl-C that nothing is lost, and how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted("Interrupted while waiting.", undone=kept) from None


def _promised(
    context: Context, outbox: "Outbox", letter: "Letter", relays: list[str], deadline: int
) -> bool:
    """Hand a letter to the next relayer that takes it; False once none is left."""
    from node import promises, relaying
    from node.output import when

    while relays:
        url, now = relays.pop(0), context.chain().head().timestamp
        try:
            given = relaying.hand_over(url, letter.signed, now=now, deadline=deadline)
        except (NetworkProblem, relaying.RelayRefused) as error:
            context.out.warn(error.message)
            continue
        outbox.promise(letter.number, url, given.before, promises.dump(given))
        context.out.note(
            f"Relayer {given.relayer} ({url}) promised to bring it before {when(given.before)}."
        )
        return True
    return False


def _receipt(context: Context, letter: "Letter", outbox: "Outbox") -> "Receipt":
    from node import casting, receipts

    if letter.state not in ("counted", "final"):
        raise RefusedByContract(letter.why or "The contract did not count it.")
    if letter.tx and letter.block:
        carried = [each.signed for each in outbox.carried(letter.tx)]
        for found in casting.receipts_in(context.chain(), letter.tx, carried):
            if found.ballot_hash == letter.signed.ballot_hash:
                return found
    return receipts.receipt(letter.signed, "counted")  # somebody else carried it


def _write(context: Context, outbox: "Outbox", signed: "SignedBallot", file: Path) -> None:
    from node import ballot_file, receipts
    from node.files import write_private

    if context.dry_run:
        print_receipt(context, receipts.receipt(signed, "simulated"), "No file was written.")
        return
    letter = outbox.put(signed)
    try:
        write_private(file, ballot_file.dump(ballot_file.signed_file(signed)))
    except OSError as error:
        # It never left this machine: nothing may send it later behind the member's back.
        outbox.drop(letter.number)
        raise UsageProblem(
            f"The file {file} cannot be written: {error.strerror}.", hint="Choose another place."
        ) from error
    print_receipt(
        context,
        receipts.receipt(signed, "waiting"),
        f"Your signed ballot is in {file}; nothing was sent. Anybody can carry it: "
        f"coop ballot submit {file}",
    )
