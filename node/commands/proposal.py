"""`coop proposal`: read, make, answer, queue and execute proposals."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from node.commands.acting import call_assembly, opens_option, print_act
from node.commands.acting import propose as propose_draft
from node.commands.proposal_watch import watch
from node.commands.reading import mirror_of, names_of
from node.commands.vote import read_proposal
from node.context import Context
from node.errors import undone
from node.options import NUMBER, leaf, writes
from node.output import one_line, when
from node.reverts import STATES

if TYPE_CHECKING:
    from indexer.queries import ProposalDetail
    from node.labels import Names
    from node.wording import Wording


@click.group()
def proposal() -> None:
    """Proposals: read, make, answer, queue, execute."""


proposal.add_command(watch)


@proposal.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@leaf("coop proposal list --state active")
def list_(context: Context, state: Any) -> None:
    """List the proposals and how they stand."""
    from indexer import queries
    from indexer.document import document
    from node import wording

    with mirror_of(context) as (session, at):
        found = wording.titled(
            session,
            at,
            context.instance(),
            context.settings.texts,
            queries.proposals(session, at, state=state),
        )
        names = names_of(context, session, at)
    data: Any = document(found)
    for each in data:
        each["label"] = names.label(each["proposer_id"])

    def human() -> None:
        context.out.table(
            ["No.", "Class", "State", "By", "For", "Against", "Abstain", "Closes", "Title"],
            [
                [
                    each.proposal_id,
                    each.class_,
                    each.state,
                    names.shown(each.proposer_id),
                    each.tally.for_,
                    each.tally.against,
                    each.tally.abstain,
                    when(each.closes_at),
                    each.title,
                ]
                for each in found
            ],
            empty="There is no such proposal.",
        )

    context.out.result("proposals", data, at, human)


@proposal.command()
@click.argument("number", metavar="ID", type=NUMBER)
@click.option(
    "--text",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The text of a proposal about a person, as you got it: it is checked and kept.",
)
@leaf("coop proposal show 7")
def show(context: Context, number: int, text: Path | None) -> None:
    """Show everything about a proposal: text, actions, rule, ballots."""
    from indexer import queries
    from indexer.document import document

    read = read_proposal(context, number, text)
    with mirror_of(context) as (session, at):
        detail = queries.proposal(session, at, number)
        names = names_of(context, session, at)
    data: Any = document(detail)
    data["label"] = names.label(detail.proposer_id)
    for ballot in data["ballots"]:
        ballot["label"] = names.label(ballot["member_id"])
    data |= {"title": read.title, "text": read.text, "description": detail.text}
    for action, sentence in zip(data["actions"], read.sentences, strict=True):
        action["sentence"] = sentence
    context.out.result("proposal", data, at, lambda: _print(context, detail, read, names))


def _print(context: Context, detail: "ProposalDetail", read: "Wording", names: "Names") -> None:
    from node import bylaws_text

    out, tally, by = context.out, detail.tally, names.shown(detail.proposer_id)
    out.line(f"Proposal {detail.proposal_id}: {one_line(read.title)}")
    out.line()
    out.line(read.text or f"The text is not known here; its hash is {detail.text}.")
    out.line()
    for sentence in read.sentences or ("Nothing is called: a resolution in words.",):
        out.line(f"If it passes: {one_line(sentence)}")
    out.fields(
        {
            "Class": detail.class_,
            "State": detail.state,
            "Proposed by": f"member {by}" if by else None,
            "Opens": when(detail.opens_at),
            "Closes": when(detail.closes_at),
            "To be executed": when(detail.execute_after),
            "Expires": when(detail.expires_at),
            "Votes": f"{tally.for_} for, {tally.against} against, {tally.abstain} abstain",
            "Quorum": f"{detail.quorum} of {detail.roll}",
            "Content": detail.content,
        }
    )
    out.line("Rule: " + " ".join(bylaws_text.sentences(detail.rule)))
    rows = [
        [names.shown(each.member_id), each.choice, each.sequence, each.reason]
        for each in detail.ballots
    ]
    out.table(["Member", "Choice", "Ballot no.", "Reason"], rows, empty="Nobody has voted yet.")


@proposal.command()
@click.argument("file", type=click.Path(path_type=Path))
@opens_option
@writes
@leaf("coop proposal create bicycle.md")
def create(context: Context, file: Path, opens_at: int | None) -> None:
    """Propose what a TOML or Markdown file says: its first line is the title.

    \b
    In TOML:     title = "Longer probation"
                 text = "Three months were too short."
                 [[actions]]
                 do = "set-probation"
                 probation = "180 days"
    In Markdown: the text; actions in TOML before it, between two lines of +++.
    Actions:     admit, suspend, expel, recover, reinstate, set-probation, set-rule,
                 add-role, change-role, retire-role, set-pay-rule, call.
    """
    from node import drafts, proposals

    with undone("Nothing was proposed."):
        own = proposals.own_contracts(context.chain(), context.instance())
        draft = drafts.read(file, own)
    propose_draft(context, draft, opens_at)


@proposal.command()
@click.argument("number", metavar="ID", type=NUMBER)
@click.option(
    "--text", metavar="FILE", required=True, type=click.Path(path_type=Path), help="The reply."
)
@writes
@leaf("coop proposal reply 7 --text reply.md")
def reply(context: Context, number: int, text: Path) -> None:
    """Put the hash of your reply on record, if a proposal would suspend or expel you."""
    from node import drafts, proposals
    from node.content import text_hash

    with undone("No reply was recorded."):
        said = drafts.read_text(text)
        hashed = text_hash(said)
        if not context.dry_run:
            proposals.keep_text(context.settings.texts, said)
        done = f"Your reply 0x{hashed.hex()} is on record. Give its text to the members yourself."
        call_assembly(
            context,
            "reply",
            number,
            hashed,
            done=done,
            prove=f"coop proposal show {number}",
        )


@proposal.command()
@click.argument("number", metavar="ID", type=NUMBER)
@writes
@leaf("coop proposal appeal 7")
def appeal(context: Context, number: int) -> None:
    """Appeal against your suspension or expulsion: one confirming vote decides."""
    from node import proposals

    with undone("No appeal was made."):
        context.out.confirm("Appeal? This is possible once.", "No appeal was made.")
        sent = proposals.act(context.sender(), context.instance(), "appeal", number)
    confirmation = sent.event("ProposalAppealed").args["confirmation"] if sent.sent else None
    print_act(
        context,
        "appeal",
        sent,
        done=f"Proposal {confirmation} is the confirming vote; until it your membership goes on.",
        prove=f"coop proposal show {number}",
        proposal_id=number,
        confirmation=confirmation,
    )


@proposal.command()
@click.argument("number", metavar="ID", type=NUMBER)
@writes
@leaf("coop proposal cancel 7")
def cancel(context: Context, number: int) -> None:
    """Withdraw your own proposal before its vote opens."""
    with undone("The proposal was not withdrawn."):
        context.out.confirm(f"Withdraw proposal {number}?", "The proposal was not withdrawn.")
        call_assembly(
            context,
            "cancel",
            number,
            done=f"Proposal {number} was withdrawn. Your next one can follow its planned deadline.",
            prove=f"coop proposal show {number}",
        )


@proposal.command()
@click.argument("number", metavar="ID", type=NUMBER)
@writes
@leaf("coop proposal queue 7")
def queue(context: Context, number: int) -> None:
    """Start the delay before a passed proposal is executed. Anybody may."""
    with undone("The proposal was not queued."):
        call_assembly(
            context,
            "queue",
            number,
            done=f"Proposal {number} was queued.",
            prove=f"coop proposal show {number}",
        )


@proposal.command()
@click.argument("number", metavar="ID", type=NUMBER)
@writes
@leaf("coop proposal execute 7")
def execute(context: Context, number: int) -> None:
    """Carry out a proposal whose delay is over. Anybody may."""
    from node import proposals

    with undone("The proposal was not executed."):
        read = read_proposal(context, number, None)
        for sentence in read.sentences:
            context.out.consider(sentence)
        context.out.confirm(f"Execute proposal {number}?", "The proposal was not executed.")
        sent = proposals.execute(context.sender(), context.instance(), read.parts)
    print_act(
        context,
        "execute",
        sent,
        done=f"Proposal {number} was executed.",
        prove=f"coop proposal show {number}",
        proposal_id=number,
    )
