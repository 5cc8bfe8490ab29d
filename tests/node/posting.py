"""Carries ballots in processes that die where they are told to; run by test_no_vote_lost.

Each number on standard input is a life: a child keeps ballots in the outbox and carries them, and
dies at its so-manyth write or sending, before or after it, of a signal that nothing in Python sees.
At 0 it lives until every ballot ended. The answer is the signal's number.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlmodel import Session

from indexer.chain import Chain
from node import ballot_file, instance
from node.ballot import SignedBallot
from node.delivery import Courier
from node.outbox import ENDS, Outbox, owner
from node.outbox_file import OutboxFile
from node.sender import NODE_FAULTS, Sender
from tests.contracts.people import person

_PATIENCE = 120.0
"""Seconds in which every ballot must have ended once nothing happens any more."""
_PAUSE = 0.005  # seconds between two steps: a node's answers take longer


def main() -> None:
    """Read where to die, let a child live until then, print of what it died."""
    url, home, carrier, documents = sys.argv[1:]
    ballots = [ballot_file.parse(each).signed() for each in json.loads(Path(documents).read_text())]
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _live(url, Path(home), carrier, ballots, death=int(line))
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(-status, flush=True)


def _live(url: str, home: Path, carrier: str, ballots: list[SignedBallot], death: int) -> None:
    chain = Chain(url, timeout=0.25)
    coop = instance.load(home / "instances", "weavers")
    outbox = Outbox(home / "weavers.outbox.db", owner(coop))
    courier = Courier(chain, coop, outbox, "finalized", patience=0.4, batch=7)
    sender = Sender(chain, person(carrier).key)
    if death:
        _mortal(death)
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        kept = outbox.letters(everything=True)
        if len(kept) < len(ballots):
            outbox.put(ballots[len(kept)])
        elif not death and all(each.state in ENDS for each in kept):
            return
        with suppress(*NODE_FAULTS):  # the next step goes on, whatever it was
            courier.step(sender)
        time.sleep(_PAUSE)
    print("Not every ballot ended:", courier.problems, file=sys.stderr, flush=True)
    os._exit(1)


def _mortal(death: int) -> None:
    """Let this process die at its so-manyth step before or after a write or a sending."""
    left = death

    def edge() -> None:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    session, request = OutboxFile.session, Chain.request

    @contextmanager
    def edged_session(file: OutboxFile) -> Iterator[Session]:
        edge()
        with session(file) as opened:
            yield opened
            edge()  # written, and not yet on the disk
        edge()

    def edged_request(chain: Chain, method: str, *params: Any) -> Any:
        if method != "eth_sendRawTransaction":
            return request(chain, method, *params)
        edge()
        answer = request(chain, method, *params)
        edge()
        return answer

    OutboxFile.session = edged_session  # type: ignore[method-assign, assignment]
    Chain.request = edged_request  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    main()
