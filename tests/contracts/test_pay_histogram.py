"""The packed counts of ballots, and the middle ballot found in them."""

import random
from itertools import product

import pytest
from web3.contract import Contract as Factory

from node.devnet import Devnet
from tests.contracts.ledger import Contract, refused
from tests.contracts.pay import Coop


class Probe:
    def __init__(self, coop: Coop) -> None:
        self.coop = coop
        self.at: Contract = coop.deploy("HistogramProbe")
        self.rungs: list[int] = []

    def add(self, *rungs: int) -> None:
        self.coop.send(self.at, "add", list(rungs))
        self.rungs += rungs

    def move(self, start: int, end: int) -> None:
        self.coop.send(self.at, "move", start, end)
        self.rungs.remove(start)
        self.rungs.append(end)

    def median(self, filled: int = 0, fill_rung: int = 0) -> int:
        return int(self.coop.ask(self.at, "median", len(self.rungs), filled, fill_rung))

    def counts(self) -> list[int]:
        return [self.coop.ask(self.at, "countOf", rung) for rung in range(256)]

    def sorted_middle(self, filled: int = 0, fill_rung: int = 0) -> int:
        """The reference: sort all ballots and take the one in the middle."""
        ballots = sorted(self.rungs + [fill_rung] * filled)
        assert len(ballots) % 2 == 1
        return ballots[len(ballots) // 2]


@pytest.fixture
def probe(factory: Factory, chain: Devnet) -> Probe:
    return Probe(Coop(chain, factory.address))


def test_a_single_ballot_is_the_middle_one(probe: Probe) -> None:
    probe.add(255)
    assert probe.median() == 255


def test_without_ballots_the_filled_one_is_the_middle_one(probe: Probe) -> None:
    assert probe.median(filled=1, fill_rung=200) == 200


def test_every_small_vote_has_the_middle_that_sorting_gives(probe: Probe) -> None:
    # three rungs in three different words, the fill on each of them
    rungs = (0, 17, 255)
    for added in product(rungs, repeat=2):
        probe.add(*added)
        for fill_rung, filled in product(rungs, (1, 3, 5)):
            expected = probe.sorted_middle(filled, fill_rung)
            assert probe.median(filled, fill_rung) == expected


def test_large_votes_have_the_middle_that_sorting_gives(probe: Probe) -> None:
    dice = random.Random(16)
    for _ in range(20):
        centre = dice.randint(0, 255)
        probe.add(*[min(255, max(0, round(dice.gauss(centre, 25)))) for _ in range(40)])
        for _ in range(4):
            filled, fill_rung = dice.randint(0, 50) * 2 + 1, dice.randint(0, 255)
            assert probe.median(filled, fill_rung) == probe.sorted_middle(filled, fill_rung)


def test_adding_and_moving_change_only_the_rungs_named(probe: Probe) -> None:
    probe.add(0, 15, 15, 16, 255)
    probe.move(15, 14)
    probe.move(255, 0)
    probe.move(16, 16)

    counts = probe.counts()

    assert {rung: count for rung, count in enumerate(counts) if count} == {
        0: 2,
        14: 1,
        15: 1,
        16: 1,
    }
    assert counts == [probe.rungs.count(rung) for rung in range(256)]


def test_moving_back_and_forth_leaves_the_counts_as_they_were(probe: Probe) -> None:
    probe.add(3, 4, 40)
    before = probe.counts()
    for start, end in ((3, 4), (4, 40), (40, 3)):
        probe.move(start, end)
        probe.move(end, start)
    assert probe.counts() == before


def test_a_rung_holds_65535_ballots_and_the_next_is_refused(probe: Probe) -> None:
    probe.coop.send(probe.at, "setWord", 1, 65_534 << 240, 65_534)
    probe.add(31)
    assert probe.coop.ask(probe.at, "countOf", 31) == 65_535
    assert probe.coop.ask(probe.at, "median", 65_535, 0, 0) == 31

    with refused("HistogramFull", 65_536):
        probe.add(30)


def test_the_sum_of_a_full_word_is_right(probe: Probe) -> None:
    # 15 rungs with 4,369 each: the word's sum is 65,535, the most there can be
    word = sum(4369 << 16 * rung for rung in range(15))
    probe.coop.send(probe.at, "setWord", 0, word, 65_535)
    assert probe.coop.ask(probe.at, "median", 65_535, 0, 0) == 7
    assert probe.coop.ask(probe.at, "median", 65_535, 65_536, 255) == 255
