"""Ballots of an account that are still on their way, in the outbox of any instance."""

from pathlib import Path

from node import instance
from node.config import Settings
from node.errors import CoopError, KeyProblem
from node.outbox import Letter, Outbox, owner

_ENDING = ".outbox.db"


class BallotsWaiting(KeyProblem):
    """A key may not go while its ballots are on their way, or while nobody can tell."""

    code = "ballots_waiting"


def refuse_waiting(settings: Settings, account: str) -> None:
    """Raise `BallotsWaiting` if an outbox holds ballots of an account, or cannot be read."""
    for path in sorted(settings.home.glob(f"*{_ENDING}")):
        name = path.name.removesuffix(_ENDING)
        waiting = [each for each in _letters(settings, path, name) if _of(each, account)]
        if waiting:
            numbers = [each.number for each in waiting]
            raise BallotsWaiting(
                f"The outbox of {name} holds ballots of this key that are on their way: "
                f"{', '.join(map(str, numbers))}.",
                hint=f"Send them: coop outbox retry --instance {name}. Or give --abandon-ballots: "
                "then only another member can carry them, and nobody can change them.",
                details={"instance": name, "ballots": numbers},
            )


def _letters(settings: Settings, path: Path, name: str) -> list[Letter]:
    try:
        known = instance.read(settings.instances, name)
        return Outbox(path, owner(known)).letters()
    except CoopError as error:
        raise BallotsWaiting(
            f"Whether ballots of this key are on their way is unknown: the outbox {path} cannot be "
            f"read. {error.happened}",
            hint="Mend that first, or give --abandon-ballots.",
            details={"instance": name},
        ) from error


def _of(letter: Letter, account: str) -> bool:
    return letter.signed.account == account
