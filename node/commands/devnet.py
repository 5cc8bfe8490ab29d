"""`coop devnet`: the local test chain in the foreground."""

from pathlib import Path

import click

from node.context import Context
from node.options import leaf


@click.command()
@click.option("--port", type=click.IntRange(1, 65_535), default=8545, show_default=True)
@click.option("--state", type=click.Path(path_type=Path), help="Keep the chain in this file.")
@leaf("coop devnet --port 8545")
def devnet(context: Context, port: int, state: Path | None) -> None:
    """Run a local test chain until Ctrl-C.

    Its accounts and keys are public: never use them on a real chain.
    """
    from node import devnet as chain
    from node.errors import ConfigurationProblem

    if context.dry_run:
        context.out.note(f"Would start a chain on port {port}.")
        return
    try:
        running = chain.start(port=port, state=state)
    except chain.DevnetUnavailable as error:
        raise ConfigurationProblem(str(error), undone="No chain was started.") from error
    with running:
        data = {"url": running.url, "kind": running.kind, "chain_id": chain.CHAIN_ID}
        context.out.result(
            "devnet",
            data,
            human=lambda: context.out.line(
                f"{running.kind} runs at {running.url}, chain {chain.CHAIN_ID}. Ctrl-C ends it."
            ),
        )
        running.process.wait()
