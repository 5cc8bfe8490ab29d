"""Calling a pay vote, its states, and counting it."""

from collections.abc import Iterator
from functools import partial

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from web3.contract import Contract as Factory

from node.devnet import CHAIN_ID, Devnet
from tests.contracts.coop import DAY
from tests.contracts.ledger import NoAnswer, refused
from tests.contracts.pay import COOK, DRIVER, Coop, Founding, Rule, Terms, founded

# openPayVote
# ├── by no active member → PayRatesNotMember
# ├── on an unknown or retired role → PayRatesUnknownRole
# ├── while one is Pending, Open or Counting → PayRatesVoteUnderWay
# ├── before the rest is over, after a closing or an expiry → PayRatesResting
# ├── before the end of notice, or more than 14 days after it → PayRatesOpeningOutOfBounds
# └── freezes rule version, ladder and content


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


# Calling


def test_a_pay_vote_offers_the_ladder_across_the_band(coop: Coop) -> None:
    moment = coop.now() + 100
    opens_at, deadline = moment + DAY, moment + 8 * DAY

    receipt = coop.open_vote(DRIVER, opens_at, by=2, at=moment)

    found = coop.vote(1)
    terms = (1, opens_at, deadline, 1800, 10, 41, 20)
    kinds = ["uint32", "uint40", "uint40", "uint48", "uint48", "uint16", "uint8"]
    head = ["uint256", "address", "uint256", "bytes32"]
    content = keccak(encode([*head, *kinds], [CHAIN_ID, coop.pay.address, 1, DRIVER, *terms]))
    assert found == {
        "role": DRIVER,
        "opensAt": opens_at,
        "deadline": deadline,
        "ruleVersion": 1,
        "from": 1800,
        "step": 10,
        "rungs": 41,
        "presentRung": 20,
        "ballots": 0,
        "closed": False,
        "content": content,
    }
    assert receipt.values("PayVoteOpened") == [(1, DRIVER, 2, *terms, content)]
    assert coop.view("payVoteCount") == 1
    assert coop.view("roleOf", DRIVER)[4:6] == (1, 0)
    assert coop.view("histogram", 1) == (0,) * 41


def test_only_an_active_member_calls_a_pay_vote(coop: Coop) -> None:
    with refused("PayRatesNotMember", coop.relayer):
        coop.send(coop.pay, "openPayVote", DRIVER, coop.now() + 2 * DAY)
    coop.leave(2)
    with refused("PayRatesNotMember", coop.account_of[2].lower()):
        coop.open_vote(DRIVER, coop.now() + 2 * DAY, by=2)


def test_a_pay_vote_needs_a_role(coop: Coop) -> None:
    with refused("PayRatesUnknownRole", COOK):
        coop.open_vote(COOK, coop.now() + 2 * DAY)


def test_a_pay_vote_opens_at_the_end_of_its_notice_or_within_14_days_after(coop: Coop) -> None:
    # Until it ends nobody can call another: 90 days ahead it would have held the role's pay up.
    moment = coop.now() + 100
    earliest, latest = moment + DAY, moment + 15 * DAY
    for opens_at in (earliest - 1, latest + 1, moment + 90 * DAY):
        snapshot = coop.chain.rpc("evm_snapshot")
        with refused("PayRatesOpeningOutOfBounds", opens_at, earliest, latest):
            coop.open_vote(DRIVER, opens_at, at=moment)
        coop.chain.rpc("evm_revert", snapshot)
    snapshot = coop.chain.rpc("evm_snapshot")
    coop.open_vote(DRIVER, latest, at=moment)
    coop.chain.rpc("evm_revert", snapshot)
    coop.open_vote(DRIVER, earliest, at=moment)


def test_the_14_days_come_after_the_longest_notice_too(coop: Coop) -> None:
    coop.order("setPayRule", Rule(notice=60 * DAY))
    moment = coop.now() + 100
    with refused("PayRatesOpeningOutOfBounds", 1, moment + 60 * DAY, moment + 74 * DAY):
        coop.open_vote(DRIVER, 1, at=moment)
    moment = coop.now() + 100
    coop.open_vote(DRIVER, moment + 74 * DAY, at=moment)


def test_a_vote_without_notice_may_freeze_the_roll_at_once(coop: Coop) -> None:
    coop.order("setPayRule", Rule(notice=0))
    vote = coop.call(wait=0)
    assert coop.vote(vote)["opensAt"] == coop.now()
    assert coop.state(vote) == "Pending"
    coop.cast(vote, 1, 2000, at=coop.now() + 1)


def test_one_vote_on_a_role_at_a_time(coop: Coop) -> None:
    vote = coop.call()
    deadline = coop.vote(vote)["deadline"]
    for moment in (coop.now() + 10, deadline, deadline + 14 * DAY):
        with refused("PayRatesVoteUnderWay", DRIVER, vote):
            coop.open_vote(DRIVER, moment + DAY, at=moment)


def test_votes_on_different_roles_run_side_by_side(two_roles: Coop) -> None:
    assert two_roles.call(DRIVER) == 1
    assert two_roles.call(COOK) == 2


def test_a_role_rests_after_its_vote_was_closed(coop: Coop) -> None:
    vote = coop.opened()
    coop.close(vote)
    closed_at = coop.now()
    assert coop.view("roleOf", DRIVER)[4:6] == (vote, closed_at)

    moment = closed_at + 30 * DAY
    with refused("PayRatesResting", DRIVER, moment):
        coop.open_vote(DRIVER, moment + DAY, at=moment - 1)
    assert coop.call(at=moment) == 2
    assert coop.view("roleOf", DRIVER)[4:6] == (2, 0)


def test_a_role_rests_after_its_vote_expired(coop: Coop) -> None:
    vote = coop.opened()
    expires_at = coop.vote(vote)["deadline"] + 14 * DAY

    moment = expires_at + 30 * DAY
    with refused("PayRatesResting", DRIVER, moment):
        coop.open_vote(DRIVER, moment + DAY, at=expires_at + 1)
    assert coop.call(at=moment) == 2
    assert coop.view("roleOf", DRIVER)[4:6] == (2, 0)


def test_a_vote_runs_by_the_rule_under_which_it_was_called(coop: Coop) -> None:
    vote = coop.call()
    coop.order("setPayRule", Rule(grace=DAY, quorum_min=5, fill_to_roll=True))
    deadline = coop.vote(vote)["deadline"]
    coop.until(deadline + 2 * DAY)
    assert coop.state(vote) == "Counting"

    receipt = coop.close(vote)

    # by the old rule the quorum is one, not five
    assert receipt.values("PayVoteClosed") == [(vote, 0, 1, 2000, 2000)]


# States


def test_the_states_follow_one_another_to_the_second(coop: Coop) -> None:
    vote = coop.call()
    opens_at, deadline = coop.vote(vote)["opensAt"], coop.vote(vote)["deadline"]
    seen = []
    for moment in (opens_at, opens_at + 1, deadline, deadline + 1, deadline + 14 * DAY):
        coop.until(moment)
        seen.append(coop.state(vote))
    coop.until(deadline + 14 * DAY + 1)

    assert seen == ["Pending", "Open", "Open", "Counting", "Counting"]
    assert coop.state(vote) == "Expired"


def test_a_closed_vote_stays_closed(coop: Coop) -> None:
    vote = coop.opened()
    coop.close(vote)
    assert coop.state(vote) == "Closed"
    coop.until(coop.now() + 60 * DAY)
    assert coop.state(vote) == "Closed"


@pytest.mark.parametrize("function", ["payVote", "payVoteState", "payVoteRoll", "histogram"])
def test_an_unknown_pay_vote_has_no_answers(coop: Coop, function: str) -> None:
    coop.call()
    for number in (0, 2):
        with pytest.raises(NoAnswer):
            coop.view(function, number)


def test_the_roll_is_the_present_one_until_it_freezes(coop: Coop) -> None:
    vote = coop.call()
    coop.leave(4)
    assert coop.view("payVoteRoll", vote) == 4
    opens_at = coop.vote(vote)["opensAt"]
    coop.join(6, at=opens_at)
    assert coop.view("payVoteRoll", vote) == 5
    coop.join(7, at=opens_at + 1)
    coop.leave(5)
    assert coop.view("payVoteRoll", vote) == 5
