"""Waiting for a condition instead of for a while."""

import time
from collections.abc import Callable


def until(true: Callable[[], object], patience: float = 30.0) -> None:
    """Return once a condition holds; fail if it does not for so many seconds."""
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end, f"it did not become true in {patience:.0f} seconds"
        time.sleep(0.02)
