"""Joins the relayer's parts and serves them."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from indexer.blocks import Finality
from node.delivery import Courier
from node.errors import ConfigurationProblem
from node.instance import Instance
from node.outbox import Outbox, owner
from node.relay.carrier import Carrier
from node.relay.desk import Desk
from node.relay.intake import Intake
from node.relay.terms import Terms
from node.sender import Sender

_CONNECTIONS = 1_000


def desk(sender: Sender, instance: Instance, queue: Path, terms: Terms, finality: Finality) -> Desk:
    """The relayer of an instance whose queue is kept in a file."""
    outbox = Outbox(queue, owner(instance))
    intake = Intake(sender, instance, outbox, terms, open=outbox.count())
    courier = Courier(sender.chain, instance, outbox, finality)
    courier.window = 2 * courier.batch
    return Desk(intake, Carrier(courier, sender, intake, terms), terms)


@contextmanager
def listening(host: str, port: int) -> Iterator[tuple[socket.socket, str]]:
    """Give a socket that listens, and its URL; port 0 means any free one."""
    try:
        sock = socket.create_server((host, port), backlog=_CONNECTIONS)
    except OSError as error:
        raise ConfigurationProblem(
            f"Nobody can listen at {host}:{port}: {error.strerror}.", hint="Choose another --port."
        ) from error
    with sock:
        yield sock, f"http://{host}:{sock.getsockname()[1]}"


def server(ours: Desk) -> uvicorn.Server:
    """The server that runs until SIGINT or SIGTERM; what is on its way stays in the queue."""
    settings = uvicorn.Config(
        ours.app,
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=_CONNECTIONS,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=10,
    )
    return uvicorn.Server(settings)
