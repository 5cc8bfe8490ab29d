"""The rules, and what storage must hold, know no clock, no network, no session, no database."""

import ast
from pathlib import Path

import pytest

INDEXER = Path(__file__).resolve().parents[2] / "indexer"
RULES, STORAGE = INDEXER / "rules", INDEXER / "audit" / "storage"
ALLOWED = {
    "bisect",
    "collections",
    "dataclasses",
    "enum",
    "eth_abi",  # the contracts' encoding
    "eth_hash",
    "eth_utils",  # the bytes of an address
    "indexer.hashing",
    "indexer.rules",
    "itertools",
    "re",
    "struct",
    "typing",
}


def imported_by(path: Path) -> set[str]:
    """The modules that a file imports."""
    imported = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    return imported


@pytest.mark.parametrize("path", sorted(RULES.glob("*.py")), ids=lambda path: path.name)
def test_a_rule_imports_nothing_that_could_tell_it_more_than_its_arguments(path: Path) -> None:
    assert {name for name in imported_by(path) if not name.startswith(tuple(ALLOWED))} == set()


@pytest.mark.parametrize("path", sorted(STORAGE.glob("*.py")), ids=lambda path: path.name)
def test_what_storage_must_hold_follows_from_the_replay_alone(path: Path) -> None:
    allowed = {*ALLOWED, "indexer.abi", "indexer.audit.replay", "indexer.audit.storage"}
    assert {name for name in imported_by(path) if not name.startswith(tuple(allowed))} == set()
