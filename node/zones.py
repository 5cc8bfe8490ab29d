"""The time zone in which people here read moments: the co-op's where one is set, else this
machine's."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import tzinfo

from node.errors import ConfigurationProblem

_ZONE: ContextVar[tzinfo | None] = ContextVar("zone", default=None)


def named(name: str) -> tzinfo:
    """Return a zone of the IANA database, as Europe/London; ConfigurationProblem if unknown."""
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ConfigurationProblem(
            f"There is no time zone {name!r} on this machine.",
            hint="Name it as in Europe/London; for UTC give UTC.",
        ) from error


def local() -> tzinfo | None:
    """Return the zone in use; None is this machine's, as `datetime.astimezone` takes it."""
    return _ZONE.get()


@contextmanager
def using(name: str | None) -> Iterator[None]:
    """Use a zone meanwhile; None for this machine's."""
    token = _ZONE.set(named(name) if name else None)
    try:
        yield
    finally:
        _ZONE.reset(token)
