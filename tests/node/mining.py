"""A chain that takes transactions and makes no blocks of them for a while."""

from collections.abc import Iterator
from contextlib import contextmanager

from node.devnet import Devnet


@contextmanager
def unmined(chain: Devnet) -> Iterator[None]:
    """Let transactions wait meanwhile."""
    chain.rpc("evm_setAutomine", False)
    try:
        yield
    finally:
        chain.rpc("evm_setAutomine", True)
