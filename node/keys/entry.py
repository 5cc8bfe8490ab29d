"""Secrets as they come in: from a file, from standard input, or from a hidden prompt."""

import sys
from pathlib import Path

from node.errors import KeyProblem
from node.output import Out

STANDARD_INPUT = "-"
_LONGEST = 1_000_000  # characters; more than any keystore or paper backup has


def read_password(out: Out, file: str | None, question: str, *, twice: bool = False) -> str:
    """Return a password from a file, from standard input (`-`), or from a hidden prompt."""
    if file is None:
        return out.ask(question, "--password-file FILE", hide=True, twice=twice)
    return read_secret(file, "password")


def read_secret(file: str, what: str) -> str:
    """Return the first line of a file or of standard input (`-`)."""
    line = sys.stdin.readline() if file == STANDARD_INPUT else _opened(file, what, line=True)
    secret = line.rstrip("\r\n")
    if not secret:
        raise KeyProblem(f"The {what} is empty.", hint="Put it on the first line.")
    return secret


def read_words(file: str) -> str:
    """Return a whole file that holds words of a backup, or one line of standard input (`-`)."""
    text = sys.stdin.readline() if file == STANDARD_INPUT else _opened(file, "backup", line=False)
    if not text.strip():
        raise KeyProblem("The backup is empty.", hint="Put its words into the file.")
    return text


def keystore_text(path: Path) -> str:
    """Return the text of a keystore file."""
    try:
        return path.expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KeyProblem(
            f"The keystore {path} cannot be read.",
            undone="No key was imported.",
            hint="Check the file's name and rights.",
        ) from error


def _opened(file: str, what: str, *, line: bool) -> str:
    try:
        with Path(file).expanduser().open(encoding="utf-8") as source:
            return source.readline() if line else source.read(_LONGEST)
    except (OSError, UnicodeDecodeError) as error:
        raise KeyProblem(
            f"The {what} cannot be read from {file}.", hint="Check the file's name and rights."
        ) from error
