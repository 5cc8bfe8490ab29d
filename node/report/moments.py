"""Moments on the page: in UTC, for the reader's clock must not change the page."""

from indexer.moment import Moment


def moment(seconds: int) -> str:
    """Return a second of the chain for people."""
    try:
        return f"{Moment(seconds).utc:%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return f"second {seconds}"  # beyond the year 9999
