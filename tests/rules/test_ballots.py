"""Which ballot stands, and which sequence it bears."""

from hypothesis import given
from hypothesis import strategies as st

from indexer.rules.ballots import CHOICES, Lane, next_sequence, tally
from indexer.rules.bylaws import Tally


def test_the_first_ballot_bears_sequence_one() -> None:
    assert next_sequence(None, epoch=0, announced=None) == 1


def test_the_next_ballot_bears_one_more() -> None:
    assert next_sequence(Lane(epoch=2, sequence=7), epoch=2, announced=None) == 8


def test_a_new_key_starts_again_at_one() -> None:
    assert next_sequence(Lane(epoch=2, sequence=7), epoch=3, announced=None) == 1


def test_an_announced_sequence_is_taken_as_it_is() -> None:
    assert next_sequence(Lane(epoch=2, sequence=7), epoch=2, announced=200) == 200


def test_sixty_four_new_keys_look_like_none_as_they_do_to_the_contract() -> None:
    assert next_sequence(Lane(epoch=1, sequence=7), epoch=65, announced=None) == 8


ballots = st.lists(st.tuples(st.integers(1, 6), st.sampled_from(CHOICES)))


@given(ballots)
def test_each_member_counts_once_and_with_the_last_ballot(cast: list[tuple[int, str]]) -> None:
    counted = tally(cast)
    assert sum(counted) == len({member for member, _ in cast})
    for word, votes in zip(("for", "against", "abstain"), counted, strict=True):
        last = [
            choice
            for place, (member, choice) in enumerate(cast)
            if member not in {later for later, _ in cast[place + 1 :]}
        ]
        assert votes == last.count(word)


def test_nobody_is_counted_before_anybody_votes() -> None:
    assert tally([]) == Tally(0, 0, 0)
