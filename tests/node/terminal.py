"""A person at a terminal: runs `coop` on a pseudo-terminal and types answers to its questions."""

import os
import pty
import select
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_PATIENCE = 60  # seconds without a word before the program counts as stuck


def typed(
    home: Path,
    words: Sequence[object],
    answers: Sequence[tuple[str, str]],
    *,
    out: Path | None = None,
    term: str = "xterm",
) -> tuple[int, str]:
    """Run `coop` and type each answer once its question stands on the screen after the one before.

    Return exit code and everything that was on the screen. Standard output goes to `out`, if given.
    """
    primary, secondary = pty.openpty()
    program = "from node.cli import main; main()"
    with out.open("wb") if out else os.fdopen(os.dup(secondary), "wb") as stdout:
        child = subprocess.Popen(
            [sys.executable, "-c", program, *map(str, words)],
            stdin=secondary,
            stdout=stdout,
            stderr=secondary,
            start_new_session=True,
            env=os.environ | {"COOP_HOME": str(home), "TERM": term},
        )
    os.close(secondary)
    screen, seen, waiting = b"", 0, list(answers)
    while select.select([primary], [], [], _PATIENCE)[0]:
        try:
            screen += os.read(primary, 4096)
        except OSError:  # the other end is closed: the child has ended
            break
        if waiting and (at := screen.find(waiting[0][0].encode(), seen)) >= 0:
            seen = at + len(waiting[0][0].encode())
            os.write(primary, waiting.pop(0)[1].encode() + b"\n")
    else:
        child.kill()
    os.close(primary)
    return child.wait(_PATIENCE), screen.decode(errors="replace")
