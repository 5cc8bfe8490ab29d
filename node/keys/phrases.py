"""Phrases by BIP-39: words that any wallet turns into the same key.

The key is the one at m/44'/60'/0'/0/0 (BIP-32, BIP-44) of the phrase without a passphrase, which
wallets call their first Ethereum account.
"""

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from node.errors import KeyProblem, UsageProblem

if TYPE_CHECKING:
    from eth_account.hdaccount.mnemonic import Mnemonic

PATH = "m/44'/60'/0'/0/0"
LENGTHS = (12, 24)
"""Numbers of words that a new phrase may have."""
LANGUAGES = (
    "english",
    "chinese_simplified",
    "chinese_traditional",
    "czech",
    "french",
    "italian",
    "japanese",
    "korean",
    "spanish",
)
"""The word lists that there are: those of BIP-39 without the Portuguese one."""

_READ_LENGTHS = (12, 15, 18, 21, 24)


@dataclass(frozen=True)
class Phrase:
    """A phrase whose words and checksum are right."""

    words: tuple[str, ...] = field(repr=False)
    language: str

    @property
    def text(self) -> str:
        """The words with blanks between them, composed (NFC) as people write them."""
        return unicodedata.normalize("NFC", " ".join(self.words))


def draw(length: int, language: str) -> Phrase:
    """Return a new phrase from the system's randomness."""
    from secrets import token_bytes

    if length not in LENGTHS:
        raise UsageProblem(f"A new phrase cannot have {length} words.", hint="Take 12 or 24.")
    return from_entropy(token_bytes(length * 4 // 3), language)


def read(text: str) -> Phrase:
    """Return what somebody typed as a phrase: in any language, however it is spaced or composed."""
    words = tuple(unicodedata.normalize("NFKD", text).lower().split())
    if len(words) not in _READ_LENGTHS:
        raise KeyProblem(
            f"A phrase has 12, 15, 18, 21 or 24 words and a share 33; this has {len(words)}.",
            hint="Type all words in their order, with blanks between them.",
        )
    known = [language for language in LANGUAGES if not _unknown(words, language)]
    if not known:
        raise _misspelt(words)
    for language in known:
        if _list(language).is_mnemonic_valid(" ".join(words)):
            return Phrase(words, language)
    raise KeyProblem(
        "The words are no phrase: a word is wrong, or two have changed places.",
        hint="Compare each word with the paper; the checksum tells a mistake, not where it is.",
    )


def secret_of(phrase: Phrase) -> bytes:
    """Return the private key that a phrase gives, 32 bytes."""
    from eth_account.hdaccount import key_from_seed
    from eth_account.hdaccount.mnemonic import Mnemonic

    return bytes(key_from_seed(Mnemonic.to_seed(" ".join(phrase.words)), PATH))


def entropy_of(phrase: Phrase) -> bytes:
    """Return the random bytes that the words stand for, 16 to 32."""
    number, words = 0, _list(phrase.language).wordlist
    for word in phrase.words:
        number = number << 11 | words.index(word)
    # BIP-39: every 32 bits have one of checksum behind them, so three words hold one.
    length = len(phrase.words)
    return (number >> length // 3).to_bytes(length * 4 // 3)


def from_entropy(entropy: bytes, language: str) -> Phrase:
    """Return the phrase that stands for 16 to 32 random bytes; ValueError for another number."""
    if len(entropy) * 3 // 4 not in _READ_LENGTHS or len(entropy) % 4:
        raise ValueError(f"{len(entropy)} bytes make no phrase")
    text = _list(language).to_mnemonic(entropy)
    return Phrase(tuple(unicodedata.normalize("NFKD", text).split()), language)


def _list(language: str) -> "Mnemonic":
    from eth_account.hdaccount.mnemonic import Mnemonic
    from eth_account.types import Language

    return Mnemonic(Language(language))


def _unknown(words: tuple[str, ...], language: str) -> list[int]:
    """The numbers, from 1, of the words that are not in a language's list."""
    known = set(_list(language).wordlist)
    return [number for number, word in enumerate(words, 1) if word not in known]


def _misspelt(words: tuple[str, ...]) -> KeyProblem:
    """Tell which words no list holds; the words themselves are secret."""
    nearest = min(LANGUAGES, key=lambda language: len(_unknown(words, language)))
    wrong = _unknown(words, nearest)
    listed = ", ".join(map(str, wrong))
    return KeyProblem(
        f"Word {listed} is not in the {nearest} list."
        if len(wrong) == 1
        else f"The words {listed} are not in the {nearest} list, nor all words in another one.",
        hint="Compare them with the paper.",
        details={"words": wrong, "language": nearest},
    )
