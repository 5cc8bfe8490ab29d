"""The words of a backup, typed or from a file: a phrase, or shares."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from node.errors import KeyProblem
from node.keys import phrases, shares
from node.keys.phrases import Phrase

TITLE = "Paper backup of a Rochdale key"
"""The first line of every paper that this program writes."""

_NUMBERED = re.compile(r"^\s*\d{1,2}\. +(\S+)\s*$", re.MULTILINE)
_NUMBER = re.compile(r"\d{1,2}[.):]?")


@dataclass(frozen=True)
class Found:
    """The key that a backup holds, and its phrase if the backup is one."""

    secret: bytes = field(repr=False)
    account: str
    phrase: Phrase | None = None


def of_secret(secret: bytes, phrase: Phrase | None = None) -> Found:
    """Return a private key with its account; KeyProblem if the bytes are none."""
    from eth_account import Account

    try:
        account = str(Account.from_key(secret).address)
    except Exception:
        # `from None`: the cause would carry the secret into a traceback.
        raise KeyProblem("These bytes are no private key.") from None
    return Found(secret, account, phrase)


def plain(text: str) -> str:
    """Return the words alone: without what else stands on our paper, without their numbers."""
    if text.lstrip("\ufeff \t\r\n").startswith(TITLE):
        return " ".join(_NUMBERED.findall(text))
    return " ".join(word for word in text.split() if not _NUMBER.fullmatch(word))


def check(text: str, number: int) -> int:
    """Return how many shares must be given with this one, the `number`th, or 1 for a phrase;
    KeyProblem if its words cannot be right."""
    if is_share(text):
        return shares.needed(plain(text), number)
    phrases.read(plain(text))
    return 1


def found_in(texts: Sequence[str]) -> Found:
    """Return the key of one phrase or of several shares; KeyProblem if they give none."""
    if all(is_share(text) for text in texts):
        return of_secret(shares.join([plain(text) for text in texts]))
    if len(texts) > 1:
        raise KeyProblem(
            "These are several backups, and not all of them are shares.",
            hint="Give one phrase, or shares that were made together.",
        )
    phrase = phrases.read(plain(texts[0]))
    if len(set(phrases.entropy_of(phrase))) == 1:
        raise KeyProblem(
            "This phrase is an example out of a book; everybody has its key.",
            hint="Make a key of your own: coop key new NAME",
        )
    return of_secret(phrases.secret_of(phrase), phrase)


def is_share(text: str) -> bool:
    """Whether these are the words of a share: no phrase has so many."""
    return len(plain(text).split()) == shares.LENGTH
