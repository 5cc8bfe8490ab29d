"""The rules as Bylaws stores them: from the second version on, the first being in its code."""

from dataclasses import astuple

from indexer.audit.replay import Replay
from indexer.audit.storage.words import Placed, Word, mapped, packed
from indexer.rules.bylaws import Rule

STATE, RULES = 1, 2
_VERSION = 13  # bits
_WIDTHS = (23, 23, 23, 24, 22, 24, 20, 21, 14, 14, 14, 16, 7, 7, 1, 1, 1, 1)
"""Bits of a rule's values in their order, the first one highest: PackedRule.sol."""


def words(replay: Replay, assembly: int) -> Placed:
    """Yield every slot that the rules determine."""
    newest = [len(versions) for _, versions in sorted(replay.bylaws.items())]
    versions = packed(*((count, _VERSION) for count in newest))
    yield STATE, Word(packed((assembly, 160), (versions, 96)), "newest version of each class")
    for decision_class, rules in replay.bylaws.items():
        of_class = mapped(int(decision_class), RULES)
        for version, rule in enumerate(rules[1:], 2):
            what = f"rule {version} of class {decision_class.word}"
            yield mapped(version, of_class), Word(_packed(rule), what)


def _packed(rule: Rule) -> int:
    values = [int(value) for value in astuple(rule)]
    return packed(*reversed(list(zip(values, _WIDTHS, strict=True))))
