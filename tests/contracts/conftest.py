"""The contracts' tests play on a co-op of five founders, put back after each test."""

import pytest
from web3 import Web3
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.artifacts import CONTRACTS, deploy
from tests.contracts.coop import Coop
from tests.contracts.founding import found


@pytest.fixture(scope="session")
def factory(anvil: Devnet) -> Contract:
    """The factory with its locked implementations, once a session."""
    w3 = Web3(Web3.HTTPProvider(anvil.url))
    implementations = [deploy(w3, name).address for name in CONTRACTS]
    return deploy(w3, "CooperativeFactory", implementations)


@pytest.fixture
def coop(factory: Contract, chain: Devnet) -> Coop:
    """An instance whose every class decides by simple majority, half of the roll present."""
    return found(chain, factory)
