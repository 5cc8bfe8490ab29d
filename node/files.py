"""The files of this member: TOML is read, private files are written whole or not at all."""

import fcntl
import os
import secrets
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from node.errors import ConfigurationProblem, CoopError, UsageProblem


def read_toml(path: Path) -> dict[str, Any]:
    """Return the contents of a TOML file, or nothing if it does not exist."""
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationProblem(
            f"{path} is not valid TOML: {error}.", hint="Correct the file."
        ) from error
    except OSError as error:
        raise ConfigurationProblem(f"{path} cannot be read: {error.strerror}.") from error


def is_private(path: Path) -> bool:
    """Return whether only the owner may read a file (true where modes mean nothing)."""
    return os.name != "posix" or path.stat().st_mode & 0o077 == 0


def write_private(path: Path, text: str, *, new: bool = False) -> None:
    """Write a file with mode 0600, whole or not at all; if it is `new`, FileExistsError rather than
    overwriting."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if not (new and _linked(temporary, path)):
            os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


@contextmanager
def whole(path: Path, *, overwrite: bool = False) -> Iterator[IO[bytes]]:
    """Give a file to write into, which gets its name when all is written; before, nothing is there.

    UsageProblem if the name is taken, unless `overwrite` lets an ordinary file be replaced.
    """
    refuse_taken(path, overwrite=overwrite)
    if not path.parent.is_dir():
        raise UsageProblem(
            f"There is no folder {path.parent}.", undone="Nothing was written.", hint="Make it."
        )
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        # Another process may have taken the name meanwhile.
        refuse_taken(path, overwrite=overwrite)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def refuse_taken(path: Path, *, overwrite: bool) -> None:
    """Refuse a name that is taken, unless it is an ordinary file's that may be replaced."""
    if not os.path.lexists(path) or (overwrite and path.is_file() and not path.is_symlink()):
        return
    hint = "Give --yes to replace it, or another name." if path.is_file() else "Name a file."
    raise UsageProblem(f"{path} exists already.", undone="It was left as it is.", hint=hint)


def _linked(temporary: str, path: Path) -> bool:
    """Give the file its name unless that is taken; False on a file system without links."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:
        return False
    os.unlink(temporary)
    return True


@contextmanager
def alone(path: Path, refusal: CoopError) -> Iterator[None]:
    """Be the only process that holds a folder, or a file made for that; else raise the refusal.

    The lock goes with the process that holds it, however that ends.
    """
    lock = os.open(path, os.O_RDONLY if path.is_dir() else os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise refusal from error
        yield
    finally:
        os.close(lock)
