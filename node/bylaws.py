"""Bylaws as a file: one TOML table a decision class, read into the values that the contracts take.

`read` returns the bylaws beside every problem found, each naming its key.
"""

import tomllib
from dataclasses import astuple, dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast, get_args

from indexer.rules import bylaws as rules
from indexer.rules.bylaws import DecisionClass, Rule
from indexer.rules.pay import PayRule
from node.bylaws_values import (
    Reader,
    basis,
    currency,
    duration,
    fill,
    integer,
    max_against,
    percent,
    ratio,
    text,
    threshold,
    yes_or_no,
)
from node.errors import BylawsProblem, NotFound

_CLASSES = tuple(DecisionClass)
_OTHER_TABLES = ("pay_votes", "role", "clause")


class Problem(NamedTuple):
    """What is wrong at a key; an advice does not keep the bylaws from being used."""

    key: str
    text: str
    advice: bool = False


@dataclass(frozen=True)
class RoleTerms:
    """What a role starts with; rates in minor units of the currency per hour."""

    name: str
    rate: int
    floor: int
    step: int
    max_change_bps: int


Kept = Literal["on chain", "on paper", "unsupported"]
"""on chain: the contracts hold to it by themselves. on paper: the co-op must see to it.
unsupported: with these contracts it cannot be done."""


class Clause(NamedTuple):
    """What a law or a model demands, and who sees to it."""

    article: str
    demands: str
    kept: Kept
    how: str


@dataclass(frozen=True)
class Bylaws:
    """All rules with which an instance starts; `rules` in the order of DecisionClass."""

    title: str
    probation: int
    rules: tuple[Rule, ...]
    currency: str
    pay_rule: PayRule
    roles: tuple[RoleTerms, ...] = ()
    clauses: tuple[Clause, ...] = ()

    def by_class(self) -> dict[DecisionClass, Rule]:
        """The rules by their class."""
        return dict(zip(_CLASSES, self.rules, strict=True))

    def abi_bylaws(self) -> tuple[Any, ...]:
        """The contract's struct `Bylaws`."""
        rules = [astuple(rule) for rule in self.rules]
        return self.probation, rules, self.currency.encode(), astuple(self.pay_rule)

    def abi_roles(self) -> list[tuple[Any, ...]]:
        """The contract's array of `RoleTerms`."""
        return [(role.name.encode().ljust(32, b"\0"), *astuple(role)[1:]) for role in self.roles]


def presets() -> tuple[str, ...]:
    """Return the names of the ready-made bylaws."""
    folder = resources.files("node") / "presets"
    return tuple(sorted(item.name[:-5] for item in folder.iterdir() if item.name[-5:] == ".toml"))


def preset_text(name: str) -> str:
    """Return the TOML of ready-made bylaws."""
    if name not in presets():
        raise NotFound(
            f"There are no ready-made bylaws {name}.", hint=f"There are: {', '.join(presets())}"
        )
    return (resources.files("node") / "presets" / f"{name}.toml").read_text(encoding="utf-8")


def file_text(path: Path) -> str:
    """Return the text of a bylaws file."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path}.", hint="See: coop bylaws presets") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BylawsProblem(f"The file {path} cannot be read.") from error


def read(source: str) -> tuple[Bylaws | None, list[Problem]]:
    """Return the bylaws of a TOML text (None if something is missing or unreadable), and why."""
    try:
        document = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        return None, [Problem("file", f"is not valid TOML: {error}")]
    top = Reader("", document, {*(each.word for each in _CLASSES), *_OTHER_TABLES})
    title = top.get("title", text, "")
    probation = top.get("probation", duration)
    money = top.get("currency", currency)
    found = [rule_of(top.table(each.word)) for each in _CLASSES]
    pay_rule = pay_rule_of(top.table("pay_votes"))
    roles = [_role(each) for each in top.tables("role")]
    clauses = [_clause(each) for each in top.tables("clause")]
    problems = [Problem(*each) for each in top.finish()]
    if problems or pay_rule is None:
        return None, problems
    kept = tuple(rule for rule in found if rule is not None)
    named = tuple(role for role in roles if role is not None)
    return Bylaws(title, probation, kept, money, pay_rule, named, tuple(clauses)), problems


def read_roles(source: str) -> tuple[RoleTerms, ...]:
    """Return the `[[role]]` tables of a TOML text, or refuse naming every problem."""
    try:
        top = Reader("", tomllib.loads(source), {"role"})
    except tomllib.TOMLDecodeError as error:
        raise BylawsProblem(f"The roles are not valid TOML: {error}.") from error
    roles = [_role(each) for each in top.tables("role")]
    problems = top.finish()
    if problems:
        lines = [f"{key}: {said}" for key, said in problems]
        raise BylawsProblem("\n  ".join(["The roles cannot be used:", *lines]))
    return tuple(role for role in roles if role is not None)


def rule_of(table: Reader) -> Rule | None:
    """Read the rule of one decision class; None when a value is missing or unreadable."""
    above, numerator, denominator = table.get("threshold", threshold) or (False, 0, 1)
    values = {
        "notice": table.get("notice", duration),
        "voting_period": table.get("voting_period", duration),
        "execution_delay": table.get("execution_delay", duration),
        "grace": table.get("grace", duration),
        "second_call_delay": table.get("second_call_delay", duration, 0),
        "cool_down": table.get("cool_down", duration, 0),
        "swing_window": table.get("swing_window", duration, 0),
        "swing_cap": table.get("swing_cap", duration, 0),
        "quorum_min": table.get("quorum_members", integer),
        "quorum_bps": table.get("quorum", percent),
        "second_call_bps": table.get("second_call_quorum", percent, 0),
        "max_against": table.get("max_against", max_against, rules.NO_LIMIT),
        "pass_num": numerator,
        "pass_den": denominator,
        "strict": above,
        "basis_roll": table.get("basis", basis),
        "presence": table.get("presence", yes_or_no, True),
        "subject_votes": table.get("subject_votes", yes_or_no, True),
    }
    return None if None in values.values() else Rule(**values)


def pay_rule_of(table: Reader) -> PayRule | None:
    """Read the rule of pay votes; None when a value is missing or unreadable."""
    values = {
        "notice": table.get("notice", duration),
        "voting_period": table.get("voting_period", duration),
        "grace": table.get("grace", duration),
        "rest": table.get("rest", duration),
        "period": table.get("period", duration),
        "ratio_cap": table.get("ratio_cap", ratio),
        "quorum_min": table.get("quorum_members", integer),
        "quorum_bps": table.get("quorum", percent),
        "fill_to_roll": table.get("fill", fill),
    }
    return None if None in values.values() else PayRule(**values)


def _role(table: Reader) -> RoleTerms | None:
    values = {
        "name": table.get("name", text),
        "rate": table.get("rate", integer),
        "floor": table.get("floor", integer),
        "step": table.get("step", integer),
        "max_change_bps": table.get("max_change", percent),
    }
    return None if None in values.values() else RoleTerms(**values)


def _clause(table: Reader) -> Clause:
    return Clause(
        article=table.get("article", text),
        demands=table.get("demands", text),
        kept=table.get("kept", _kept),
        how=table.get("how", text),
    )


def _kept(value: Any) -> Kept:
    for each in get_args(Kept):
        if value == each:
            return cast(Kept, each)
    raise ValueError(f"must be one of: {', '.join(get_args(Kept))}")
