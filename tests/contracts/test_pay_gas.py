"""What pay votes may cost: figures that only go down, and room left in the contract."""

from collections.abc import Iterator
from functools import partial

import pytest
from web3.contract import Contract as Factory

from node.devnet import Devnet
from tests.contracts.coop import DAY
from tests.contracts.ledger import Receipt, artifact
from tests.contracts.pay import COOK, DRIVER, Coop, Founding, Rule, Terms, cast, founded, role

WIDE = Terms(DRIVER, floor=0, step=1, max_change_bps=10_000)  # 256 rungs


@pytest.fixture
def found(factory: Factory, chain: Devnet) -> Founding:
    return partial(founded, chain, factory.address)


@pytest.fixture
def hundred(found: Founding) -> Iterator[Coop]:
    with found(founders=101) as coop:
        yield coop


def batch(coop: Coop, vote: int, sequence: int, spread: int = 41) -> Receipt:
    """100 signed ballots of consecutive members, on so many different rungs."""
    terms = coop.vote(vote)
    rates = [
        terms["from"] + terms["step"] * ((member + sequence) % spread) for member in range(101)
    ]
    return coop.carry_signed(
        vote,
        [coop.ballot(vote, member, rates[member], sequence=sequence) for member in range(1, 101)],
    )


def test_a_pay_ballot_in_a_batch_of_100_costs_little(hundred: Coop) -> None:
    vote = hundred.opened()
    fresh = batch(hundred, vote, 1)
    changed = batch(hundred, vote, 2)

    assert len(cast(fresh)) == len(cast(changed)) == 100
    assert fresh.gas / 100 < 14_900
    assert changed.gas / 100 < 12_300


def test_the_cost_of_a_ballot_does_not_grow_with_the_batch(found: Founding) -> None:
    with found(founders=41) as coop:
        vote = coop.opened()

        def carried(count: int, sequence: int) -> int:
            ballots = [
                coop.ballot(vote, 1 + number % 40, 2000, sequence=sequence + number // 40)
                for number in range(count)
            ]
            return coop.carry_signed(vote, ballots).gas

        carried(40, 1)
        small, large = carried(120, 2), carried(240, 10)
        assert large / 240 < small / 120


def test_a_direct_pay_ballot_costs_little(hundred: Coop) -> None:
    vote = hundred.opened()
    hundred.cast(vote, 1, 2000)
    assert hundred.cast(vote, 2, 2000).gas < 62_500


def test_closing_costs_little_however_many_ballots_there_are(hundred: Coop) -> None:
    vote = hundred.opened()
    batch(hundred, vote, 1)
    receipt = hundred.close(vote)
    assert receipt.values("PayVoteClosed")[0][1] == 100
    assert receipt.gas < 135_000


def close_with_the_widest_ladder(found: Founding, roles: int) -> int:
    """Gas of closing 256 rungs, the highest winning, with votes under way on all other roles."""
    others = [Terms(role(f"role {number:02}")) for number in range(roles - 1)]
    with found(rule=Rule(ratio_cap=1000), roles=[*others, WIDE]) as coop:
        moment = coop.now() + 100
        vote = coop.call(DRIVER, at=moment)
        for number, other in enumerate(others):
            coop.call(other.role, wait=2 * DAY, at=moment + 10 + number)
        coop.until(moment + DAY + 1)
        highest = coop.vote(vote)["from"] + 255
        for member in (1, 2, 3):
            coop.cast(vote, member, highest)

        receipt = coop.close(vote)

        assert receipt.values("RateSet") == [(DRIVER, highest, vote)]
        return receipt.gas


def test_closing_the_widest_ladder_stays_below_170000_and_3000_for_each_other_role(
    found: Founding,
) -> None:
    assert close_with_the_widest_ladder(found, 1) < 170_000
    assert close_with_the_widest_ladder(found, 32) < 170_000 + 31 * 3_000


def test_calling_a_pay_vote_costs_little(found: Founding) -> None:
    with found(roles=[Terms(DRIVER), Terms(COOK)], rule=Rule(ratio_cap=300)) as coop:
        assert coop.open_vote(DRIVER, coop.now() + 2 * DAY).gas < 146_000


def test_the_contract_leaves_room_below_24000_bytes() -> None:
    assert len(artifact("PayRates")["deployedBytecode"]) // 2 - 1 < 24_000
