"""Backups on paper: pages of text to print or to copy by hand, and their words as a QR code."""

import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from shlex import quote

from node.keys import phrases, shares
from node.keys.keystores import Opened
from node.keys.shares import WHOLE, Scheme
from node.keys.words import TITLE

_RULE = "-" * 72


@dataclass(frozen=True)
class Page:
    """One sheet: its whole text, and its words alone."""

    text: str = field(repr=False)
    words: str = field(repr=False)


def pages(name: str, opened: Opened, into: Scheme, day: str) -> list[Page]:
    """Return the sheets of a key's backup: one with its phrase or, if it has none or shares are
    asked for, with words that hold the private key; `day` is when they were made."""
    head = [TITLE, _RULE, f"Key      {name}", f"Account  {opened.account}", f"Made     {day}"]
    how = f"  coop key recover {quote(name)} --account {opened.account}"
    if into == WHOLE and opened.phrase is not None:
        held, about = [opened.phrase.text], _of_phrase(opened.phrase)
    else:
        held, about = shares.split(bytes(opened.secret), into), _of_shares(into)
    return [
        Page("\n".join([*head, *_sheet(number, into, words, about, how), ""]), words)
        for number, words in enumerate(held, 1)
    ]


def qr_svg(words: str) -> str:
    """Return the words as a QR code, an SVG picture."""
    import segno

    picture = io.BytesIO()
    segno.make_qr(words).save(picture, kind="svg", scale=4)
    return picture.getvalue().decode()


def qr_text(words: str) -> str:
    """Return the words as a QR code of blocks, dark where ink is to be."""
    import segno

    rows = segno.make_qr(words).matrix_iter(border=4)
    return "".join("".join("██" if dark else "  " for dark in row) + "\n" for row in rows)


def _sheet(number: int, into: Scheme, words: str, about: list[str], how: str) -> Iterator[str]:
    if into != WHOLE:
        yield f"Share    {number} of {into.count}; any {into.needed} give the key"
    yield ""
    for place, word in enumerate(words.split(), 1):
        yield f"{place:>4}. {unicodedata.normalize('NFC', word)}"
    yield from ("", *about, "", "To get the key back:", how)
    yield "and type the words in their order. With --dry-run it only says whether they are right."
    yield _RULE


def _of_phrase(phrase: phrases.Phrase) -> list[str]:
    language = phrase.language.replace("_", " ").capitalize()
    return [
        "Whoever reads these words has the key. Never photograph or type them elsewhere.",
        f"Phrase by BIP-39, {language}, {len(phrase.words)} words, no passphrase; path",
        f"{phrases.PATH}. Other Ethereum wallets take it too.",
    ]


def _of_shares(into: Scheme) -> list[str]:
    kind = "Words by SLIP-39 that hold the private key itself, no passphrase. Only this"
    program = "program makes the right account of them; other wallets would make another one."
    if into == WHOLE:
        first = "Whoever reads these words has the key. Never photograph or type them elsewhere."
        return [first, kind, program]
    return [
        f"Keep each share at another place. Whoever has {into.needed} of them has the key; who has",
        "fewer knows nothing about it.",
        kind,
        program,
    ]
