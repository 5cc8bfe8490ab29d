"""Counting a pay vote: the fill, the middle ballot, the bounds, the order."""

import random
from collections.abc import Iterator
from functools import partial

import pytest
from web3.contract import Contract as Factory

from node.devnet import Devnet
from tests.contracts.coop import DAY, HOUR
from tests.contracts.ledger import refused
from tests.contracts.pay import (
    COOK,
    DRIVER,
    Coop,
    Founding,
    Rule,
    Terms,
    founded,
    role,
)

PENDING, OPEN, COUNTING, CLOSED, EXPIRED = range(5)

# closePayVote
# ├── unknown → PayRatesUnknownPayVote
# ├── Pending, Open, Closed, Expired → PayRatesUnexpectedState
# ├── while one with an earlier deadline is to be closed → PayRatesEarlierVoteFirst
# └── sets the rate to the middle ballot, within the bounds of that moment


@pytest.fixture
def found(factory: Factory, chain: Devnet) -> Founding:
    """Founds a co-op with other terms than `coop` has."""
    return partial(founded, chain, factory.address)


@pytest.fixture
def coop(found: Founding) -> Iterator[Coop]:
    with found() as coop:
        yield coop


@pytest.fixture
def two_roles(found: Founding) -> Iterator[Coop]:
    with found(roles=[Terms(DRIVER), Terms(COOK, rate=1900)]) as coop:
        yield coop


def test_only_a_vote_in_counting_is_closed(coop: Coop) -> None:
    with refused("PayRatesUnknownPayVote", 1):
        coop.send(coop.pay, "closePayVote", 1)
    vote = coop.call()
    opens_at, deadline = coop.vote(vote)["opensAt"], coop.vote(vote)["deadline"]
    for moment, state in ((opens_at, PENDING), (opens_at + 1, OPEN), (deadline, OPEN)):
        with refused("PayRatesUnexpectedState", vote, state, COUNTING):
            coop.close(vote, at=moment)
    coop.close(vote)
    with refused("PayRatesUnexpectedState", vote, CLOSED, COUNTING):
        coop.close(vote)


def test_an_unclosed_vote_expires_and_the_rate_stays(coop: Coop) -> None:
    vote = coop.opened()
    for member in (1, 2, 3):
        coop.cast(vote, member, 2200)
    expires_at = coop.vote(vote)["deadline"] + 14 * DAY
    with refused("PayRatesUnexpectedState", vote, EXPIRED, COUNTING):
        coop.close(vote, at=expires_at + 1)
    assert coop.rate() == 2000


def test_a_vote_can_be_closed_in_the_last_second_of_its_grace(coop: Coop) -> None:
    vote = coop.opened()
    coop.cast(vote, 1, 2100)
    coop.close(vote, at=coop.vote(vote)["deadline"] + 14 * DAY)
    assert coop.rate() == 2100


def test_anybody_closes_and_the_middle_ballot_wins(coop: Coop) -> None:
    vote = coop.opened()
    for member, rate in ((1, 1800), (2, 2100), (3, 2200), (4, 2050), (5, 2190)):
        coop.cast(vote, member, rate)

    receipt = coop.close(vote)

    assert [event.name for event in receipt.events] == ["PayVoteClosed", "RateSet"]
    assert receipt.values("PayVoteClosed") == [(vote, 5, 0, 2100, 2100)]
    assert receipt.values("RateSet") == [(DRIVER, 2100, vote)]
    assert coop.rate() == 2100
    assert coop.vote(vote)["closed"]


def test_a_result_equal_to_the_present_rate_sets_no_rate(coop: Coop) -> None:
    vote = coop.opened()
    receipt = coop.close(vote)
    assert [event.name for event in receipt.events] == ["PayVoteClosed"]


FILLS = [
    # quorumMin, quorumBps, fillToRoll, rates cast by members 1, 2 …, filled, median
    (1, 0, False, [], 1, 2000),
    (1, 0, False, [2100], 0, 2100),
    (1, 0, False, [2100, 2200], 1, 2100),
    (1, 0, False, [1900, 2200], 1, 2000),
    (1, 0, False, [1810, 1820], 1, 1820),
    (3, 0, False, [2200], 2, 2000),
    (3, 0, False, [2200, 2190], 1, 2190),
    (4, 0, False, [2200, 2190], 3, 2000),
    (4, 0, False, [2200, 2190, 2180], 2, 2180),
    (1, 5001, False, [2200], 2, 2000),
    (1, 6000, False, [2200], 2, 2000),
    (1, 6001, False, [2200], 4, 2000),
    (1, 5001, False, [2200, 2200, 2200], 0, 2200),
    (5, 1, False, [2200, 2200, 2200], 2, 2200),
    (9, 0, False, [2200, 2200, 2200], 2, 2200),
    (9, 0, False, [2200, 2200], 3, 2000),
    (9, 0, False, [2200, 2200, 2200, 2200, 2190], 0, 2200),
    (9, 0, False, [], 5, 2000),
    (1, 0, True, [2200, 2200], 3, 2000),
    (1, 0, True, [2200, 2200, 2100], 2, 2100),
    (1, 0, True, [2200, 2200, 2100, 2100, 1800], 0, 2100),
    (1, 0, True, [], 5, 2000),
]


@pytest.mark.parametrize(
    ("quorum_min", "quorum_bps", "fill_to_roll", "rates", "filled", "median"), FILLS
)
def test_absences_count_for_the_present_rate(
    found: Founding,
    quorum_min: int,
    quorum_bps: int,
    fill_to_roll: bool,
    rates: list[int],
    filled: int,
    median: int,
) -> None:
    rule = Rule(quorum_min=quorum_min, quorum_bps=quorum_bps, fill_to_roll=fill_to_roll)
    with found(rule=rule) as coop:
        vote = coop.opened()
        for member, rate in enumerate(rates, 1):
            coop.cast(vote, member, rate)

        receipt = coop.close(vote)

        assert receipt.values("PayVoteClosed") == [(vote, len(rates), filled, median, median)]
        ballots = sorted([*rates, *[2000] * filled])
        assert ballots[len(ballots) // 2] == median


def test_a_quorum_above_the_roll_holds_no_rate_down(found: Founding) -> None:
    # Filled up to 50 the ballots of all five members would weigh nothing, for ever.
    with found(rule=Rule(quorum_min=50)) as coop:
        vote = coop.opened()
        for member in range(1, 6):
            coop.cast(vote, member, 2100)
        receipt = coop.close(vote)
        assert receipt.values("PayVoteClosed") == [(vote, 5, 0, 2100, 2100)]
        assert coop.rate() == 2100


def test_a_quorum_above_the_roll_is_the_frozen_roll(found: Founding) -> None:
    with found(rule=Rule(quorum_min=50), founders=6) as coop:
        vote = coop.call()
        coop.leave(6)  # before the freeze: five are left
        coop.until(coop.vote(vote)["opensAt"] + 1)
        for member in (1, 2, 3):
            coop.cast(vote, member, 2100)
        coop.leave(5)  # after it
        receipt = coop.close(vote)
        assert receipt.values("PayVoteClosed") == [(vote, 3, 2, 2100, 2100)]


def test_an_even_roll_is_filled_with_one_more(found: Founding) -> None:
    with found(founders=4, rule=Rule(fill_to_roll=True)) as coop:
        vote = coop.opened()
        for member in (1, 2, 3):
            coop.cast(vote, member, 2200)
        receipt = coop.close(vote)
        assert receipt.values("PayVoteClosed") == [(vote, 3, 2, 2200, 2200)]


def test_the_fill_counts_the_frozen_roll_and_not_the_present_one(found: Founding) -> None:
    with found(rule=Rule(fill_to_roll=True)) as coop:
        vote = coop.opened()
        for member in (1, 2):
            coop.cast(vote, member, 2200)
        for member in (3, 4, 5):
            coop.leave(member)
        receipt = coop.close(vote)
        assert receipt.values("PayVoteClosed") == [(vote, 2, 3, 2000, 2000)]


def test_the_result_is_clamped_to_the_bounds_of_the_closing(coop: Coop) -> None:
    vote = coop.opened()
    for member in (1, 2, 3):
        coop.cast(vote, member, 1850)
    coop.order("changeRole", DRIVER, 1905, 10, 1000)

    receipt = coop.close(vote)

    assert receipt.values("PayVoteClosed") == [(vote, 3, 0, 1850, 1905)]
    assert receipt.values("RateSet") == [(DRIVER, 1905, vote)]


def test_a_floor_above_the_present_rate_raises_it_even_without_ballots(coop: Coop) -> None:
    coop.order("changeRole", DRIVER, 2105, 10, 1000)
    vote = coop.opened()
    # the rungs between the present rate and the floor are there, but cannot win
    assert {name: coop.vote(vote)[name] for name in ("from", "rungs", "presentRung")} == {
        "from": 2000,
        "rungs": 21,
        "presentRung": 0,
    }
    receipt = coop.close(vote)
    assert receipt.values("PayVoteClosed") == [(vote, 0, 1, 2000, 2105)]


def test_the_largest_change_counts_from_the_rate_one_period_ago(coop: Coop) -> None:
    for expected in (2200, 2200):
        vote = coop.opened()
        top = coop.vote(vote)["from"] + 10 * (coop.vote(vote)["rungs"] - 1)
        assert top == 2200
        coop.cast(vote, 1, top)
        coop.close(vote)
        assert coop.rate() == expected
        coop.until(coop.now() + 31 * DAY)

    coop.until(coop.now() + 365 * DAY)
    assert coop.view("bounds", DRIVER) == (1980, 2420)


def test_a_young_role_counts_from_its_first_rate(coop: Coop) -> None:
    assert coop.view("bounds", DRIVER) == (1800, 2200)


def test_a_ladder_has_at_most_256_rungs(coop: Coop) -> None:
    coop.order("changeRole", DRIVER, 0, 1, 10_000)
    vote = coop.opened()
    found = coop.vote(vote)
    assert (found["from"], found["rungs"], found["presentRung"]) == (1873, 256, 127)
    for member, rate in ((1, 1873), (2, 2128), (3, 2128)):
        coop.cast(vote, member, rate)
    assert coop.view("histogram", vote) == (1, *[0] * 254, 2)
    coop.close(vote)
    assert coop.rate() == 2128


# Order


def two_votes(coop: Coop, second_wait: int = DAY) -> tuple[int, int]:
    """A vote on drivers, and one on cooks that opens so many seconds after its call."""
    moment = coop.now() + 10
    coop.call(DRIVER, wait=2 * DAY, at=moment)
    coop.call(COOK, wait=second_wait, at=moment + 10)
    return 1, 2


def test_votes_close_in_the_order_of_their_deadlines(two_roles: Coop) -> None:
    later, earlier = two_votes(two_roles)
    both_over = two_roles.after_deadline(later)
    with refused("PayRatesEarlierVoteFirst", later, earlier):
        two_roles.close(later, at=both_over)
    two_roles.close(earlier)
    two_roles.close(later)


def test_with_equal_deadlines_the_smaller_number_comes_first(two_roles: Coop) -> None:
    first, second = two_votes(two_roles, second_wait=2 * DAY - 10)
    assert two_roles.vote(first)["deadline"] == two_roles.vote(second)["deadline"]
    with refused("PayRatesEarlierVoteFirst", second, first):
        two_roles.close(second)
    two_roles.close(first)
    two_roles.close(second)


def test_a_later_vote_holds_nobody_up(two_roles: Coop) -> None:
    later, earlier = two_votes(two_roles)
    two_roles.close(earlier)
    assert two_roles.state(later) == "Open"


def test_an_expired_vote_holds_nobody_up(two_roles: Coop) -> None:
    later, earlier = two_votes(two_roles)
    two_roles.close(later, at=two_roles.vote(earlier)["deadline"] + 14 * DAY + 1)
    assert two_roles.state(earlier) == "Expired"


def test_a_closed_vote_on_another_role_changes_the_ratio_band_of_the_next(found: Founding) -> None:
    terms = [
        Terms(DRIVER, rate=3000, max_change_bps=5000),
        Terms(COOK, rate=2000, max_change_bps=5000),
    ]
    with found(rule=Rule(ratio_cap=200), roles=terms) as coop:
        later, earlier = two_votes(coop)
        # while cooks earn 2,000 a driver may earn 4,000; both votes were called by that ladder
        assert coop.view("bounds", DRIVER) == (1500, 4000)
        coop.until(coop.vote(later)["opensAt"] + 1)
        coop.cast(earlier, 1, 1500)
        coop.cast(later, 1, 3900)

        coop.close(earlier)
        receipt = coop.close(later)

        assert receipt.values("PayVoteClosed") == [(later, 1, 0, 3900, 3000)]
        assert coop.rate(DRIVER) == 3000
        assert coop.view("bounds", COOK) == (1500, 3000)


# Retiring


@pytest.mark.parametrize("stage", ["Pending", "Open", "Counting"])
def test_nobody_holds_a_retirement_up_by_calling_a_vote(coop: Coop, stage: str) -> None:
    vote = coop.call()
    opens_at, deadline = coop.vote(vote)["opensAt"], coop.vote(vote)["deadline"]
    moment = {"Pending": opens_at, "Open": opens_at + 1, "Counting": deadline + 1}[stage]
    receipt = coop.order("retireRole", DRIVER, at=moment)
    assert receipt.values("RoleRetired") == [(DRIVER,)]
    assert coop.state(vote) == stage
    with refused("PayRatesUnknownRole", DRIVER):
        coop.open_vote(DRIVER, coop.now() + 2 * DAY)


def test_a_vote_on_a_role_that_was_retired_is_void_and_expires(coop: Coop) -> None:
    vote = coop.opened()
    for member in (1, 2, 3):
        coop.cast(vote, member, 2200)
    coop.order("retireRole", DRIVER)
    last = coop.vote(vote)["deadline"] + 14 * DAY
    for moment in (coop.after_deadline(vote), last):
        with refused("PayRatesUnknownRole", DRIVER):
            coop.close(vote, at=moment)
    assert coop.state(vote) == "Counting"
    coop.until(last + 1)
    assert (coop.state(vote), coop.vote(vote)["closed"]) == ("Expired", False)
    assert coop.view("roleOf", DRIVER)[::6] == (2000, True)
    assert coop.view("rateAt", DRIVER, coop.now()) == 2000


def test_a_vote_on_a_role_that_was_retired_holds_no_other_vote_up(two_roles: Coop) -> None:
    later, earlier = two_votes(two_roles)
    two_roles.order("retireRole", COOK)
    two_roles.close(later)
    assert (two_roles.state(later), two_roles.state(earlier)) == ("Closed", "Counting")


def test_a_role_with_a_closed_vote_can_be_retired(coop: Coop) -> None:
    vote = coop.opened()
    coop.close(vote)
    coop.order("retireRole", DRIVER)


def test_the_shortest_rule_works_from_call_to_close(found: Founding) -> None:
    rule = Rule(notice=0, voting_period=HOUR, grace=DAY, rest=0)
    with found(rule=rule, roles=[Terms(role("a"))]) as coop:
        for _ in range(3):
            vote = coop.call(role("a"), wait=0)
            coop.cast(vote, 1, 2000, at=coop.now() + 1)
            coop.close(vote)
        assert coop.view("payVoteCount") == 3


def test_invariant_15_a_new_rate_is_within_the_bounds_of_its_moment(found: Founding) -> None:
    dice = random.Random(15)
    terms = [
        Terms(DRIVER, rate=2000, floor=500, step=7, max_change_bps=2500),
        Terms(COOK, rate=3000, floor=500, step=9, max_change_bps=3000),
    ]
    rule = Rule(notice=0, voting_period=HOUR, rest=0, period=20 * DAY, ratio_cap=180)
    with found(roles=terms, rule=rule) as coop:
        for _ in range(12):
            which = dice.choice([DRIVER, COOK])
            coop.order("changeRole", which, dice.randint(1, 2500), dice.randint(1, 40), 2500)
            before = coop.rate(which)
            vote = coop.call(which, wait=0)
            ladder = coop.vote(vote)
            assert ladder["rungs"] <= 256
            assert ladder["from"] + ladder["step"] * ladder["presentRung"] == before
            for member in (1, 2, 3):
                rung = dice.randrange(ladder["rungs"])
                rate = ladder["from"] + ladder["step"] * rung
                coop.cast(vote, member, rate, at=ladder["opensAt"] + member)
            coop.until(coop.after_deadline(vote))
            lowest, highest = coop.view("bounds", which)

            coop.close(vote)

            assert lowest <= coop.rate(which) <= highest
            assert coop.view("rateAt", which, coop.now() - 1) == before
            coop.until(coop.now() + dice.randint(1, 15) * DAY)
