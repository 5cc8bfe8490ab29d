"""A co-op's whole season, played once a session, as the audit is fed it."""

import pytest
from web3.contract import Contract

from node.devnet import Devnet
from tests.indexer.audit.histories import History, history
from tests.indexer.audit.story import Story, founded


@pytest.fixture(scope="session")
def told(anvil: Devnet, factory: Contract) -> History:
    """Everything that a co-op can do, done by the rules."""
    snapshot = anvil.rpc("evm_snapshot")
    coop = founded(anvil, factory)
    first = int(coop.w3.eth.block_number)
    Story(coop).all()
    found = history(coop, first)
    assert anvil.rpc("evm_revert", snapshot) is True
    return found
