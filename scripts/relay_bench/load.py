"""Posts documents over many connections at once and times each answer."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_CONNECTIONS = 32
_PATIENCE = 60.0  # seconds in which a relayer that was killed must be back


@dataclass
class Load:
    """What was posted: seconds of each answer, and the statuses that were no 202."""

    seconds: list[float] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    again: int = 0
    """How often a connection broke and the document was posted once more."""
    begun: float = 0.0
    ended: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.seconds) / (self.ended - self.begun)

    def percentile(self, share: float) -> float:
        """Milliseconds within which that share of the answers came."""
        ordered = sorted(self.seconds)
        return 1_000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def post(url: str, documents: Sequence[bytes]) -> Load:
    """Post each document until it is answered."""
    return asyncio.run(_post(url, documents))


async def _post(url: str, documents: Sequence[bytes]) -> Load:
    load, waiting = Load(begun=time.perf_counter()), iter(documents)
    await asyncio.gather(*(_connection(url, waiting, load) for _ in range(_CONNECTIONS)))
    load.ended = time.perf_counter()
    return load


async def _connection(url: str, waiting: Iterator[bytes], load: Load) -> None:
    place = urlsplit(url)
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    for document in waiting:
        head = (
            f"POST {place.path} HTTP/1.1\r\nHost: {place.netloc}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(document)}\r\n\r\n"
        )
        begun, end = time.perf_counter(), time.monotonic() + _PATIENCE
        while True:
            try:
                streams = streams or await asyncio.open_connection(place.hostname, place.port)
                status = await _asked(*streams, head.encode() + document)
                break
            except (OSError, EOFError):
                if time.monotonic() > end:
                    raise
                if streams:
                    streams[1].close()
                streams, load.again = None, load.again + 1
                await asyncio.sleep(0.05)
        load.seconds.append(time.perf_counter() - begun)
        if status != 202:
            load.refused.append(status)
    if streams:
        streams[1].close()


async def _asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> int:
    writer.write(request)
    await writer.drain()
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    length = next(
        int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length")
    )
    await reader.readexactly(length)
    return int(lines[0].split()[1])
