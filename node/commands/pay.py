"""`coop pay`: roles, their rates, and the pay votes that set them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from node.commands.acting import Instant, opens_option, print_act
from node.commands.hand_in import hand_in, relay_option
from node.commands.reading import key_account, mirror_of
from node.context import Context
from node.errors import undone
from node.options import NUMBER, leaf, writes
from node.output import when

if TYPE_CHECKING:
    from indexer.queries import AsOf, PayVoteInfo
    from node.ballot import PayBallot


@click.group()
def pay() -> None:
    """Roles, rates and pay votes. Rates are minor units of the currency (cents) per hour."""


@pay.command()
@click.argument("pay_vote", metavar="[PAYVOTE]", type=NUMBER, required=False)
@leaf("coop pay show")
def show(context: Context, pay_vote: int | None) -> None:
    """Show the rates in force, or one pay vote."""
    from indexer import queries

    if pay_vote is None:
        _show_rates(context, None, None)
        return
    with mirror_of(context) as (session, at):
        found = queries.pay_vote(session, at, pay_vote)
    _show_pay_vote(context, found, at)


@pay.command()
@click.argument("role", required=False)
@click.option("--at", "moment", type=Instant(), help="The rates in force at that moment.")
@leaf("coop pay history courier --at 2026-05-01")
def history(context: Context, role: str | None, moment: int | None) -> None:
    """Show all rates there ever were, of one role or of all, or those of one moment."""
    from indexer import queries
    from indexer.document import document

    if moment is not None:
        _show_rates(context, role, moment)
        return
    with mirror_of(context) as (session, at):
        found = queries.rate_history(session, at, role)

    def human() -> None:
        rows = [[each.role, each.rate, when(each.since), each.pay_vote_id] for each in found]
        context.out.table(["Role", "Rate", "Since", "Pay vote"], rows, empty="There is no role.")

    context.out.result("rate_history", document(found), at, human)


@pay.command("open")
@click.argument("role")
@opens_option
@writes
@leaf("coop pay open courier")
def open_(context: Context, role: str, opens_at: int | None) -> None:
    """Call a pay vote on a role. The contract computes the rates on offer."""
    from node import paying

    with undone("No pay vote was called."):
        sender, instance = context.sender(), context.instance()
        opens = opens_at or paying.earliest_opening(context.chain(), instance)
        context.out.consider(f"Pay vote on {role}, open from {when(opens)}.")
        context.out.confirm("Call this pay vote?", "No pay vote was called.")
        sent = paying.open_vote(sender, instance, role, opens)
    number = sent.event("PayVoteOpened").args["payVoteId"] if sent.sent else None
    print_act(
        context,
        "open",
        sent,
        done=f"This is pay vote {number}.",
        prove=f"coop pay show {number}",
        pay_vote_id=number,
        role=role,
    )


@pay.command()
@click.argument("pay_vote", metavar="PAYVOTE", type=NUMBER)
@click.argument("rate", type=click.IntRange(min=0))
@click.option("--reason", metavar="TEXT", default="", help="Why, for everybody to read for ever.")
@click.option(
    "--offline",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the signed ballot to a file and send nothing.",
)
@relay_option
@writes
@leaf("coop pay vote 3 2150")
def vote(
    context: Context,
    pay_vote: int,
    rate: int,
    reason: str,
    offline: Path | None,
    relay: tuple[str, ...],
) -> None:
    """Name the rate that you find right, in minor units per hour; the middle ballot wins."""
    from node import voting
    from node.proposals import own_contracts

    with undone("Your vote was not sent."):
        instance, chain = context.instance(), context.chain()
        parts = voting.pay_vote_parts(chain, instance, pay_vote)
        poll = voting.poll_on_rate(chain, instance, parts)
        who = voting.voter(chain, instance, key_account(context))
        ballot = voting.draft_pay_ballot(poll, who, parts.ladder, rate, reason)
        currency = own_contracts(chain, instance).currency

        def in_words(numbered: "PayBallot") -> dict[str, str]:
            return voting.pay_vote_in_words(instance, poll, numbered, parts, currency)

        hand_in(context, poll, who, ballot, in_words, offline, relay)


@pay.command()
@click.argument("pay_vote", metavar="PAYVOTE", type=NUMBER)
@writes
@leaf("coop pay close 3")
def close(context: Context, pay_vote: int) -> None:
    """Count a pay vote after its deadline and set the rate. Anybody may."""
    from indexer import queries
    from node import paying

    with undone("The pay vote was not closed."):
        sent = paying.close_vote(context.sender(), context.instance(), pay_vote)
    if not sent.sent:
        print_act(context, "close", sent, done="", prove=f"coop pay show {pay_vote}")
        return
    context.out.note(
        f"Pay vote {pay_vote} was closed in transaction {sent.tx}, block {sent.block}."
    )
    context.out.note(f"Proof: coop pay show {pay_vote}")
    with mirror_of(context) as (session, _):
        # The answer must hold the closing itself, whatever finality is asked for.
        at = queries.as_of(session, "latest")
        found = queries.pay_vote(session, at, pay_vote)
    _show_pay_vote(context, found, at, close_tx=sent.tx, close_block=sent.block)


def _show_rates(context: Context, role: str | None, moment: int | None) -> None:
    from indexer import queries
    from indexer.document import document

    with mirror_of(context) as (session, at):
        found = (
            (queries.rate(session, at, role, at=moment),)
            if role
            else queries.rates(session, at, at=moment)
        )

    def human() -> None:
        rows = [
            [each.role, each.rate, each.currency, when(each.since), each.pay_vote_id]
            for each in found
        ]
        heads = ["Role", "Rate", "Currency", "Since", "Pay vote"]
        context.out.table(heads, rows, empty="There is no role.")

    context.out.result("rates", document(found), at, human)


def _show_pay_vote(context: Context, found: "PayVoteInfo", at: "AsOf", **more: Any) -> None:
    from indexer.document import document

    def human() -> None:
        ladder = found.ladder
        context.out.fields(
            {
                "Pay vote": found.pay_vote_id,
                "Role": found.role,
                "State": found.state,
                "Opens": when(found.opens_at),
                "Closes": when(found.closes_at),
                "Rates on offer": f"{ladder.from_} to {ladder.to}, every {ladder.step}",
                "Present rate": f"{found.present} {found.currency} minor units an hour",
                "Ballots": f"{found.ballots} of {found.roll}",
                "Absences counted for the present rate": found.filled,
                "Middle ballot": found.median,
                "Result": found.result,
            }
        )
        rows = [[rung.rate, rung.ballots] for rung in found.histogram]
        context.out.table(["Rate", "Ballots"], rows, empty="Nobody has voted yet.")

    data: Any = document(found)
    context.out.result("pay_vote", {**data, **more}, at, human)
