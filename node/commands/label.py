"""`coop member label`: the names that this member gives to others."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.commands.reading import mirror_of
from node.context import Context
from node.errors import UsageProblem
from node.options import leaf

if TYPE_CHECKING:
    from node.labels import Label

_NUMBER = click.IntRange(min=1, max=2**32 - 1)


@click.command()
@click.argument("number", metavar="ID", type=_NUMBER)
@click.argument("name", metavar="[NAME]", required=False)
@click.option(
    "--profile",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The file that the member gave you (coop member apply made it): it vouches for the name.",
)
@click.option("--remove", is_flag=True, help="Forget the name.")
@leaf('coop member label 6 "Fay" --profile fay.json')
def label(
    context: Context, number: int, name: str | None, profile: Path | None, remove: bool
) -> None:
    """Give a member a name, which tables then show beside the number.

    Names are kept in labels.toml in COOP_HOME; the file never leaves this machine by itself. With
    the profile that the member gave you the name is compared, now and each time it is shown, with
    the hash that the member put on the chain. Without, it is your word alone.
    """
    from indexer import queries
    from node import labels

    if remove == (name is not None) or (remove and profile):
        raise UsageProblem("Give either a name or --remove.", undone="Nothing was changed.")
    path, instance = context.settings.labels, context.instance()
    if name is None:
        if not context.dry_run:
            labels.drop(path, instance, number)
        _tell(context, labels.Label(number, ""), f"Member {number} has no name here any more.")
        return
    found = labels.Label(number, name.strip())
    with mirror_of(context) as (session, at):
        queries.member(session, at, number)
        expected = queries.profile_hashes(session, at, [number]).get(number)
    if profile is not None:
        found = labels.proved(found, profile, expected)
    if not context.dry_run:
        labels.keep(path, instance, found)
    how = "as the chain's hash of their profile vouches" if profile else "on your word alone"
    _tell(context, found, f"Member {number} is shown as {found.name} ({number}), {how}.")


def _tell(context: Context, found: "Label", done: str) -> None:
    data = {
        "member_id": found.member_id,
        "label": found.name or None,
        "profile_hash": found.profile_hash,
    }
    context.out.result("label", data, human=lambda: context.out.line(done))
