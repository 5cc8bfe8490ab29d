"""`coop vote`: a member's ballot on a proposal."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.commands.hand_in import hand_in, relay_option
from node.commands.reading import key_account, mirror_of
from node.context import Context
from node.errors import undone
from node.options import NUMBER, leaf, writes

if TYPE_CHECKING:
    from node.ballot import Ballot, Choice
    from node.wording import Wording


@click.command()
@click.argument("proposal", type=NUMBER)
@click.argument("choice", type=click.Choice(["for", "against", "abstain"]))
@click.option("--reason", metavar="TEXT", default="", help="Why, for everybody to read for ever.")
@click.option(
    "--text",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The text of a proposal about a person, as you got it.",
)
@click.option(
    "--offline",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the signed ballot to a file and send nothing.",
)
@relay_option
@writes
@leaf('coop vote 7 for --reason "We can afford it."')
def vote(
    context: Context,
    proposal: int,
    choice: "Choice",
    reason: str,
    text: Path | None,
    offline: Path | None,
    relay: tuple[str, ...],
) -> None:
    """Vote on a proposal, or change your vote while it is open.

    What you sign is computed here from the text and actions shown, and compared with the contract.
    """
    from node import voting, wording

    with undone("Your vote was not sent."):
        instance, chain = context.instance(), context.chain()
        read = read_proposal(context, proposal, text)
        poll = voting.poll_on_proposal(chain, instance, read.parts)
        who = voting.voter(chain, instance, key_account(context))
        ballot = voting.draft_ballot(poll, who, choice, reason)
        _warn(context, read)

        def in_words(numbered: "Ballot") -> dict[str, str]:
            doing = wording.in_words(read)
            return voting.proposal_in_words(instance, poll, numbered, read.title, doing)

        hand_in(context, poll, who, ballot, in_words, offline, relay)


def read_proposal(context: Context, proposal: int, text: Path | None) -> "Wording":
    """The wording of a proposal, with a text about a person from a file if one is given."""
    from node import proposals, wording

    instance, texts = context.instance(), context.settings.texts
    with mirror_of(context) as (session, at):
        read = wording.read(session, at, instance, texts, proposal)
        if text is not None:
            proposals.accept_text(texts, read.parts.description, text)
            read = wording.read(session, at, instance, texts, proposal)
    return read


def _warn(context: Context, read: "Wording") -> None:
    from node import proposals

    chain, instance = context.chain(), context.instance()
    own = proposals.own_contracts(chain, instance)
    for warning in proposals.target_warnings(chain, read.parts.actions, own):
        context.out.warn(warning)
    for target in proposals.changed_since(chain, read.parts):
        context.out.warn(f"The code of {target} changed since: execution will be refused.")
    if read.text is None:
        context.out.warn(
            "You have not given the text of this proposal, only its hash is known here. "
            "Ask the proposer for it and give it with --text FILE."
        )
