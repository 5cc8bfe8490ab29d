"""How long the members' usual questions take, asked as the commands ask them.

python -m scripts.mirror_bench.answers LOCATION    with the identity as JSON on stdin
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from indexer.identity import Identity
from scripts.mirror_bench.figures import QUERIES, Row

ROOT = Path(__file__).resolve().parents[2]
_TIMES = 5


def ask_all(identity: Identity, location: str, history: str) -> list[Row]:
    """Ask a mirror that is up to date, in a fresh process; the median of five, in milliseconds."""
    command = [sys.executable, "-m", "scripts.mirror_bench.answers", location]
    given = json.dumps(identity)
    done = subprocess.run(command, input=given, cwd=ROOT, capture_output=True, text=True)
    done.check_returncode()
    found: dict[str, tuple[float, int]] = json.loads(done.stdout)
    return [
        Row(QUERIES[name], f"{rows:,} rows of {history}", milliseconds)
        for name, (milliseconds, rows) in found.items()
    ]


def _questions() -> Mapping[str, Callable[[Any, Any], Any]]:
    from indexer import queries

    return {
        "proposals": lambda session, at: queries.proposals(session, at, state=None),
        "members": queries.members,
        "pay_vote": lambda session, at: queries.pay_vote(session, at, 1).ladder,
        "ballots": lambda session, at: queries.ballots(session, at, proposal_id=1),
    }


def main() -> None:
    """Print name -> (milliseconds, rows in the answer) as JSON."""
    from indexer.queries import as_of
    from indexer.store import read_mirror

    location, identity = sys.argv[1], Identity(*json.load(sys.stdin))
    store = read_mirror(location if "://" in location else Path(location), identity)
    found = {}
    for name, question in _questions().items():
        took = []
        for _ in range(_TIMES):
            start = time.perf_counter()
            with store.reading() as session:
                answer = question(session, as_of(session))
            took.append(1e3 * (time.perf_counter() - start))
        found[name] = (median(took), len(answer) if isinstance(answer, tuple | list) else 1)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
