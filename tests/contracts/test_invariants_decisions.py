"""What must always hold of decisions: how they pass, and what is then executed.

One scenario on a real chain each, by the numbers of contracts/README.md: the shortest story that
would break. The edges of each are tested where they belong.
"""

from typing import Any

import pytest
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.acts import (
    Action,
    eta,
    execute,
    hashed,
    info,
    leave,
    opening,
    poll,
    queue,
    queued,
    refused,
    voted,
    wrong_state,
)
from tests.contracts.artifacts import deploy
from tests.contracts.coop import CLASSES, DAY, FOR, HOUR, Coop
from tests.contracts.founding import found, rule
from tests.contracts.rates import driver
from tests.contracts.refusals import Reverted
from tests.contracts.roll import ask, ballot_refused, join, order_of


def test_invariant_05_the_rule_that_decides_is_the_one_in_force_at_the_proposal(
    coop: Coop,
) -> None:
    early = coop.propose(coop.ada)
    harder = rule(notice=HOUR, votingPeriod=HOUR, quorumBps=10_000, executionDelay=9 * DAY)
    order_of(coop, coop.bylaws, "setRule", 0, harder)
    late = coop.propose(coop.ben, (), "Another", opens_in=2 * DAY + 10)
    assert [info(coop, each)["ruleVersion"] for each in (early, late)] == [1, 2]
    coop.open(late)
    for each in (early, late):
        poll(coop, each, "ada ben cleo")
    coop.close(late)
    assert (coop.state(early), coop.state(late)) == ("active", "defeated")
    coop.close(early)
    assert coop.state(early) == "succeeded"
    queue(coop, early)
    assert eta(coop, early) == coop.now() + DAY


def test_invariant_06_the_denominator_is_the_roll_at_the_freeze(
    chain: Devnet, factory: Contract
) -> None:
    most = rule(quorumBps=0, basisRoll=True)
    coop = found(chain, factory, rules={"Ordinary": most}, probation=0)
    shrinking = coop.propose(coop.ada)
    freeze = opening(coop, shrinking)
    coop.open(shrinking)
    poll(coop, shrinking, "ada ben")
    for name in ("cleo", "dan"):
        leave(coop, coop.people[name])
    join(coop, coop.fay)
    join(coop, coop.gus)
    join(coop, coop.hal)
    join(coop, coop.ida)
    assert (ask(coop, "rollSize"), ask(coop, "rollAt", freeze, 0)) == (7, 5)
    assert coop.assembly.functions.proposalRoll(shrinking).call() == 5
    with ballot_refused(shrinking, coop.id_of(coop.fay), "NotEligible"):
        coop.vote(coop.fay, shrinking, FOR)
    coop.close(shrinking)
    assert coop.state(shrinking) == "defeated"  # two of five, whatever became of the others
    growing = coop.propose(coop.ben, (), "Another")
    coop.open(growing)
    join(coop, coop.jon)
    poll(coop, growing, "ada ben fay gus")
    coop.close(growing)
    assert (coop.state(growing), ask(coop, "rollSize")) == ("succeeded", 8)


def named_actions(coop: Coop) -> dict[str, list[Action]]:
    """One proposal of each class."""
    act_on = coop.action
    return {
        "Ordinary": [],
        "Admission": [act_on(coop.membership, "admit", coop.fay.address)],
        "Removal": [act_on(coop.membership, "expel", 5)],
        "Recovery": [act_on(coop.membership, "recover", 5, coop.gus.address)],
        "Pay": [act_on(coop.pay_rates, "addRole", driver())],
        "Bylaws": [act_on(coop.membership, "setProbation", DAY)],
        "External": [(coop.tom.address, 0, b"")],
    }


def ballots_in_each_class(coop: Coop, *sides: str) -> dict[str, str]:
    """Puts one proposal of each class to the vote with the same ballots; how each ends."""
    proposals = {}
    for name, actions in named_actions(coop).items():
        snapshot = coop.chain.rpc("evm_snapshot")
        proposal = coop.propose(coop.ada, actions, hashed(name))
        assert CLASSES[info(coop, proposal)["class"]] == name
        proposals[name] = voted(coop, proposal, *sides)
        coop.chain.rpc("evm_revert", snapshot)
    return proposals


@pytest.mark.parametrize("sides", [("",), ("", "", "ada ben cleo dan"), ("ada ben", "cleo dan")])
def test_invariant_07_silence_never_passes_and_a_tie_is_lost(
    chain: Devnet, factory: Contract, sides: tuple[str, ...]
) -> None:
    easiest = rule(quorumMin=1, quorumBps=0, passNum=1, passDen=100, strict=False)
    coop = found(chain, factory, rules=dict.fromkeys(CLASSES, easiest))
    assert ballots_in_each_class(coop, *sides) == dict.fromkeys(CLASSES, "defeated")
    assert set(ballots_in_each_class(coop, "ada").values()) == {"succeeded"}


def test_invariant_08_nothing_executes_but_what_was_voted(coop: Coop) -> None:
    shop, other = deploy(coop.w3, "Shop"), deploy(coop.w3, "Echo")
    actions = [coop.action(shop, "order", 1), coop.action(shop, "order", 2)]
    proposal = queued(coop, coop.propose(coop.ada, actions, "Two orders"))
    coop.warp(eta(coop, proposal))

    def try_it(acts: list[Action], text: str = "Two orders") -> None:
        with pytest.raises(Reverted, match="AssemblyContentChanged"):
            execute(coop, proposal, acts, text)

    try_it([coop.action(shop, "order", 1), coop.action(shop, "order", 3)])
    try_it(actions[::-1])
    try_it(actions[:1])
    try_it(actions, "Two orders!")
    code = {each.address: coop.w3.eth.get_code(each.address).hex() for each in (shop, other)}
    code = {address: "0x" + found_.removeprefix("0x") for address, found_ in code.items()}
    coop.chain.rpc("anvil_setCode", shop.address, code[other.address])
    try_it(actions)
    coop.chain.rpc("anvil_setCode", shop.address, code[shop.address])
    assert shop.functions.orders().call() == []
    execute(coop, proposal, actions, "Two orders")
    assert shop.functions.orders().call() == [1, 2]
    with wrong_state(proposal, "executed", "queued"):
        execute(coop, proposal, actions, "Two orders")


HARDEST: list[dict[str, Any]] = [
    {"quorumMin": 5},
    {"quorumBps": 10_000, "presence": False},
    {"basisRoll": True, "passNum": 1, "passDen": 1, "strict": False, "maxAgainst": 0},
    {"basisRoll": True, "passNum": 99, "passDen": 100, "quorumMin": 5, "quorumBps": 10_000},
]


@pytest.mark.parametrize("values", HARDEST)
def test_invariant_10_every_class_can_pass_with_the_votes_of_the_whole_roll(
    coop: Coop, values: dict[str, Any]
) -> None:
    for number in range(len(CLASSES)):
        order_of(coop, coop.bylaws, "setRule", number, rule(**values))
        with refused("BylawsRuleUnreachable", number, 5):
            order_of(coop, coop.bylaws, "setRule", number, rule(**{**values, "quorumMin": 6}))
    # Eve, whom removal and recovery concern, has no vote in them.
    ends = {}
    for name, actions in named_actions(coop).items():
        snapshot = coop.chain.rpc("evm_snapshot")
        proposal = coop.propose(coop.ada, actions, hashed(name))
        everybody = "ada ben cleo dan" + ("" if info(coop, proposal)["subjectId"] else " eve")
        ends[name] = voted(coop, proposal, everybody)
        coop.chain.rpc("evm_revert", snapshot)
    assert ends == dict.fromkeys(CLASSES, "succeeded")
