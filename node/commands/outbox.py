"""`coop outbox`: this member's ballots on their way to the chain."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from node.context import Context
from node.errors import NetworkUnreachable, NotFound, UsageProblem, as_coop_error, undone
from node.options import NUMBER, leaf, writes
from node.output import moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from node.acts import Act, Acts
    from node.delivery import Courier
    from node.outbox import Letter, Outbox, Promised


@click.group()
def outbox() -> None:
    """Ballots and other acts on their way to the chain. Its file is not safe to delete."""


@outbox.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that are settled or dropped.")
@leaf("coop outbox list")
def list_(context: Context, everything: bool) -> None:
    """List the ballots and other acts that the chain does not show for good yet."""
    kept = _opened(context)
    acts = context.acts()
    _settle(context, kept, acts)
    letters = kept.letters(everything=everything)
    given = {each.letter: each for each in kept.promises()}
    for each in letters:
        if (word := given.get(each.number)) and word.broken:
            context.out.warn(
                f"Ballot {each.number}: {word.relay} broke its promise. The evidence: "
                f"coop outbox promise {each.number} FILE"
            )
    _show(context, letters, given=given, acts=acts.listed(everything=everything))


@outbox.command()
@click.option("--final", "until_final", is_flag=True, help="Wait until each is settled for good.")
@writes
@leaf("coop outbox retry")
def retry(context: Context, until_final: bool) -> None:
    """Send again what the chain does not show. Never doubles a vote; can be broken off.

    A transaction that no block takes for a minute offers more, up to --max-fee.
    """
    from node import delivery
    from node.outbox import ENDS

    kept = _opened(context)
    courier = _courier(context, kept)
    with undone("What was not sent stays in the outbox."):
        if context.dry_run:
            context.out.note("What waits would be sent. Nothing was.")
            _show(context, kept.letters(), acts=context.acts().listed())
            return
        acts = context.acts()
        ended = {each.number for each in acts.listed(everything=True) if each.state in ENDS}
        patience = math.inf if until_final else delivery.PATIENCE
        if acts.look(context.chain()) or (until_final and acts.listed()):
            with context.out.waiting() as tell:
                acts.carry(context.sender(), tell, patience, to_the_end=until_final)
        courier.look()
        open_ones = {each.number for each in kept.letters()}
        if courier.absent or (until_final and open_ones):
            with context.out.waiting() as tell:
                courier.carry(context.sender(), open_ones, tell, patience, to_the_end=until_final)
    problems = dict(courier.problems)
    done = [each for each in acts.listed(everything=True) if each.number not in ended]
    _show(context, [kept.letter(number) for number in sorted(open_ones)], problems, acts=done)
    acts.told(each.number for each in done)
    if problems and set(problems) == open_ones:
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


@outbox.command()
@click.argument("number", type=NUMBER)
@click.argument("file", type=click.Path(path_type=Path))
@leaf("coop outbox promise 2 promise.json")
def promise(context: Context, number: int, file: Path) -> None:
    """Write a relayer's newest promise for a ballot to a file: the evidence, if it was broken."""
    from node.files import write_private

    given = [each for each in _opened(context).promises() if each.letter == number]
    if not given:
        raise NotFound(f"No relayer promised anything about ballot {number}.")
    if file.exists():
        raise UsageProblem(f"There is a file {file} already.", hint="Choose another name.")
    if not context.dry_run:
        write_private(file, given[-1].document)
    told = "broken" if given[-1].broken else "not known to be broken"
    context.out.result(
        "promise",
        {"file": str(file), **_promised(given[-1])},
        human=lambda: context.out.line(f"The promise of {given[-1].relay}, {told}, is in {file}."),
    )


def _promised(given: "Promised") -> dict[str, Any]:
    return {"relay": given.relay, "before": moment(given.before), "broken": given.broken}


def _opened(context: Context) -> "Outbox":
    from node.outbox import Outbox, owner

    instance = context.instance()
    path = context.settings.outbox_file(instance.name)
    return Outbox(path, owner(instance))


def _courier(context: Context, kept: "Outbox") -> "Courier":
    from node.delivery import Courier

    return Courier(context.chain(), context.instance(), kept, context.settings.lasting)


def _settle(context: Context, kept: "Outbox", acts: "Acts") -> None:
    if context.dry_run:
        return
    try:
        _courier(context, kept).look()
        acts.look(context.chain())
    except Exception as error:
        known = as_coop_error(error)
        if known is None or known.exit_code != NetworkUnreachable.exit_code:
            raise
        context.out.warn(f"{known.happened} This is what the outbox last knew.")


def _show(
    context: Context,
    letters: "list[Letter]",
    problems: dict[int, Any] | None = None,
    given: "dict[int, Promised] | None" = None,
    acts: "Sequence[Act]" = (),
) -> None:
    def human() -> None:
        rows = [[each.number, _words(each), each.state, each.tx] for each in letters]
        rows += [["–", each.what, each.state, each.transaction.tx] for each in acts]
        heads = ["No.", "Ballot or act", "State", "Transaction"]
        context.out.table(heads, rows, empty="The outbox is empty.")
        for number, problem in (problems or {}).items():
            context.out.warn(f"Ballot {number}: {problem.happened}")
        for each in letters:
            if each.why:
                context.out.note(f"Ballot {each.number}: {each.why}")
        for act in acts:
            if act.why:
                context.out.note(f"{act.what}: {act.why}")

    data = [_data(each, problems or {}, given or {}) for each in letters]
    data += [_act(each) for each in acts]
    context.out.result("outbox", data, human=human)


def _act(act: "Act") -> dict[str, Any]:
    return {
        "act": act.what,
        "account": act.transaction.account,
        "tx": act.transaction.tx,
        "block": act.block,
        "status": act.state,
        "saved_at": moment(act.made_at),
        "why": act.why or None,
    }


def _data(
    letter: "Letter", problems: dict[int, Any], given: "dict[int, Promised]"
) -> dict[str, Any]:
    from node.receipts import receipt

    problem = problems.get(letter.number)
    return {
        **receipt(letter.signed, letter.state, tx=letter.tx, block=letter.block).data(),
        "number": letter.number,
        "saved_at": moment(letter.saved_at),
        "problem": problem.happened if problem else None,
        "why": letter.why or None,
        "promise": _promised(given[letter.number]) if letter.number in given else None,
    }


def _words(letter: "Letter") -> str:
    from node.ballot import Ballot

    ballot = letter.signed.ballot
    if isinstance(ballot, Ballot):
        return f"{ballot.choice} on proposal {ballot.proposal_id}"
    return f"{ballot.rate} in pay vote {ballot.pay_vote_id}"
