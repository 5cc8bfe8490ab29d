"""Writes or compares docs/layout/: which contract stores what in which slot, as tables.

The facts are the compiler's, taken from the committed artifacts, which `scripts/compile --check`
compares with the sources. A changed layout is a changed line here, so that a review sees it.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts.solidity import ROOT

ARTIFACTS = ROOT / "indexer" / "artifacts"
TABLES = ROOT / "docs" / "layout"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or compare, and return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/layout", description=__doc__)
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--write", action="store_true", help="write the tables anew")
    mode.add_argument("--check", action="store_true", help="compare, write nothing")
    chosen = parser.parse_args(arguments)
    wanted = tables(ARTIFACTS)
    return write(wanted, TABLES) if chosen.write else check(wanted, TABLES)


def tables(artifacts: Path) -> dict[str, str]:
    """Return file name -> table, one for each deployable contract."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in artifacts.glob("*.json")]
    return {f"{artifact['contractName']}.md": table(artifact) for artifact in found}


def table(artifact: Mapping[str, Any]) -> str:
    """Return one contract's layout as a Markdown page."""
    layout = artifact["storageLayout"]
    lines = [
        f"# What {artifact['contractName']} stores",
        "",
        "Made by `scripts/layout --write` from the compiler's storage layout. Slots are words of",
        "32 bytes, offsets and sizes are bytes; what is indented lies within the slot above it, or",
        "in each value of that mapping.",
        "",
    ]
    if not layout["storage"]:
        return "\n".join([*lines, "Nothing: all it knows is in its code.", ""])
    lines += ["| slot | offset | bytes | type | name |", "|---:|---:|---:|---|---|"]
    for variable in layout["storage"]:
        lines.append(_row(variable, layout["types"], ""))
        lines += _members(variable["type"], layout["types"], "· ", variable["slot"])
    return "\n".join([*lines, ""])


def write(wanted: Mapping[str, str], folder: Path) -> int:
    """Write the tables and remove those of contracts that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")
    return 0 if wanted else 1


def check(wanted: Mapping[str, str], folder: Path) -> int:
    """Compare; no table at all is a fault too."""
    there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    stale = sorted(name for name in {*there, *wanted} if there.get(name) != wanted.get(name))
    for name in stale:
        print(f"{folder.name}/{name} is stale: run scripts/layout --write.", file=sys.stderr)
    print(f"{len(wanted)} storage layouts compared")
    return 1 if stale or not wanted else 0


def _members(name: str, types: Mapping[str, Any], indent: str, slot: str) -> Iterable[str]:
    """Rows of what a type holds; of a mapping or an array, what each of its values holds."""
    type_ = types[name]
    held = type_.get("value") or type_.get("base")
    if held:
        yield from _members(held, types, indent, "+")
        return
    for member in type_.get("members", []):
        # Counted on from the struct's own slot, or, in a mapping, from the place of the value.
        number = int(slot.removeprefix("+") or 0) + int(member["slot"])
        place = f"+{number}" if slot.startswith("+") else str(number)
        yield _row(member | {"slot": place}, types, indent)
        yield from _members(member["type"], types, indent + "· ", place)


def _row(variable: Mapping[str, Any], types: Mapping[str, Any], indent: str) -> str:
    type_ = types[variable["type"]]
    cells = [
        variable["slot"],
        str(variable["offset"]),
        type_["numberOfBytes"],
        f"`{type_['label']}`",
        f"{indent}`{variable['label']}`",
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
