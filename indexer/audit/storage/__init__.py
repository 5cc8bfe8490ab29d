"""The storage that the contracts must have after a replayed history, word by word.

Pure: it computes from the replay alone, and whoever asks a chain compares. Words that the history
touched are given even where they are zero again; what it never touched is zero and not given, for
there is no end of it: accounts that did not apply, members whom nothing befell after admission,
guardians of those who named none, lanes in which no ballot stands.

Left out, since the replay does not determine it:
- `_chronicleHead`, slot 0 of each contract: the fold of the logs themselves.
- `_supports` of Membership, slot 9: a guardian is a bit there, by the place in a list that only the
  transactions' calldata holds.
What never changes (the co-op's name, its contracts' addresses, the first version of each rule) lies
in the clones' code, not in storage. The Assembly's address is in storage, and no event says it.
"""

from collections.abc import Mapping

from indexer.abi import ContractName
from indexer.audit.replay import Replay
from indexer.audit.storage import assembly, bylaws, membership, pay_rates
from indexer.audit.storage.words import Word, Words

__all__ = ["Word", "Words", "expected"]


def expected(replay: Replay, addresses: Mapping[ContractName, str]) -> dict[ContractName, Words]:
    """Return contract -> slot -> the word that it must hold, once the replay is finished.

    Never raises for what the replay went through, mismatches and nonsense included: a value that no
    word can hold gives a number above 32 bytes, which nothing on a chain equals.
    """
    home = addresses["assembly"]
    return {
        "membership": membership.words(replay, home),
        "bylaws": bylaws.words(replay, home),
        "assembly": assembly.words(replay),
        "pay_rates": pay_rates.words(replay, home),
    }
