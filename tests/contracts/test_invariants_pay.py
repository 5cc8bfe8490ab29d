"""What must always hold of pay votes and rates.

One scenario on a real chain each, by the numbers of contracts/README.md: the shortest story that
would break. The edges of each are tested where they belong.
"""

import random

from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.acts import (
    leave,
)
from tests.contracts.coop import Coop
from tests.contracts.founding import found, role
from tests.contracts.people import NAMES, Person
from tests.contracts.rates import (
    DRIVER,
    cast_pay,
    driver,
    opened_pay_vote,
    pay_vote,
    rate_of,
)
from tests.contracts.roll import ask, order_of
from tests.contracts.signing import PAY_BALLOT, entry, sign_typed


def sign_pay(coop: Coop, by: Person, vote: int, rate: int, sequence: int) -> bytes:
    """An entry of a batch of pay ballots."""
    terms, member = pay_vote(coop, vote), coop.id_of(by)
    message = {
        "payVoteId": vote,
        "content": terms["content"],
        "rate": rate,
        "memberId": member,
        "epoch": ask(coop, "memberOf", member)[3],
        "sequence": sequence,
        "reason": "",
    }
    domain = coop.domain(coop.pay_rates, {})
    signature = sign_typed(by, domain, "PayBallot", PAY_BALLOT, message, {})
    rung = (rate - terms["from"]) // terms["step"]
    return entry(member, 0, signature, sequence, rung=rung)


def test_invariant_14_the_counts_of_the_rungs_sum_to_the_members_who_cast(
    chain: Devnet, factory: Contract
) -> None:
    coop = found(chain, factory, roles=[driver()], founders=NAMES[:9])
    dice, newest, vote = random.Random(14), dict[int, int](), opened_pay_vote(coop)
    terms = pay_vote(coop, vote)
    for turn in range(1, 13):
        packed = b""
        for member in dice.sample(range(1, 10), dice.randint(1, 6)):
            rate = terms["from"] + terms["step"] * dice.randrange(terms["rungs"])
            packed += sign_pay(coop, coop.people[NAMES[member - 1]], vote, rate, turn)
            if member != 1 or turn <= 6:
                newest[member] = rate
        coop.send(coop.pay_rates.functions.castPayBallots(vote, packed), coop.tom)
        if turn == 6:
            leave(coop, coop.ada)  # her ballot stands, a new one does not count
        counts = coop.pay_rates.functions.histogram(vote).call()
        rates = [terms["from"] + terms["step"] * rung for rung in range(terms["rungs"])]
        assert counts == [list(newest.values()).count(rate) for rate in rates]
        assert sum(counts) == pay_vote(coop, vote)["ballots"] == len(newest)
    assert len(newest) > 5


def test_invariant_15_a_new_rate_is_within_bounds_on_a_ladder_through_the_present_one(
    chain: Devnet, factory: Contract
) -> None:
    roles = [role("driver", 2_000, step=1, change=10_000), role("cook", 3_000, change=5_000)]
    coop = found(chain, factory, roles=roles, pay_rule={"rest": 0})
    pay = coop.pay_rates.functions
    # What was legal when the vote was called may be legal no longer when it is closed.
    for lowest_wish, floor, change, result in (
        (False, 1_000, 10_000, 2_128),
        (True, 2_050, 10_000, 2_050),
        (False, 1_000, 100, 2_020),
    ):
        vote, before = opened_pay_vote(coop), rate_of(coop)
        terms = pay_vote(coop, vote)
        assert terms["rungs"] <= 256
        assert terms["from"] + terms["step"] * terms["presentRung"] == before
        wish = terms["from"] + (0 if lowest_wish else terms["rungs"] - 1)
        for name in ("ada", "ben", "cleo"):
            cast_pay(coop, coop.people[name], vote, wish)
        order_of(coop, coop.pay_rates, "changeRole", DRIVER, floor, 1, change)
        coop.warp(terms["deadline"] + 1)
        lowest, highest = pay.bounds(DRIVER).call()
        coop.send(pay.closePayVote(vote), coop.tom)
        assert lowest <= rate_of(coop) <= highest
        assert rate_of(coop) == result
