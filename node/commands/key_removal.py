"""`coop key remove`: the end of a key on this machine."""

import click

from node import completion, keys
from node.context import Context
from node.errors import undone
from node.options import confirm_option, leaf

_LOST = (
    "Without a backup nobody can ever act as {account} again: not vote, not change the key. "
    "A member's number can then only be given another key by guardians or by a vote."
)
_GONE = "Its file was overwritten and deleted."
_NOT_OVERWRITTEN = "Its file was deleted; this system did not let it be overwritten first."
_NO_PROMISE = (
    "No program can promise that nothing is left: snapshots, backups and flash memory may keep "
    "the encrypted file, which its password still opens."
)


@click.command()
@click.argument("name", shell_complete=completion.keys)
@click.option(
    "--abandon-ballots",
    is_flag=True,
    help="Do not ask the outboxes whether ballots of this key are on their way.",
)
@confirm_option
@leaf("coop key remove ada")
def remove(context: Context, name: str, abandon_ballots: bool, confirm: str | None) -> None:
    """Delete a key for good. Make a backup first: coop key backup NAME."""
    from node import unsent
    from node.keys.removal import destroy

    out = context.out
    with undone("The key was not removed."):
        kept = keys.show(context.settings.keys, name)
        if not abandon_ballots:
            unsent.refuse_waiting(context.settings, kept.account)
        out.consider(_LOST.format(account=kept.account))
        if context.dry_run:
            out.note(f"Would remove key {name}. Nothing was deleted.")
            return
        out.type_the_name(name, f"This removes key {name}.", confirm, "The key was not removed.")
        overwritten = destroy(keys.path_of(context.settings.keys, name))
    gone = {"account": kept.account, "file": kept.path, "name": name, "overwritten": overwritten}

    def human() -> None:
        out.line(f"Key {name} is removed. {_GONE if overwritten else _NOT_OVERWRITTEN}")
        out.line(_NO_PROMISE)

    out.result("key_removed", gone, human=human)
