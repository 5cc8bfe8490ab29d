"""A PostgreSQL server of the tests' own, on a socket in a temporary folder.

Where no server is installed the tests that need one are skipped; on continuous integration, which
installs it, its absence is a failure.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

_USER = "postgres"


def binaries() -> Path | None:
    """The folder of the newest server's programs; Debian keeps them off PATH."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    return versions[-1].parent if versions else None


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """The URL of an empty database on a server that runs as long as the block."""
    programs = binaries()
    if programs is None:
        reason = "PostgreSQL's server is not installed"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    as_user: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, _USER)
        as_user = ["runuser", "-u", _USER, "--"]
    data, log = folder / "data", folder / "log"
    quick = "-c fsync=off -c listen_addresses= -c max_connections=50"
    try:
        _run(*as_user, programs / "initdb", "-D", data, "-U", _USER, "-A", "trust", "-E", "UTF8")
        settings = f"{quick} -k {folder}"
        start = ("start", "-D", data, "-l", log, "-w", "-o", settings)
        _run(*as_user, programs / "pg_ctl", *start)
        yield f"postgresql+psycopg://{_USER}@/postgres?host={quote(str(folder), safe='')}"
    finally:
        if (data / "postmaster.pid").exists():
            _run(*as_user, programs / "pg_ctl", "stop", "-D", data, "-m", "immediate", "-w")


def _version(path: Path) -> float:
    return float(path.parent.parent.name)


def _run(*command: str | Path) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command} failed:\n{done.stdout}")
