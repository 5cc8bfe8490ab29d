"""Drafts of proposals: a TOML or Markdown file that a member writes, read into text and actions.

    title = "Buy a bicycle"          TOML: title, text, actions; opens_at if it should be later
    text = "For the couriers."
    [[actions]]
    do = "call"
    target = "0x…"
    value = "500000000000000000"

In Markdown the whole file is the text and its first line the title; actions may stand before it in
TOML, between two lines of +++.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from node import actions
from node.actions import Own
from node.content import Action
from node.errors import NotFound, UsageProblem

_FENCE = "+++"
_TEXT_LIMIT = 20_000  # bytes; every byte on chain is paid for
_FILE_LIMIT = 1_000_000  # characters; more than any draft, text or ballot file has


class UnreadableDraft(UsageProblem):
    """A draft of a proposal cannot be understood."""

    code = "unreadable_draft"


@dataclass(frozen=True)
class Draft:
    """What somebody wants to propose."""

    text: str
    """Its first line is the title."""
    actions: tuple[Action, ...] = ()
    opens_at: int | None = None
    """Seconds since 1970; None for as soon as the rule allows."""

    @property
    def title(self) -> str:
        """The text's first line, without Markdown's marks."""
        return title_of(self.text)


def title_of(text: str) -> str:
    """The first line of a text that says something, without Markdown's marks."""
    lines = (line.strip().lstrip("#").strip() for line in text.splitlines())
    return next((line for line in lines if line), "")


def read(path: Path, own: Own) -> Draft:
    """Read a draft file; TOML if it is called so, else Markdown. Raises `UnreadableDraft`."""
    text = read_text(path)
    if path.suffix.lower() == ".toml":
        return from_toml(text, own)
    return from_markdown(text, own)


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, up to a million characters."""
    try:
        with path.open(encoding="utf-8") as source:
            text = source.read(_FILE_LIMIT + 1)
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path}.", hint="Check the name.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableDraft(
            f"The file {path} cannot be read as text.", hint="It must be a text in UTF-8."
        ) from error
    if len(text) > _FILE_LIMIT:
        raise UnreadableDraft(f"The file {path} is too long to be what it should be.")
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise UnreadableDraft(
            f"The file {path} holds a zero byte in line {line}, which no text has.",
            hint="Save it again as plain text in UTF-8.",
        )
    return text


def from_toml(source: str, own: Own) -> Draft:
    """A draft from TOML with title, text and actions."""
    table = _toml(source)
    _only(table, ("title", "text", "actions", "opens_at"))
    title, text = table.get("title"), table.get("text", "")
    if not isinstance(title, str) or not title.strip() or "\n" in title.strip():
        raise UnreadableDraft("The draft lacks a title.", hint='Write title = "…" on one line.')
    if not isinstance(text, str):
        raise UnreadableDraft("The draft's text must be a text in quotes.")
    return _draft(f"# {title.strip()}\n\n{text.strip()}".strip(), table, own)


def from_markdown(source: str, own: Own) -> Draft:
    """A draft from Markdown, with actions in TOML before it if there are any."""
    head, text = _front_matter(source)
    table = _toml(head)
    _only(table, ("actions", "opens_at"))
    return _draft(text.strip(), table, own)


def _draft(text: str, table: Mapping[str, Any], own: Own) -> Draft:
    if not title_of(text):
        raise UnreadableDraft("The draft says nothing.", hint="Its first line is the title.")
    if (size := len(text.encode())) > _TEXT_LIMIT:
        raise UnreadableDraft(
            f"The text has {size} bytes; at most {_TEXT_LIMIT} go on a chain.",
            hint="Put the long part elsewhere and its address and hash into the text.",
        )
    listed = table.get("actions", [])
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise UnreadableDraft("The actions must be written as [[actions]].")
    return Draft(text, tuple(_action(each, own) for each in listed), _moment(table.get("opens_at")))


def _action(fields: Mapping[str, Any], own: Own) -> Action:
    rest = dict(fields)
    name = rest.pop("do", None)
    if not isinstance(name, str):
        raise UnreadableDraft(
            "An action lacks its name.", hint=f'Write do = "…": {", ".join(actions.KINDS)} or call.'
        )
    return actions.build(name, own, rest)


def _moment(value: Any) -> int | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        if isinstance(moment, datetime) and moment.tzinfo and moment.timestamp() >= 1:
            return int(moment.timestamp())
    except ValueError:
        pass
    raise UnreadableDraft(
        f"opens_at is no moment of this age with a time zone: {value}.",
        hint="Write 2026-05-01T09:00:00Z.",
    )


def _front_matter(source: str) -> tuple[str, str]:
    lines = source.lstrip("\ufeff").splitlines()
    if not lines or lines[0].strip() != _FENCE:
        return "", source
    for number, line in enumerate(lines[1:], 1):
        if line.strip() == _FENCE:
            return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :])
    raise UnreadableDraft(
        f"The draft begins with {_FENCE}, but no line of {_FENCE} ends that part."
    )


def _toml(source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise UnreadableDraft(f"The draft is not valid TOML: {error}.") from error


def _only(table: Mapping[str, Any], known: tuple[str, ...]) -> None:
    if extra := sorted(set(table) - set(known)):
        raise UnreadableDraft(
            f"The draft has a key {extra[0]!r} that means nothing here.",
            hint=f"There are {', '.join(known)}.",
        )
