"""What the shell may complete besides commands and options: names of keys, instances, presets."""

import os
from pathlib import Path

import click


def keys(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the names of keys that begin so."""
    return _stems("keys", "*.json", incomplete)


def instances(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the names of instances that begin so."""
    return _stems("instances", "*.toml", incomplete)


def presets(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the names of ready-made bylaws that begin so."""
    from node.bylaws import presets as known

    return [name for name in known() if name.startswith(incomplete)]


def _stems(folder: str, pattern: str, incomplete: str) -> list[str]:
    from node.config import home_of

    home, _ = home_of(os.environ)
    found = (path.stem for path in Path(home / folder).glob(pattern))
    return sorted(name for name in found if name.startswith(incomplete))
