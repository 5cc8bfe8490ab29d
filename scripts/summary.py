"""What a piece of `make assure` leaves for the table: one JSON file of figures in build/assure/."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scripts.solidity import ROOT

FOLDER = ROOT / "build" / "assure"


def write(name: str, figures: Mapping[str, object]) -> None:
    """Leave the figures of one run; the table takes them, and judges them by its own thresholds."""
    path = file_of(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def read(name: str) -> dict[str, Any]:
    """Return the figures that the last run left, or none: a tool that ran nothing leaves none."""
    path = file_of(name)
    if not path.exists():
        return {}
    figures: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return figures


def forget(name: str) -> None:
    """Remove the figures of an earlier run, so that they cannot pass for this one's."""
    file_of(name).unlink(missing_ok=True)


def file_of(name: str) -> Path:
    """Return where the figures of a piece lie."""
    return FOLDER / f"{name}.json"
