"""`coop completion`: real shells, on a real terminal, complete what begins so."""

import os
import pty
import select
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.node.desk import Desk, desk  # noqa: F401
from tests.node.test_cli import START

PATIENCE = 60.0  # seconds in which a shell must answer
SHELLS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
OWN_TERMINAL = (  # fish ends at once if the terminal is not its own
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "os.execvp(sys.argv[1], sys.argv[1:])"
)
LOAD = {
    "bash": "source {script}",
    "zsh": "autoload -U compinit && compinit -D && source {script}",
    "fish": "source {script}",
}


class Terminal:
    """A shell that believes that somebody types."""

    def __init__(self, words: list[str], environment: dict[str, str]) -> None:
        self._main, other = pty.openpty()
        self._shell = subprocess.Popen(
            [sys.executable, "-c", OWN_TERMINAL, *words],
            stdin=other,
            stdout=other,
            stderr=other,
            env=environment,
            start_new_session=True,
        )
        os.close(other)
        self.seen = ""

    def type(self, keys: str) -> None:
        """Press keys."""
        self.seen = ""
        os.write(self._main, keys.encode())

    def wait_for(self, text: str) -> None:
        """Read until the screen has shown a text since the last keys."""
        until = time.monotonic() + PATIENCE
        while text not in self.seen:
            ready, _, _ = select.select([self._main], [], [], max(0.0, until - time.monotonic()))
            assert ready, f"{text!r} never came: {self.seen!r}"
            self.seen += os.read(self._main, 65_536).decode(errors="replace")

    def end(self) -> None:
        """Close the terminal; its shell goes."""
        self._shell.kill()
        self._shell.wait()
        os.close(self._main)


def environment(home: Path) -> dict[str, str]:
    """A PATH on which `coop` is this one, and nothing else of the outside."""
    folder = home / "bin"
    folder.mkdir()
    coop = folder / "coop"
    root = Path(__file__).parents[2]
    coop.write_text(
        f"#!/bin/sh\nPYTHONPATH={shlex.quote(str(root))} "
        f'exec {shlex.quote(sys.executable)} -c {shlex.quote(START)} "$@"\n'
    )
    coop.chmod(0o755)
    return {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "HOME": str(home),
        "COOP_HOME": str(home),
        "TERM": "dumb",
        "PS1": "$ ",
        "LC_ALL": "C.UTF-8",
    }


@pytest.mark.parametrize("shell", SHELLS)
def test_a_tab_completes_commands_keys_and_instances(shell: str, desk: Desk) -> None:  # noqa: F811
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    for folder, name in (("keys", "adas-key.json"), ("instances", "weavers.toml")):
        (desk.home / folder).mkdir()
        (desk.home / folder / name).write_text("")
    script = desk.file("completion", desk.run("completion", shell).out)
    terminal = Terminal(SHELLS[shell], environment(desk.home))
    try:
        terminal.type(LOAD[shell].format(script=shlex.quote(str(script))) + "; echo rea''dy\n")
        terminal.wait_for("ready")
        for typed, completed in (
            ("coop prop\t", "coop proposal "),
            ("coop proposal ca\t", "coop proposal cancel "),
            ("coop vote --key ad\t", "--key adas-key "),
            ("coop status --instance w\t", "--instance weavers "),
            ("coop key show ad\t", "show adas-key "),
            ("coop instance use w\t", "use weavers "),
            ("coop bylaws presets uk\t", "presets uk-worker-coop "),
            ("coop export members --format jso\t", "--format jsonl "),
        ):
            terminal.type(typed)
            terminal.wait_for(completed)
            terminal.type("\x15")  # Ctrl-U: the line is empty again
    finally:
        terminal.end()


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_a_script_of_its_own(shell: str, desk: Desk) -> None:  # noqa: F811
    said = desk.run("completion", shell, "--json")
    assert (said.code, said.data["shell"]) == (0, shell)
    assert f"_COOP_COMPLETE={shell}_complete" in said.data["script"]
    assert desk.run("completion", "tcsh").code == 2


def test_completing_a_command_imports_no_command(desk: Desk) -> None:  # noqa: F811
    program = (
        "import sys; from node.cli import run; run([]);"
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    words = {"_COOP_COMPLETE": "bash_complete", "COMP_WORDS": "coop prop", "COMP_CWORD": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **words},
    )
    assert ran.stdout == "plain,proposal\n"
    loaded = set(ran.stderr.split())
    assert not [name for name in loaded if name.startswith("node.commands")]
    assert not loaded & {"web3", "sqlalchemy", "rich", "node.context"}
