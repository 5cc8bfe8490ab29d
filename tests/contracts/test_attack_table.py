"""docs/attacks.md names every test of an attack, and every test that it names exists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent
PAGE = FOLDER.parents[1] / "docs" / "attacks.md"
ELSEWHERE = (
    "Compound 62",
    "Beanstalk",
    "Tornado Cash",
    "Build Finance",
    "Compound 289",
    "GHSA-5h3x-9wvq-w4m2",
    "GHSA-xrc4-737v-9q75",
    "GHSA-93hq-5wgc-jc82",
    "GHSA-4h98-2769-gh6h",
    "GHSA-4g63-c64m-25w9",
    "GHSA-fg47-3c2x-m2wr",
    "Audius",
    "OpenZeppelin 6644",
    "gardens-v2 369",
    "Idle optimistic module",
    "Truncated or doubled logs",
    "Bootstrap deadlock",
)


def functions() -> Iterator[tuple[str, str, bool]]:
    """File, name, and whether it is known to fail, of every test of an attack."""
    for path in sorted(FOLDER.glob("test_attack_*.py")):
        if path == Path(__file__):
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                marks = [ast.unparse(mark) for mark in node.decorator_list]
                yield path.name, node.name, any("xfail" in mark for mark in marks)


def named() -> list[str]:
    return re.findall(r"`(test_\w+)`", PAGE.read_text())


def rows() -> list[list[str]]:
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def test_the_page_names_every_test_of_an_attack_once_and_no_other() -> None:
    existing = [name for _, name, _ in functions()]
    assert len(existing) > 100
    assert sorted(named()) == sorted(existing)


def test_every_attack_from_elsewhere_has_a_defence_and_a_test_of_its_own() -> None:
    attacks = [attack.split(":")[0].split(",")[0] for attack, _, _ in rows()]
    assert attacks == list(ELSEWHERE)
    history = {name for file, name, _ in functions() if file.startswith("test_attack_history")}
    assert {test.strip("`") for _, _, test in rows()} == history
    assert len(history) == len(ELSEWHERE)
    assert all(defence for _, defence, _ in rows())


def test_what_is_known_to_fail_is_marked_as_open() -> None:
    marked = set(re.findall(r"open: `(test_\w+)`", PAGE.read_text()))
    assert marked == {name for _, name, fails in functions() if fails}


def test_each_file_of_attacks_has_a_section_or_a_table() -> None:
    page = PAGE.read_text()
    for file in {file for file, _, _ in functions()}:
        assert file in page or file.startswith("test_attack_history")
