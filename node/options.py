"""The options that every leaf command has, and those of commands that sign.

    @group.command("show")
    @click.argument("proposal", type=int)
    @leaf("coop proposal show 7")
    def show(context: Context, proposal: int) -> None: ...

`leaf` is the innermost decorator; its argument is the example that `--help` shows. A command that
signs puts `@writes` right above `@leaf(...)`; `context.account()` and `context.sender()` then use
`--key` and `--password-file`.
"""

import functools
import inspect
import os
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from node import completion, config, zones
from node.context import Context
from node.output import Out

Command = Callable[..., Any]

_COMMON = (
    click.option(
        "--instance",
        metavar="NAME",
        help="The co-op instance to work with.",
        shell_complete=completion.instances,
    ),
    click.option(
        "--rpc",
        metavar="URL",
        help="Where the chain is asked; the mirror turns to further ones, after commas.",
    ),
    click.option(
        "--finality",
        type=click.Choice(config.FINALITIES),
        help="Which blocks count for reading (default: latest).",
    ),
    click.option("--json", is_flag=True, help="Print one JSON document on standard output."),
    click.option("--yes", is_flag=True, help="Answer yes to plain questions."),
    click.option("--no-input", is_flag=True, help="Never ask; fail naming the missing flag."),
    click.option("--dry-run", is_flag=True, help="Check and show everything, change nothing."),
    click.option("--quiet", is_flag=True, help="Print the result only."),
    click.option("--verbose", is_flag=True, help="Say more, with tracebacks of errors."),
    click.option("--lang", metavar="L", help="Language of texts for people (en)."),
)


NUMBER = click.IntRange(min=1, max=2**63 - 1)
"""What proposals, pay votes and ballots are counted with; the databases hold no larger number."""


def leaf(example: str) -> Callable[[Command], Command]:
    """Add the options of every leaf, show the example in `--help`, and pass a `Context` first."""

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def run(
            *,
            instance: str | None,
            rpc: str | None,
            finality: str | None,
            json: bool,
            yes: bool,
            no_input: bool,
            dry_run: bool,
            quiet: bool,
            verbose: bool,
            lang: str | None,
            key: str | None = None,
            password_file: str | None = None,
            max_fee: str | None = None,
            **rest: Any,
        ) -> Any:
            flags = {
                "instance": instance,
                "rpc": rpc,
                "finality": finality,
                "lang": lang,
                "key": key,
                "max_fee": max_fee,
            }
            settings = config.read(flags, os.environ, Path.cwd())
            out = Out(
                json=json,
                quiet=quiet,
                verbose=verbose,
                yes=yes,
                no_input=no_input,
                plain=settings.reads_aloud,
            )
            _note_language(out, settings.lang.value)
            context = Context(
                settings, out, _said(rest), dry_run=dry_run, password_file=password_file
            )
            with zones.using(settings.zone.value), context:
                return command(context, **rest)

        run.__doc__ = f"{inspect.cleandoc(command.__doc__ or '')}\n\n\b\nExample:\n  {example}"
        return _with_options(run, _COMMON)

    return decorate


def _note_language(out: Out, lang: str | None) -> None:
    if lang != "en":
        out.note(f"There are no texts in {lang} yet; this is English.")


def _said(own: Mapping[str, Any]) -> str:
    """The running command with those of its `own` arguments and options that were given: what tells
    it from another act. What answers its questions and those of every command do not."""
    running = click.get_current_context()
    words = running.command_path.split()
    for each in running.command.params:
        name = each.name or ""
        given = running.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        if not given or name not in own or name.endswith(("confirm", "password_file")):
            continue
        values = own[name] if isinstance(own[name], tuple | list) else [own[name]]
        for value in values:
            if isinstance(each, click.Option):
                words.append(each.opts[0])
            if value is not True:
                words.append(shlex.quote(str(value)))
    return " ".join(words)


def password_option(command: Command) -> Command:
    """Add `--password-file FILE`, kept as `context.password_file`."""
    return click.option(
        "--password-file",
        metavar="FILE",
        help="Read the key's password from a file; - is standard input.",
    )(command)


def writes(command: Command) -> Command:
    """Add `--key`, `--password-file` and `--max-fee`, which `context.account()` and
    `context.sender()` obey."""
    key = click.option(
        "--key",
        metavar="NAME",
        help="The key that signs (see coop key list).",
        shell_complete=completion.keys,
    )
    fee = click.option(
        "--max-fee",
        metavar="GWEI",
        help="The most that a transaction may offer for a unit of gas (default: 500).",
    )
    return key(password_option(fee(command)))


def confirm_option(command: Command) -> Command:
    """Add `--confirm NAME`, the answer to `out.type_the_name`."""
    return click.option(
        "--confirm", metavar="NAME", help="The name that a severe act asks to type."
    )(command)


def _with_options(command: Command, options: tuple[Callable[[Command], Command], ...]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command
