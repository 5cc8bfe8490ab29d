"""`coop config`: the settings and where each comes from."""

import re

import click

from node.context import Context
from node.options import leaf


@click.group()
def config() -> None:
    """Settings and where each comes from."""


@config.command()
@click.option("--origin", is_flag=True, help="Also say where each value comes from.")
@leaf("coop config show --origin")
def show(context: Context, origin: bool) -> None:
    """Show every setting."""
    settings = context.settings
    rows: list[tuple[str, str | None, str]] = [("home", str(settings.home), settings.home_origin)]
    rows += [
        (name, without_password(each.value), each.origin) for name, each in settings.named().items()
    ]
    data = {name: {"value": value, "origin": source} for name, value, source in rows}
    columns = ["Setting", "Value", "Origin"] if origin else ["Setting", "Value"]

    def human() -> None:
        context.out.table(columns, [list(row[: len(columns)]) for row in rows])

    context.out.result("config", data, human=human)


def without_password(value: str | None) -> str | None:
    """Return a value with the password of an address (postgresql://name:password@…) hidden."""
    return re.sub(r"(://[^:/@]*:)[^@]*@", r"\1***@", value) if value else value
