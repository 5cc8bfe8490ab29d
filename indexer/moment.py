"""A moment: whole seconds since 1970 UTC, told apart from other integers."""

from datetime import UTC, datetime


class Moment(int):
    """Seconds since 1970-01-01T00:00:00Z, as block timestamps are."""

    __slots__ = ()

    @property
    def utc(self) -> datetime:
        """The same moment as an aware datetime; OverflowError beyond the year 9999."""
        return datetime.fromtimestamp(self, UTC)

    @property
    def rfc3339(self) -> str:
        """The same moment as `2026-03-01T09:00:00Z`."""
        return self.utc.strftime("%Y-%m-%dT%H:%M:%SZ")
