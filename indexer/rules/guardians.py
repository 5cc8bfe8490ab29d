"""Whom members named as guardians, and what those began, from the events (contracts/Guardians).

An event counts from its very second. What guardians began is void when key or guardians in force
change, when the present key cancels, when a former member is admitted again, and 30 days after the
newest support.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

Kind = Literal["admitted", "named", "supported", "started", "cancelled", "completed", "key_changed"]
NOBODY = "0x" + "00" * 32
SUPPORT_LIFETIME = 30 * 86_400


class GuardianEvent(NamedTuple):
    """One event: `at` is from when a list is in force, or when a delay is over."""

    moment: int
    member_id: int
    kind: Kind
    list_hash: str = NOBODY
    account: str = ""
    guardian: str = ""
    at: int = 0


@dataclass(frozen=True)
class Recovery:
    """What guardians began for one account; `due_at` 0 = support is missing."""

    supporters: tuple[str, ...]
    supported_at: int
    due_at: int = 0

    @property
    def expires_at(self) -> int:
        """The second from which it is void."""
        return self.supported_at + SUPPORT_LIFETIME


@dataclass(frozen=True)
class Guardianship:
    """A member's guardians at a moment; `next_from` and `recovered_at` 0 = none and never."""

    list_hash: str = NOBODY
    next_hash: str = NOBODY
    next_from: int = 0
    recovered_at: int = 0
    recoveries: Mapping[str, Recovery] = field(default_factory=dict)
    """By new account, in the order of their first support."""
    round: int = 0
    """How often what had begun became void: another key, other guardians, cancelled, readmitted."""


class Guardians:
    """All members' guardians. Built from events in order, then asked of later moments."""

    def __init__(self, events: Iterable[GuardianEvent]) -> None:
        self._known: dict[int, Guardianship] = {}
        for event in events:
            self.add(event)

    def add(self, event: GuardianEvent) -> None:
        """Take one more event, not before the last."""
        before = self.of(event.member_id, event.moment)
        self._known[event.member_id] = _after(before, event)

    @property
    def recorded(self) -> Mapping[int, Guardianship]:
        """memberId -> their guardians as the last event left them: a list that has come into force
        since still waits there, as in the contract's storage."""
        return self._known

    def of(self, member_id: int, moment: int) -> Guardianship:
        """Return a member's guardians at a moment, not before the last event."""
        known = self._known.get(member_id, Guardianship())
        if known.next_from and moment >= known.next_from:
            known = Guardianship(
                list_hash=known.next_hash,
                recovered_at=known.recovered_at,
                round=known.round + 1,
            )
        begun = known.recoveries.items()
        valid = {account: each for account, each in begun if moment < each.expires_at}
        return replace(known, recoveries=valid)


def _after(before: Guardianship, event: GuardianEvent) -> Guardianship:
    if event.kind == "named":
        return _named(before, event)
    if event.kind == "key_changed":
        voided = before.round + 1
        return replace(before, next_hash=NOBODY, next_from=0, recoveries={}, round=voided)
    if event.kind in ("cancelled", "admitted"):
        return replace(before, recoveries={}, round=before.round + 1)
    if event.kind == "completed":
        return replace(before, recovered_at=event.moment)
    begun = before.recoveries.get(event.account, Recovery((), event.moment))
    if event.kind == "supported":
        supporters = (*begun.supporters, event.guardian)
        begun = replace(begun, supporters=supporters, supported_at=event.moment)
    else:
        begun = replace(begun, due_at=event.at)
    return replace(before, recoveries={**before.recoveries, event.account: begun})


def _named(before: Guardianship, event: GuardianEvent) -> Guardianship:
    if event.at > event.moment:
        return replace(before, next_hash=event.list_hash, next_from=event.at)
    # At once: those in force were named again, or a passed proposal removed them.
    return replace(before, list_hash=event.list_hash, next_hash=NOBODY, next_from=0)
