"""How secret words are shown and kept: on a terminal when asked for, or in files of their own."""

import os
from pathlib import Path

import click

from node.errors import MissingAnswer, UsageProblem
from node.files import write_private
from node.output import Out

# The terminal's second screen: what stands on it does not stay in the scroll-back.
_SECOND_SCREEN, _FIRST_SCREEN = "\x1b[?1049h\x1b[H", "\x1b[?1049l"


def need_terminal(out: Out, flag: str) -> None:
    """Fail naming the flag where there is no person at a terminal to show a secret to."""
    if not out.interactive:
        raise MissingAnswer(
            "There is no terminal to show the secret words on.",
            undone="Nothing was shown or written.",
            hint=f"Give {flag}.",
            details={"flag": flag.split()[0]},
        )


def reveal(page: str) -> None:
    """Show a page on the terminal, never on standard output, until the person presses Enter."""
    able = os.environ.get("TERM", "") not in ("", "dumb") or os.name != "posix"
    click.echo((_SECOND_SCREEN if able else "") + page, err=True)
    try:
        question = "Press Enter when you have written it down"
        click.prompt(question, default="", show_default=False, err=True)
    finally:
        if able:
            click.echo(_FIRST_SCREEN, err=True, nl=False)


def refuse_file(path: Path | None) -> None:
    """Refuse to write over a file."""
    if path is not None and path.exists():
        raise UsageProblem(f"There is a file {path} already.", hint="Choose another name.")


def write_new(path: Path, text: str) -> None:
    """Write a new file for the owner only, whole or not at all."""
    try:
        write_private(path, text, new=True)
    except FileExistsError:  # another process was quicker
        refuse_file(path)
        raise
