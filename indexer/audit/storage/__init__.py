"""What the contracts' storage must hold after a replay, word by word: `docs/layout` in reverse.

Left out is what events do not determine, or what nothing rests on:
- the chronicle's heads (slot 0), which completeness compares
- guardians and their support: lists are told by their hash, rounds counted when somebody acts
- where a proposal of the same substance is found again (`_newestSame`, `sameBefore`): the replay
  keeps a list of its own of what may yet be defeated, and compares each cool-down
"""

from collections.abc import Mapping

from indexer.abi import ContractName
from indexer.audit.replay import Replay
from indexer.audit.storage import assembly, bylaws, membership, pay_rates
from indexer.audit.storage.words import Word, Words, mapped

__all__ = ["Word", "Words", "expected", "mapped"]


def expected(replay: Replay, addresses: Mapping[ContractName, str]) -> Mapping[ContractName, Words]:
    """Return contract -> storage slot -> the word that it must hold, after `Replay.finish`."""
    home = int(addresses["assembly"], 16)
    return {
        "membership": dict(membership.words(replay, home)),
        "bylaws": dict(bylaws.words(replay, home)),
        "assembly": dict(assembly.words(replay)),
        "pay_rates": dict(pay_rates.words(replay, home)),
    }
