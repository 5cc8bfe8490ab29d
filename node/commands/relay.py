"""`coop relay`: collect signed ballots over HTTP and bring them to the chain in batches."""

import click

from node.context import Context
from node.errors import UsageProblem
from node.options import leaf, writes


@click.group()
def relay() -> None:
    """Carry the ballots of others."""


@relay.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=8600, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--batch",
    default=100,
    show_default=True,
    type=click.IntRange(1, 1_000),
    help="Send as soon as so many ballots wait.",
)
@click.option(
    "--age",
    default=20.0,
    show_default=True,
    type=click.FloatRange(0, 3_600),
    help="Send as soon as one waits so many seconds.",
)
@click.option(
    "--promise",
    default=300,
    show_default=True,
    type=click.IntRange(60, 86_400),
    help="Seconds within which a ballot will stand in a block.",
)
@click.option(
    "--per-member",
    default=20,
    show_default=True,
    type=click.IntRange(1),
    help="Ballots of one member a minute.",
)
@click.option(
    "--per-address",
    default=600,
    show_default=True,
    type=click.IntRange(1),
    help="Ballots from one network address a minute.",
)
@writes
@leaf("coop relay run --key relayer --password-file relayer.password")
def run(
    context: Context,
    host: str,
    port: int,
    batch: int,
    age: float,
    promise: int,
    per_member: int,
    per_address: int,
) -> None:
    """Take ballots until interrupted. Each gets a signed promise; the queue survives everything.

    The key pays for the transactions; it needs no membership. Put a reverse proxy with TLS before
    it for others to reach. GET /openapi.json describes it.
    """
    from node.relay import service
    from node.relay.terms import Terms

    if age >= promise / 2:
        raise UsageProblem("--age must be less than half of --promise.")
    terms = Terms(
        promise=promise, batch=batch, age=age, per_member=per_member, per_address=per_address
    )
    instance, sender = context.instance(), context.sender()
    path = context.settings.relay_file(instance.name)
    desk = service.desk(sender, instance, path, terms, context.settings.lasting)
    if context.dry_run:
        context.out.note("The relayer would start. Nothing was sent.")
        return
    with service.listening(host, port) as (sock, url):
        context.out.note(f"Relayer {sender.address} of {instance.title} listens at {url}.")
        service.server(desk).run(sockets=[sock])


@relay.command()
@click.argument("url")
@leaf("coop relay status http://127.0.0.1:8600")
def status(context: Context, url: str) -> None:
    """Show who a relayer is, its terms, and whether it takes ballots just now."""
    from node import relaying

    found = relaying.status(url.rstrip("/"))
    context.out.result("relay", found, human=lambda: context.out.fields(found))
