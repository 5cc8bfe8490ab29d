"""`coop key`: the keys of this member on this machine."""

from pathlib import Path

import click

from node import keys
from node.context import Context
from node.errors import UsageProblem
from node.options import leaf, password_option

_KEEP = "This file is not safe to delete: without it and its password the key is lost."


@click.group()
def key() -> None:
    """Your keys on this machine."""


@key.command()
@click.argument("name")
@password_option
@leaf("coop key new ada")
def new(context: Context, name: str) -> None:
    """Make a new key, kept in a file that only its password opens."""
    folder = context.settings.keys
    keys.refuse_existing(folder, name)
    if context.dry_run:
        context.out.note(f"Would make key {name}. Nothing was written.")
        return
    password = _new_password(context, name)
    _show(context, keys.create(folder, name, password), f"Key {name} was made. {_KEEP}")


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
    """Keep a key that exists elsewhere: a keystore file or a private key."""
    folder, out = context.settings.keys, context.out
    keys.refuse_existing(folder, name)
    if keystore and private_key_file:
        raise UsageProblem("--keystore and --private-key-file exclude each other.")
    if context.dry_run:
        out.note(f"Would import key {name}. Nothing was written.")
        return
    if keystore:
        text = keys.keystore_text(Path(keystore))
        password = keys.read_password(out, context.password_file, "Password of the keystore")
        made = keys.import_keystore(folder, name, text, password)
    else:
        secret = (
            keys.read_secret(private_key_file, "private key")
            if private_key_file
            else out.ask("Private key", "--private-key-file FILE", hide=True)
        )
        made = keys.import_secret(folder, name, secret, _new_password(context, name))
    _show(context, made, f"Key {name} was imported. {_KEEP}")


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
@click.argument("name")
@leaf("coop key show ada")
def show(context: Context, name: str) -> None:
    """Show one key's account and file; never its secret."""
    _show(context, keys.show(context.settings.keys, name))


def _new_password(context: Context, name: str) -> str:
    return keys.read_password(
        context.out, context.password_file, f"New password for key {name}", twice=True
    )


def _show(context: Context, made: keys.Key, done: str = "") -> None:
    def human() -> None:
        if done:
            context.out.line(done)
        context.out.fields({"name": made.name, "account": made.account, "file": made.path})

    if not made.private:
        context.out.warn(f"Others can read {made.path}. Run: chmod 600 {made.path}")
    context.out.result("key", made, human=human)
