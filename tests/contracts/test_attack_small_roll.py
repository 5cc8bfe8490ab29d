"""A co-op after nearly everybody left: whoever remains can still decide every class of things."""

from typing import Any

import pytest
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.acts import Action, apply, eta, execute, hashed, leave, queue, voted
from tests.contracts.artifacts import deploy
from tests.contracts.coop import CLASSES, DAY, FOR, Coop
from tests.contracts.founding import found, rule
from tests.contracts.people import NAMES
from tests.contracts.rates import COOK, DRIVER, driver
from tests.contracts.refusals import Reverted
from tests.contracts.roll import ask, order, standing

STRICT: dict[str, dict[str, Any]] = {
    "all must take part": {"quorumMin": 5, "quorumBps": 10_000, "subjectVotes": True},
    "all members must agree": {"passNum": 1, "passDen": 1, "strict": False, "basisRoll": True},
    "nobody may be against": {"maxAgainst": 0, "quorumMin": 4, "quorumBps": 10_000},
    "only votes for fill it": {"presence": False, "quorumMin": 3, "passNum": 3, "passDen": 4},
    "a second call": {"quorumBps": 9_000, "secondCallDelay": DAY, "secondCallBps": 4_000},
}
REMAINING = (1, 2)


def shrunk(chain: Devnet, factory: Contract, how: str, remaining: int) -> Coop:
    """A co-op under strict rules whose founders left but for one or two; fay wants to join."""
    rules = {name: rule(**STRICT[how]) for name in CLASSES}
    coop = found(chain, factory, rules=rules, roles=[driver()], probation=0)
    for name in NAMES[remaining:5]:
        leave(coop, coop.people[name])
    apply(coop, coop.fay)
    assert ask(coop, "rollSize") == remaining
    return coop


def orders_of(coop: Coop) -> dict[str, tuple[list[Action], str]]:
    """Something that each class can decide, and the text that it bears."""
    shop = deploy(coop.w3, "Shop")
    cook = (COOK, 2_000, 1_000, 10, 1_000)
    lax = rule(quorumMin=1)
    return {
        "Ordinary": ([], "A resolution"),
        "Pay": ([coop.action(coop.pay_rates, "addRole", cook)], "A cook"),
        "Bylaws": ([coop.action(coop.bylaws, "setRule", 1, lax)], "Easier"),
        "External": ([coop.action(shop, "order", 1)], "An order"),
        # Last: whoever joins is on the roll from then on.
        "Admission": ([coop.action(coop.membership, "admit", coop.fay.address)], hashed("fay")),
    }


@pytest.mark.parametrize("remaining", REMAINING)
@pytest.mark.parametrize("how", STRICT)
def test_those_who_remain_carry_every_class_through(
    chain: Devnet, factory: Contract, how: str, remaining: int
) -> None:
    coop = shrunk(chain, factory, how, remaining)
    voters = " ".join(NAMES[:remaining])
    for name, (actions, text) in orders_of(coop).items():
        proposal = coop.propose(coop.ada, actions, text)
        assert coop.assembly.functions.proposal(proposal).call()[0] == CLASSES.index(name)
        assert voted(coop, proposal, voters) == "succeeded", name
        queue(coop, proposal)
        execute(coop, proposal, actions, text, at=eta(coop, proposal))
        assert coop.state(proposal) == "executed"
    assert coop.id_of(coop.fay) == 6
    assert DRIVER in coop.pay_rates.functions.roles().call()
    assert coop.bylaws.functions.ruleVersion(1).call() == 2


@pytest.mark.parametrize("remaining", REMAINING)
def test_the_roll_grows_again_and_old_proposals_keep_their_denominator(
    chain: Devnet, factory: Contract, remaining: int
) -> None:
    coop = shrunk(chain, factory, "all must take part", remaining)
    before = coop.propose(coop.ada, opens_in=3 * DAY)
    coop.open(before)
    order(coop, "admit", coop.fay.address)
    for name in NAMES[:remaining]:
        coop.vote(coop.people[name], before, FOR)
    coop.close(before)
    assert coop.state(before) == "succeeded"
    assert coop.assembly.functions.proposalRoll(before).call() == remaining
    after = coop.propose(coop.fay)
    assert coop.assembly.functions.proposalQuorum(after).call() == remaining + 1


def test_a_roll_that_empties_before_the_freeze_decides_nothing(
    chain: Devnet, factory: Contract
) -> None:
    coop = shrunk(chain, factory, "all must take part", 1)
    proposal = coop.propose(coop.ada)
    leave(coop, coop.ada)
    assert voted(coop, proposal) == "defeated"
    assert coop.assembly.functions.proposalRoll(proposal).call() == 0
    assert coop.assembly.functions.proposalQuorum(proposal).call() == 1
    with pytest.raises(Reverted) as caught:
        coop.propose(coop.ada, (), "Another")
    assert caught.value.name == "AssemblyNotMember"


def test_the_last_member_is_not_removed_by_the_silence_of_those_who_left(
    chain: Devnet, factory: Contract
) -> None:
    coop = found(chain, factory, founders=NAMES[:3])
    removal = coop.personal(coop.ben, "expel", 1)
    for member in (coop.ben, coop.cleo):
        leave(coop, member)
    assert voted(coop, removal) == "defeated"
    with pytest.raises(Reverted) as caught:
        coop.vote(coop.ada, removal, 0)
    assert caught.value.name == "AssemblyUnexpectedState"
    assert standing(coop, 1) == 1


def test_of_two_members_each_can_appeal_and_then_the_other_must_vote_again(
    chain: Devnet, factory: Contract
) -> None:
    # Each is alone to judge the other. The appeal of who is to go costs the other a second vote.
    coop = shrunk(chain, factory, "nobody may be against", 2)
    action = coop.action(coop.membership, "expel", 2)
    removal = coop.propose(coop.ada, [action], hashed("ben"))
    assert voted(coop, removal, "ada") == "succeeded"
    queue(coop, removal)
    due = eta(coop, removal)
    coop.send(coop.assembly.functions.appeal(removal), coop.ben)
    coop.warp(due)
    with pytest.raises(Reverted) as caught:
        execute(coop, removal, [action], hashed("ben"))
    assert caught.value.name == "AssemblyNotDue"
    assert voted(coop, removal + 1) == "defeated"
    assert coop.state(removal) == "defeated"
    assert (standing(coop, 2), ask(coop, "rollSize")) == (1, 2)
