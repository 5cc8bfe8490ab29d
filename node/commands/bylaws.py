"""`coop bylaws`: the rules in force, a file's faults, and ready-made bylaws."""

from pathlib import Path
from typing import Any

import click

from node import completion
from node.commands.reading import mirror_of
from node.context import Context
from node.errors import BylawsProblem, UsageProblem
from node.options import leaf
from node.output import duration

_FOUNDERS = 3  # the fewest that a co-op begins with


@click.group()
def bylaws() -> None:
    """The rules: in force, in a file, ready-made."""


@bylaws.command()
@leaf("coop bylaws show")
def show(context: Context) -> None:
    """Show the rules in force on the chain, in plain words."""
    from node import bylaws_text
    from node.rules_in_force import read

    with mirror_of(context) as (session, as_of):
        found = read(session, as_of)

    def human() -> None:
        rules = {
            f"{bylaws_text.TITLES[each]} (version {version.version})": bylaws_text.sentences(
                version.rule
            )
            for each, version in found.rules.items()
        }
        pay = f"Pay votes, in {found.currency} (version {found.pay.version})"
        context.out.sections({**rules, pay: bylaws_text.pay_sentences(found.pay.rule)})
        context.out.line(f"A candidate waits {duration(found.probation)} before admission.")

    context.out.result("bylaws", found.data(), as_of, human)


@bylaws.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--roll", type=click.IntRange(min=1), metavar="N", help="Members (default: 3).")
@click.option("--present", is_flag=True, help="Check for the chosen instance's present roll.")
@leaf("coop bylaws lint bylaws.toml --roll 5")
def lint(context: Context, file: Path, roll: int | None, present: bool) -> None:
    """Name everything that is wrong with a bylaws file, for a roll of N members, and tell in plain
    words what it means: every rule, and who sees to what the law demands."""
    from node import bylaws as files
    from node import bylaws_lint, bylaws_text

    if present and roll:
        raise UsageProblem("--roll and --present name two rolls.", hint="Leave one out.")
    roll = _present_roll(context) if present else roll or _FOUNDERS
    terms, problems = files.read(files.file_text(file))
    if terms is not None:
        problems = [*problems, *bylaws_lint.lint(terms, roll)]
    wrong = [each for each in problems if not each.advice]
    data: list[dict[str, Any]] = [each._asdict() for each in problems]
    if wrong or terms is None:
        lines = [f"{each.key}: {each.text}" for each in wrong]
        raise BylawsProblem(
            "\n  ".join([f"{file} cannot be used for {roll} members:", *lines]),
            hint="Correct these keys and check again.",
            details={"problems": data},
        )
    words = bylaws_text.whole(terms)

    def human() -> None:
        context.out.sections({**words, **bylaws_text.clauses(terms)})
        context.out.line(f"{file} can be used for {roll} members.")
        for each in problems:
            context.out.line(f"Think about {each.key}: {each.text}.")

    context.out.result(
        "bylaws_lint",
        {
            "ok": True,
            "roll": roll,
            "problems": data,
            "words": words,
            "clauses": [each._asdict() for each in terms.clauses],
        },
        human=human,
    )


def _present_roll(context: Context) -> int:
    from indexer import queries

    with mirror_of(context) as (session, as_of):
        return queries.roll(session, as_of).sizes[-1][1]


@bylaws.command()
@click.argument("name", required=False, shell_complete=completion.presets)
@leaf("coop bylaws presets uk-worker-coop > bylaws.toml")
def presets(context: Context, name: str | None) -> None:
    """List the ready-made bylaws, or print one as a file to adapt."""
    from node import bylaws as files

    if name:
        text = files.preset_text(name)
        context.out.result(
            "bylaws_preset",
            {"name": name, "toml": text},
            human=lambda: context.out.line(text.rstrip("\n")),
        )
        return
    found = [{"name": each, "title": _title(files.preset_text(each))} for each in files.presets()]
    context.out.result(
        "bylaws_presets",
        found,
        human=lambda: context.out.table(
            ["Preset", "For"], [[each["name"], each["title"]] for each in found]
        ),
    )


def _title(text: str) -> str:
    from node import bylaws as files

    terms, _ = files.read(text)
    return terms.title if terms else ""
