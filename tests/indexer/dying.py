"""A process that syncs and dies in the middle, again and again; run by test_sync.

Each child dies at another step of our own code: at every so-manyth call of a function of the
indexer. After each death the parent checks the mirror.
"""

import json
import os
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from indexer.chain import Chain
from indexer.check import check
from indexer.identity import Identity
from indexer.store import open_mirror
from indexer.sync import sync

DIED = 9


def main() -> None:
    """Print, for each death, at which call it was and what was wrong with the mirror then."""
    url, path, identity, stride = sys.argv[1:]
    store_of = Identity(**json.loads(identity))
    death = int(stride)
    while _dies(url, Path(path), store_of, death):
        faults = check(open_mirror(Path(path), store_of)).faults
        print(json.dumps([death, [str(fault) for fault in faults]]), flush=True)
        death += int(stride)


def _dies(url: str, path: Path, identity: Identity, death: int) -> bool:
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == DIED
    calls = 0

    def count(frame: FrameType, event: str, _: Any) -> None:
        nonlocal calls
        if event == "call" and "/indexer/" in frame.f_code.co_filename:
            calls += 1
            if calls == death:
                os._exit(DIED)

    chain, store = Chain(url), open_mirror(path, identity)
    with store.reading():
        sys.setprofile(count)
    for block in range(identity.first_block, chain.head().number + 1, 4):
        sync(chain, store, to=block)
    sync(chain, store)
    os._exit(0)


if __name__ == "__main__":
    main()
