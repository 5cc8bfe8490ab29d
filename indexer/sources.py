"""The nodes that a mirror may read from, and what to do when one of them fails.

All answers of one batch come from one node. After a fault the batch is asked for again in smaller
ranges, then of the next node; what a node suggests as a range is never trusted.
"""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from indexer.errors import (
    BlockMissing,
    ChainBusy,
    ChainRefused,
    ChainUnreachable,
    ChronicleMismatch,
    HeaderForged,
    IndexerError,
    LogsInconsistent,
    MirrorIncomplete,
    ProofInvalid,
)

if TYPE_CHECKING:
    from indexer.chain import Chain

CONTRADICTIONS = (ChronicleMismatch, HeaderForged, LogsInconsistent, ProofInvalid)
"""What a node says that can't be true, or that its own words belie."""
FAULTS = (*CONTRADICTIONS, BlockMissing, ChainBusy, ChainRefused, ChainUnreachable)
"""What another range or another node may mend."""

_WAITS = 6  # times that one node may ask us to wait for a batch
_LONGEST = 60.0  # seconds; a node that wants more is left
_SHORTEST = 0.5
_UNANSWERED = 3  # times that one node may leave a batch without an answer
_REPEATS = 3  # times that a single block is asked for again: several nodes behind one address
_BREATH = 0.2  # seconds before the first of those


class Sources:
    """One or more nodes of the same chain, used one at a time, the first one first."""

    def __init__(
        self,
        chains: "Sequence[Chain]",
        welcome: "Callable[[Chain], None]",
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        self._chains = list(chains)
        self._welcome = welcome
        self._wait = wait
        self._at = 0
        self._welcomed = False
        self.succeeded()

    @property
    def first_url(self) -> str:
        """The address of the node that is used first."""
        return self._chains[0].url

    @property
    def chain(self) -> "Chain":
        """The node in use; `welcome` has seen it, and sees it again after it was away."""
        chain = self._chains[self._at]
        if not self._welcomed:
            self._welcome(chain)
            self._welcomed = True
        return chain

    def succeeded(self) -> None:
        """A batch was read and stored."""
        self._failed: set[int] = set()
        self._waits = self._unanswered = self._repeats = 0

    def lost(self) -> None:
        """The node was away: it may be another one when it comes back."""
        self._welcomed = False

    def after(self, error: IndexerError, first: int, last: int) -> int:
        """Return up to which block to read now, after reading `first` to `last` failed.

        Raises what to tell the user when all nodes were tried: the error itself, or
        MirrorIncomplete where they contradict the chain.
        """
        if isinstance(error, ChainBusy):
            seconds = error.retry_after or _SHORTEST * 2**self._waits
            if self._waits < _WAITS and seconds <= _LONGEST:
                self._waits += 1
                self._wait(seconds)
                return last
            return self._next(error, first, last)
        if isinstance(error, ChainUnreachable):
            self.lost()
            self._unanswered += 1
            if self._unanswered == _UNANSWERED:
                return self._next(error, first, last)
        if first < last:
            return first + (last - first) // 2
        if not isinstance(error, ChainRefused) and self._repeats < _REPEATS:
            self._wait(_BREATH * 2**self._repeats)
            self._repeats += 1
            return last
        return self._next(error, first, last)

    def _next(self, error: IndexerError, first: int, last: int) -> int:
        self._failed.add(self._at)
        unused = [each for each in range(len(self._chains)) if each not in self._failed]
        if not unused:
            self.lost()
            self.succeeded()  # a later try begins anew
            if isinstance(error, CONTRADICTIONS):
                raise MirrorIncomplete(first, last, len(self._chains), error) from error
            raise error
        self._at = unused[0]
        self.lost()
        self._waits = self._unanswered = self._repeats = 0
        return last
