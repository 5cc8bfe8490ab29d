"""Every kind of sub-check of the replay, by a stable id, and what did not hold.

An id is never given to another check; a new one goes behind the last of its group.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from indexer.events import Event

KEPT = 1_000
"""Mismatches that are kept word by word; `Check.failed` counts all events that had one."""

TABLE: Mapping[str, str] = {
    "4.0.1": "events out of the chain's order",
    "4.0.2": "moments that go back",
    "4.0.3": "events of other contracts",
    "4.0.4": "events that no step of the contracts can log",
    "4.0.5": "beginnings that are incomplete",
    "4.0.6": "changes without an executed proposal that says exactly that",
    "4.0.7": "executed actions without their effect",
    "4.0.8": "orders on what came to be after the vote opened",
    "4.1.1": "founders too few, too many, or twice",
    "4.1.2": "memberIds out of sequence",
    "4.1.3": "accounts that belong to somebody else",
    "4.1.4": "admissions of no candidate, or before the end of probation",
    "4.1.5": "applications and withdrawals out of turn",
    "4.1.6": "members who left without being members",
    "4.1.7": "suspensions of who is not active, or too long",
    "4.1.8": "reinstatements of who is not suspended, or before the term",
    "4.1.9": "expulsions of who is no member",
    "4.1.10": "changed keys that do not follow from the key before",
    "4.1.11": "rotations within two days of the last change",
    "4.1.12": "guardians named against the delay",
    "4.1.13": "guardians' support out of turn",
    "4.1.14": "recoveries by guardians before their time, or void",
    "4.1.15": "probations out of bounds",
    "4.2.1": "rule versions out of sequence",
    "4.2.2": "rules out of bounds",
    "4.2.3": "rules that nobody could pass",
    "4.2.4": "recoveries with less notice than removals",
    "4.3.1": "proposals out of sequence, unknown, or not frozen",
    "4.3.2": "proposers who are no active members",
    "4.3.3": "proposers with another vote under way",
    "4.3.4": "classes and persons that do not follow from the actions",
    "4.3.5": "rule versions other than the one in force",
    "4.3.6": "openings outside the rule's notice and 90 days",
    "4.3.7": "deadlines other than opening and voting period give",
    "4.3.8": "contents that text and actions do not give",
    "4.3.9": "texts about people in place of their hash",
    "4.3.10": "proposals within the cool-down of a defeated one",
    "4.3.11": "late swings without extension, extensions without swing",
    "4.3.12": "second calls out of turn",
    "4.3.13": "cancellations out of turn",
    "4.3.14": "queueings of what had not passed, or with another delay",
    "4.3.15": "executions of what was not executable",
    "4.3.16": "replies out of turn",
    "4.3.17": "appeals and confirming votes out of turn",
    "4.3.18": "objections out of turn",
    "4.4.1": "ballots on unknown proposals",
    "4.4.2": "ballots of accounts that are no member's present key",
    "4.4.3": "ballots of members not on the roll at the freeze, or no longer active",
    "4.4.4": "ballots outside the window",
    "4.4.5": "ballots changed in the extension",
    "4.4.6": "ballots with a sequence that does not follow",
    "4.4.7": "ballots with no choice or another weight than one",
    "4.4.8": "ballots of the person concerned",
    "4.4.9": "reasons where there may be none, or too long",
    "4.4.10": "tallies above the frozen roll",
    "4.4.11": "skipped ballots with another cause than the one given",
    "4.5.1": "currencies and roles named amiss",
    "4.5.2": "pay rules out of sequence or out of bounds",
    "4.5.3": "terms of roles out of bounds, or of no present role",
    "4.5.4": "first rates out of bounds",
    "4.5.5": "pay votes out of sequence, or unknown",
    "4.5.6": "pay votes opened by no active member",
    "4.5.7": "pay votes opened out of turn",
    "4.5.8": "openings and deadlines of pay votes out of the rule",
    "4.5.9": "ladders other than rate, step and bounds give",
    "4.5.10": "contents that the pay vote does not give",
    "4.5.11": "pay ballots of members who may not vote",
    "4.5.12": "pay ballots outside the window",
    "4.5.13": "pay ballots for a rate that is no rung",
    "4.5.14": "pay ballots with a sequence that does not follow",
    "4.5.15": "reasons of pay ballots that are too long",
    "4.5.16": "skipped pay ballots with another cause than the one given",
    "4.5.17": "pay votes closed out of turn",
    "4.5.18": "results that the pay ballots do not give",
    "4.5.19": "results outside the bounds of that moment",
    "4.5.20": "rates set by no pay vote and no new role",
    "4.5.21": "rates below the floor or above what can be paid",
}
"""Id -> what such a check finds, in plain words: "ballots outside the window: 0 of 812"."""


@dataclass
class Check:
    """One kind of sub-check: at how many events it was made, and at how many it did not hold."""

    id: str
    words: str
    counted: int = 0
    failed: int = 0
    counted_at: int = field(default=0, repr=False)
    """The place in the history where it was last counted, so that no event counts twice."""
    failed_at: int = field(default=0, repr=False)

    @property
    def place(self) -> tuple[int, ...]:
        """Where it stands among others: the numbers of its id."""
        return tuple(int(part) for part in self.id.split("."))


class Mismatch(NamedTuple):
    """One thing that did not follow from the rules."""

    check: str
    """The id of its check."""
    kind: str
    """What is wrong in a short word, such as `too_late`."""
    where: str
    """Such as "block 812, log 3, proposal 7"."""
    expected: str
    found: str


class Checks:
    """Counts the checks, and knows where in the history they are made."""

    def __init__(self) -> None:
        self.by_id = {number: Check(number, words) for number, words in TABLE.items()}
        self.mismatches: list[Mismatch] = []
        """The first KEPT of them."""
        self.place = 0
        """Where in the history the checks are made: each event is one, and each late judgement."""
        self._event: Event | None = None
        self._noun = ""
        self._name: object = ""

    def turn_to(self, event: Event) -> None:
        """What is checked from now on is checked at this event."""
        self.place += 1
        self._event = event
        self._noun = ""

    def about(self, noun: str, name: object) -> None:
        """What is checked from now on is checked of this: a proposal, a member, a role."""
        self._noun, self._name = noun, name

    def that(self, number: str, kind: str, holds: bool, expected: object, found: object) -> bool:
        """Count a check and return whether it held; if not, what was found becomes a mismatch."""
        check = self.by_id[number]
        if check.counted_at != self.place:
            check.counted_at = self.place
            check.counted += 1
        if holds:
            return True
        if check.failed_at != self.place:
            check.failed_at = self.place
            check.failed += 1
        if len(self.mismatches) < KEPT:
            words = (_readable(expected), _readable(found))
            self.mismatches.append(Mismatch(number, kind, self._where(), *words))
        return False

    def _where(self) -> str:
        parts = []
        if self._event is not None:
            parts += [f"block {self._event.block}", f"log {self._event.log_index}"]
        if self._noun:
            parts.append(f"{self._noun} {_readable(self._name)}")
        return ", ".join(parts)


def _readable(value: object) -> str:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return str(value)
