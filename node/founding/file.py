"""A founding file: everything a co-op is founded with on one page, for the founders to read first.

    name = "pioneers"
    title = "Rochdale Pioneers"
    preset = "uk-worker-coop"          # or: bylaws = "bylaws.toml"
    founders = ["0x…", "0x…", "0x…"]
    roles = "roles.toml"               # optional
    nonce = 0                          # optional; tells equal co-ops apart
    zone = "Europe/London"             # optional; where its days begin

Files are looked for beside it.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from node import bylaws, bylaws_lint, zones
from node.errors import ConfigurationProblem, NotFound, UsageProblem
from node.files import read_toml
from node.founding.plan import Plan, checked_founders, checked_title
from node.instance import check_name

_KEYS: dict[str, type | tuple[type, ...]] = {
    "name": str,
    "title": str,
    "preset": str,
    "bylaws": str,
    "founders": list,
    "roles": str,
    "nonce": int,
    "zone": str,
}


def plan_of(
    name: str,
    title: str | None,
    source: tuple[str | None, Path | None],
    roles: Path | None,
    founders: Sequence[str],
    nonce: int,
) -> Plan:
    """Return a checked plan; `source` is a preset's name or a bylaws file, one of the two."""
    people = checked_founders(founders)
    named = bylaws.read_roles(bylaws.file_text(roles)) if roles else None
    terms = bylaws_lint.accepted(_text(*source), len(people), named)
    return Plan(check_name(name), checked_title(title or name), people, terms, nonce)


def read(path: Path) -> Plan:
    """Return the plan of a founding file, or say which key is wrong."""
    if not path.exists():
        raise NotFound(f"There is no file {path}.", hint="See: coop instance plan --help")
    values = read_toml(path)
    for key, value in values.items():
        if key not in _KEYS:
            raise _problem(path, f"{key!r} means nothing", f"There are {', '.join(_KEYS)}.")
        if not isinstance(value, _KEYS[key]) or isinstance(value, bool):
            raise _problem(path, f"{key} is {value!r}", "See: coop instance plan --help")
    if missing := [key for key in ("name", "founders") if key not in values]:
        raise _problem(path, f"{missing[0]} is missing", "See: coop instance plan --help")
    plan = plan_of(
        values["name"],
        values.get("title"),
        (values.get("preset"), _beside(path, values, "bylaws")),
        _beside(path, values, "roles"),
        [str(each) for each in values["founders"]],
        _nonce(path, values),
    )
    zone = values.get("zone", "")
    if zone:
        zones.named(zone)
    return replace(plan, zone=zone)


def _nonce(path: Path, values: dict[str, Any]) -> int:
    nonce = int(values.get("nonce", 0))
    if not 0 <= nonce < 2**256:
        raise _problem(path, f"nonce is {nonce}", "Use 0 or a greater whole number.")
    return nonce


def _beside(path: Path, values: dict[str, Any], key: str) -> Path | None:
    return path.parent / values[key] if key in values else None


def _text(preset: str | None, file: Path | None) -> str:
    if preset is not None and file is None:
        return bylaws.preset_text(preset)
    if file is not None and preset is None:
        return bylaws.file_text(file)
    raise UsageProblem(
        "Bylaws come from --preset PRESET or from --bylaws FILE.",
        undone="No instance was made.",
        hint="See: coop bylaws presets",
    )


def _problem(path: Path, what: str, hint: str) -> ConfigurationProblem:
    return ConfigurationProblem(
        f"{path} is no founding file: {what}.", undone="Nothing was sent.", hint=hint
    )
