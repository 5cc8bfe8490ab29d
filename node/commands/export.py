"""`coop export`: tables for other programs, and minutes for the minute book."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from node import zones
from node.commands.reading import mirror_of, names_of
from node.context import Context
from node.errors import ConfigurationProblem, UsageProblem
from node.options import NUMBER, leaf

if TYPE_CHECKING:
    from node.exports import Format

_TABLES = {
    "members": "Export the members, in any status, and the candidates.",
    "proposals": "Export the proposals with their texts, actions and tallies.",
    "ballots": "Export all counted ballots, replaced ones and those of pay votes too.",
    "rates": "Export all rates of all roles, with the moment from which each was in force.",
    "events": "Export every event of the co-op's contracts, decoded.",
}

_FORMATS = """

    All three formats have the same columns; the last four say as of which block a row is true.
    A CSV cell of text that a spreadsheet would compute (it begins with = + - @, a tab or a line
    break) has a ' before it, and so has one that begins with ': take one leading ' away.
"""

file_option = click.option(
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write into a file, whole or not at all (else: standard output).",
)


@click.group()
def export() -> None:
    """Tables for other programs, minutes for the minute book."""


def _table(name: str, told: str) -> Callable[..., Any]:
    def run(context: Context, format_: "Format", output: Path | None) -> None:
        _export(context, name, format_, output)

    run.__doc__ = told + _FORMATS
    decorated = leaf(f"coop export {name} --format csv > {name}.csv")(run)
    decorated = file_option(decorated)
    return click.option(
        "--format",
        "format_",
        type=click.Choice(("csv", "jsonl", "parquet")),
        default="csv",
        show_default=True,
        help="For spreadsheets, for scripts, or for columns of millions of rows.",
    )(decorated)


for _name, _told in _TABLES.items():
    export.command(_name)(_table(_name, _told))


def _export(context: Context, table: str, format_: "Format", output: Path | None) -> None:
    from node import exports
    from node.files import refuse_taken

    exports.need(format_)
    if output is not None:
        refuse_taken(output, overwrite=context.out.yes)
    elif format_ == "parquet" and sys.stdout.isatty():
        raise UsageProblem(
            "Parquet is nothing to read on a terminal.",
            undone="Nothing was exported.",
            hint="Give --output FILE, or another --format.",
        )
    with mirror_of(context) as (session, at), _target(context, output) as target:
        written = exports.write(table, format_, session, at, target)
    rows = f"{written.rows} row{'' if written.rows == 1 else 's'}"
    if output is None:
        where = f"as of block {at.block} ({at.finality}) of chain {at.chain_id}, {at.block_hash}"
        context.out.note(f"{rows}, {where}.")
        return
    data = {
        "table": table,
        "format": format_,
        "file": None if context.dry_run else str(output),
        **written._asdict(),
    }
    done = "would be" if context.dry_run else "are"
    context.out.result(
        "export", data, at, lambda: context.out.line(f"{rows} of {table} {done} in {output}.")
    )


def _target(context: Context, output: Path | None) -> AbstractContextManager[IO[bytes]]:
    """Where the bytes go: a file, standard output, or with --dry-run nowhere."""
    from node.files import whole

    if context.dry_run:
        return nullcontext(_Nowhere())
    if output is not None:
        return whole(output, overwrite=context.out.yes)
    sys.stdout.flush()
    return nullcontext(sys.stdout.buffer)


class _Nowhere(BytesIO):
    """Forgets what is written."""

    def write(self, data: Any) -> int:
        """Take the data and keep none of it."""
        return len(data)


@export.command()
@click.argument("proposal", type=NUMBER)
@click.option("--names", is_flag=True, help="Name members as your labels do, beside their numbers.")
@click.option(
    "--zone",
    metavar="ZONE",
    help="The time zone, as in Europe/London (default: the co-op's, else this machine's).",
)
@file_option
@leaf("coop export minutes 7 --zone Europe/London --output minutes-7.md")
def minutes(
    context: Context, proposal: int, names: bool, zone: str | None, output: Path | None
) -> None:
    """Export a decided proposal as a resolution for the minute book.

    Markdown that also reads as plain text of 60 columns: full text, rule, tally, list of votes,
    outcome, and the proof. It obeys --finality: minutes of a block that is final cannot change. A
    proposal whose course goes on is refused, saying what is missing.
    """
    from node import labels, wording
    from node import minutes as made
    from node.files import refuse_taken

    try:
        local = zones.named(zone) if zone else zones.local()
    except ConfigurationProblem as error:
        undone = "No minutes were written."
        raise UsageProblem(error.happened, undone=undone, hint=error.hint) from error
    if output is not None:
        refuse_taken(output, overwrite=context.out.yes)
    with mirror_of(context) as (session, at):
        read = wording.read(session, at, context.instance(), context.settings.texts, proposal)
        known = names_of(context, session, at) if names else labels.NOBODY
        source = made.source(session, at, context.instance(), read, known, local)
    text = made.markdown(source)
    if output is not None:
        with _target(context, output) as target:
            target.write(text.encode())
    data = {
        "proposal_id": proposal,
        "state": source.detail.state,
        "file": str(output) if output is not None and not context.dry_run else None,
        "text": text,
    }
    if output is None:
        # The text has made its members' characters visible already; its end is a line's end.
        context.out.result("minutes", data, at, lambda: context.out.line(text.rstrip("\n")))
        return
    done = "would be" if context.dry_run else "are"
    said = f"The minutes of proposal {proposal} {done} in {output}."
    context.out.result("minutes", data, at, lambda: context.out.line(said))
