"""A process that reads batches for this one: two cores read a long history faster than one.

It is told everything on its standard input, since an address may hold a password, and ends when
that is closed, however its parent ended. It writes to nobody but its parent.

python -m indexer.apart    made and spoken to by ReadingProcess only
"""

import os
import pickle
import struct
import subprocess
import sys
import threading
import traceback
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import IO, TYPE_CHECKING, Any

from indexer.background import Background
from indexer.batch import Batch, Range, read_batch, unpacked
from indexer.collector import undisturbed
from indexer.identity import Identity

if TYPE_CHECKING:
    from indexer.chain import Chain

_LENGTH = struct.Struct(">Q")
_READ, _FAILED = b"r", b"f"


class ProcessGone(Exception):
    """The process ended, or was closed, before it answered."""


class ReadingProcess:
    """A process that reads from one node; it takes a second to start, see `ready`."""

    def __init__(self, chain: "Chain", identity: Identity, *, every_header: bool) -> None:
        self.chain = chain
        paths = [os.path.abspath(each) for each in sys.path]
        self._process = subprocess.Popen(
            # -P: no module from whatever folder this is run in.
            [sys.executable, "-P", "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            start_new_session=True,  # Ctrl-C is for its parent, who ends it
        )
        needed = (chain.url, chain.timeout, identity, every_header)
        greet = partial(self._greet, needed)
        self._hello: Future[None] = Background("reading process").begin(greet)

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def ready(self) -> bool:
        """Whether it has started."""
        return self._hello.done() and self._hello.exception() is None

    def read(self, asked: Range) -> Batch:
        """Return the batch, or raise what reading it raised; ProcessGone if the process ended.

        Waits until it has started: the greeting must be the first that it hears.
        """
        self._hello.result()
        self._send(asked)
        answer = self._receive()
        if answer[:1] == _READ:
            return unpacked(answer[1:])
        error: BaseException = pickle.loads(answer[1:])
        raise error

    def close(self) -> None:
        """End it; whoever waits for its answer gets ProcessGone."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(BrokenPipeError):
                pipe.close()

    def _greet(self, needed: Any) -> None:
        """Tell it what it needs, and wait until it has started."""
        self._send(needed)
        self._receive()

    def _send(self, message: Any) -> None:
        assert self._process.stdin is not None
        try:
            _write(self._process.stdin, pickle.dumps(message))
        except (OSError, ValueError) as error:  # ended, or closed
            raise ProcessGone from error

    def _receive(self) -> bytes:
        assert self._process.stdout is not None
        try:
            found = _next(self._process.stdout)
        except (OSError, ValueError) as error:
            raise ProcessGone from error
        if found is None:
            raise ProcessGone
        return found


def _write(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(_LENGTH.pack(len(message)))
    pipe.write(message)
    pipe.flush()


def _next(pipe: IO[bytes]) -> bytes | None:
    """The next message; None at the end."""
    length = pipe.read(_LENGTH.size)
    if len(length) < _LENGTH.size:
        return None
    (size,) = _LENGTH.unpack(length)
    message = pipe.read(size)
    return message if len(message) == size else None


# In the process itself


def main() -> None:
    """Read what the parent asks for until there is no parent."""
    asked: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(asked,), daemon=True).start()
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed is no answer

    from indexer.chain import Chain

    url, timeout, identity, every_header = pickle.loads(asked.get())
    chain = Chain(url, timeout)
    _write(out, b"")
    with undisturbed():
        while True:
            wanted: Range = pickle.loads(asked.get())
            _write(out, _answer(chain, identity, wanted, every_header=every_header))


def _listen(asked: "SimpleQueue[bytes]") -> None:
    """Pass messages on; once the parent is gone, end the process whatever it does."""
    while (message := _next(sys.stdin.buffer)) is not None:
        asked.put(message)
    os._exit(0)


def _answer(chain: "Chain", identity: Identity, wanted: Range, *, every_header: bool) -> bytes:
    try:
        return _READ + read_batch(chain, identity, wanted, every_header=every_header).packed()
    except Exception as error:  # raised again by the parent
        return _FAILED + pickle.dumps(error)


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:  # nobody listens any more
        os._exit(0)
    except Exception:
        traceback.print_exc()
        os._exit(1)  # not sys.exit, which would wait for the thread that listens
