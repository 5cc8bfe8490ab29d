"""Who is a member, since when and with which key, from the roll's events (contracts/Membership).

An event counts from its very second: the roll at a moment includes what happened at that moment.
"""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Literal, NamedTuple

Change = Literal["admitted", "left", "suspended", "reinstated", "expelled", "rotated", "recovered"]
Standing = Literal["active", "suspended", "left", "expelled"]


class MemberEvent(NamedTuple):
    """One change of one member: `account` in admissions and new keys, `ends_at` in suspensions."""

    moment: int
    member_id: int
    change: Change
    account: str = ""
    epoch: int = 0
    ends_at: int = 0


class Member(NamedTuple):
    """A member as the last event left them; moments in seconds, 0 = has not happened."""

    member_id: int
    account: str
    standing: Standing
    since: int
    until: int = 0
    epoch: int = 0
    suspended_until: int = 0


class Roll:
    """All members over time. Built from events in order, then asked about any moment."""

    def __init__(self, events: Iterable[MemberEvent]) -> None:
        self.members: dict[int, Member] = {}
        """memberId -> the member after the last event."""
        self.member_ids: dict[str, int] = {}
        """Account -> the memberId to which it belongs, or once belonged, for ever."""
        self.founders = 0
        """How many were there from the start, if whoever builds the roll says so."""
        self._moments: list[int] = []
        self._sizes: list[int] = []
        self.accounts: dict[int, list[tuple[int, str]]] = {}
        """memberId -> (moment, account on the roll from then on; empty if off it), oldest first."""
        self._size = 0
        for event in events:
            self.add(event)

    def add(self, event: MemberEvent) -> None:
        """Take one more event, not before the last; ValueError for a member never admitted."""
        member_id = event.member_id
        before = self.members.get(member_id)
        after = _changed(before, event)
        self.members[member_id] = after
        self.member_ids[after.account] = member_id
        was_on = before is not None and before.standing == "active"
        if was_on != (is_on := after.standing == "active"):
            self._size += 1 if is_on else -1
            self._moments.append(event.moment)
            self._sizes.append(self._size)
        if was_on != is_on or event.change in ("rotated", "recovered"):
            term = (event.moment, after.account if is_on else "")
            self.accounts.setdefault(member_id, []).append(term)

    @property
    def sizes(self) -> list[tuple[int, int]]:
        """(moment, members on the roll from then on) for each change of the roll, oldest first."""
        return list(zip(self._moments, self._sizes, strict=True))

    def size_at(self, moment: int) -> int:
        """Return how many members were on the roll at a moment."""
        position = bisect_right(self._moments, moment)
        return self._sizes[position - 1] if position else 0

    def holds(self, member_id: int, moment: int) -> bool:
        """Return whether a member was on the roll at a moment."""
        terms = self.accounts.get(member_id, [])
        position = bisect_right(terms, moment, key=lambda term: term[0])
        return bool(position) and terms[position - 1][1] != ""

    def size_without(self, moment: int, member_id: int) -> int:
        """Return the size at a moment, less one member if that one was on it (0 = nobody)."""
        return self.size_at(moment) - (member_id != 0 and self.holds(member_id, moment))

    def current(self, account: str) -> Member | None:
        """Return the active member whose present key is the account, if there is one."""
        member = self.members.get(self.member_ids.get(account, 0))
        if member is None or member.account != account or member.standing != "active":
            return None
        return member


def eligible(member: Member, freeze: int) -> bool:
    """Return whether a member may now cast in a vote whose roll froze at `freeze`."""
    return member.standing == "active" and member.since <= freeze


def _changed(member: Member | None, event: MemberEvent) -> Member:
    if event.change == "admitted":
        epoch = member.epoch if member else 0  # who comes back keeps number, key and epoch
        return Member(event.member_id, event.account, "active", event.moment, epoch=epoch)
    if member is None:
        raise ValueError(f"member {event.member_id} {event.change} before being admitted")
    if event.change in ("rotated", "recovered"):
        return member._replace(account=event.account, epoch=event.epoch)
    if event.change == "reinstated":
        return member._replace(standing="active", since=event.moment, until=0, suspended_until=0)
    # Who leaves or is expelled while suspended was off the roll since the suspension.
    until = member.until or event.moment
    standing: Standing = event.change  # type: ignore[assignment]  # left, suspended, expelled
    return member._replace(standing=standing, until=until, suspended_until=event.ends_at)
