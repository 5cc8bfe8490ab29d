"""The audit's report: a page that holds everything, loads nothing, and believes no text."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from indexer.audit.judge import Audit
from indexer.audit.replay import Mismatch
from indexer.audit.replay.findings import Paid
from indexer.audit.run import verify
from node.report import page
from tests.indexer.proxy import proxy
from tests.node.test_audit import kinds, logs_changed, vote
from tests.node.village import Village

VOID = {"meta", "rect", "polyline"}


class Page(HTMLParser):
    """What a browser makes of it: tags in order, attributes, text; each tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"] and data.strip():
            self.texts.append(data.strip())


@pytest.fixture
def voted(village: Village) -> Village:
    """A co-op with a resolution and three ballots."""
    vote(village, "# A resolution")
    return village


def reported(village: Village, *words: object) -> tuple[str, Page]:
    """The report of an audit that holds."""
    path = village.home / "report.html"
    ran = village.ask("audit", "run", "--report", path, *words)
    assert ran.exit_code == 0, ran.stderr
    text = path.read_text(encoding="utf-8")
    return text, Page(text)


def audited(village: Village) -> Audit:
    """The same audit as a value."""
    path = village.home / "evidence.gz"
    assert village.ask("audit", "run", "--evidence", path).exit_code == 0
    return verify(path)[0]


def test_the_page_tells_the_verdict_what_it_rests_on_and_every_check(voted: Village) -> None:
    text, read = reported(voted)
    found = audited(voted)
    head = voted.chain.head()
    assert f"Audit of Weavers through block {head.number}" in read.texts
    assert any(
        each.startswith("Nothing departs from the rules. This is proven") for each in read.texts
    )
    assert head.hash in read.texts
    for check in found.checks:
        row = f"<td>{check.id}</td><td>{re.escape(check.words)}</td>".replace("'", "&#x27;")
        assert re.search(row + rf'<td class="n">0</td><td class="n">{check.counted}</td>', text)
    assert "Who is behind a key, and that the chain's own consensus holds." in read.texts


def test_the_page_loads_nothing_runs_nothing_and_is_the_same_each_time(voted: Village) -> None:
    text, read = reported(voted)
    assert not {"script", "link", "img", "iframe", "object", "form", "a"} & set(read.tags)
    assert not [name for name, _ in read.attributes if name in ("src", "href") or name[:2] == "on"]
    addresses = re.findall(r"https?://[^\"<\s]+", text)
    assert set(addresses) == {"http://www.w3.org/2000/svg"}  # a name, which nobody fetches
    assert "url(" not in text
    assert "@import" not in text
    found = audited(voted)
    assert page(found, "") == page(found, "")


def test_headings_come_in_order_and_charts_have_names_and_tables(voted: Village) -> None:
    text, read = reported(voted)
    headings = [tag for tag in read.tags if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == "h1"
    assert set(headings[1:]) == {"h2"}
    assert ("lang", "en") in read.attributes
    charts = text.count("<svg")
    assert charts == 2
    assert text.count('<svg role="img"') == charts
    assert text.count("the table below holds the same numbers</title>") == charts
    assert read.tags.count("table") == read.tags.count("caption") >= charts


def test_the_charts_hold_the_numbers_of_the_tables(voted: Village) -> None:
    text, read = reported(voted)
    (turnout,) = audited(voted).findings.turnout
    assert f"{turnout.voted} of {turnout.roll}" in read.texts
    row = f'<td class="n">1</td><td>{turnout.state}</td><td class="n">{turnout.roll}</td>'
    assert row in text
    assert read.texts.count("2000") == 2  # the courier's rate, drawn and in the table


def test_text_of_the_chain_can_neither_act_nor_hide(voted: Village) -> None:
    found = audited(voted)
    evil = '<script>alert(1)</script>"\u202e&'
    paid = [Paid(evil, 1_700_000_000, 2_000, 0)]
    fault = Mismatch("4.0.4", "event", evil, evil, evil)
    text = page(
        replace(
            found,
            title=evil,
            findings=found.findings._replace(pay_history=paid),
            mismatches=(fault,),
        ),
        "",
    )
    read = Page(text)
    assert "script" not in read.tags
    assert "\u202e" not in text
    assert any("<script>alert(1)</script>" in each for each in read.texts)


def test_a_page_without_proposals_and_roles_and_with_thousands_can_be_read(voted: Village) -> None:
    found = audited(voted)
    empty = found.findings._replace(turnout=[], pay_history=[])
    assert "There was no proposal." in Page(page(replace(found, findings=empty), "")).texts
    (one,) = found.findings.turnout
    many = [one._replace(proposal=number) for number in range(1, 1_001)]
    text = page(replace(found, findings=found.findings._replace(turnout=many)), "")
    assert "The chart shows the newest 60 of 1000 proposals." in Page(text).texts
    assert text.count(">proposal ") == 60
    faults = tuple(Mismatch("4.4.4", "late", f"block {n}", "a", "b") for n in range(500))
    assert "And 300 more: see --json." in Page(page(replace(found, mismatches=faults), "")).texts


def test_mismatches_are_all_told_and_the_command_still_fails(voted: Village) -> None:
    path = voted.home / "report.html"
    with proxy(voted.chain.url, logs_changed(lambda logs: logs[:-1])) as url:
        ran = voted.ask("audit", "run", "--rpc", url, "--report", path)
    assert ("3.2", "chronicle") in kinds(ran)
    read = Page(path.read_text(encoding="utf-8"))
    assert any("things are not as they should." in each for each in read.texts)
    for each in ran.data["mismatches"]:
        assert each["where"] in read.texts


def test_evidence_is_reported_with_its_digest(voted: Village) -> None:
    evidence, path = voted.home / "evidence.gz", voted.home / "report.html"
    ran = voted.ask("audit", "run", "--evidence", evidence)
    assert voted.ask("audit", "verify", evidence, "--report", path).exit_code == 0
    assert ran.data["evidence"]["sha256"] in path.read_text(encoding="utf-8")


def test_no_file_is_overwritten_none_without_a_verdict_and_none_in_a_dry_run(
    voted: Village,
) -> None:
    mine = voted.file("mine.html", "mine")
    assert voted.ask("audit", "run", "--report", mine).exit_code == 2
    assert mine.read_text() == "mine"
    path = voted.home / "report.html"
    assert voted.ask("audit", "run", "--report", path, "--dry-run").exit_code == 0
    assert voted.ask("audit", "run", "--report", path, "--anchor", "0x" + "ab" * 32).exit_code == 7
    assert not Path(path).exists()
