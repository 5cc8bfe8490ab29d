"""`coop receipt`: where on the chain a ballot was counted."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.commands.reading import at_block, key_account, mirror_of
from node.context import Context
from node.errors import NotFound, UsageProblem
from node.options import NUMBER, leaf

if TYPE_CHECKING:
    from node.output import AsOf
    from node.receipt_proof import Shown
    from node.receipts import Receipt


@click.group()
def receipt() -> None:
    """Prove that a ballot was counted."""


@receipt.command()
@click.argument("proposal", metavar="[PROPOSAL]", type=NUMBER, required=False)
@click.option("--pay-vote", metavar="PAYVOTE", type=NUMBER, help="A pay vote instead.")
@click.option("--member", metavar="ID", type=NUMBER, help="Another member's (else yours).")
@click.option("--key", metavar="NAME", help="The key whose member you are.")
@click.option(
    "--proof",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Keep a proof of it that needs no network to check.",
)
@leaf("coop receipt show 7")
def show(
    context: Context,
    proposal: int | None,
    pay_vote: int | None,
    member: int | None,
    proof: Path | None,
) -> None:
    """Show how a ballot was counted, from the chain's own logs at --finality."""
    from indexer import queries
    from node import receipts

    if (proposal is None) == (pay_vote is None):
        raise UsageProblem("Name a proposal, or a pay vote with --pay-vote.")
    with mirror_of(context) as (session, at):
        if member is None:
            mine = queries.member_of(session, at, key_account(context))
            member = (mine.member_id if mine else None) or 0
        instance = context.instance()
        found = (
            receipts.of_member(session, at, instance, proposal, member)
            if proposal
            else receipts.of_member_on_pay(session, at, instance, pay_vote or 0, member)
        )
    if not found:
        raise NotFound(
            f"As of block {at.block} ({at.finality}) no ballot of this member was counted there.",
            hint="A ballot that waits is in the outbox: coop outbox list",
        )
    if proof is not None:
        _keep(context, found[-1], proof)
    _print(context, found[-1], at)


@receipt.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--anchor", metavar="HASH", help="With a proof: the block's hash as you know it from elsewhere."
)
@leaf("coop receipt verify receipt.json")
def verify(context: Context, file: Path, anchor: str | None) -> None:
    """Check a receipt (saved with --json) against the chain alone, without the mirror.

    A proof (kept with --proof) needs no network: it shows that the ballot was logged in a block
    of this hash. That the block is the chain's is for you to know, or for --anchor to say.
    """
    from node import receipt_check, receipt_proof
    from node.drafts import read_text

    text = read_text(file)
    if receipt_proof.is_proof(text):
        _print_shown(context, receipt_proof.check(text, context.instance()), anchor)
        return
    if anchor is not None:
        raise UsageProblem(f"{file} is no proof, so an anchor means nothing.")
    found = receipt_check.check(context.chain(), context.instance(), text)
    _print(context, found, at_block(context.chain(), context.instance().chain_id, found.block))


def _keep(context: Context, found: "Receipt", place: Path) -> None:
    from node import receipt_proof
    from node.files import write_private

    text = receipt_proof.make(context.chain(), context.instance(), found)
    if context.dry_run:
        return
    try:
        write_private(place, text, new=True)
    except FileExistsError:
        raise UsageProblem(f"{place} exists already.", hint="Choose another name.") from None
    context.out.note(f"The proof is in {place}. Check it with: coop receipt verify {place}")


def _print_shown(context: Context, shown: "Shown", anchor: str | None) -> None:
    from node.output import At, when
    from node.receipt_check import ReceiptMismatch

    anchored = anchor is not None
    if anchor is not None and anchor.lower() != shown.block_hash:
        raise ReceiptMismatch(
            f"The proof is of block {shown.block}, {shown.block_hash}, and not of {anchor}."
        )

    def tell() -> None:
        for name, value in shown.said.items():
            context.out.line(f"{name.replace('_', ' ')}: {value}")
        context.out.line(f"The co-op's contract logged it in block {shown.block}, ")
        context.out.line(f"{when(shown.moment)}, {shown.block_hash}.")
        if not anchored:
            context.out.line("Compare this hash with one that you know, or give it as --anchor.")

    chosen = context.instance()
    at = At(chosen.chain_id, shown.block, shown.block_hash, context.settings.depth)
    data = {**shown.said, "block": shown.block, "block_hash": shown.block_hash}
    context.out.result("receipt_proof", data | {"anchored": anchored}, at, tell)


def _print(context: Context, found: "Receipt", at: "AsOf | None") -> None:
    from node.receipts import prove

    done = {
        "counted": "This ballot was counted and stands.",
        "replaced": "This ballot was counted; a newer one of the member has replaced it.",
    }
    context.out.receipt(
        "receipt", found.data(), done=done[found.status], prove=prove(found), as_of=at
    )
