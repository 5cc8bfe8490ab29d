"""The read side's tests play on a co-op of five founders and two roles, and mirror it."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from web3 import Web3
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.artifacts import CONTRACTS, deploy
from tests.contracts.coop import Coop
from tests.contracts.founding import found, role, rule
from tests.indexer.mirrored import Mirrored, mirrored

# Without a stop-watch: a busy machine is no fault of the mirror.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

HOUR = 3_600
# Short enough for many votes a test; with a second call and late swing.
LIVELY = rule(
    notice=0,
    votingPeriod=4 * HOUR,
    executionDelay=HOUR,
    secondCallDelay=2 * HOUR,
    secondCallBps=2_000,
    swingWindow=HOUR,
    swingCap=3 * HOUR,
    coolDown=HOUR,
)
PERSONAL = rule(
    notice=24 * HOUR,
    votingPeriod=4 * HOUR,
    executionDelay=24 * HOUR,
    secondCallDelay=2 * HOUR,
    secondCallBps=2_000,
)


@pytest.fixture(scope="session")
def factory(anvil: Devnet) -> Contract:
    """The factory with its locked implementations, once a session."""
    w3 = Web3(Web3.HTTPProvider(anvil.url))
    implementations = [deploy(w3, name).address for name in CONTRACTS]
    return deploy(w3, "CooperativeFactory", implementations)


@pytest.fixture
def coop(factory: Contract, chain: Devnet) -> Coop:
    """An instance whose votes last hours, with the roles weaver and dyer."""
    return found(
        chain,
        factory,
        rules={
            **dict.fromkeys(("Ordinary", "Admission", "Pay", "Bylaws", "External"), LIVELY),
            **dict.fromkeys(("Removal", "Recovery"), PERSONAL),
        },
        probation=HOUR,
        pay_rule={"notice": 0, "votingPeriod": 4 * HOUR, "rest": HOUR},
        roles=[role("weaver", 1_500), role("dyer", 1_400)],
    )


@pytest.fixture
def mirror(coop: Coop, tmp_path: Path) -> Mirrored:
    """An empty mirror of that instance."""
    return mirrored(coop, tmp_path / "weavers.db")
