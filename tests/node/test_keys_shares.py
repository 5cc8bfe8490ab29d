"""Shares: some of them give the key, fewer do not, and mistakes are told apart."""

from itertools import combinations, permutations

import pytest

from node.errors import KeyProblem, UsageProblem
from node.keys import shares
from node.keys.shares import Scheme
from node.keys.words import found_in
from tests.node.desk import DEV_ACCOUNT, DEV_KEY

SECRET = bytes.fromhex(DEV_KEY[2:])
# Two of three shares of it: what is on paper must be readable for ever.
PRINTED = (
    (
        "brother dream academic always analysis pants require shelter blessing garlic spray "
        "acrobat duke ticket deny pecan puny royal fortune laden olympic ambition parking "
        "stick object literary surprise course patent hearing axle hand emerald"
    ),
    (
        "brother dream academic acid agency security ticket analysis dance order spend admit "
        "fantasy adorn body born image junction amount guard anxiety nervous phantom merchant "
        "royal entrance emission morning best upstairs twin divorce mother"
    ),
)

SCHEMES = (Scheme(2, 2), Scheme(3, 5), Scheme(16, 16), shares.WHOLE)


def test_any_two_of_three_shares_give_the_key_in_any_order() -> None:
    made = shares.split(SECRET, Scheme(2, 3))
    for pair in permutations(made, 2):
        assert shares.join(pair) == SECRET
    assert shares.join(made) == SECRET


@pytest.mark.parametrize("scheme", SCHEMES, ids=str)
def test_as_many_shares_as_the_scheme_says_suffice(scheme: Scheme) -> None:
    made = shares.split(SECRET, scheme)
    assert {len(each.split()) for each in made} == {shares.LENGTH}
    assert shares.join(made[-scheme.needed :]) == SECRET
    assert [shares.needed(each, 1) for each in made] == [scheme.needed] * scheme.count


def test_fewer_shares_are_refused_also_when_one_is_given_twice() -> None:
    made = shares.split(SECRET, Scheme(3, 5))
    for few in [*combinations(made, 2), (made[0], made[1], made[0])]:
        with pytest.raises(KeyProblem, match="Different shares given: 2; needed: 3"):
            shares.join(few)


def test_a_share_of_another_backup_of_the_same_key_is_told() -> None:
    first, second = (shares.split(SECRET, Scheme(2, 3)) for _ in range(2))
    with pytest.raises(KeyProblem, match="Share 2 is of another backup"):
        shares.join([first[0], second[1]])


def test_shares_that_were_printed_years_ago_still_give_the_key() -> None:
    assert found_in(PRINTED).account == DEV_ACCOUNT


def test_a_mistake_in_a_share_is_placed_without_repeating_a_word() -> None:
    words = PRINTED[1].split()
    misspelt = " ".join([*words[:6], "swann", *words[7:]])
    swapped = " ".join([*words[:6], words[7], words[6], *words[8:]])

    with pytest.raises(KeyProblem, match="Of share 2, these words are in no list: 7") as unlisted:
        shares.needed(misspelt, 2)
    with pytest.raises(KeyProblem, match="Share 2 has a wrong word") as changed:
        shares.needed(swapped, 2)

    for refused in (unlisted, changed):
        assert not {"swann", words[0], words[6]} & set(str(refused.value).split())
        assert refused.value.__cause__ is None


def test_shares_of_another_secret_than_a_key_are_refused() -> None:
    with pytest.raises(KeyProblem, match="something else"):
        shares.join(shares.split(bytes(16), Scheme(2, 2)))


def test_a_phrase_among_shares_is_refused() -> None:
    phrase = "test test test test test test test test test test test junk"
    with pytest.raises(KeyProblem, match="several backups"):
        found_in([shares.split(SECRET, Scheme(2, 3))[0], phrase])


@pytest.mark.parametrize(
    "text",
    ["", "2", "2of3", "a-of-b", "0-of-3", "1-of-1", "4-of-3", "2-of-17", "-2-of-3", "²-of-3"],
)
def test_what_makes_no_shares_is_refused(text: str) -> None:
    with pytest.raises(UsageProblem):
        shares.scheme(text)


def test_a_scheme_reads_as_it_is_written() -> None:
    assert str(shares.scheme("2-of-3")) == "2-of-3"
    assert shares.scheme("16-of-16") == Scheme(16, 16)
