"""What a co-op does while it is mirrored."""

from typing import Any

from tests.contracts.coop import FOR, Coop


def act(coop: Coop, name: str = "A resolution") -> None:
    """A proposal and three ballots, in six blocks."""
    number = coop.propose(coop.ada, text=name, opens_in=60)
    coop.open(number)
    for member in (coop.ada, coop.ben, coop.cleo):
        coop.vote(member, number, FOR)
    coop.close(number)


def opened(coop: Coop, text: str = "A resolution", **more: Any) -> int:
    """A proposal that takes ballots now."""
    more.setdefault("opens_in", 60)
    number = coop.propose(coop.ada, text=text, **more)
    coop.open(number)
    return number
