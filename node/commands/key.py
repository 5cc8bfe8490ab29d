"""`coop key`: the keys of this member on this machine."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from node import completion, keys
from node.commands.key_backup import backup, recover
from node.commands.key_removal import remove
from node.commands.revealing import refuse_file, reveal, write_new
from node.context import Context
from node.errors import UsageProblem, undone
from node.keys.phrases import LANGUAGES, LENGTHS
from node.options import leaf, password_option

_KEEP = "This file is not safe to delete: without it and its password the key is lost."


@click.group()
def key() -> None:
    """Your keys on this machine."""


@key.command()
@click.argument("name")
@click.option(
    "--words",
    type=click.Choice([str(each) for each in LENGTHS]),
    default=str(LENGTHS[0]),
    show_default=True,
    help="How many words the phrase has.",
)
@click.option(
    "--phrase-language",
    "language",
    type=click.Choice(LANGUAGES),
    default=LANGUAGES[0],
    show_default=True,
    help="The phrase's language.",
)
@click.option(
    "--phrase-file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Also write the phrase to this new file.",
)
@password_option
@leaf("coop key new ada")
def new(context: Context, name: str, words: str, language: str, phrase_file: Path | None) -> None:
    """Make a new key from a phrase, kept in a file that only its password opens."""
    from node.keys import phrases

    folder, out = context.settings.keys, context.out
    keys.refuse_existing(folder, name)
    refuse_file(phrase_file)
    if context.dry_run:
        out.note(f"Would make key {name}. Nothing was written.")
        return
    password = _new_password(context, name)
    phrase = phrases.draw(int(words), language)
    made = keys.create(folder, name, password, phrase)
    if phrase_file is not None:
        with undone(f"Key {name} was made, its phrase was not written: coop key backup {name}"):
            write_new(phrase_file, phrase.text + "\n")
    elif (
        out.interactive
        and not out.yes
        and click.confirm("Show the phrase now, to write it down?", err=True)
    ):
        reveal(phrase.text)
    later = "" if phrase_file else f" Write its words down: coop key backup {name}"
    _show(context, made, f"Key {name} was made. {_KEEP}{later}")


@key.command("import")
@click.argument("name")
@click.option("--keystore", metavar="FILE", help="A Web3 v3 keystore to copy.")
@click.option(
    "--private-key-file", metavar="FILE", help="A file with the private key; - is standard input."
)
@password_option
@leaf("coop key import ada --keystore UTC--2026-01-01--ada.json")
def import_(
    context: Context, name: str, keystore: str | None, private_key_file: str | None
) -> None:
    """Keep a key that exists elsewhere: a keystore file or a private key.

    A keystore that lets passwords be guessed cheaply is encrypted again, with the same password.
    """
    folder, out = context.settings.keys, context.out
    keys.refuse_existing(folder, name)
    if keystore and private_key_file:
        raise UsageProblem("--keystore and --private-key-file exclude each other.")
    if context.dry_run:
        out.note(f"Would import key {name}. Nothing was written.")
        return
    weakness = ""
    if keystore:
        text = keys.keystore_text(Path(keystore))
        password = keys.read_password(out, context.password_file, "Password of the keystore")
        imported = keys.import_keystore(folder, name, text, password)
        made, weakness = imported.key, imported.weakness
    else:
        secret = (
            keys.read_secret(private_key_file, "private key")
            if private_key_file
            else out.ask("Private key", "--private-key-file FILE", hide=True)
        )
        made = keys.import_secret(folder, name, secret, _new_password(context, name))
    if weakness:
        out.warn(
            f"The keystore was weakly encrypted ({weakness}); the copy is encrypted with full "
            f"strength. {keystore} is as weak as before: delete it when nothing else needs it."
        )
    _show(context, made, f"Key {name} was imported. {_KEEP}", encrypted_again=bool(weakness))


@key.command("list")
@leaf("coop key list")
def list_(context: Context) -> None:
    """List the keys by name and account."""
    found = keys.listed(context.settings.keys)

    def human() -> None:
        context.out.table(
            ["Name", "Account"],
            [[each.name, each.account] for each in found],
            empty="There is no key yet. Make one with: coop key new NAME",
        )

    context.out.result("keys", found, human=human)


@key.command()
@click.argument("name", shell_complete=completion.keys)
@leaf("coop key show ada")
def show(context: Context, name: str) -> None:
    """Show one key's account and file; never its secret."""
    _show(context, keys.show(context.settings.keys, name))


for _command in (backup, recover, remove):
    key.add_command(_command)


def _new_password(context: Context, name: str) -> str:
    return keys.read_password(
        context.out, context.password_file, f"New password for key {name}", twice=True
    )


def _show(context: Context, made: keys.Key, done: str = "", **more: Any) -> None:
    def human() -> None:
        if done:
            context.out.line(done)
        phrase = "kept with it, encrypted" if made.has_phrase else "none"
        shown = {"name": made.name, "account": made.account, "file": made.path}
        context.out.fields({**shown, "phrase": phrase})

    if not made.private:
        context.out.warn(f"Others can read {made.path}. Run: chmod 600 {made.path}")
    context.out.result("key", {**asdict(made), **more}, human=human)
