"""What a process can do so that a secret does not outlive its use.

It is little: Python and the libraries that encrypt and sign make copies in objects that cannot be
overwritten (docs/keys.md says which). What is ours is zeroed, and no core dump keeps the rest.
"""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def wiped(secret: bytearray) -> Iterator[bytearray]:
    """Lend a buffer, and zero it afterwards, whatever happens."""
    try:
        yield secret
    finally:
        secret[:] = bytes(len(secret))


def forbid_core_dumps() -> None:
    """Let the system write no image of this process's memory to disk, if it lets itself be told."""
    try:
        import resource
    except ImportError:  # not on Windows, which writes none unless it is told to
        return
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
