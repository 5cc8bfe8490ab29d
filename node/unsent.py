"""What of an account is still on its way, in the outbox of any instance: ballots and other acts."""

from pathlib import Path

from node import instance
from node.acts import Act, Acts
from node.config import Settings
from node.errors import CoopError, KeyProblem
from node.outbox import Letter, Outbox, owner

_ENDING = ".outbox.db"


class BallotsWaiting(KeyProblem):
    """A key may not go while its ballots are on their way, or while nobody can tell."""

    code = "ballots_waiting"


def refuse_waiting(settings: Settings, account: str) -> None:
    """Raise `BallotsWaiting` if an outbox holds ballots or acts of an account, or can't be read."""
    for path in sorted(settings.home.glob(f"*{_ENDING}")):
        name = path.name.removesuffix(_ENDING)
        letters, acts = _kept(settings, path, name)
        waiting = [each for each in letters if each.signed.account == account]
        if waiting:
            numbers = [each.number for each in waiting]
            raise BallotsWaiting(
                f"The outbox of {name} holds ballots of this key that are on their way: "
                f"{', '.join(map(str, numbers))}.",
                hint=f"Send them: coop outbox retry --instance {name}. Or give --abandon-ballots: "
                "then only another member can carry them, and nobody can change them.",
                details={"instance": name, "ballots": numbers},
            )
        begun = [each for each in acts if each.transaction.account == account]
        if begun:
            raise BallotsWaiting(
                f"A transaction of this key ({begun[0].what}) is not final yet, in the outbox of "
                f"{name}.",
                hint=f"Bring it to its end: coop outbox retry --final --instance {name}. Or give "
                "--abandon-ballots: then nobody can raise its fee.",
                details={"instance": name, "acts": [each.transaction.tx for each in begun]},
            )


def _kept(settings: Settings, path: Path, name: str) -> tuple[list[Letter], list[Act]]:
    try:
        known = owner(instance.read(settings.instances, name))
        return Outbox(path, known).letters(), Acts(path, known).listed()
    except CoopError as error:
        raise BallotsWaiting(
            f"Whether ballots of this key are on their way is unknown: the outbox {path} cannot be "
            f"read. {error.happened}",
            hint="Mend that first, or give --abandon-ballots.",
            details={"instance": name},
        ) from error
