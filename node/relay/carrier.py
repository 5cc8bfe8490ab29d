"""The relayer's thread: watches the ballots on their way and sends what waited long enough."""

import threading
import time
import traceback
from dataclasses import dataclass, field

from indexer.blocks import BlockRef
from node.delivery import Courier
from node.errors import CoopError
from node.relay.intake import Intake
from node.relay.terms import Terms
from node.sender import NODE_FAULTS, Sender


@dataclass
class Carrier:
    """Steps a courier until it is stopped."""

    courier: Courier
    sender: Sender
    intake: Intake
    terms: Terms
    trouble: str = ""
    """What went wrong at the last step; empty after a good one."""
    broken: bool = False
    """Whether that was a fault of this program."""
    stepped_at: float = 0.0
    """When the last good step ended, by the machine's clock."""
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _seen: tuple[BlockRef, int] | None = None

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread = threading.Thread(target=self._run, name="carrier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the present step."""
        self._stop.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.step()
                self.trouble, self.stepped_at, self.broken = "", time.time(), False
            except (*NODE_FAULTS, CoopError) as error:
                self.trouble = error.message
            except Exception as error:  # a fault of this program: nothing more is promised
                self.trouble, self.broken = f"{type(error).__name__}: {error}", True
                traceback.print_exc()
            self._stop.wait(0.2)

    def step(self) -> None:
        """Look if there is a new block or something more is due, and send what is."""
        head, (waiting, oldest) = self.courier.chain.head(), self.courier.outbox.unsent()
        due = self._due(waiting, oldest)
        # What is due and cannot be counted any more would else be tried again and again.
        seen = head, waiting if due else 0
        if seen == self._seen:
            return
        self.courier.step(self.sender, only=None if due else ())
        self._seen = seen
        self.intake.open = self.courier.outbox.count()

    def _due(self, waiting: int, oldest: float) -> bool:
        """Enough to fill a batch, or one that waited long enough for others."""
        full = waiting >= self.terms.batch
        return full or (waiting > 0 and time.time() - oldest >= self.terms.age)
