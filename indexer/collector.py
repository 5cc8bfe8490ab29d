"""How the interpreter is set for much work on small objects beside threads that wait for a node."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_TURN = 0.0005  # seconds that a thread keeps the interpreter while another one waits for it


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let the collector rest, and threads that wait for a node have their turn soon: each time one
    has read a part of an answer it waits for the interpreter again."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(_TURN)
    try:
        with collector_resting():
            yield
    finally:
        sys.setswitchinterval(interval)


@contextmanager
def collector_resting() -> Iterator[None]:
    """Stop the collector meanwhile; also as a decorator. Looking through many thousand rows again
    and again takes it a third of the time in which they are read."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
