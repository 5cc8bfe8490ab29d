"""Founding a co-op by the factory: its rules, its roles, and who is there from the start."""

from collections.abc import Sequence
from typing import Any

from web3 import Web3
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.artifacts import CONTRACTS, at, deploy
from tests.contracts.coop import CLASSES, DAY, Coop
from tests.contracts.people import NAMES, person

NO_LIMIT = 65_535
PLAIN: dict[str, Any] = {
    "notice": 2 * DAY,
    "votingPeriod": 4 * DAY,
    "executionDelay": DAY,
    "grace": 10 * DAY,
    "secondCallDelay": 0,
    "coolDown": 30 * DAY,
    "swingWindow": 0,
    "swingCap": 0,
    "quorumMin": 2,
    "quorumBps": 5_000,
    "secondCallBps": 0,
    "maxAgainst": NO_LIMIT,
    "passNum": 1,
    "passDen": 2,
    "strict": True,
    "basisRoll": False,
    "presence": True,
    "subjectVotes": False,
}
PAY_RULE = {
    "notice": DAY,
    "votingPeriod": 3 * DAY,
    "grace": 5 * DAY,
    "rest": 7 * DAY,
    "period": 365 * DAY,
    "ratioCap": 300,
    "quorumMin": 2,
    "quorumBps": 5_000,
    "fillToRoll": False,
}


def new_factory(chain: Devnet) -> Contract:
    """Deploys the implementations and the factory that clones them."""
    w3 = Web3(Web3.HTTPProvider(chain.url))
    implementations = [deploy(w3, name).address for name in CONTRACTS]
    return deploy(w3, "CooperativeFactory", implementations)


def rule(**changed: Any) -> tuple[Any, ...]:
    """A rule in the contract's order, PLAIN but for `changed`."""
    values = {**PLAIN, **changed}
    return tuple(values[name] for name in PLAIN)


def role(
    name: str, rate: int, floor: int = 1_000, step: int = 10, change: int = 1_000
) -> tuple[Any, ...]:
    """A role's terms in the contract's order; rates in minor units per hour."""
    return (name.encode().ljust(32, b"\0"), rate, floor, step, change)


def found(
    chain: Devnet,
    factory: Contract,
    *,
    rules: dict[str, tuple[Any, ...]] | None = None,
    founders: Sequence[str] = NAMES[:5],
    probation: int = 5 * DAY,
    pay_rule: dict[str, Any] | None = None,
    roles: Sequence[tuple[Any, ...]] = (),
    nonce: int = 0,
) -> Coop:
    """Makes an instance by the factory; `rules` by class name in place of PLAIN."""
    w3: Web3 = factory.w3
    by_class = [(rules or {}).get(name, rule()) for name in CLASSES]
    pay = tuple({**PAY_RULE, **(pay_rule or {})}.values())
    terms = (probation, by_class, b"GBP", pay)
    args = ("Weavers", [person(name).address for name in founders], terms, list(roles), nonce)
    instance = factory.functions.predict(*args).call()
    tx = factory.functions.create(*args).transact({"from": w3.eth.accounts[0]})
    assert w3.eth.wait_for_transaction_receipt(tx)["status"] == 1
    own = [at(w3, name, address) for name, address in zip(CONTRACTS, instance, strict=True)]
    people = {name: person(name) for name in NAMES}
    return Coop(chain, w3, factory, own[0], own[1], own[2], own[3], people)
