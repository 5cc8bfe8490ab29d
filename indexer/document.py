"""Turns the values of the queries into plain JSON values, as CLI.md asks for.

Integers beyond 2^53 become decimal strings, moments RFC 3339, bytes 0x-hex, and a trailing
underscore of a field name (`for_`, `class_`, `from_`: words that Python reserves) is dropped.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from indexer.moment import Moment

Json = None | bool | int | float | str | list[Any] | dict[str, Any]

_EXACT = 2**53  # the largest integer below which every JSON reader is exact


def document(value: object) -> Json:
    """Return the value as JSON values; TypeError for a type that no query gives."""
    match value:
        case Moment():
            return value.rfc3339
        case Enum():
            return document(value.value)
        case None | bool() | float() | str():
            return value
        case int():
            return value if abs(value) <= _EXACT else str(value)
        case bytes():
            return "0x" + value.hex()
        case Mapping():
            return {str(key).rstrip("_"): document(item) for key, item in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {
                field.name.rstrip("_"): document(getattr(value, field.name))
                for field in fields(value)
            }
        case tuple() if hasattr(value, "_asdict"):
            return document(value._asdict())
        case tuple() | list() | frozenset() | set():
            return [document(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no place in a JSON document.")
