"""What the contracts' storage must hold after a replay; so far nothing is compared."""

from collections.abc import Mapping
from typing import NamedTuple

from indexer.abi import CONTRACTS, ContractName
from indexer.audit.replay import Replay


class Word(NamedTuple):
    """A word of storage and, in plain words, what it is."""

    value: int
    what: str


def expected(
    replay: Replay, addresses: Mapping[ContractName, str]
) -> dict[ContractName, dict[int, Word]]:
    """Contract -> storage slot -> the word that it must hold."""
    return {name: {} for name in CONTRACTS}
