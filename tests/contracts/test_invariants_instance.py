"""What must always hold of an instance: who changes it, its chronicle, and its beginning.

One scenario on a real chain each, by the numbers of contracts/README.md: the shortest story that
would break. The edges of each are tested where they belong.
"""

from collections.abc import Callable
from typing import Any

import pytest
from web3.contract import Contract

from indexer import powers
from node.devnet import Devnet
from tests.contracts.acts import (
    leave,
    refused,
    rotate,
)
from tests.contracts.artifacts import CONTRACTS, at, load
from tests.contracts.coop import DAY, Coop
from tests.contracts.founding import PAY_RULE, found, role, rule
from tests.contracts.ledger import fold
from tests.contracts.rates import COOK, DRIVER, close_pay, driver, opened_pay_vote, rate_of
from tests.contracts.roll import act, ask, join, order, order_of
from tests.contracts.test_chronicle import second_start


def own(coop: Coop) -> dict[str, Contract]:
    """The four contracts by name."""
    parts = (coop.membership, coop.bylaws, coop.assembly, coop.pay_rates)
    return dict(zip(CONTRACTS, parts, strict=True))


ORDERS: dict[str, tuple[Any, ...]] = {
    "admit": ("0x" + "11" * 20,),
    "suspend": (2, DAY),
    "expel": (2,),
    "recover": (2, "0x" + "11" * 20),
    "setProbation": (0,),
    "setRule": (0, rule()),
    "addRole": (role("cook", 2_000),),
    "changeRole": (DRIVER, 1, 1, 1),
    "retireRole": (DRIVER,),
    "setPayRule": (tuple(PAY_RULE.values()),),
}


def test_invariant_09_nobody_but_a_passed_proposal_changes_roll_bylaws_and_bounds(
    chain: Devnet, factory: Contract
) -> None:
    coop = found(chain, factory, roles=[driver()])
    for name in CONTRACTS:
        writing = {
            item["name"]
            for item in load(name)["abi"]
            if item["type"] == "function" and item["stateMutability"] not in ("view", "pure")
        }
        ordered = writing - powers.START - powers.OWN[name] - powers.ANYONE[name]
        assert ordered == set(ORDERS) & writing, "a function that this test does not know"
        for function in ordered:
            for by in (coop.ada, coop.ben, coop.tom):
                with refused(f"{name}OnlyAssembly", by.address):
                    coop.send(own(coop)[name].functions[function](*ORDERS[function]), by)
    # Before its term a suspension ends by a vote only.
    order(coop, "suspend", 5, DAY)
    for by in (coop.ada, coop.eve, coop.tom):
        with refused("MembershipSuspensionRuns", 5, ask(coop, "standingOf", 5)[1]):
            act(coop, by, "reinstate", 5)
    assert ask(coop, "rollSize") == 4
    # And a rate is changed by no order whatever.
    pay = coop.pay_rates
    order_of(coop, pay, "changeRole", DRIVER, 5_000, 7, 10_000)
    order_of(coop, pay, "setPayRule", tuple({**PAY_RULE, "ratioCap": 100}.values()))
    order_of(coop, pay, "addRole", role("cook", 2_000))
    order_of(coop, pay, "retireRole", DRIVER)
    assert (rate_of(coop), rate_of(coop, COOK)) == (2_000, 2_000)


def heads(coop: Coop) -> dict[str, bytes]:
    """The chronicle heads of the four contracts."""
    return {each.address: each.functions.chronicleHead().call() for each in own(coop).values()}


def test_invariant_16_the_head_of_each_contract_is_the_fold_of_all_its_logs(
    chain: Devnet, factory: Contract
) -> None:
    coop = found(chain, factory, roles=[driver()], probation=0)
    steps: list[Callable[[], object]] = [
        lambda: join(coop, coop.fay),
        lambda: rotate(coop, coop.fay, coop.gus),
        lambda: order(coop, "suspend", 5, DAY),
        lambda: coop.decide(coop.ada, coop.bylaws, "setRule", 0, rule(coolDown=0)),
        lambda: order_of(coop, coop.pay_rates, "addRole", role("cook", 2_000)),
        lambda: close_pay(coop, opened_pay_vote(coop)),
        lambda: leave(coop, coop.dan),
    ]
    for step in steps:
        before = {
            each.address: each.functions.chronicleHead().call() for each in own(coop).values()
        }
        since = coop.w3.eth.block_number + 1
        step()
        for each in own(coop).values():
            head = heads(coop)[each.address]
            assert head == fold(chain, each.address)
            logs = coop.w3.eth.get_logs({"address": each.address, "fromBlock": since})
            assert (head != before[each.address]) == bool(logs)


@pytest.mark.parametrize("name", CONTRACTS)
def test_invariant_17_an_instance_begins_once_and_its_implementations_never(
    coop: Coop, factory: Contract, name: str
) -> None:
    arguments = second_start(coop, name)
    implementation = factory.functions.implementations().call()[CONTRACTS.index(name)]
    for started in (own(coop)[name], at(coop.w3, name, implementation)):
        head = started.functions.chronicleHead().call()
        for by in (coop.tom, coop.ada):
            with refused("ChronicleAlreadyBegun"):
                coop.send(started.functions.initialize(*arguments), by)
        assert started.functions.chronicleHead().call() == head != bytes(32)
