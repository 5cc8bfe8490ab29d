"""Local chains for the tests. `chain` is the one to use: it forgets what a test did to it."""

import signal
from collections.abc import Iterator

import pytest

from node import devnet
from node.devnet import Devnet
from tests.patience import until

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
    until(lambda: _is_idle(running))
    assert running.rpc("evm_revert", snapshot) is True


def _is_idle(running: Devnet) -> bool:
    """Tell whether no block is being made: an anvil that goes back meanwhile loses blocks under it.

    A transaction leaves its pool only once it is in a block, which is after it was answered for.
    """
    if running.kind != "anvil" or not running.rpc("anvil_getAutomine"):
        return True
    return bool(running.rpc("txpool_status")["pending"] == "0x0")
