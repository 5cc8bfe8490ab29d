"""The rules know no clock, no network, no session and no database."""

import ast
from pathlib import Path

import pytest

RULES = Path(__file__).resolve().parents[2] / "indexer" / "rules"
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


@pytest.mark.parametrize("path", sorted(RULES.glob("*.py")), ids=lambda path: path.name)
def test_a_rule_imports_nothing_that_could_tell_it_more_than_its_arguments(path: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    assert {name for name in imported if not name.startswith(tuple(ALLOWED))} == set()
