"""A second model of the co-op, made of the pure rules, lives through whole seasons beside the
real contracts and says the same after every act."""

import os
from contextlib import closing

import pytest
from web3 import Web3
from web3.contract import Contract

from indexer.rules.bylaws import Rule
from indexer.rules.pay import PayRule
from node.devnet import Devnet
from tests.contracts.artifacts import CONTRACTS, deploy
from tests.contracts.coop import CLASSES
from tests.contracts.founding import PAY_RULE, found, role, rule
from tests.contracts.people import NAMES, person
from tests.model.bench import Bench
from tests.model.coop import CoopModel
from tests.model.playing import Play
from tests.model.season import Season

HOUR, DAY = 3_600, 86_400
SEASONS = int(os.environ.get("MODEL_SEASONS", "0"))
"""How many more seasons, of seeds drawn anew each time, a deep run plays."""
ACTS = 330
FOUNDERS = NAMES[:7]
LIVELY = {
    "notice": 0,
    "votingPeriod": 4 * HOUR,
    "executionDelay": HOUR,
    "grace": DAY,
    "secondCallDelay": 2 * HOUR,
    "secondCallBps": 2_000,
    "swingWindow": HOUR,
    "swingCap": 3 * HOUR,
    "coolDown": 6 * HOUR,
}
PERSONAL = {**LIVELY, "notice": DAY, "executionDelay": DAY}
RULES = {
    **dict.fromkeys(("Ordinary", "Admission", "Pay", "Bylaws", "External"), rule(**LIVELY)),
    **dict.fromkeys(("Removal", "Recovery"), rule(**PERSONAL)),
}
PAY = {**PAY_RULE, "notice": 0, "votingPeriod": 4 * HOUR, "grace": DAY, "rest": HOUR}
ROLES = (role("weaver", 1_500), role("dyer", 1_400))
ELSEWHERE = "0x00000000000000000000000000000000000E15e7"


@pytest.fixture(scope="session")
def factory(anvil: Devnet) -> Contract:
    """The factory with its locked implementations, once a session."""
    w3 = Web3(Web3.HTTPProvider(anvil.url))
    implementations = [deploy(w3, name).address for name in CONTRACTS]
    return deploy(w3, "CooperativeFactory", implementations)


def season(chain: Devnet, factory: Contract, seed: int) -> Play:
    """A new co-op and its model live through a season."""
    coop = found(
        chain,
        factory,
        rules=RULES,
        founders=FOUNDERS,
        probation=HOUR,
        pay_rule=PAY,
        roles=ROLES,
        nonce=seed,
    )
    with closing(Bench(chain, coop)) as bench:
        return _played(bench, seed)


def _played(bench: Bench, seed: int) -> Play:
    people = tuple(person(name) for name in NAMES[:14])
    model = CoopModel(bench.world(Elsewhere=Web3.to_checksum_address(ELSEWHERE)))
    founders = tuple(each.address for each in people[: len(FOUNDERS)])
    by_class = [Rule(*RULES[name]) for name in CLASSES]
    model.found(founders, HOUR, by_class, b"GBP", PayRule(*PAY.values()), ROLES)
    play = Play(bench, model, tuple(each.address for each in people))
    play.compare()
    Season(play, people, seed).run(ACTS)
    return play


@pytest.mark.parametrize("seed", range(2))
def test_the_second_model_agrees_after_every_act(
    chain: Devnet, factory: Contract, seed: int
) -> None:
    play = season(chain, factory, seed)
    print(sum(play.done.values()), play.compared, sorted(play.done.items()))
