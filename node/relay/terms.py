"""What a relayer promises, and how much it takes from whom."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

BODY_LIMIT = 16_000
"""Bytes of a request; a ballot with the longest reason has under 5,000."""


@dataclass(frozen=True)
class Terms:
    """Seconds and numbers; see `coop relay run --help`."""

    promise: int = 300
    """Seconds within which a ballot will stand in a block, by the chain's clock."""
    batch: int = 100
    """Waiting ballots that are sent at once."""
    age: float = 20.0
    """Seconds that a ballot waits for others at most."""
    per_member: int = 20
    """Ballots of one member a minute."""
    per_address: int = 600
    """Ballots from one network address a minute."""
    queue: int = 50_000
    """Ballots that may be on their way."""

    @property
    def margin(self) -> int:
        """Seconds before a deadline in which no ballot is taken any more: it may wait for others,
        and then needs a block."""
        return max(30, int(self.age) + 15)


class Allowance:
    """So many a minute for each of many; unused ones are saved up to a minute's worth."""

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = a_minute, clock
        self._left: dict[Hashable, tuple[float, float]] = {}

    def take(self, who: Hashable) -> bool:
        """Use one; False if none is left."""
        now = self._clock()
        if len(self._left) > 100_000:  # those who have it all back need no entry
            full = now - 60
            self._left = {key: each for key, each in self._left.items() if each[1] > full}
        left, then = self._left.get(who, (float(self._most), now))
        left = min(float(self._most), left + (now - then) * self._most / 60)
        if left < 1:
            return False
        self._left[who] = left - 1, now
        return True
