"""Tables as files for other programs: CSV, JSON lines, Parquet.

All three have the same columns in the same order. The last four say as of which block a row is
true, so that it stays said when rows are sorted, cut or put together with those of other days.
"""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import IO, Any, Literal, NamedTuple, get_args, get_type_hints

import orjson
from sqlmodel import Session

from indexer.document import document
from indexer.moment import Moment
from indexer.queries import ROWS, AsOf
from indexer.queries.exports import Nested
from node.errors import ConfigurationProblem

Format = Literal["csv", "jsonl", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)

# A spreadsheet takes a cell that begins so for a formula (the wide ones in East Asian settings).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_GUARD = "'"
_GROUP = 10_000  # rows of a Parquet row group, which are in memory together


class Column(NamedTuple):
    """A column and the type of its values: str, int, bool, Moment or Nested; each can be None."""

    name: str
    type: type


_AS_OF = (
    Column("as_of_chain_id", int),
    Column("as_of_block", int),
    Column("as_of_block_hash", str),
    Column("as_of_finality", str),
)


class Tallied:
    """A binary file that is written through and remembers the SHA-256 of what went by."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self._digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Write all of the data."""
        self._digest.update(data)
        self._target.write(data)
        return len(data)

    @property
    def sha256(self) -> str:
        """The digest of everything so far, 0x-hex."""
        return "0x" + self._digest.hexdigest()


class Written(NamedTuple):
    """How many rows were written, and the SHA-256 of all bytes."""

    rows: int
    sha256: str


def columns(table: str) -> tuple[Column, ...]:
    """Return the columns of an exported table, in order."""
    row, _ = ROWS[table]
    own = (Column(name.rstrip("_"), _plain(hint)) for name, hint in get_type_hints(row).items())
    return (*own, *_AS_OF)


def need(format_: Format) -> None:
    """Refuse a format for which a library is missing."""
    if format_ != "parquet":
        return
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise ConfigurationProblem(
            "Parquet needs the library pyarrow, which is not installed.",
            undone="Nothing was exported.",
            hint="Install it with: pip install 'rochdale[parquet]' (or export csv or jsonl).",
        ) from error


def write(table: str, format_: Format, session: Session, as_of: AsOf, target: IO[bytes]) -> Written:
    """Write a whole table of the mirror as of a block, row by row, and return how much it was."""
    need(format_)
    _, rows_of = ROWS[table]
    mark = (as_of.chain_id, as_of.block, as_of.block_hash, as_of.finality)
    counted = _Counted((*row, *mark) for row in rows_of(session, as_of))
    tallied = Tallied(target)
    _WRITERS[format_](table, counted, as_of, tallied)
    return Written(counted.count, tallied.sha256)


def guarded(text: str) -> str:
    """Return a text as a CSV cell: with a ' before it if a spreadsheet would compute it, and also
    if it begins with a ' of its own, so that taking one leading ' away gives the text again."""
    return _GUARD + text if text.startswith((*_FORMULA, _GUARD)) else text


def unguarded(cell: str) -> str:
    """Return the text of a CSV cell: what `guarded` was given."""
    return cell.removeprefix(_GUARD)


class _Counted:
    """Gives rows and counts those given."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return self

    def __next__(self) -> tuple[Any, ...]:
        row = next(self._rows)
        self.count += 1
        return row


def _plain(hint: Any) -> type:
    """The type of a column without its None."""
    (found,) = [each for each in get_args(hint) or (hint,) if each is not type(None)]
    return found if isinstance(found, type) else str


def _csv(table: str, rows: _Counted, as_of: AsOf, target: Tallied) -> None:
    # RFC 4180's line ends: with them the module quotes a cell that holds either of the two.
    writer = csv.writer(_Text(target), lineterminator="\r\n")
    writer.writerow(each.name for each in columns(table))
    for row in rows:
        writer.writerow([_cell(value) for value in row])


class _Text:
    """A text file of UTF-8 without a mark, as the csv module wants one."""

    def __init__(self, target: Tallied) -> None:
        self._target = target

    def write(self, text: str) -> int:
        """Write the text."""
        return self._target.write(text.encode())


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Moment():
            return value.rfc3339
        case Nested():
            return _json(value.value)
        case str():
            return guarded(value)
    return str(value)


def _jsonl(table: str, rows: _Counted, as_of: AsOf, target: Tallied) -> None:
    names = [each.name for each in columns(table)]
    for row in rows:
        values = (each.value if isinstance(each, Nested) else each for each in row)
        line = {name: document(value) for name, value in zip(names, values, strict=True)}
        target.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


def _parquet(table: str, rows: _Counted, as_of: AsOf, target: Tallied) -> None:
    import pyarrow
    from pyarrow import parquet

    kinds: Mapping[type, Any] = {
        str: pyarrow.string(),
        int: pyarrow.int64(),
        bool: pyarrow.bool_(),
        Moment: pyarrow.timestamp("s", tz="UTC"),
        Nested: pyarrow.string(),
    }
    said = _json({"table": table, "as_of": as_of._asdict()})
    schema = pyarrow.schema(
        [pyarrow.field(each.name, kinds[each.type]) for each in columns(table)],
        metadata={"coop": said},
    )
    sink = pyarrow.PythonFile(_Sink(target), mode="w")
    with parquet.ParquetWriter(sink, schema) as writer:
        while group := list(islice(rows, _GROUP)):
            values = [[_value(each) for each in column] for column in zip(*group, strict=True)]
            writer.write_table(pyarrow.table(values, schema=schema))


class _Sink:
    """A file as pyarrow wants one; its end is not the end of the file behind it."""

    closed = False

    def __init__(self, target: Tallied) -> None:
        self._target = target

    def write(self, data: bytes) -> int:
        """Write the data."""
        return self._target.write(bytes(data))

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """The owner of the file closes it."""
        self.closed = True


def _value(value: Any) -> Any:
    match value:
        case Nested():
            return _json(value.value)
        case Moment():
            return int(value)
    return value


def _json(value: Any) -> str:
    return json.dumps(document(value), ensure_ascii=False, separators=(",", ":"))


_WRITERS: Mapping[str, Callable[[str, _Counted, AsOf, Tallied], None]] = {
    "csv": _csv,
    "jsonl": _jsonl,
    "parquet": _parquet,
}
