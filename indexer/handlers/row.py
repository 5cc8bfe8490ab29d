"""What a handler returns: rows of fact tables, whose key is added by the caller."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from indexer.tables import Fact


class Row(NamedTuple):
    """A row to be: plain values by column, since inserting objects is six times slower."""

    table: type[Fact]
    values: dict[str, Any]


def row(table: type[Fact], **values: Any) -> Row:
    """Return a row of a table."""
    return Row(table, values)


def hexed(value: bytes) -> str:
    """Return bytes as 0x-hex."""
    return "0x" + value.hex()


def snake(name: str) -> str:
    """Return an ABI's name as a column's: `quorumBps` -> `quorum_bps`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def columns(struct: Mapping[str, Any]) -> dict[str, Any]:
    """Return a decoded struct by column names."""
    return {snake(name): value for name, value in struct.items()}
