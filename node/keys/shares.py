"""Shares by SLIP-39: some of them give the private key, fewer tell nothing about it.

A share has 33 words with a checksum of their own. What is shared is the private key itself and not
a wallet's seed: a wallet that knows SLIP-39 would make another account of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from node.errors import KeyProblem, UsageProblem

if TYPE_CHECKING:
    from shamir_mnemonic import Share

LENGTH = 33
"""Words of a share that holds 32 bytes."""
_MOST = 16
_SECRET = 32  # bytes


@dataclass(frozen=True)
class Scheme:
    """How many shares there are and how many suffice; 1 of 1 is a backup in one piece."""

    needed: int
    count: int

    def __str__(self) -> str:
        return f"{self.needed}-of-{self.count}"


WHOLE = Scheme(1, 1)


def scheme(text: str) -> Scheme:
    """Read a scheme like `2-of-3`."""
    needed, _, count = text.partition("-of-")
    if not (_counts(needed) and _counts(count)):
        raise UsageProblem(f"{text!r} is no number of shares.", hint="Write it as 2-of-3.")
    found = Scheme(int(needed), int(count))
    if not 2 <= found.needed <= found.count <= _MOST:
        raise UsageProblem(
            f"{text} makes no shares.",
            hint=f"At least 2 must be needed, at most {_MOST} can be made; a backup without "
            "--shares is in one piece.",
        )
    return found


def split(secret: bytes, into: Scheme) -> list[str]:
    """Return shares of a private key, each 33 words; different ones at each call."""
    from shamir_mnemonic import generate_mnemonics

    (group,) = generate_mnemonics(1, [(into.needed, into.count)], bytes(secret))
    return list(group)


def needed(text: str, number: int) -> int:
    """Return how many shares of its set suffice, as the share says that was given as `number`th."""
    return int(_parsed(text, number).member_threshold)


def join(texts: Sequence[str]) -> bytes:
    """Return the private key, 32 bytes; KeyProblem if these shares do not give one."""
    from shamir_mnemonic import MnemonicError, combine_mnemonics

    found = [_parsed(text, number) for number, text in enumerate(texts, 1)]
    # 1. all of one backup
    for number, share in enumerate(found, 1):
        if share.group_parameters() != found[0].group_parameters():
            raise KeyProblem(
                f"Share {number} is of another backup than share 1.",
                hint="Take shares that were made together.",
            )
    # 2. enough different ones
    different = {share.index: share for share in found}
    wanted = found[0].member_threshold
    if len(different) < wanted:
        raise KeyProblem(
            f"Different shares given: {len(different)}; needed: {wanted}.",
            hint="Find another share.",
        )
    # 3. together a private key
    try:
        # More than are needed would be refused.
        enough = list(different.values())[:wanted]
        secret = combine_mnemonics([share.mnemonic() for share in enough])
    except MnemonicError:  # its text would name words
        raise KeyProblem("The shares do not fit together.", hint="Try others of them.") from None
    if len(secret) != _SECRET:
        raise KeyProblem("The shares hold something else than a key of this program.")
    return bytes(secret)


def _parsed(text: str, number: int) -> "Share":
    from shamir_mnemonic import MnemonicError, Share
    from shamir_mnemonic.wordlist import WORD_INDEX_MAP

    words = text.lower().split()
    wrong = [place for place, word in enumerate(words, 1) if word not in WORD_INDEX_MAP]
    if wrong:
        raise KeyProblem(
            f"Of share {number}, these words are in no list: {', '.join(map(str, wrong))}.",
            hint="Compare them with the paper.",
            details={"share": number, "words": wrong},
        )
    try:
        return Share.from_mnemonic(" ".join(words))
    except MnemonicError:  # its text would name words
        raise KeyProblem(
            f"Share {number} has a wrong word, or two words have changed places.",
            hint="Compare each word with the paper.",
        ) from None


def _counts(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3
