"""The contracts' tests play on a co-op of five founders, put back after each test."""

import pytest
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.coop import Coop
from tests.contracts.founding import found, new_factory


@pytest.fixture(scope="session")
def factory(anvil: Devnet) -> Contract:
    """The factory with its locked implementations, once a session."""
    return new_factory(anvil)


@pytest.fixture
def coop(factory: Contract, chain: Devnet) -> Coop:
    """An instance whose every class decides by simple majority, half of the roll present."""
    return found(chain, factory)
