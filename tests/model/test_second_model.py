"""A second model of the co-op, made of the pure rules, lives through whole seasons beside the
real contracts and says the same after every act: accepted or refused and with which error, every
log byte for byte, every chronicle head, everything that can be read. Then the audit's replay goes
through the season's events, and ends where both ended.

MODEL_SEASONS=20 plays that many seasons of seeds that are drawn anew each time; the seed of a
season that fails is in the report.
"""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from web3 import Web3
from web3.contract import Contract

from indexer.rules.bylaws import Rule
from indexer.rules.pay import PayRule
from node.devnet import Devnet
from tests.contracts.artifacts import CONTRACTS, deploy
from tests.contracts.coop import CLASSES
from tests.contracts.founding import PAY_RULE, found, role, rule
from tests.contracts.people import NAMES, Person
from tests.model.bench import Bench
from tests.model.coop import CoopModel
from tests.model.playing import Play
from tests.model.replaying import assert_replays
from tests.model.season import Season

HOUR, DAY = 3_600, 86_400
DEEP = int(os.environ.get("MODEL_SEASONS", "0"))
ACTS = 340
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
PAY: dict[str, Any] = {**PAY_RULE, "notice": 0, "votingPeriod": 4 * HOUR, "grace": DAY}
PAY |= {"rest": HOUR}
ROLES = (role("weaver", 1_500), role("dyer", 1_400))
ELSEWHERE = "0x00000000000000000000000000000000000E15e7"


@pytest.fixture(scope="session")
def factory(anvil: Devnet) -> Contract:
    """The factory with its locked implementations, once a session."""
    w3 = Web3(Web3.HTTPProvider(anvil.url))
    implementations = [deploy(w3, name).address for name in CONTRACTS]
    return deploy(w3, "CooperativeFactory", implementations)


@contextmanager
def founded(chain: Devnet, factory: Contract) -> Iterator[tuple[Bench, tuple[Person, ...]]]:
    """A new co-op and fourteen people, seven of them members; afterwards the chain is put back."""
    snapshot = chain.rpc("evm_snapshot")
    try:
        coop = found(
            chain,
            factory,
            rules=RULES,
            founders=FOUNDERS,
            probation=HOUR,
            pay_rule=PAY,
            roles=ROLES,
        )
        with closing(Bench(chain, coop)) as bench:
            yield bench, tuple(coop.people.values())[:14]
    finally:
        chain.rpc("evm_revert", snapshot)


def modelled(bench: Bench, people: tuple[Person, ...], cool_down: int = 6 * HOUR) -> Play:
    """The same co-op as a model, beside the real one."""
    model = CoopModel(bench.world(Elsewhere=Web3.to_checksum_address(ELSEWHERE)))
    founders = tuple(each.address for each in people[: len(FOUNDERS)])
    by_class = [replace(Rule(*RULES[name]), cool_down=cool_down) for name in CLASSES]
    model.found(founders, HOUR, by_class, b"GBP", PayRule(*PAY.values()), ROLES)
    return Play(bench, model, tuple(each.address for each in people))


def season(chain: Devnet, factory: Contract, seed: int) -> Play:
    """A new co-op and its model live through a season."""
    with founded(chain, factory) as (bench, people):
        first = int(chain.rpc("eth_blockNumber"), 16)
        play = modelled(bench, people)
        play.compare()
        Season(play, people, seed).run(ACTS)
        assert_replays(chain, first, play)
        return play


def test_a_model_that_is_wrong_by_one_second_is_found_out(chain: Devnet, factory: Contract) -> None:
    with founded(chain, factory) as (bench, people):
        play = modelled(bench, people, cool_down=6 * HOUR + 1)
        with pytest.raises(pytest.fail.Exception, match="disagree after 0 acts: chronicleHead"):
            play.compare()


@settings(
    max_examples=DEEP or 2,
    derandomize=not DEEP,
    database=None,
    deadline=None,
    # A season that has gone apart says where and after which acts; a smaller seed is no shorter.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.integers(0, 2**32))
def test_the_second_model_agrees_with_the_contracts_after_every_act(
    chain: Devnet, factory: Contract, seed: int
) -> None:
    play = season(chain, factory, seed)
    accepted = {function for function, end in play.done if end == "accepted"}
    refusals = {end for _, end in play.done if end != "accepted"}
    note(f"{play.compared} answers; {sorted(play.done.items())}; {sorted(play.logged.items())}")
    # A season in which little happens would prove little.
    assert sum(play.done.values()) >= ACTS
    assert len(accepted) >= 15, accepted
    assert len(refusals) >= 15, refusals
    assert len(play.logged) >= 20, play.logged
