"""A process whose disk fills up, or can no longer be written to; run by test_disks.

It mounts a file system in memory in a mount namespace of its own (unshare --mount), which nobody
else sees and which vanishes with it.
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from indexer.chain import Chain
from indexer.check import check
from indexer.errors import MirrorUnusable
from indexer.identity import Identity
from indexer.store import Store, open_mirror
from indexer.sync import sync
from tests.indexer.mirrored import rows

ROOMY = "size=64m"
LITTLE = 96  # kB beside an empty mirror, too little for what the sync would store


def main() -> None:
    """Print what the faults said, whether the mirror was whole then, and its digest at the end."""
    way, url, given, folder = sys.argv[1:]
    chain, identity = Chain(url), Identity(**json.loads(given))
    _mount("-t", "tmpfs", "-o", ROOMY, "tmpfs", folder)
    path = Path(folder) / "mirror.db"
    if way == "read-only":
        sync(chain, open_mirror(path, identity), to=identity.first_block + 3)
        _mount("-o", "remount,ro", folder)
    else:
        open_mirror(path, identity)
        _mount("-o", f"remount,size={path.stat().st_size // 1024 + LITTLE}k", folder)
    said, reached = [], []
    try:
        sync(chain, open_mirror(path, identity))
    except MirrorUnusable as error:
        said.append(error.message)
    _mount("-o", f"remount,rw,{ROOMY}", folder)
    store = open_mirror(path, identity)
    reached.append(sorted(fault.kind for fault in check(store).faults))
    sync(chain, store)
    print(json.dumps({"said": said, "faults": reached, "digest": digest(store)}))


def digest(store: Store) -> str:
    """One word for everything that a mirror holds."""
    return hashlib.sha256(repr(rows(store)).encode()).hexdigest()


def _mount(*options: str) -> None:
    subprocess.run(["mount", *options], check=True)


if __name__ == "__main__":
    main()
