"""The audit's report: a page that holds everything, loads nothing, and believes no text."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from indexer.audit.judge import Audit
from indexer.audit.replay import Mismatch
from indexer.audit.replay.findings import Changed, Paid, Skipped
from node.report import page
from node.report.elements import element, written
from node.report.style import STYLE
from tests.indexer.audit.conftest import Played
from tests.indexer.proxy import proxy
from tests.node.desk import Desk, desk
from tests.node.report_page import Page, found, read, told
from tests.node.test_audit import kinds, logs_changed, vote
from tests.node.village import Village

__all__ = ["desk", "found", "read"]

EVIL = "</style><script>alert(1)</script>\"'\u202e&\n\0<img src=//x.example onerror=y>"
FAULT = Mismatch("4.4.4", "too_late", "block 7, log 1", "open", "closed")


# What it says


def test_it_says_what_was_audited_the_verdict_and_what_that_rests_on(
    found: Audit, read: Page
) -> None:
    for each in (found.title, found.end.hash, *found.opening.addresses.values()):
        assert each in read.texts
    assert str(found.opening.chain_id) in read.texts
    (verdict,) = [each for each in read.texts if each.startswith("Nothing departs")]
    assert verdict == (
        "Nothing departs from the rules. This rests on a proof against a block that one source "
        "alone named: compare its hash with others."
    )
    assert "What is not as it should be" not in read.texts


@pytest.mark.parametrize(
    ("level", "rests"),
    [
        ("anchored", "against a block hash that was known from elsewhere."),
        ("logs-only", "the source's word: nothing proved that the history is complete."),
    ],
)
def test_each_level_says_what_the_verdict_rests_on(found: Audit, level: Any, rests: str) -> None:
    texts = Page(page(replace(found, level=level), "")).texts
    assert any(each.startswith("Nothing departs") and each.endswith(rests) for each in texts)


def test_it_lists_each_check_with_its_count(found: Audit, read: Page) -> None:
    rows = [row for step in range(1, 7) for row in _rows_of_step(read, step)]
    assert rows == [[each.id, each.words, "0", str(each.counted)] for each in found.checks]
    assert len(rows) > 70


def test_a_check_without_occasion_is_listed_too(found: Audit) -> None:
    checks = tuple(replace(each, counted=0) for each in found.checks)
    rows = Page(page(replace(found, checks=checks), "")).table("Checks of step 4")
    assert ["4.4.4", "ballots outside the window", "0", "0"] in rows


def _rows_of_step(read: Page, step: int) -> list[list[str]]:
    """A step may have had nothing to check."""
    caption = f"Checks of step {step}"
    return read.table(caption) if any(t.caption == caption for t in read.tables) else []


def test_what_is_not_shown_and_how_to_check_it_are_told(found: Audit, read: Page) -> None:
    assert "Who is behind a key, and that the chain's own consensus holds." in read.texts
    anchor = found.end.hash
    for command in (
        f"coop audit run --rpc URL --anchor {anchor} --evidence FILE",
        f"coop audit verify FILE --anchor {anchor}",
        f"scripts/verify-independent FILE --anchor {anchor}",
        "0x" + "ab" * 32,
    ):
        assert command in read.texts
    assert not any("SHA-256" in each for each in Page(page(found, "")).texts)


def test_every_mismatch_is_told_with_where_expected_and_found(found: Audit) -> None:
    faults = [FAULT._replace(where=f"block {n}") for n in range(200)]
    checks = _failed(found, len(faults))
    read = Page(page(replace(found, mismatches=tuple(faults), checks=checks), ""))
    words = "ballots outside the window"
    assert read.table("Mismatches") == [
        ["4.4.4", words, f"block {n}", "open", "closed"] for n in range(200)
    ]
    assert any(
        each.startswith("This is NOT as it should be: 200 things are amiss.") for each in read.texts
    )
    assert not any(each.startswith("And ") for each in read.texts)
    (counted,) = [row for row in read.table("Checks of step 4") if row[0] == "4.4.4"]
    assert counted[1:3] == [words, "200 !"]


def test_more_than_200_mismatches_are_counted_and_it_says_where_they_all_are(found: Audit) -> None:
    many = replace(found, mismatches=(FAULT,) * 1_000, checks=_failed(found, 1_500))
    read = Page(page(many, ""))
    assert len(read.table("Mismatches")) == 200
    assert "And 800 more: coop audit with --json lists all of them." in read.texts
    assert any(each.startswith("Of check 4.4.4 not every mismatch is kept") for each in read.texts)


def _failed(found: Audit, times: int) -> tuple[Any, ...]:
    return tuple(
        replace(each, failed=times) if each.id == FAULT.check else each for each in found.checks
    )


def test_facts_are_told_in_full_and_also_that_there_are_none(found: Audit, read: Page) -> None:
    facts = found.findings
    changed = read.table("Ballots that replaced an earlier one")
    assert changed == [[each.poll, str(each.ballots)] for each in facts.changed]
    skipped = read.table("Ballots that were not counted, and why")
    assert ["proposal 3", "already voted", "1"] in skipped
    assert len(skipped) == len(facts.skipped)
    late = read.table("Ballots in the last minute before the deadline")
    assert late == [[f"proposal {each.proposal}", str(each.ballots)] for each in facts.last_minute]
    turned = read.table("Members who changed keys while a vote was open")
    assert turned == [["proposal 8", "6"]]
    classes = read.table("Proposals by class")
    assert {row[0]: int(row[1]) for row in classes} == {
        each.word: each.proposals for each in facts.by_class
    }
    nothing = told(found, **{name: [] for name in facts._fields})
    texts = Page(page(nothing, "")).texts
    for none in (
        "There was no proposal.",
        "There was no role.",
        "No ballot was changed.",
        "No ballot of a batch was left out.",
        "No ballot came in the last minute of a vote.",
        "No member changed keys while a vote was open.",
    ):
        assert none in texts


def test_the_table_of_turnout_says_what_the_contracts_answer(played: Played, read: Page) -> None:
    rows = read.table("Turnout of each proposal")
    answers = played.history.said.proposals
    assert [int(row[0]) for row in rows] == sorted(answers)
    for number, _, state, roll, voted, *tally, opening in rows:
        answer, (against, in_favour, abstain), on_roll, opens_at, *_ = answers[int(number)]
        assert (state, int(roll)) == (answer, on_roll)
        assert [int(each) for each in tally] == [in_favour, against, abstain]
        assert int(voted) == in_favour + against + abstain
        assert opening == f"{datetime.fromtimestamp(opens_at, UTC):%Y-%m-%d %H:%M:%S} UTC"
    # What newcomers' admission, a resolution, a suspension and the vote on bylaws are.
    classes = [row[1] for row in rows]
    chosen = [classes[number - 1] for number in (1, 2, 9, 17)]
    assert chosen == ["admission", "ordinary", "removal", "bylaws"]


# Safe, the same each time, and for everybody


def test_text_from_the_chain_can_neither_act_nor_hide(found: Audit, read: Page) -> None:
    hostile = told(
        replace(
            found,
            title=EVIL,
            mismatches=(Mismatch("4.4.4", EVIL, EVIL, EVIL, EVIL),),
        ),
        pay_history=[Paid(EVIL, 1_700_000_000, 2_000, 0)],
        skipped=[Skipped(EVIL, EVIL, 1)],
        changed=[Changed(EVIL, 1)],
        turnout=[],
    )
    text = page(hostile, EVIL)
    seen = Page(text)
    assert not {"script", "img"} & set(seen.tags)
    assert seen.tags.count("style") == 1
    allowed = {(tag, name) for tag, name, _ in read.attributes}
    assert {(tag, name) for tag, name, _ in seen.attributes} <= allowed
    assert not {"\u202e", "\0"} & set(text)
    assert seen.texts.count(shown(EVIL)) > 8
    caption = f"Rates of {shown(EVIL)}, in minor units an hour"
    assert ("div", "aria-label", caption) in seen.attributes


def test_an_element_makes_visible_what_steers_before_and_behind_another_and_in_attributes() -> None:
    made = element("p", EVIL, element("bdi", EVIL), EVIL, title=EVIL)
    text = written(made)
    seen = Page(text.removeprefix("<!doctype html>"))
    assert seen.tags == ["p", "bdi"]
    assert seen.texts == [shown(EVIL)] * 3
    assert seen.attributes == [("p", "title", shown(EVIL))]


def shown(text: str) -> str:
    """What a reader sees of the hostile text."""
    return text.replace("\u202e", "\\u202e").replace("\n", "\\n").replace("\0", "\\u0000")


def test_it_loads_nothing_and_runs_nothing(found: Audit, read: Page) -> None:
    text = page(found, "")
    assert not {"script", "link", "img", "iframe", "object", "form", "base"} & set(read.tags)
    for _, name, value in read.attributes:
        assert name not in ("src", "srcset", "style", "ping")
        assert not name.startswith("on")
        assert name != "href" or value.startswith("#")
    assert "//" not in text
    assert "@import" not in text
    assert set(re.findall(r"url\(.*?\)", text)) == {"url(#stripes)", "url(#dots)"}


def test_every_reference_within_the_page_has_its_one_target(read: Page) -> None:
    targets = [value for _, name, value in read.attributes if name == "id"]
    assert len(targets) == len(set(targets))
    for _, name, value in read.attributes:
        if name == "href" or value.startswith("url(#"):
            assert value.strip("url()#") in [each.strip("url") for each in targets]
        if name == "aria-labelledby":
            assert value in targets


def test_the_same_audit_gives_the_same_bytes_in_any_time_zone(
    found: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    pages = []
    for zone in ("UTC", "Pacific/Auckland"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        pages.append(page(found, "0x12"))
    monkeypatch.undo()
    time.tzset()
    assert pages[0] == pages[1]


def test_headings_come_in_order_and_tables_and_drawings_have_names(read: Page) -> None:
    assert read.headings[0] == 1
    assert read.headings.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(read.headings))
    assert ("html", "lang", "en") in read.attributes
    assert {"header", "nav", "main"} <= set(read.tags)
    assert all(each.caption for each in read.tables)
    heads = [value for tag, name, value in read.attributes if (tag, name) == ("th", "scope")]
    assert len(heads) == read.tags.count("th")
    drawings = read.tags.count("svg")
    assert read.attributes.count(("svg", "role", "img")) == drawings
    # One for the bars' key, one a proposal, one a role.
    assert drawings == 1 + len(read.table("Turnout of each proposal")) + 3


def test_colours_have_the_contrast_that_wcag_asks_of_text() -> None:
    blocks = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    schemes = [dict(re.findall(r"--(\w+): (#\w+);", block)) for block in blocks]
    coloured = [each for each in schemes if each]
    assert len(coloured) == 3  # light, dark, print
    for scheme in coloured:
        paper = _luminance(scheme["paper"])
        assert _contrast(_luminance(scheme["ink"]), _luminance(scheme["soft"])) >= 7
        for name in scheme.keys() - {"paper", "soft"}:
            assert _contrast(_luminance(scheme[name]), paper) >= 4.5, (name, scheme)


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * each for each in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    ]
    return sum(each * weight for each, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def _contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


# The commands


@pytest.fixture
def voted(village: Village) -> Village:
    """A co-op with a resolution and three ballots."""
    vote(village, "# A resolution")
    return village


def test_an_audit_through_a_node_writes_the_page_and_says_where(voted: Village) -> None:
    path = voted.home / "report.html"
    ran = voted.ask("audit", "run", "--report", path)
    assert ran.exit_code == 0
    assert f"The report is in {path}." in ran.stderr
    text = path.read_text(encoding="utf-8")
    assert "1: 3 of 5; 3 for, 0 against, 0 abstain" in Page(text).drawn
    assert not any("SHA-256" in each for each in Page(text).texts)  # no evidence was kept


def test_a_lie_is_reported_and_the_command_still_ends_with_9(voted: Village) -> None:
    path = voted.home / "report.html"
    with proxy(voted.chain.url, logs_changed(lambda logs: logs[:-1])) as url:
        ran = voted.ask("audit", "run", "--rpc", url, "--report", path)
    assert ("3.2", "chronicle") in kinds(ran)
    told_rows = Page(path.read_text(encoding="utf-8")).table("Mismatches")
    assert [[row[0], *row[2:]] for row in told_rows] == [
        [each["check"], each["where"], each["expected"], each["found"]]
        for each in ran.data["mismatches"]
    ]


def test_a_report_that_cannot_be_written_does_not_hide_that_the_audit_failed(
    played: Played, desk: Desk
) -> None:
    under_a_file = desk.file("file", "") / "report.html"
    command = ("audit", "verify", played.plain.path, "--report", under_a_file, "--json")
    honest = desk.run(*command)
    assert (honest.code, honest.error["code"], honest.data["ok"]) == (11, "configuration", True)
    failed = desk.run(*command, "--anchor", "0x" + "ab" * 32)
    assert (failed.code, failed.error["code"]) == (9, "audit_mismatch")
    assert f"Warning: The report was not written to {under_a_file}" in failed.err


def test_evidence_and_report_cannot_be_one_file(voted: Village) -> None:
    both = voted.home / "both"
    ran = voted.ask("audit", "run", "--report", both, "--evidence", f"{voted.home}/./both")
    assert (ran.exit_code, ran.error["code"]) == (2, "usage")
    assert not both.exists()


def test_evidence_is_reported_with_its_digest_and_twice_the_same(
    played: Played, desk: Desk
) -> None:
    pages = []
    for name in ("one.html", "two.html"):
        said = desk.run("audit", "verify", played.plain.path, "--report", desk.home / name)
        assert said.code == 0, said.err
        pages.append((desk.home / name).read_bytes())
    assert pages[0] == pages[1]
    assert played.plain.run.digest in Page(pages[0].decode()).texts


def test_no_file_is_overwritten_and_none_written_without_a_verdict_or_in_a_dry_run(
    played: Played, desk: Desk, voted: Village
) -> None:
    mine, path = desk.file("mine.html", "mine"), desk.home / "report.html"
    for command in (["run"], ["verify", played.plain.path]):
        ran = voted.ask("audit", *command, "--report", mine)
        assert (ran.exit_code, ran.error["code"]) == (2, "usage")
        assert mine.read_text() == "mine"
        assert voted.ask("audit", *command, "--report", path, "--dry-run").exit_code == 0
    assert voted.ask("audit", "run", "--report", path, "--anchor", "0x" + "ab" * 32).exit_code == 7
    broken = desk.file("broken.gz", "no evidence")
    assert voted.ask("audit", "verify", broken, "--report", path).exit_code not in (0, 9)
    assert not path.exists()
