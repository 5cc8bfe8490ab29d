"""What a command prints: the result on stdout, everything else on stderr, and its questions.

With `--json` the result is exactly one document with sorted keys. Texts from the chain are
untrusted: control and direction characters are made visible before they reach a terminal.

Tables have columns where they fit and rules on a terminal only. `plain` is for those who listen
to a screen reader: each value after its name on a line of its own, and nothing that moves.
"""

import dataclasses
import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO
from typing import IO, TYPE_CHECKING, Any, Protocol

import click

from indexer.document import document
from indexer.moment import Moment
from node import zones
from node.errors import CoopError, Declined, MissingAnswer, UsageProblem

if TYPE_CHECKING:
    from rich.console import Console

_LINE_EVERY = 3.0  # seconds between progress lines where there is no terminal


class AsOf(Protocol):
    """The block that an answer is true for."""

    @property
    def chain_id(self) -> int:
        """The chain."""

    @property
    def block(self) -> int:
        """Its number."""

    @property
    def block_hash(self) -> str:
        """Its hash, 0x-hex."""

    @property
    def finality(self) -> str:
        """How settled it is: latest, safe or finalized."""


@dataclasses.dataclass(frozen=True)
class At:
    """A block of the chain itself, for answers that no mirror gave."""

    chain_id: int
    block: int
    block_hash: str
    finality: str


def moment(seconds: int | None) -> Moment | None:
    """Return a chain timestamp as a `Moment` (RFC 3339 in JSON); None for None and 0."""
    return Moment(seconds) if seconds else None


def when(time: int | None) -> str:
    """Return a moment for people: local time with its zone, and UTC; "–" for None and 0."""
    if not time:
        return "–"
    try:
        utc = Moment(time).utc
        local = utc.astimezone(zones.local())
    except (OverflowError, ValueError, OSError):
        return f"second {time}"  # beyond the year 9999
    if not local.utcoffset():
        return f"{utc:%Y-%m-%d %H:%M:%S} UTC"
    day = "" if local.date() == utc.date() else f"{utc:%Y-%m-%d} "
    return f"{local:%Y-%m-%d %H:%M:%S %Z} ({day}{utc:%H:%M:%S} UTC)"


def day(time: int | None) -> str:
    """Return the local day of a moment, for tables; "–" for None and 0."""
    if not time:
        return "–"
    try:
        return f"{Moment(time).utc.astimezone(zones.local()):%Y-%m-%d}"
    except (OverflowError, ValueError, OSError):
        return f"second {time}"


def duration(seconds: int) -> str:
    """Return a length of time for people: "14 days", "1 day 12 hours", "0"."""
    parts = []
    for name, size in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {name}{'' if count == 1 else 's'}")
    return " ".join(parts) or "0"


def rounded(seconds: int) -> str:
    """Return a length of time rounded down: whole days from two on, then hours, then minutes."""
    if seconds < 60:
        return "less than a minute"
    size = next(size for size in (86_400, 3_600, 60) if seconds >= 2 * size or size == 60)
    return duration(seconds - seconds % size)


def plain(text: str) -> str:
    """Return the text with control and direction characters made visible (not newline, tab)."""
    return "".join(f"\\u{ord(char):04x}" if _hides(char) else char for char in text)


def one_line(text: str) -> str:
    """Return the text with line breaks made visible too, so that it cannot forge the next line."""
    return plain(text).replace("\n", "\\n")


def _hides(char: str) -> bool:
    """Whether a character could steer a terminal or reorder what is read; joiners may stay."""
    if char in "\n\t\u200c\u200d":
        return False
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def envelope(schema: str, **parts: Any) -> str:
    """Return one JSON document with sorted keys and its schema."""
    return json.dumps(document({"schema": schema, **parts}), sort_keys=True)


@dataclasses.dataclass(frozen=True)
class Out:
    """Prints results, notes, questions and progress as the flags ask."""

    json: bool = False
    quiet: bool = False
    verbose: bool = False
    yes: bool = False
    no_input: bool = False
    plain: bool = False

    # Results

    def result(
        self,
        kind: str,
        data: Any,
        as_of: AsOf | None = None,
        human: Callable[[], None] | None = None,
    ) -> None:
        """Print the JSON envelope, or call `human`, which prints the same for people."""
        if self.json:
            # Flushed, so that a reader of a stream sees each document when it is made.
            print(envelope(f"coop/{kind}/v1", data=data, as_of=_as_of(as_of)), flush=True)
        elif human is not None:
            human()
            self._print_as_of(as_of)

    def line(self, text: str = "") -> None:
        """Print a line of the result for people (nothing with `--json`)."""
        if not self.json:
            print(plain(text), flush=True)

    def sections(self, said: Mapping[str, Sequence[str]]) -> None:
        """Print sentences below their titles, with an empty line after each section."""
        for title, sentences in said.items():
            self.line(title)
            for sentence in sentences:
                self.line(f"  {sentence}")
            self.line()

    def fields(self, pairs: Mapping[str, Any]) -> None:
        """Print names and values below each other, aligned; None is shown as "–"."""
        width = max((len(name) for name in pairs), default=0)
        for name, value in pairs.items():
            lead = f"{name}:" if self.plain else f"{name:<{width}} "
            self.line(f"{lead} {one_line(_shown(value))}")

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[Any]], empty: str = "") -> None:
        """Print rows under column heads, wrapped to the terminal; `empty` if there are none.

        Where that would break words, and in plain mode, each row is printed value by value.
        """
        if self.json:
            return
        if not rows:
            self.line(empty)
        elif self.plain or not self._grid(columns, rows):
            for number, row in enumerate(rows):
                if number:
                    self.line()
                for column, value in zip(columns, row, strict=True):
                    self.line(f"{column}: {_shown(value)}")

    def _grid(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> bool:
        """Print a table, or return that the terminal is too narrow for its longest words."""
        from node.grid import grid

        where = console(sys.stdout)
        shown = [[plain(_shown(value)) for value in row] for row in rows]
        found = grid(columns, shown, where.width, ruled=sys.stdout.isatty())
        if found is not None:
            where.print(found)
        return found is not None

    def receipt(
        self,
        kind: str,
        data: Mapping[str, Any],
        *,
        done: str,
        prove: str,
        as_of: AsOf | None = None,
    ) -> None:
        """Print what a state change did (hash, tx, block …) and the command that proves it."""

        def human() -> None:
            self.line(done)
            self.fields({name.replace("_", " "): value for name, value in data.items()})
            self.line(f"Proof: {prove}")

        self.result(kind, {**data, "prove": prove}, as_of, human)

    # Notes

    def note(self, text: str) -> None:
        """Tell something on stderr unless `--quiet`."""
        if not self.quiet:
            _tell(plain(text))

    def consider(self, text: str) -> None:
        """Tell, in one line, what a question is about: hidden by `--quiet` only with `--yes`."""
        if not (self.quiet and self.yes):
            _tell(one_line(text))

    def detail(self, text: str) -> None:
        """Tell something on stderr with `--verbose` only."""
        if self.verbose:
            _tell(plain(text))

    def warn(self, text: str) -> None:
        """Warn on stderr, even with `--quiet`."""
        _tell(plain(f"Warning: {text}"))

    def error(self, error: CoopError) -> None:
        """Print an error on stderr: what happened, what did not, what to do next."""
        if self.json:
            body = {"code": error.code, "message": error.message, "hint": error.hint}
            text = envelope("coop/error/v1", error={**body, "details": error.details})
            _tell(text)
            return
        _tell(plain(f"Error: {error.message}"))
        if error.hint:
            _tell(plain(error.hint))

    # Questions

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked."""
        return not self.no_input and sys.stdin.isatty() and sys.stderr.isatty()

    def confirm(self, question: str, undone: str = "Nothing was done.") -> None:
        """Ask for a yes; `--yes` answers it; a no raises `Declined`."""
        if self.yes:
            return
        self._need_person(question, "--yes", undone)
        if not click.confirm(plain(question), err=True):
            raise Declined("You answered no.", undone=undone)

    def ask(self, question: str, flag: str, *, hide: bool = False, twice: bool = False) -> str:
        """Ask for a text; where nobody can be asked, fail naming the flag."""
        self._need_person(question, flag, "")
        answer: str = click.prompt(
            plain(question), hide_input=hide, confirmation_prompt=twice, err=True
        )
        return answer

    def type_the_name(
        self, name: str, act: str, confirm: str | None, undone: str = "Nothing was done."
    ) -> None:
        """Let a severe act happen only if the name is typed or given by `--confirm NAME`."""
        if confirm is None:
            question = f"{act} Type {name} to go on"
            self._need_person(question, f"--confirm {name}", undone)
            confirm = click.prompt(plain(question), err=True)
        if confirm != name:
            raise UsageProblem(
                f"The name given is {confirm!r}, not {name!r}.",
                undone=undone,
                hint=f"Give --confirm {name} if you mean it.",
            )

    def _need_person(self, question: str, flag: str, undone: str) -> None:
        if not self.interactive:
            raise MissingAnswer(
                f"This needs an answer and nobody can be asked: {question}.",
                undone=undone,
                hint=f"Give {flag}.",
                details={"flag": flag.split()[0]},
            )

    # Progress

    @contextmanager
    def progress(self, label: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """Give a function that says how much is done so far: a bar on a terminal, else lines."""
        if self.quiet:
            yield lambda done: None
        elif sys.stderr.isatty() and not self.plain:
            from rich.progress import Progress

            with Progress(console=console(sys.stderr), transient=True) as bars:
                task = bars.add_task(label, total=total)
                yield lambda done: bars.update(task, completed=done)
        else:
            yield _lines(label, total)

    @contextmanager
    def waiting(self) -> Iterator[Callable[[str], None]]:
        """Give a function that says what is awaited: one line that changes on a terminal, else a
        line every ten seconds."""
        if self.quiet:
            yield lambda text: None
        elif sys.stderr.isatty() and not self.plain:
            with console(sys.stderr).status("") as status:
                yield status.update
        else:
            yield _rarely()

    def _print_as_of(self, as_of: AsOf | None) -> None:
        if as_of is not None and not self.quiet:
            _tell(f"As of block {as_of.block} ({as_of.finality}) of chain {as_of.chain_id}.")


def _rarely(seconds: float = 10.0) -> Callable[[str], None]:
    """Return a function that prints a text unless one was printed shortly before."""
    import time

    last = time.monotonic()

    def tell(text: str) -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            last = time.monotonic()
            _tell(text)

    return tell


def _tell(text: str) -> None:
    """Print on stderr; if its reader has gone (`coop … 2>&1 | head`), the act goes on unheard."""
    try:
        print(text, file=sys.stderr, flush=True)
    except BrokenPipeError:
        sys.stderr = StringIO()


def console(stream: IO[str]) -> "Console":
    """Return a rich console that colours only a terminal and obeys NO_COLOR."""
    from rich.console import Console

    coloured = stream.isatty() and not os.environ.get("NO_COLOR")
    return Console(
        file=stream,
        color_system="auto" if coloured else None,
        force_terminal=None if coloured else False,
        markup=False,
        highlight=False,
        emoji=False,
    )


def _lines(label: str, total: int | None) -> Callable[[int], None]:
    tell, of = _rarely(_LINE_EVERY), f" of {total}" if total else ""
    return lambda done: tell(f"{label}: {done}{of}")


def _as_of(as_of: AsOf | None) -> dict[str, Any] | None:
    if as_of is None:
        return None
    return {
        "chain_id": as_of.chain_id,
        "block": as_of.block,
        "block_hash": as_of.block_hash,
        "finality": as_of.finality,
    }


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    return when(value) if isinstance(value, Moment) else str(value)
