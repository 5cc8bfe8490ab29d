"""How commands ask the mirror, and whom they act for."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from node.context import Context
from node.output import At

if TYPE_CHECKING:
    from sqlmodel import Session

    from indexer.chain import Chain
    from indexer.queries import AsOf
    from node.labels import Names


@contextmanager
def mirror_of(context: Context) -> Iterator[tuple["Session", "AsOf"]]:
    """Give a session on the mirror and the block of `--finality` that answers are true for."""
    from indexer import queries

    with context.mirror().reading() as session:
        yield session, queries.as_of(session, context.settings.depth)


def names_of(context: Context, session: "Session", as_of: "AsOf") -> "Names":
    """This member's names for the others; warns of those whose profile does not match."""
    from node import labels

    found = labels.names(session, as_of, context.settings.labels, context.instance())
    for warning in found.warnings():
        context.out.warn(warning)
    return found


def at_block(chain: "Chain", chain_id: int, block: int | None) -> At | None:
    """The block of a receipt as answers name it; None where nothing was sent."""
    if not block:
        return None
    header = chain.block(block)
    return At(chain_id, header.number, header.hash, "latest")


def key_account(context: Context) -> str:
    """The account of the chosen key, without opening the key."""
    from node import keys

    return keys.show(context.settings.keys, context.key_name()).account
