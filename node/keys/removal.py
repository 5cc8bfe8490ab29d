"""Removing a key's file for good, as far as a program can."""

import os
import secrets
from pathlib import Path


def destroy(path: Path) -> bool:
    """Overwrite a file, then unlink it; return whether the platform let it be overwritten.

    That the old bytes are gone from the disk is not certain: journals, snapshots, backups and the
    spare cells of flash memory may hold them.
    """
    overwritten = _overwrite(path)
    path.unlink()
    return overwritten


def _overwrite(path: Path) -> bool:
    try:
        path.chmod(0o600)
        with path.open("r+b", buffering=0) as file:
            file.write(secrets.token_bytes(path.stat().st_size))
            os.fsync(file.fileno())
    except OSError:
        return False
    return True
