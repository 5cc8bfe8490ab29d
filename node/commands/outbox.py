"""`coop outbox`: this member's ballots on their way to the chain."""

from typing import TYPE_CHECKING, Any

import click

from node.context import Context
from node.errors import NetworkUnreachable, as_coop_error, undone
from node.options import NUMBER, leaf, writes
from node.output import moment

if TYPE_CHECKING:
    from indexer.blocks import Finality
    from node.outbox import Letter, Outbox


@click.group()
def outbox() -> None:
    """Ballots on their way to the chain. Its file is not safe to delete."""


@outbox.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that are settled or dropped.")
@leaf("coop outbox list")
def list_(context: Context, everything: bool) -> None:
    """List the ballots that the chain does not show for good yet."""
    kept = _opened(context)
    _settle(context, kept)
    _show(context, kept.letters(everything=everything))


@outbox.command()
@writes
@leaf("coop outbox retry")
def retry(context: Context) -> None:
    """Send again what the chain does not show. Never doubles a vote."""
    from node import delivery

    kept = _opened(context)
    with undone("What was not sent stays in the outbox."):
        finality = _depth(context)
        if context.dry_run:
            context.out.note("What waits would be sent. Nothing was.")
            _show(context, kept.letters())
            return
        waiting = delivery.settle(context.chain(), context.instance(), kept, finality)
        if not waiting:
            _show(context, kept.letters())
            return
        done = delivery.retry(context.sender(), context.instance(), kept, finality)
    problems = {each.letter.number: each.problem for each in done if each.problem}
    _show(context, [each.letter for each in done], problems)
    if problems and len(problems) == len(done):
        raise next(iter(problems.values())).saying("It stays in the outbox.")


@outbox.command()
@click.argument("number", type=NUMBER)
@leaf("coop outbox drop 2")
def drop(context: Context, number: int) -> None:
    """Send a ballot no more. It can still be counted if somebody else has it."""
    kept = _opened(context)
    letter = kept.letter(number)
    question = f"Drop ballot {number} ({_words(letter)})?"
    context.out.confirm(question, "The ballot was not dropped.")
    _show(context, [letter if context.dry_run else kept.drop(number)])


def _opened(context: Context) -> "Outbox":
    from node import delivery
    from node.outbox import Outbox

    instance = context.instance()
    path = context.settings.outbox_file(instance.name)
    return Outbox(path, delivery.owner(instance))


def _depth(context: Context) -> "Finality":
    """How deep a ballot must lie to be settled: finalized, unless something else was asked for."""
    chosen = context.settings.finality.origin != "default"
    return context.settings.depth if chosen else "finalized"


def _settle(context: Context, kept: "Outbox") -> None:
    from node import delivery

    if context.dry_run:
        return
    try:
        delivery.settle(context.chain(), context.instance(), kept, _depth(context))
    except Exception as error:
        known = as_coop_error(error)
        if known is None or known.exit_code != NetworkUnreachable.exit_code:
            raise
        context.out.warn(f"{known.happened} This is what the outbox last knew.")


def _show(
    context: Context, letters: "list[Letter]", problems: dict[int, Any] | None = None
) -> None:
    def human() -> None:
        rows = [[each.number, _words(each), each.state, each.tx] for each in letters]
        heads = ["No.", "Ballot", "State", "Transaction"]
        context.out.table(heads, rows, empty="The outbox is empty.")
        for number, problem in (problems or {}).items():
            context.out.warn(f"Ballot {number}: {problem.happened}")

    context.out.result("outbox", [_data(each, problems or {}) for each in letters], human=human)


def _data(letter: "Letter", problems: dict[int, Any]) -> dict[str, Any]:
    from node.receipts import receipt

    problem = problems.get(letter.number)
    return {
        **receipt(letter.signed, letter.state, tx=letter.tx, block=letter.block).data(),
        "number": letter.number,
        "saved_at": moment(letter.saved_at),
        "problem": problem.happened if problem else None,
    }


def _words(letter: "Letter") -> str:
    from node.ballot import Ballot

    ballot = letter.signed.ballot
    if isinstance(ballot, Ballot):
        return f"{ballot.choice} on proposal {ballot.proposal_id}"
    return f"{ballot.rate} in pay vote {ballot.pay_vote_id}"
