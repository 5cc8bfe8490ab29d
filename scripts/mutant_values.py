"""What a mutant is, which ones are worth running, and which survivors are explained. Pure."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# Replaced by `revert()` or by a comment, only a whole statement is still Solidity.
_STATEMENT_OPERATORS = {"RR", "CR"}
_SAME_WITHOUT_SIGN = [("!=", ">"), (">", "!="), ("==", "<=")]


@dataclass(frozen=True, order=True)
class Mutant:
    """One small change of one file; `start` and `end` are places in its bytes."""

    file: str
    start: int
    end: int
    text: str
    operator: str

    def apply(self, source: bytes) -> bytes:
        """Return the file with the change in it."""
        return source[: self.start] + self.text.encode() + source[self.end :]

    def change(self, source: bytes) -> tuple[str, str]:
        """Return the lines concerned before and after, without their indentation."""
        first = source.rfind(b"\n", 0, self.start) + 1
        last = source.find(b"\n", self.end)
        last = len(source) if last < 0 else last
        after = source[first : self.start] + self.text.encode() + source[self.end : last]
        return _flat(source[first:last]), _flat(after)


def worth_running(mutant: Mutant, source: bytes) -> bool:
    """Whether it can be Solidity, and can behave differently from the original."""
    before = source[mutant.start : mutant.end].decode()
    before_line, after_line = mutant.change(source)
    if before_line == after_line or mutant.text.lstrip("!(").startswith("return"):
        return False
    if mutant.operator in _STATEMENT_OPERATORS:
        return source[mutant.end : mutant.end + 1] == b";" and "\n" not in before
    if before.startswith("return") and not mutant.text.startswith("return"):
        return False
    return not _is_equivalent(before, mutant.text)


def _is_equivalent(before: str, after: str) -> bool:
    """Unsigned numbers against zero, and a loop that counts up to its bound."""
    for old, new in _SAME_WITHOUT_SIGN:
        if re.fullmatch(rf"[^=<>!]+ {old} 0", before) and before.replace(old, new) == after:
            return True
    return bool(re.fullmatch(r"i < [\w.]+", before)) and before.replace("<", "!=") == after


def in_order(mutants: Iterable[Mutant], sources: Mapping[str, bytes], seed: int) -> list[Mutant]:
    """Shuffle by what each changes, so that a change elsewhere leaves the sample as it was."""

    def rank(mutant: Mutant) -> bytes:
        words = [str(seed), mutant.file, *mutant.change(sources[mutant.file])]
        return hashlib.sha256("\n".join(words).encode()).digest()

    once = {(mutant.file, *mutant.change(sources[mutant.file])): mutant for mutant in mutants}
    return sorted(once.values(), key=rank)


@dataclass(frozen=True)
class Explanation:
    """A survivor that was read: the lines before and after that no test tells apart."""

    file: str
    before: str
    after: str


def explanations(document: Mapping[str, Any]) -> frozenset[Explanation]:
    """Return the explained survivors of the checked-in file; each must say why."""
    entries = document.get("survivor", [])
    for entry in entries:
        if not entry["why"].strip():
            raise ValueError(f"{entry['file']}: {entry['before']}: no reason is given.")
    return frozenset(
        Explanation(entry["file"], entry["before"], entry["after"]) for entry in entries
    )


def outdated(explained: Iterable[Explanation], sources: Mapping[str, bytes]) -> list[Explanation]:
    """Return the explanations of lines that are not in the sources any more."""
    flat = {name: _flat(source) for name, source in sources.items()}
    return [entry for entry in explained if entry.before not in flat.get(entry.file, "")]


def _flat(source: bytes) -> str:
    return " ".join(source.decode().split())
