"""`coop ballot`: the steps of a vote apart, to sign offline or elsewhere and to carry."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.commands.reading import at_block, key_account
from node.commands.revealing import refuse_file, write_new
from node.commands.vote import read_proposal
from node.context import Context
from node.errors import KeyProblem, UsageProblem, undone
from node.options import NUMBER, leaf, writes

if TYPE_CHECKING:
    from node.ballot import AnyBallot
    from node.ballot_file import BallotFile
    from node.receipts import Receipt
    from node.voting import Poll, Voter

_FILE = click.Path(path_type=Path)


@click.group()
def ballot() -> None:
    """The steps of a vote apart: offline, hardware, carried."""


@ballot.command()
@click.option("--proposal", type=NUMBER, metavar="ID", help="The proposal to vote on …")
@click.option("--choice", type=click.Choice(["for", "against", "abstain"]), help="… and how.")
@click.option("--pay-vote", type=NUMBER, metavar="PAYVOTE", help="Or the pay vote …")
@click.option("--rate", type=click.IntRange(min=0), help="… and the rate, in minor units.")
@click.option("--reason", metavar="TEXT", default="", help="Why, for everybody to read for ever.")
@click.option("--account", metavar="ACCOUNT", help="The member's account (else that of --key).")
@click.option("--key", metavar="NAME", help="The key that will sign.")
@click.option("--out", "file", metavar="FILE", type=_FILE, required=True, help="Where to write.")
@click.option(
    "--typed-data",
    metavar="FILE",
    type=_FILE,
    help="Also write the EIP-712 message alone, as wallets and `cast wallet sign --data` take it.",
)
@leaf("coop ballot build --proposal 7 --choice for --out ballot.json")
def build(
    context: Context,
    proposal: int | None,
    choice: str | None,
    pay_vote: int | None,
    rate: int | None,
    reason: str,
    account: str | None,
    file: Path,
    typed_data: Path | None,
) -> None:
    """Write an unsigned ballot that any EIP-712 wallet can show and sign.

    Bring the wallet's signature back with: coop ballot sign FILE --signature HEX
    """
    from dataclasses import replace

    from node import voting
    from node.ballot_file import BallotFile
    from node.outbox import Outbox, owner
    from node.typed_data import checksummed

    chain, instance = context.chain(), context.instance()
    with undone("No ballot was built."):
        _refuse_files(file, typed_data)
        who = voting.voter(chain, instance, checksummed(account or key_account(context)))
        if proposal is not None and choice is not None and pay_vote is None and rate is None:
            poll, made = _on_proposal(context, who, proposal, choice, reason)
        elif pay_vote is not None and rate is not None and proposal is None and choice is None:
            poll, made = _on_rate(context, who, pay_vote, rate, reason)
        else:
            raise UsageProblem("Give --proposal and --choice, or --pay-vote and --rate.")
        outbox = Outbox(context.settings.outbox_file(instance.name), owner(instance))
        sequence = voting.next_sequence(chain, instance, made, outbox)
        made = replace(made, sequence=sequence)
        carried = BallotFile(made, poll.domain, who.account)
        if not context.dry_run:
            write_new(file, _dumped(carried))
            if typed_data is not None:
                write_new(typed_data, _message(carried))
    written = "No file was written." if context.dry_run else f"The unsigned ballot is in {file}."
    _print(context, carried, written)


@ballot.command()
@click.argument("file", type=_FILE)
@leaf("coop ballot show ballot.json")
def show(context: Context, file: Path) -> None:
    """Show what a ballot file says and who signed it. Asks nobody: works without a network."""
    carried = _read(file)
    _print(context, carried, _signature_in_words(carried))


@ballot.command()
@click.argument("file", type=_FILE)
@click.option("--signature", metavar="HEX", help="A signature that another wallet made.")
@click.option("--out", metavar="FILE", type=_FILE, help="Where to write (else the same file).")
@writes
@leaf("coop ballot sign ballot.json")
def sign(context: Context, file: Path, signature: str | None, out: Path | None) -> None:
    """Sign a ballot file, here or with a signature from elsewhere. Works without a network.

    Without a network nothing can compare the ballot with the proposal: build it on a machine that
    you trust, or compare `content` with another member's.
    """
    from dataclasses import replace

    from node.ballot import sign_ballot
    from node.ballot_file import signed_file

    with undone("The ballot was not signed."):
        carried = _read(file)
        _refuse_foreign(context, carried)
        _note(context, carried)
        if signature is not None:
            signed = _by_wallet(replace(carried, signature=_hex(signature)))
        else:
            context.out.confirm("Sign this ballot?", "The ballot was not signed.")
            account = context.account()
            if account.address != carried.account:
                raise KeyProblem(
                    f"The ballot is for account {carried.account}, the key is {account.address}.",
                    hint="Choose the right key: --key NAME",
                )
            signed = signed_file(sign_ballot(carried.ballot, carried.domain, account))
        if not context.dry_run:
            from node.files import write_private

            write_private(out or file, _dumped(signed))
    written = "No file was written." if context.dry_run else f"It is in {out or file}."
    _print(context, signed, f"{_signature_in_words(signed)} {written}")


@ballot.command()
@click.argument("file", type=_FILE)
@leaf("coop ballot verify ballot.json")
def verify(context: Context, file: Path) -> None:
    """Ask the contract whether it would count a signed ballot now. Sends nothing."""
    from node import casting

    carried = _read(file)
    casting.verify(context.chain(), context.instance(), carried.signed())
    _print(context, carried, "The contract would count this ballot now.")


@ballot.command()
@click.argument("files", nargs=-1, required=True, type=_FILE)
@writes
@leaf("coop ballot submit ada.json ben.json")
def submit(context: Context, files: tuple[Path, ...]) -> None:
    """Carry signed ballots to the contract: one transaction for each vote, from any account."""
    from node import casting

    with undone("Nothing was sent."):
        ballots = [_read(file).signed() for file in files]
        receipts = casting.submit(context.sender(), context.instance(), ballots)
        skipped = [each for each in receipts if each.status == "skipped"]
        if len(skipped) == len(receipts):
            raise _all_skipped(skipped)
    _print_receipts(context, receipts)


def _on_proposal(
    context: Context, who: "Voter", proposal: int, choice: str, reason: str
) -> "tuple[Poll, AnyBallot]":
    from node import voting

    read = read_proposal(context, proposal, None)
    poll = voting.poll_on_proposal(context.chain(), context.instance(), read.parts)
    return poll, voting.draft_ballot(poll, who, choice, reason)  # type: ignore[arg-type]


def _on_rate(
    context: Context, who: "Voter", pay_vote: int, rate: int, reason: str
) -> "tuple[Poll, AnyBallot]":
    from node import voting

    parts = voting.pay_vote_parts(context.chain(), context.instance(), pay_vote)
    poll = voting.poll_on_rate(context.chain(), context.instance(), parts)
    return poll, voting.draft_pay_ballot(poll, who, parts.ladder, rate, reason)


def _read(file: Path) -> "BallotFile":
    from node import ballot_file
    from node.drafts import read_text
    from node.typed_data import Malformed

    try:
        return ballot_file.parse(read_text(file))
    except Malformed as error:
        raise Malformed(
            f"{file} is no valid ballot file. {error.happened}",
            hint="Ask for it again, or make it anew: coop ballot build",
        ) from error


def _refuse_files(file: Path, typed_data: Path | None) -> None:
    if file == typed_data:
        raise UsageProblem("--out and --typed-data name the same file.")
    for path in (file, typed_data):
        refuse_file(path)


def _message(carried: "BallotFile") -> str:
    import json

    return json.dumps(carried.ballot.typed_data(carried.domain), indent=2) + "\n"


def _dumped(carried: "BallotFile") -> str:
    from node import ballot_file

    return ballot_file.dump(carried)


def _refuse_foreign(context: Context, carried: "BallotFile") -> None:
    from node import casting
    from node.ballot import SignedBallot

    unsigned = SignedBallot(carried.ballot, carried.domain, carried.account, b"")
    casting.refuse_foreign(unsigned, context.instance())


def _words(carried: "BallotFile") -> dict[str, str]:
    from node.ballot import Ballot

    found = carried.ballot
    on = "Proposal" if isinstance(found, Ballot) else "Pay vote"
    said = found.choice if isinstance(found, Ballot) else str(found.rate)
    return {
        on: str(found.subject),
        "Ballot": said,
        "Reason (public)": found.reason or "–",
        "Member": f"{found.member_id} (ballot number {found.sequence})",
        "Account": carried.account,
        "Co-op": carried.domain.name,
        "Chain": f"{carried.domain.chain_id}, contract {carried.domain.verifying_contract}",
        "Content": "0x" + found.content.hex(),
    }


def _note(context: Context, carried: "BallotFile") -> None:
    for name, text in _words(carried).items():
        context.out.consider(f"{name + ':':<16} {text}")


def _signature_in_words(carried: "BallotFile") -> str:
    if not carried.signature:
        return "Nobody has signed it."
    if carried.signed().by_key:
        return f"It is signed by the key of {carried.account}."
    return (
        f"Its signature is not that of the key of {carried.account}; only a contract account "
        "could accept it."
    )


def _print(context: Context, carried: "BallotFile", done: str) -> None:
    from node import ballot_file

    def human() -> None:
        context.out.fields(_words(carried))
        context.out.line(done)

    data = ballot_file.data(carried)
    data["signed_by_account"] = carried.signed().by_key if carried.signature else None
    context.out.result("ballot", data, human=human)


def _by_wallet(signed: "BallotFile") -> "BallotFile":
    """The signature as the contract takes it, if it is the account's own key's; else untouched."""
    from dataclasses import replace

    from node.typed_data import canonical

    usual = replace(signed, signature=canonical(signed.signature))
    return usual if usual.signed().by_key else signed


def _hex(text: str) -> bytes:
    from node.typed_data import Malformed

    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError as error:
        raise Malformed("The signature is no hex number.") from error


def _all_skipped(skipped: "list[Receipt]") -> Exception:
    from node import casting

    error = casting.refusal_in_words(skipped[0])
    error.details["skipped"] = [
        {**each.data(), "reason": casting.refusal_in_words(each).happened} for each in skipped
    ]
    return error


def _print_receipts(context: Context, receipts: "list[Receipt]") -> None:
    from node import casting

    def reason(each: "Receipt") -> str | None:
        return casting.refusal_in_words(each).happened if each.status == "skipped" else None

    def human() -> None:
        rows = [
            [each.ballot.subject, each.ballot.member_id, each.status, reason(each), each.tx]
            for each in receipts
        ]
        context.out.table(["Vote", "Member", "Status", "Why not", "Transaction"], rows)
        context.out.line("Proof: coop receipt show PROPOSAL --member ID")

    block = max((each.block or 0 for each in receipts), default=0)
    at = at_block(context.chain(), context.instance().chain_id, block)
    data = [{**each.data(), "reason": reason(each)} for each in receipts]
    context.out.result("receipts", data, at, human)
