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
    from node.receipts import Receipt


@click.group()
def receipt() -> None:
    """Prove that a ballot was counted."""


@receipt.command()
@click.argument("proposal", metavar="[PROPOSAL]", type=NUMBER, required=False)
@click.option("--pay-vote", metavar="PAYVOTE", type=NUMBER, help="A pay vote instead.")
@click.option("--member", metavar="ID", type=NUMBER, help="Another member's (else yours).")
@click.option("--key", metavar="NAME", help="The key whose member you are.")
@leaf("coop receipt show 7")
def show(context: Context, proposal: int | None, pay_vote: int | None, member: int | None) -> None:
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
    _print(context, found[-1], at)


@receipt.command()
@click.argument("file", type=click.Path(path_type=Path))
@leaf("coop receipt verify receipt.json")
def verify(context: Context, file: Path) -> None:
    """Check a receipt (saved with --json) against the chain alone, without the mirror."""
    from node import receipt_check
    from node.drafts import read_text

    found = receipt_check.check(context.chain(), context.instance(), read_text(file))
    _print(context, found, at_block(context.chain(), context.instance().chain_id, found.block))


def _print(context: Context, found: "Receipt", at: "AsOf | None") -> None:
    from node.receipts import prove

    done = {
        "counted": "This ballot was counted and stands.",
        "replaced": "This ballot was counted; a newer one of the member has replaced it.",
    }
    context.out.receipt(
        "receipt", found.data(), done=done[found.status], prove=prove(found), as_of=at
    )
