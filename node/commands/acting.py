"""What commands that change the chain share: proposing, acts, their receipts, moments."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from node.commands.reading import at_block
from node.context import Context
from node.errors import UsageProblem, undone
from node.output import moment, when

if TYPE_CHECKING:
    from node.drafts import Draft
    from node.sender import TxReceipt


class Instant(click.ParamType[int]):
    """A moment as seconds since 1970, given in RFC 3339 or as a day (its start in UTC)."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Seconds since 1970."""
        if isinstance(value, int):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no moment such as 2026-05-01T09:00:00Z.", param, ctx)
        if moment.tzinfo is None and len(value) > len("2026-05-01"):
            self.fail(f"{value!r} lacks its time zone; write 2026-05-01T09:00:00Z.", param, ctx)
        seconds = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
        if seconds < 1:
            self.fail(f"{value!r} lies before every chain.", param, ctx)
        return seconds


text_option = click.option(
    "--text",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The proposal's text; its first line is the title.",
)
opens_option = click.option(
    "--opens-at",
    type=Instant(),
    help="When the vote opens (else at the first beginning of a day after the notice).",
)


def print_act(
    context: Context, act: str, sent: "TxReceipt", *, done: str, prove: str, **data: Any
) -> None:
    """Print the receipt of an act: what was done, its transaction and block, and what proves it."""
    known = {"act": act, **data, "tx": sent.tx or None, "block": sent.block or None}
    if not sent.sent:
        told = f"Nothing was sent. It would succeed and take {sent.gas_used} gas."
        context.out.result("act", known, human=lambda: context.out.line(told))
        return
    at = at_block(context.chain(), context.instance().chain_id, sent.block)
    context.out.receipt("act", known, done=done, prove=prove, as_of=at)


def call_assembly(context: Context, function: str, *args: Any, done: str, prove: str) -> None:
    """Call a function of the Assembly and print its receipt."""
    from node import proposals

    sent = proposals.act(context.sender(), context.instance(), function, *args)
    print_act(context, function, sent, done=done, prove=prove)


def draft_for(context: Context, action: str, text: Path | None, **fields: Any) -> "Draft":
    """A draft of one named action, with a text from a file or else the action's own sentence."""
    from node import actions, drafts, proposals

    own = proposals.own_contracts(context.chain(), context.instance())
    built = actions.build(action, own, fields)
    if text is None:
        return drafts.Draft(f"# {actions.decode(built, own).sentence}", (built,))
    written = drafts.read_text(text).strip()
    if not drafts.title_of(written):
        raise UsageProblem(f"The text in {text} says nothing.")
    return drafts.Draft(written, (built,))


def propose(context: Context, draft: "Draft", opens_at: int | None) -> None:
    """Show what a draft means, ask, propose it and print the receipt."""
    from dataclasses import replace

    from node import proposals

    chain, instance, out = context.chain(), context.instance(), context.out
    texts = context.settings.texts
    with undone("Nothing was proposed."):
        own = proposals.own_contracts(chain, instance)
        plan = proposals.plan(
            chain, instance, own, replace(draft, opens_at=opens_at or draft.opens_at)
        )
        out.consider(f"Title:         {draft.title}")
        out.consider(f"Class:         {plan.decision_class}")
        out.consider(f"If it passes:  {' '.join(plan.sentences) or 'Nothing is called.'}")
        out.consider(f"Vote:          {when(plan.opens_at)} to {when(plan.closes_at)}")
        if plan.description != draft.text:
            out.consider(f"On the chain:  only the hash of the text, {plan.description}")
        for warning in plan.warnings:
            out.warn(warning)
        out.confirm("Propose this?", "Nothing was proposed.")
        made = proposals.propose(context.sender(), instance, plan, texts)
    data: dict[str, Any] = {
        "proposal_id": made.proposal_id or None,
        "class": plan.decision_class,
        "opens_at": moment(plan.opens_at),
        "closes_at": moment(plan.closes_at),
    }
    done = f"This is proposal {made.proposal_id}."
    if plan.description != draft.text and made.sent.sent:
        file = texts / f"{plan.description[2:]}.txt"
        data["text_file"] = str(file)
        done += f" Give its text to the members yourself: {file}"
    prove = f"coop proposal show {made.proposal_id}"
    print_act(context, "propose", made.sent, done=done, prove=prove, **data)
