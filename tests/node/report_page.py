"""A report as its readers find it: read by the standard library, with its tables and drawings."""

import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any

import pytest

from indexer.audit.judge import Audit
from node.report import page
from tests.indexer.audit.conftest import Played

_VOID = {"meta"}
_OURS = {"style"}


@dataclass
class Table:
    """A table: its caption, and its rows of cells, the head first."""

    caption: str = ""
    rows: list[list[str]] = field(default_factory=list)


class Page(HTMLParser):
    """What a browser makes of a page; each tag must be closed where it was opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        """Tag, name and value."""
        self.texts: list[str] = []
        """What is read, one text an element that holds text only."""
        self.tables: list[Table] = []
        self.drawn: list[str] = []
        """The titles and words within drawings."""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "table":
            self.tables.append(Table())
        elif tag == "tr":
            self.tables[-1].rows.append([])
        elif tag in ("td", "th"):
            self.tables[-1].rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not data.strip() or self._open[-1] in _OURS:
            return
        self.texts.append(data.strip())
        if "svg" in self._open:
            self.drawn.append(data.strip())
        elif "caption" in self._open:
            self.tables[-1].caption += data.strip()
        elif {"td", "th"} & set(self._open):
            self.tables[-1].rows[-1][-1] += data.strip()

    @property
    def headings(self) -> list[int]:
        """The levels of the headings, in order."""
        return [int(tag[1]) for tag in self.tags if re.fullmatch("h[1-6]", tag)]

    def table(self, caption: str) -> list[list[str]]:
        """The rows of a table without its head."""
        (found,) = [each for each in self.tables if each.caption == caption]
        return found.rows[1:]


@pytest.fixture(scope="session")
def found(played: Played) -> Audit:
    """The audit of a season in which everything happened."""
    return played.plain.run.audit


@pytest.fixture(scope="session")
def read(found: Audit) -> Page:
    """Its report."""
    return Page(page(found, "0x" + "ab" * 32))


def told(audit: Audit, **findings: Any) -> Audit:
    """The audit with other findings."""
    return replace(audit, findings=audit.findings._replace(**findings))
