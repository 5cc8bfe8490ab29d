"""The gate on slither: what it prints of a real run, and everything that must turn it red."""

from dataclasses import replace
from pathlib import Path

import pytest

from scripts.slither_gate import Explanations, Finding, Reading, explain, judge, read

# As slither 0.11.6 prints and reports it.
WORDS = (Path(__file__).parent / "captured" / "slither.txt").read_text(encoding="utf-8")
ALONE = "INFO:Slither:Assembly.sol analyzed (0 contracts with 76 detectors), 0 result(s) found\n"
PROPOSALS = {"type": "contract", "name": "Proposals", "type_specific_fields": {}}
PROPOSE = {"type": "function", "name": "propose", "type_specific_fields": {"parent": PROPOSALS}}
DRAFT = {"type": "variable", "name": "draft", "type_specific_fields": {"parent": PROPOSE}}
REPORT = {
    "success": True,
    "results": {
        "detectors": [
            {"check": "timestamp", "elements": [PROPOSE, DRAFT], "description": "uses timestamp\n"},
            {"check": "uninitialized-local", "elements": [DRAFT], "description": "never\n"},
        ]
    },
}
EXPLAINED = Explanations(
    findings=frozenset(
        {("timestamp", "Proposals.propose"), ("uninitialized-local", "Proposals.propose.draft")}
    ),
    unreadable=frozenset({"SignedDomain._name"}),
)


@pytest.fixture
def reading() -> Reading:
    return read(REPORT, WORDS)


def test_a_run_is_read_by_the_names_of_functions_and_variables(reading: Reading) -> None:
    assert (reading.contracts, reading.detectors) == (51, 76)
    assert {(finding.detector, finding.where) for finding in reading.findings} == EXPLAINED.findings
    assert reading.unreadable == {"SignedDomain._name"}


def test_a_run_whose_every_finding_is_explained_is_green(reading: Reading) -> None:
    assert judge(reading, EXPLAINED, defined=51) == []


def test_a_finding_that_nobody_explained_is_red(reading: Reading) -> None:
    found = replace(reading, findings=(*reading.findings, Finding("reentrancy-eth", "Roll.admit")))

    assert judge(found, EXPLAINED, defined=51) == ["unexplained: reentrancy-eth in Roll.admit\n  "]


def test_an_explanation_that_finds_nothing_any_more_is_red(reading: Reading) -> None:
    left = replace(reading, findings=reading.findings[1:], unreadable=frozenset())

    assert len(judge(left, EXPLAINED, defined=51)) == 2


def test_a_function_that_slither_could_not_read_is_red(reading: Reading) -> None:
    silent = replace(EXPLAINED, unreadable=frozenset())

    assert len(judge(reading, silent, defined=51)) == 1


def test_a_run_that_analysed_nothing_or_too_little_is_red(reading: Reading) -> None:
    nothing = Explanations(frozenset(), frozenset())

    assert len(judge(read({}, ALONE), nothing, defined=51)) == 1
    assert len(judge(read({}, ""), nothing, defined=51)) == 2
    assert len(judge(read({}, ""), nothing, defined=0)) == 2
    assert len(judge(reading, EXPLAINED, defined=52)) == 1


def test_an_explanation_must_say_why() -> None:
    with pytest.raises(ValueError, match="does not say why"):
        explain({"explained": [{"detector": "timestamp", "in": ["Roll._past"], "why": " "}]})
