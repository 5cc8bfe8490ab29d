"""`coop` as a process of its own, as a member's shell runs it."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COOP = [sys.executable, "-c", "from node.cli import main; main()"]


@dataclass(frozen=True)
class Shell:
    """One member's machine: a COOP_HOME of its own."""

    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """The shell's variables, without those of whoever runs the tests."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("COOP_")}
        return kept | {"COOP_HOME": str(self.home)}

    def coop(self, *words: object) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end."""
        return subprocess.run(
            [*COOP, *map(str, words)],
            env=self.environment,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def data(self, *words: object) -> Any:
        """The `data` that a command prints with --json."""
        ran = self.coop(*words, "--json")
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)["data"]


def processes_naming(path: Path) -> list[str]:
    """Command lines of living processes that name a path."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            state = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            continue  # it ended while we looked
        if state != "Z" and any(str(path) in word for word in words):
            found.append(" ".join(words))
    return found
