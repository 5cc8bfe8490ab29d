"""Values of actions: from a draft's TOML to the ABI's, and back into words.

Every reader raises ValueError with the reason. Rules are written as in a bylaws file.
"""

from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

from indexer.rules.bylaws import DecisionClass, Rule
from indexer.rules.pay import PayRule
from node import bylaws, bylaws_text
from node.bylaws_values import Reader, integer, percent
from node.errors import CoopError
from node.typed_data import checksummed

# In the order of the contract's enum: the index is its number.
CLASSES = tuple(each.word for each in DecisionClass)

RULE_TYPE = f"({','.join(['uint24'] * 8 + ['uint16'] * 4 + ['uint8'] * 2 + ['bool'] * 4)})"
PAY_RULE_TYPE = f"({','.join(['uint24'] * 4 + ['uint32'] + ['uint16'] * 3 + ['bool'])})"

_DAY = 86_400
_ROLE_BYTES = 31


# From a draft


def account(value: Any) -> str:
    """A checksummed address; a mixed-case one with a wrong checksum is refused as mistyped."""
    try:
        found = checksummed(value) if isinstance(value, str) else ""
    except CoopError:
        found = ""
    if not found or len(value) != 42:
        raise ValueError(f"must be an account, not {value!r}")
    if value not in (found, value.lower()):
        raise ValueError(f"is mistyped: the checksum of {value} is wrong")
    return found


def member(value: Any) -> int:
    """A memberId, counted from 1."""
    return _integer(value, 1, (1 << 32) - 1)


def days(value: Any) -> int:
    """Days as seconds."""
    return _integer(value, 0, 366) * _DAY


def minor_units(value: Any) -> int:
    """A rate, floor or step in minor units per hour."""
    return _integer(value, 0, (1 << 48) - 1)


def wei(value: Any) -> int:
    """An amount in wei, as a number or a text of digits (TOML's integers end at 2^63)."""
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    return _integer(value, 0, (1 << 256) - 1)


def data(value: Any) -> bytes:
    """Calldata from hex digits."""
    try:
        if not isinstance(value, str) or not value.startswith("0x"):
            raise ValueError
        return bytes.fromhex(value[2:])
    except ValueError:
        raise ValueError(f"must be 0x and hex digits, not {value!r}") from None


def role(value: Any) -> bytes:
    """A role's name as the contract keeps it: 32 bytes, padded with zeros."""
    encoded = value.encode() if isinstance(value, str) else b""
    if not 1 <= len(encoded) <= _ROLE_BYTES or b"\0" in encoded:
        raise ValueError(f"must be a role's name of 1 to {_ROLE_BYTES} bytes, not {value!r}")
    return encoded.ljust(32, b"\0")


def largest_change(value: Any) -> int:
    """A part such as "10 %" in 1/10,000."""
    found = percent(value)
    if not 1 <= found <= 10_000:
        raise ValueError("must be 0.01 % to 100 %")
    return found


def decision_class(value: Any) -> int:
    """The contract's number of a decision class."""
    if value not in CLASSES:
        raise ValueError(f"must be one of {', '.join(CLASSES)}, not {value!r}")
    return CLASSES.index(value)


def rule(value: Any) -> tuple[int | bool, ...]:
    """The rule of a class as the contract takes it."""
    reader = _reader(value)
    found = bylaws.rule_of(reader)
    return _finished(reader, found)


def pay_rule(value: Any) -> tuple[int | bool, ...]:
    """The rule of pay votes as the contract takes it."""
    reader = _reader(value)
    found = bylaws.pay_rule_of(reader)
    return _finished(reader, found)


# In words


def role_name(encoded: bytes) -> str:
    """The name of a role from its 32 bytes."""
    return encoded.rstrip(b"\0").decode(errors="replace")


def rate(minor: int, currency: str) -> str:
    """A rate for people: minor units per hour, never a float."""
    return f"{minor} minor units of {currency} an hour" if currency else f"{minor} an hour"


def rule_in_words(values: tuple[Any, ...]) -> str:
    """A class's rule in sentences."""
    return " ".join(bylaws_text.sentences(Rule(*values)))


def pay_rule_in_words(values: tuple[Any, ...]) -> str:
    """The rule of pay votes in sentences."""
    return " ".join(bylaws_text.pay_sentences(PayRule(*values)))


def _reader(value: Any) -> Reader:
    if not isinstance(value, Mapping):
        raise ValueError("must be a table as in a bylaws file")
    return Reader("", value, set())


def _finished(reader: Reader, found: Rule | PayRule | None) -> tuple[int | bool, ...]:
    problems = "; ".join(f"{key} {said}" for key, said in reader.finish())
    if problems or found is None:
        raise ValueError(problems)
    return astuple(found)


def _integer(value: Any, least: int, most: int) -> int:
    if not least <= integer(value) <= most:
        raise ValueError(f"must be a whole number from {least} to {most}, not {value!r}")
    return int(value)
