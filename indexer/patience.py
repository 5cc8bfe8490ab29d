"""A chain through a node that may be busy or away for a moment: each request is asked again.

Only for reading, where a second request changes nothing.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from indexer.chain import Chain
from indexer.errors import ChainBusy, ChainUnreachable
from indexer.rpc import Request

_TRIES = 5
_SHORTEST = 0.5  # seconds
_LONGEST = 60.0  # seconds; a node that wants more is left

_Answer = TypeVar("_Answer")


class PatientChain(Chain):
    """Waits as long as the node asks, or twice as long each time; then raises its error."""

    def __init__(
        self, url: str, timeout: float = 60.0, wait: Callable[[float], object] = time.sleep
    ) -> None:
        super().__init__(url, timeout)
        self._wait, self._nested = wait, False

    def request(self, method: str, *params: Any) -> Any:
        """As the chain's."""
        return self._again(lambda: Chain.request(self, method, *params))

    def request_each(self, requests: Sequence[Request]) -> Iterator[Any]:
        """As the chain's, but all at once, so that what fails is asked again as a whole."""
        return iter(self._again(lambda: list(Chain.request_each(self, requests))))

    def _again(self, ask: Callable[[], _Answer]) -> _Answer:
        if self._nested:  # a batch that is asked one by one
            return ask()
        self._nested = True
        try:
            return self._patiently(ask)
        finally:
            self._nested = False

    def _patiently(self, ask: Callable[[], _Answer]) -> _Answer:
        for tries in range(_TRIES):
            try:
                return ask()
            except (ChainBusy, ChainUnreachable) as error:
                asked = error.retry_after if isinstance(error, ChainBusy) else None
                seconds = asked or _SHORTEST * 2**tries
                if tries == _TRIES - 1 or seconds > _LONGEST:
                    raise
                self._wait(seconds)
        raise AssertionError("the last try returns or raises")
