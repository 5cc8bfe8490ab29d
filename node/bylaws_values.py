"""How the values of a bylaws file are written: "14 days", "50 %", "at least 3/4", "3:1"."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from indexer.rules.bylaws import NO_LIMIT

_UNITS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
_DURATION = re.compile(r"(\d{1,9})\s*(second|minute|hour|day|week)s?")
_PERCENT = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?\s*%")
_THRESHOLD = re.compile(r"(at least|more than)\s+(\d{1,3})\s*/\s*(\d{1,3})")
_RATIO = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?\s*:\s*1")
_CURRENCY = re.compile(r"[A-Z]{3}")


class Reader:
    """Reads the keys of one table and remembers every problem, named by its full key."""

    def __init__(self, path: str, values: Mapping[str, Any], tables: set[str]) -> None:
        self._path = path
        self._values = values
        self._known = set(tables)
        self._problems: list[tuple[str, str]] = []
        self._inner: list[Reader] = []

    def get(self, key: str, convert: Callable[[Any], Any], default: Any = None) -> Any:
        """Return a converted value, or the default; None beside a remembered problem."""
        self._known.add(key)
        if key not in self._values:
            if default is None:
                self._problems.append((self._path + key, "is missing"))
            return default
        try:
            return convert(self._values[key])
        except ValueError as error:
            self._problems.append((self._path + key, str(error)))
            return None

    def table(self, key: str) -> "Reader":
        """Return a reader of an inner table; a missing one is empty."""
        values = self._values.get(key, {})
        if not isinstance(values, Mapping):
            self._problems.append((self._path + key, "must be a table"))
            values = {}
        return self._inside(f"{self._path}{key}.", values)

    def tables(self, key: str) -> list["Reader"]:
        """Return readers of an array of tables."""
        values = self._values.get(key, [])
        if not isinstance(values, list) or not all(isinstance(each, Mapping) for each in values):
            self._problems.append((self._path + key, f"must be written as [[{key}]]"))
            return []
        return [
            self._inside(f"{self._path}{key} {number}.", each)
            for number, each in enumerate(values, 1)
        ]

    def finish(self) -> list[tuple[str, str]]:
        """Return all problems, with keys that nobody asked for."""
        return list(self._all())

    def _inside(self, path: str, values: Mapping[str, Any]) -> "Reader":
        inner = Reader(path, values, set())
        self._inner.append(inner)
        return inner

    def _all(self) -> Iterator[tuple[str, str]]:
        yield from self._problems
        for key in self._values:
            if key not in self._known:
                yield self._path + key, "is no key of bylaws"
        for inner in self._inner:
            yield from inner._all()


def duration(value: Any) -> int:
    """Return seconds of "14 days", "1 day 12 hours" or "0"."""
    if value in (0, "0") and not isinstance(value, bool):
        return 0
    if isinstance(value, str) and _DURATION.sub("", value).strip() == "" and value.strip():
        return sum(int(count) * _UNITS[unit] for count, unit in _DURATION.findall(value))
    raise ValueError(f'must be a time such as "14 days" or "0", not {value!r}')


def percent(value: Any) -> int:
    """Return 1/10,000 of "50 %" or "33.33 %"."""
    return _hundredths(_PERCENT, value, 'must be a part such as "50 %"')


def ratio(value: Any) -> int:
    """Return 1/100 of "3:1" or "4.5:1"; 0 for "none"."""
    if value == "none":
        return 0
    return _hundredths(_RATIO, value, 'must be a ratio such as "3:1", or "none"')


def threshold(value: Any) -> tuple[bool, int, int]:
    """Return (only above?, numerator, denominator) of "more than 1/2" or "at least 3/4"."""
    match = _THRESHOLD.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f'must be such as "more than 1/2" or "at least 3/4", not {value!r}')
    return match[1] == "more than", int(match[2]), int(match[3])


def max_against(value: Any) -> int:
    """Return the most votes against; 65,535 for "no limit"."""
    if value == "no limit":
        return NO_LIMIT
    try:
        return integer(value)
    except ValueError:
        raise ValueError(f'must be a number of votes or "no limit", not {value!r}') from None


def basis(value: Any) -> bool:
    """Return whether the basis is the whole roll ("roll") and not the votes cast ("cast")."""
    return _one_of(value, "cast", "roll")


def fill(value: Any) -> bool:
    """Return whether absences are filled to the whole roll ("roll") and not to the "quorum"."""
    return _one_of(value, "quorum", "roll")


def yes_or_no(value: Any) -> bool:
    """Return true or false."""
    if isinstance(value, bool):
        return value
    raise ValueError(f"must be true or false, not {value!r}")


def integer(value: Any) -> int:
    """Return a whole number from 0 on."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ValueError(f"must be a whole number from 0 on, not {value!r}")


def text(value: Any) -> str:
    """Return a text."""
    if isinstance(value, str):
        return value
    raise ValueError(f"must be a text in quotes, not {value!r}")


def currency(value: Any) -> str:
    """Return three letters of ISO 4217."""
    if isinstance(value, str) and _CURRENCY.fullmatch(value):
        return value
    raise ValueError(f'must be three capital letters such as "EUR", not {value!r}')


def _hundredths(pattern: re.Pattern[str], value: Any, wanted: str) -> int:
    match = pattern.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{wanted}, not {value!r}")
    return int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0"))


def _one_of(value: Any, no: str, yes: str) -> bool:
    if value not in (no, yes):
        raise ValueError(f'must be "{no}" or "{yes}", not {value!r}')
    return bool(value == yes)
