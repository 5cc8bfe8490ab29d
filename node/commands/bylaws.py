"""`coop bylaws`: the rules in force, a file's faults, and ready-made bylaws."""

from pathlib import Path
from typing import Any, get_args

import click

from node.commands.reading import mirror_of
from node.context import Context
from node.errors import BylawsProblem
from node.options import leaf
from node.output import duration


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
        line = context.out.line
        for decision_class, version in found.rules.items():
            line(f"{bylaws_text.TITLES[decision_class]} (version {version.version})")
            for sentence in bylaws_text.sentences(version.rule):
                line(f"  {sentence}")
            line()
        line(f"Pay votes, in {found.currency} (version {found.pay.version})")
        for sentence in bylaws_text.pay_sentences(found.pay.rule):
            line(f"  {sentence}")
        line()
        line(f"A candidate waits {duration(found.probation)} before admission.")

    context.out.result("bylaws", found.data(), as_of, human)


@bylaws.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--roll", type=click.IntRange(min=1), default=3, show_default=True, metavar="N")
@click.option("--present", is_flag=True, help="Check for the chosen instance's present roll.")
@leaf("coop bylaws lint bylaws.toml --roll 5")
def lint(context: Context, file: Path, roll: int, present: bool) -> None:
    """Name everything that is wrong with a bylaws file, for a roll of N members, and tell in plain
    words what it means: every rule, and who sees to what the law demands."""
    from node import bylaws as files
    from node import bylaws_lint, bylaws_text

    if present:
        roll = _present_roll(context)
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
    words, clauses = bylaws_text.whole(terms), terms.clauses

    def human() -> None:
        line = context.out.line
        for title, sentences in words.items():
            line(title)
            for sentence in sentences:
                line(f"  {sentence}")
            line()
        for kept in get_args(files.Kept):
            if found := [clause for clause in clauses if clause.kept == kept]:
                line(bylaws_text.KEPT[kept])
                for clause in found:
                    line(f"  {clause.article}: {clause.demands}. {clause.how}")
                line()
        line(f"{file} can be used for {roll} members.")
        for each in problems:
            line(f"Think about {each.key}: {each.text}.")

    context.out.result(
        "bylaws_lint",
        {
            "ok": True,
            "roll": roll,
            "problems": data,
            "words": words,
            "clauses": [each._asdict() for each in clauses],
        },
        human=human,
    )


def _present_roll(context: Context) -> int:
    from indexer import queries

    with mirror_of(context) as (session, as_of):
        return queries.roll(session, as_of).sizes[-1][1]


@bylaws.command()
@click.argument("name", required=False)
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
