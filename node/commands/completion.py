"""`coop completion`: let the shell complete commands, options, keys and instances."""

import click
from click.shell_completion import get_completion_class

from node.context import Context
from node.options import leaf

_VARIABLE = "_COOP_COMPLETE"  # what click derives from the name coop


@click.command()
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@leaf("coop completion bash > ~/.coop-completion")
def completion(context: Context, shell: str) -> None:
    """Print what makes a shell complete coop.

    \b
    bash: add to ~/.bashrc:  source ~/.coop-completion
    zsh:  add to ~/.zshrc:   source ~/.coop-completion
    fish: coop completion fish > ~/.config/fish/completions/coop.fish
    """
    found = get_completion_class(shell)
    assert found is not None, "click has all three"
    root = click.get_current_context().find_root().command
    script = found(root, {}, "coop", _VARIABLE).source()
    context.out.result(
        "completion",
        {"shell": shell, "script": script},
        human=lambda: context.out.line(script.rstrip("\n")),
    )
