"""Ballots of neighbours: lanes at the borders of a word, in every order and mixture of a batch.

Sixteen ballots share a storage word, ten pay ballots do; a batch keeps the word in hand until it
leaves it. What it forgets to write, or writes over a neighbour, would be somebody's vote.
"""

import random

import pytest
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.coop import ABSTAIN, AGAINST, FOR, Coop
from tests.contracts.founding import found
from tests.contracts.pay import Coop as PayCoop
from tests.contracts.pay import pack
from tests.contracts.people import NAMES, person
from tests.contracts.roll import join, skipped
from tests.contracts.signing import entry

Choices = dict[int, tuple[int, int]]  # memberId -> choice, sequence


@pytest.fixture
def twenty(chain: Devnet, factory: Contract) -> Coop:
    """A co-op of the first twenty members: the border of two words lies between 15 and 16."""
    return found(chain, factory, founders=NAMES[:20])


@pytest.fixture
def many(chain: Devnet, factory: Contract) -> PayCoop:
    """Thirty-four members on pay votes: words of ten."""
    return PayCoop(chain, factory.address, founders=34)


def opened(coop: Coop) -> int:
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    return proposal


def cast(coop: Coop, vote: int, ballots: list[tuple[int, int, int]]) -> list[tuple[int, int, str]]:
    """A batch of (memberId, choice, sequence) in this order; what was skipped."""
    packed = b"".join(
        entry(m, choice, coop.sign(person(NAMES[m - 1]), vote, choice, sequence), sequence)
        for m, choice, sequence in ballots
    )
    return skipped(coop, coop.cast_batch(coop.tom, vote, packed))


def counted(coop: Coop, vote: int, members: range) -> Choices:
    """Who has a ballot, which and with what sequence."""
    answers = {m: coop.assembly.functions.ballotOf(vote, m).call() for m in members}
    return {m: (answer[0], answer[2]) for m, answer in answers.items() if answer[2]}


ORDERS = {
    "upwards": [14, 15, 16, 17],
    "downwards": [17, 16, 15, 14],
    "alternating words": [15, 16, 14, 17, 1, 20],
    "far and back": [1, 20, 2, 19, 3, 18],
    "one word only": [16, 17, 18],
    "the last lane alone": [15],
    "the first lane alone": [16],
}


@pytest.mark.parametrize("how", ORDERS)
def test_each_ballot_at_the_border_of_a_word_lands_in_its_own_lane(twenty: Coop, how: str) -> None:
    coop, vote = twenty, opened(twenty)
    ballots = [(m, m % 3, 1 + m) for m in ORDERS[how]]
    assert cast(coop, vote, ballots) == []
    assert counted(coop, vote, range(22)) == {m: (c, s) for m, c, s in ballots}
    tally = [sum(c == choice for _, c, _ in ballots) for choice in (AGAINST, FOR, ABSTAIN)]
    assert list(coop.votes(vote)) == tally


def test_the_same_member_twice_in_a_batch_with_another_word_in_between_counts_once(
    twenty: Coop,
) -> None:
    coop, vote = twenty, opened(twenty)
    ballots = [(15, FOR, 1), (16, FOR, 1), (15, AGAINST, 2), (16, ABSTAIN, 2), (15, FOR, 2)]
    assert cast(coop, vote, ballots) == [(15, 2, "StaleSequence")]
    assert coop.votes(vote) == (1, 0, 1)
    assert counted(coop, vote, range(22)) == {15: (AGAINST, 2), 16: (ABSTAIN, 2)}


def test_a_batch_that_only_skips_leaves_every_lane_as_it_was(twenty: Coop) -> None:
    coop, vote = twenty, opened(twenty)
    first = [(m, FOR, 9) for m in (1, 15, 16, 17)]
    assert cast(coop, vote, first) == []
    before = counted(coop, vote, range(22))
    again = [(m, AGAINST, 9) for m in (17, 1, 16, 15, 1, 17)]
    assert len(cast(coop, vote, again)) == 6
    assert counted(coop, vote, range(22)) == before
    assert coop.votes(vote) == (0, 4, 0)


def test_a_direct_ballot_does_not_touch_the_neighbours_of_a_batch(twenty: Coop) -> None:
    coop, vote = twenty, opened(twenty)
    assert cast(coop, vote, [(m, m % 3, 255) for m in (14, 15, 17)]) == []
    coop.vote(coop.people[NAMES[15]], vote, AGAINST, 255)
    assert counted(coop, vote, range(22)) == {
        14: (2, 255),
        15: (0, 255),
        16: (AGAINST, 255),
        17: (2, 255),
    }


@pytest.mark.parametrize("seed", range(3))
def test_a_batch_in_any_order_with_repetitions_equals_its_ballots_one_by_one(
    twenty: Coop, seed: int
) -> None:
    coop, dice = twenty, random.Random(seed)
    vote = opened(coop)
    ballots = [
        (dice.choice([1, 7, 8, 15, 16, 17, 20]), dice.randrange(3), dice.randrange(5))
        for _ in range(24)
    ]
    expected: Choices = {}
    stale = []
    for member, choice, sequence in ballots:
        if sequence <= expected.get(member, (0, 0))[1]:
            stale.append((member, sequence, "StaleSequence"))
        else:
            expected[member] = (choice, sequence)
    assert cast(coop, vote, ballots) == stale
    assert counted(coop, vote, range(22)) == expected
    live = [choice for choice, _ in expected.values()]
    assert list(coop.votes(vote)) == [live.count(c) for c in (AGAINST, FOR, ABSTAIN)]


def test_the_pay_ballots_of_members_29_and_30_lie_in_different_words(many: PayCoop) -> None:
    coop = many
    voters = [29, 30, 28, 31]
    pay_vote = coop.opened()
    rates = {m: coop.vote(pay_vote)["from"] + 10 * m for m in voters}
    ballots = [coop.ballot(pay_vote, m, rates[m], sequence=m) for m in voters]
    coop.carry_signed(pay_vote, ballots)
    assert {m: coop.lane(pay_vote, m) for m in (27, *voters, 32)} == {
        27: (0, 0, 0),
        32: (0, 0, 0),
        **{m: (rates[m], 0, m) for m in voters},
    }


PAY_ORDERS = {
    "upwards": [9, 10, 19, 20, 21, 29, 30],
    "downwards": [30, 29, 21, 20, 19, 10, 9],
    "alternating words": [9, 10, 8, 11, 19, 20, 18, 21],
}


@pytest.mark.parametrize("how", PAY_ORDERS)
def test_each_pay_ballot_at_the_border_of_a_word_lands_in_its_own_lane(
    many: PayCoop, how: str
) -> None:
    coop, members = many, PAY_ORDERS[how]
    vote = coop.opened()
    start = coop.vote(vote)["from"]
    # rungs in three words of the histogram, as the members are in four of the lanes
    ballots = [coop.ballot(vote, m, start + 10 * (m * 7 % 41), sequence=m) for m in members]
    coop.carry_signed(vote, ballots)
    changed = [coop.ballot(vote, m, start + 10 * (m % 5), sequence=m + 1) for m in members[::2]]
    coop.carry_signed(vote, changed)
    newest = {b.member: b for b in [*ballots, *changed]}
    for member in range(35):
        ballot = newest.get(member)
        expected = (ballot.rate, 0, ballot.sequence) if ballot else (0, 0, 0)
        assert coop.lane(vote, member) == expected
    assert sum(coop.counts(vote).values()) == len(members) == coop.vote(vote)["ballots"]


def test_a_pay_batch_repeats_a_member_across_words_and_counts_once(many: PayCoop) -> None:
    coop = many
    vote = coop.opened()
    start = coop.vote(vote)["from"]
    order = [(10, 0, 1), (9, 16, 1), (10, 15, 2), (9, 17, 2), (10, 4, 2), (9, 5, 1)]
    ballots = [coop.ballot(vote, m, start + 10 * rung, sequence=s) for m, rung, s in order]
    coop.carry(vote, [pack(ballot, coop.sign(ballot)) for ballot in ballots])
    assert coop.counts(vote) == {start + 150: 1, start + 170: 1}
    assert coop.vote(vote)["ballots"] == 2


def test_members_who_joined_later_vote_across_the_border_too(coop: Coop) -> None:
    assert [join(coop, coop.people[name]) for name in NAMES[5:18]] == list(range(6, 19))
    vote = opened(coop)
    assert cast(coop, vote, [(m, FOR, 1) for m in (18, 16, 15, 17, 1)]) == []
    assert set(counted(coop, vote, range(20))) == {1, 15, 16, 17, 18}
