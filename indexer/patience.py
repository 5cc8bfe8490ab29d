"""A chain through a node that may be busy or away for a moment: each request is asked again.

A node that is busy has not done what it was asked. One that fell silent may have, so that asking
again is only for reading, and for what can be sent twice.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

from indexer.chain import Chain
from indexer.errors import ChainBusy, ChainUnreachable
from indexer.rpc import Request

_TRIES = 5
_SHORTEST = 0.5  # seconds
_LONGEST = 60.0  # seconds; a node that wants more is left


class PatientChain(Chain):
    """Waits as long as a busy node asks, or twice as long each time; then raises its error."""

    def __init__(
        self,
        url: str,
        timeout: float = 60.0,
        wait: Callable[[float], object] = time.sleep,
        *,
        silence: bool = True,
    ) -> None:
        """`silence`: whether a node that does not answer at all is asked again, too."""
        super().__init__(url, timeout)
        self._wait = wait
        self._passing = (ChainBusy, ChainUnreachable) if silence else (ChainBusy,)

    def request(self, method: str, *params: Any) -> Any:
        """As the chain's."""
        for tries in range(_TRIES):
            try:
                return super().request(method, *params)
            except self._passing as error:
                self._pause(error, tries)
        raise AssertionError("the last try returns or raises")

    def _results(self, part: Sequence[Request], body: Callable[[], bytes]) -> list[Any]:
        """As the chain's; if these were too many together, each is asked alone."""
        try:
            return super()._results(part, body)
        except ChainBusy as error:
            self._pause(error, 0)
            return [self.request(method, *params) for method, params in part]

    def _pause(self, error: ChainBusy | ChainUnreachable, tries: int) -> None:
        """Wait for the next try; raise the error if there is none."""
        asked = error.retry_after if isinstance(error, ChainBusy) else None
        seconds = asked or _SHORTEST * 2**tries
        if tries == _TRIES - 1 or seconds > _LONGEST:
            raise error
        self._wait(seconds)
