"""Local chains for the tests. `chain` is the one to use: it forgets what a test did to it."""

import signal
from collections.abc import Iterator

import pytest

from node import devnet
from node.devnet import Devnet

# A shell starts what runs in its background with SIGINT ignored, which children inherit: tests of
# Ctrl-C would then wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def anvil() -> Iterator[Devnet]:
    """One anvil for the whole session; shared, so leave it as you found it."""
    with devnet.start("anvil") as running:
        yield running


@pytest.fixture(scope="session")
def hardhat() -> Iterator[Devnet]:
    """One hardhat chain for the whole session; shared, so leave it as you found it."""
    with devnet.start("hardhat") as running:
        yield running


@pytest.fixture
def chain(anvil: Devnet) -> Iterator[Devnet]:
    """An anvil whose state and clock are put back after the test."""
    yield from _restored(anvil)


@pytest.fixture(params=["anvil", "hardhat"])
def each_chain(request: pytest.FixtureRequest) -> Iterator[Devnet]:
    """The same as `chain`, once on anvil and once on hardhat."""
    yield from _restored(request.getfixturevalue(request.param))


def _restored(running: Devnet) -> Iterator[Devnet]:
    snapshot = running.rpc("evm_snapshot")
    yield running
    assert running.rpc("evm_revert", snapshot) is True
