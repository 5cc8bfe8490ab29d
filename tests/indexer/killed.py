"""Syncs in processes that the kernel kills at the moment asked for; run by test_killed.

For each number on standard input, a child syncs again and again until so many seconds have passed,
and dies there of a signal that nothing in Python sees. The answer is the signal's number.
"""

import json
import os
import signal
import sys
from pathlib import Path

from indexer.chain import Chain
from indexer.identity import Identity
from indexer.store import open_mirror
from indexer.sync import sync


def main() -> None:
    """Read seconds, let a child die, print of what."""
    url, place, identity = sys.argv[1:]
    whose = Identity(**json.loads(identity))
    for line in sys.stdin:
        child = os.fork()
        if not child:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, float(line))
            while True:
                store = open_mirror(place if "://" in place else Path(place), whose)
                sync(Chain(url), store)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(-status, flush=True)


if __name__ == "__main__":
    main()
