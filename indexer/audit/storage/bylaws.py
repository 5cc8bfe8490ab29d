"""What Bylaws stores (contracts/Bylaws, modules/PackedRule)."""

from indexer.audit.replay import Replay
from indexer.audit.storage.words import Fields, Word, Words, number_of, slot_of
from indexer.rules.bylaws import DecisionClass, Rule

STATE = 1
RULES = 2

STATE_FIELDS = Fields(assembly=160, versions=96)
VERSION_FIELDS = Fields(**{each.word: 13 for each in DecisionClass})
RULE_FIELDS = Fields(  # the last value lies lowest
    subject_votes=1,
    presence=1,
    basis_roll=1,
    strict=1,
    pass_den=7,
    pass_num=7,
    max_against=16,
    second_call_bps=14,
    quorum_bps=14,
    quorum_min=14,
    swing_cap=21,
    swing_window=20,
    cool_down=24,
    second_call_delay=22,
    grace=24,
    execution_delay=23,
    voting_period=23,
    notice=23,
)
FIRST_STORED = 2
"""The first version of each rule lies in the code of the clone."""


def words(replay: Replay, assembly: str) -> Words:
    """Return every word of Bylaws that the replay knows."""
    counts = {each.word: len(rules) for each, rules in replay.bylaws.items()}
    state = STATE_FIELDS.word_of(
        assembly=number_of(assembly), versions=VERSION_FIELDS.word_of(**counts)
    )
    found = {STATE: Word(state, "Assembly and newest version of each rule")}
    for decision_class, rules in replay.bylaws.items():
        versions = slot_of(decision_class, RULES)
        for version, rule in enumerate(rules, start=1):
            if version >= FIRST_STORED:
                what = f"rule {decision_class.word}, version {version}"
                found[slot_of(version, versions)] = Word(_rule(rule), what)
    return found


def _rule(rule: Rule) -> int:
    return RULE_FIELDS.word_of(**vars(rule))
