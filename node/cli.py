"""The `coop` command: the table of all commands, error texts and exit codes.

`coop --help` reads only this table: a command's module is imported when it is run.
"""

import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import Any

import click
from click.shell_completion import CompletionItem

from node.errors import CoopError, Unexpected, UsageProblem, as_coop_error
from node.output import Out

# NAME -> (module of node.commands, attribute, short help); a test compares it with the modules.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "status": ("status", "status", "Where you stand: instance, chain, mirror, open votes."),
    "member": ("member", "member", "The roll: candidates, members, keys."),
    "proposal": ("proposal", "proposal", "Proposals: read, make, queue, execute."),
    "vote": ("vote", "vote", "Vote on a proposal."),
    "ballot": ("ballot", "ballot", "The steps of a vote apart: offline, hardware, carried."),
    "pay": ("pay", "pay", "Roles, rates and pay votes."),
    "receipt": ("receipt", "receipt", "Prove that a ballot was counted."),
    "outbox": ("outbox", "outbox", "Ballots on their way to the chain."),
    "relay": ("relay", "relay", "Carry the ballots of others."),
    "bylaws": ("bylaws", "bylaws", "The rules: in force, in a file, ready-made."),
    "instance": ("instance", "instance", "Make, choose and show a co-op instance."),
    "key": ("key", "key", "Your keys on this machine."),
    "index": ("index", "index", "The mirror: sync, status, rebuild, check, metadata."),
    "audit": ("audit", "audit", "The audit: replay the whole history and prove it."),
    "export": ("export", "export", "Tables for other programs, minutes for the minute book."),
    "config": ("config", "config", "Settings and where each comes from."),
    "completion": ("completion", "completion", "Let the shell complete commands, keys, names."),
    "doctor": ("doctor", "doctor", "Find what is wrong and say how to mend it."),
    "devnet": ("devnet", "devnet", "Run the local test chain."),
    "demo": ("demo", "demo", "A whole co-op season on a local chain."),
}

INTERRUPTED = 130


class LazyGroup(click.Group):
    """A group whose commands are imported when they are run, not when they are listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names of the table, in its order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one command."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, attribute, _ = entry
        command: click.Command = getattr(import_module(f"node.commands.{module}"), attribute)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Complete the commands' names without importing them, and the options."""
        names = [
            CompletionItem(name, help=short)
            for name, (_, _, short) in COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, short) for name, (_, _, short) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rochdale", prog_name="coop")
def coop() -> None:
    """The governance node of a worker co-operative: one member, one vote.

    \b
    Example:
      coop demo --fast
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `coop` and end the process with its exit code."""
    _print_whatever_comes()
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def _print_whatever_comes() -> None:
    """Escape what the terminal's encoding lacks: an act must not end in an error of printing it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def run(arguments: Sequence[str]) -> int:
    """Run `coop` with the arguments and return its exit code."""
    words = list(arguments)
    out = Out(json="--json" in words, verbose="--verbose" in words)
    try:
        answer: Any = coop.main(words, prog_name="coop", standalone_mode=False)
        return answer if isinstance(answer, int) else 0
    except click.ClickException as error:
        return _usage(out, error)
    except (click.Abort, KeyboardInterrupt):
        return _fail(out, CoopError("Interrupted."), INTERRUPTED)
    except SystemExit:
        # click's way of saying that the reader (as in `coop … | head`) has gone.
        return 0
    except Exception as error:
        known = as_coop_error(error) or Unexpected(
            f"Something unexpected went wrong: {type(error).__name__}: {error}",
            hint="Run it again with --verbose and report what you see.",
        )
        if out.verbose:
            traceback.print_exc()
        known = _in_plain_words(known)
        return _fail(out, known, known.exit_code)


def _usage(out: Out, error: click.ClickException) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return error.exit_code
    context = getattr(error, "ctx", None)
    hint = f"See: {context.command_path} --help" if context else ""
    return _fail(out, UsageProblem(error.format_message(), hint=hint), UsageProblem.exit_code)


def _in_plain_words(error: CoopError) -> CoopError:
    if error.__cause__ is None:
        return error
    from node.reverts import in_plain_words

    return in_plain_words(error)


def _fail(out: Out, error: CoopError, exit_code: int) -> int:
    out.error(error)
    return exit_code
