"""Phrases: BIP-39 words in every language, read as people type them, as other wallets read them."""

import unicodedata

import pytest
from eth_account import Account
from eth_account.hdaccount.mnemonic import Mnemonic

from node.errors import KeyProblem, UsageProblem
from node.keys import phrases
from node.keys.words import found_in
from tests.node.desk import DEV_ACCOUNT
from tests.node.other_tools import by_library

DEV_PHRASE = "test test test test test test test test test test test junk"
# What ethers calls the lists.
ETHERS = {
    "english": "en",
    "chinese_simplified": "zh_cn",
    "chinese_traditional": "zh_tw",
    "czech": "cz",
    "french": "fr",
    "italian": "it",
    "japanese": "ja",
    "korean": "ko",
    "spanish": "es",
}


def account_of(text: str) -> str:
    return str(Account.from_key(phrases.secret_of(phrases.read(text))).address)


def test_the_well_known_phrase_of_test_chains_gives_their_first_account() -> None:
    assert account_of(DEV_PHRASE) == DEV_ACCOUNT


def test_every_word_list_that_the_library_has_is_offered() -> None:
    assert set(phrases.LANGUAGES) == set(Mnemonic.list_languages())


@pytest.mark.parametrize("length", phrases.LENGTHS)
def test_phrases_of_every_language_give_the_accounts_that_ethers_makes_of_them(length: int) -> None:
    drawn = [phrases.draw(length, language) for language in phrases.LANGUAGES]

    theirs = by_library(
        "ethers", "accounts", phrases=[[ETHERS[each.language], each.text] for each in drawn]
    )

    assert [account_of(each.text) for each in drawn] == theirs
    assert {len(each.words) for each in drawn} == {length}


@pytest.mark.parametrize("language", phrases.LANGUAGES)
def test_a_phrase_is_read_however_it_is_spaced_and_composed(language: str) -> None:
    drawn = phrases.from_entropy(bytes(range(16)), language)

    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        text = unicodedata.normalize(form, " ".join(drawn.words))
        assert phrases.read("\n " + text.replace(" ", " \t\u3000 ") + "\r\n").words == drawn.words
    assert phrases.read(drawn.text.upper()).words == drawn.words


def test_the_numbers_of_a_list_of_words_are_no_words() -> None:
    numbered = "\n".join(f"{number}. {word}" for number, word in enumerate(DEV_PHRASE.split(), 1))
    assert found_in([numbered]).account == DEV_ACCOUNT


@pytest.mark.parametrize("length", [16, 20, 24, 28, 32])
@pytest.mark.parametrize("language", phrases.LANGUAGES)
def test_words_and_their_random_bytes_are_two_ways_to_say_the_same(
    length: int, language: str
) -> None:
    entropy = bytes(range(1, length + 1))
    phrase = phrases.from_entropy(entropy, language)
    assert phrases.entropy_of(phrase) == entropy
    assert phrases.entropy_of(phrases.read(phrase.text)) == entropy


def test_two_new_phrases_differ() -> None:
    assert phrases.draw(12, "english") != phrases.draw(12, "english")


def test_a_new_phrase_has_12_or_24_words() -> None:
    with pytest.raises(UsageProblem):
        phrases.draw(13, "english")


# Mistakes


@pytest.mark.parametrize(
    ("text", "complaint", "secret"),
    [
        ("test junk", "a share 33; this has 2", "junk"),
        (DEV_PHRASE.replace("junk", "test"), "changed places", "test test"),
        (DEV_PHRASE.replace("junk", "junkk"), "Word 12 is not in the english list", "junkk"),
        ("tset tset " + DEV_PHRASE[10:], "words 1, 2 are not in the english list", "tset"),
    ],
    ids=["two words", "checksum", "misspelt", "misspelt twice"],
)
def test_a_mistake_is_placed_without_repeating_a_word(
    text: str, complaint: str, secret: str
) -> None:
    with pytest.raises(KeyProblem, match=complaint) as refused:
        phrases.read(text)
    assert secret not in str(refused.value) + str(refused.value.details)


def test_words_of_two_languages_are_no_phrase() -> None:
    words = phrases.from_entropy(bytes(range(16)), "czech").words[:6] + tuple(["junk"] * 6)
    with pytest.raises(KeyProblem, match="not in the"):
        phrases.read(" ".join(words))


@pytest.mark.parametrize("byte", [0x00, 0x7F, 0x80, 0xFF])
def test_an_example_out_of_the_standard_is_nobodys_key(byte: int) -> None:
    example = phrases.from_entropy(bytes([byte]) * 16, "english")
    with pytest.raises(KeyProblem, match="everybody has its key"):
        found_in([example.text])


def test_a_phrase_does_not_show_its_words_in_a_traceback() -> None:
    phrase = phrases.read(DEV_PHRASE)
    assert "junk" not in repr(phrase) + repr(found_in([DEV_PHRASE]))
