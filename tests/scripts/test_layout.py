"""The storage tables: complete, and red when anything differs."""

import json
from pathlib import Path

import pytest

from scripts import layout

TYPES = {
    "t_address": {"label": "address", "numberOfBytes": "20"},
    "t_uint40": {"label": "uint40", "numberOfBytes": "5"},
    "t_mapping": {"label": "mapping(uint32 => struct Pair)", "numberOfBytes": "32", "value": "t_s"},
    "t_s": {
        "label": "struct Pair",
        "numberOfBytes": "64",
        "members": [
            {"label": "account", "offset": 0, "slot": "0", "type": "t_address"},
            {"label": "since", "offset": 20, "slot": "1", "type": "t_uint40"},
        ],
    },
}
STORAGE = [
    {"label": "_assembly", "offset": 0, "slot": "0", "type": "t_address"},
    {"label": "_members", "offset": 0, "slot": "1", "type": "t_mapping"},
    {"label": "_first", "offset": 0, "slot": "2", "type": "t_s"},
]


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "artifacts").mkdir()
    artifact = {"contractName": "Roll", "storageLayout": {"storage": STORAGE, "types": TYPES}}
    (tmp_path / "artifacts" / "Roll.json").write_text(json.dumps(artifact), encoding="utf-8")
    return tmp_path / "artifacts", tmp_path / "tables"


def test_a_struct_counts_on_from_its_slot_and_a_mapped_one_from_its_own_place(
    folders: tuple[Path, Path],
) -> None:
    text = layout.tables(folders[0])["Roll.md"]

    assert "| 0 | 0 | 20 | `address` | `_assembly` |" in text
    assert "| +1 | 20 | 5 | `uint40` | · `since` |" in text
    assert "| 3 | 20 | 5 | `uint40` | · `since` |" in text


def test_a_table_that_differs_or_is_left_over_is_red(folders: tuple[Path, Path]) -> None:
    artifacts, tables = folders
    wanted = layout.tables(artifacts)
    assert layout.write(wanted, tables) == 0
    assert layout.check(wanted, tables) == 0

    (tables / "Gone.md").write_text("", encoding="utf-8")
    assert layout.check(wanted, tables) == 1
    (tables / "Gone.md").unlink()

    (tables / "Roll.md").write_text(wanted["Roll.md"].replace("| 0 |", "| 1 |"), encoding="utf-8")
    assert layout.check(wanted, tables) == 1


def test_without_any_artifact_the_comparison_is_red(tmp_path: Path) -> None:
    assert layout.check(layout.tables(tmp_path), tmp_path) == 1
