"""`coop instance`: make, choose and show a co-op instance."""

from dataclasses import asdict
from typing import Any

import click

from node import completion
from node import instance as instances
from node.commands.founding import create, plan
from node.commands.invitation import export, import_
from node.context import Context, check_chain, check_chain_id
from node.errors import (
    AuditMismatch,
    MirrorOfAnotherChain,
    NetworkUnreachable,
    as_coop_error,
)
from node.instance import Instance
from node.options import leaf
from node.output import At


@click.group()
def instance() -> None:
    """Make, choose and show a co-op instance."""


instance.add_command(plan)
instance.add_command(create)
instance.add_command(export)
instance.add_command(import_)


@instance.command("list")
@leaf("coop instance list")
def list_(context: Context) -> None:
    """List the instances that this node knows; * is the current one."""
    known = instances.listed(context.settings.instances)
    current = context.settings.instance.value or (known[0].name if len(known) == 1 else None)

    def human() -> None:
        context.out.table(
            ["", "Name", "Co-op", "Chain"],
            [
                ["*" if each.name == current else "", each.name, each.title, each.chain_id]
                for each in known
            ],
            empty="This node knows no instance yet. Make one with: coop instance create NAME",
        )

    data = [{**instances.shown(each), "current": each.name == current} for each in known]
    context.out.result("instances", data, human=human)


@instance.command()
@click.argument("name", shell_complete=completion.instances)
@leaf("coop instance use pioneers")
def use(context: Context, name: str) -> None:
    """Make an instance the current one for all later commands."""
    folder = context.settings.instances
    if context.dry_run:
        chosen = instances.read(folder, name)
    else:
        chosen = instances.use(folder, context.settings.user_file, name)
    context.out.result(
        "instance",
        instances.shown(chosen),
        human=lambda: context.out.line(f"Now using {chosen.name}."),
    )
    origin = context.settings.instance.origin
    if origin in ("COOP_INSTANCE", "./coop.toml"):
        context.out.warn(f"{origin} names {context.settings.instance.value} and goes first.")


@instance.command()
@click.argument("name", required=False, shell_complete=completion.instances)
@leaf("coop instance show")
def show(context: Context, name: str | None) -> None:
    """Show an instance's chain and addresses, and whether the chain still holds its code."""
    chosen = instances.read(context.settings.instances, name) if name else context.instance()
    code_ok, as_of = _code_ok(context, chosen)
    words = {True: "yes", False: "no: another chain or instance", None: "unknown (no answer)"}

    def human() -> None:
        context.out.fields({**_plain(chosen), "code as known": words[code_ok]})

    data = {**instances.shown(chosen), "code_ok": code_ok}
    context.out.result("instance", data, as_of, human)


@instance.command()
@click.argument("name", required=False, shell_complete=completion.instances)
@leaf("coop instance verify")
def verify(context: Context, name: str | None) -> None:
    """Prove that an instance is what it should be: known code, wired, and nobody in charge.

    Every step is read from the chain: what the four contracts run, whether that is the code of this
    program, whether anything can be started again, who obeys whom, who could give orders, which
    bylaws it began with. Ends with 9 when something is not as it should be.
    """
    from indexer.scan import STEPS, scan
    from node import invitation

    chosen = instances.read(context.settings.instances, name) if name else context.instance()
    chain = context.any_chain()
    check_chain_id(chain, chosen)
    head = chain.head(context.settings.depth)
    steps = scan(chain, chosen.subject(), head)
    whole = len(steps) == STEPS
    if whole:
        steps = [*steps, invitation.terms(chain, chosen)]
    ok = all(step.ok for step in steps)

    def human() -> None:
        for number, step in enumerate(steps, 1):
            verdict = step.found if step.ok else "NOT as it should be"
            context.out.line(f"{number}. {step.title}: {verdict}")
            for fault in step.faults:
                context.out.line(f"   {fault}")
        if not whole:
            context.out.line("The rest was left out: what unknown code answers proves nothing.")

    data = {**instances.shown(chosen), "code_ok": ok, "steps": [asdict(step) for step in steps]}
    at = At(chosen.chain_id, head.number, head.hash, context.settings.depth)
    context.out.result("instance", data, at, human)
    if not ok:
        faults = sum(len(step.faults) for step in steps)
        raise AuditMismatch(
            f"Instance {chosen.name} is not what it should be: {faults} findings.",
            hint="Do not vote or sign there; show the findings to the other members.",
        )


def _code_ok(context: Context, chosen: Instance) -> tuple[bool | None, At | None]:
    """Whether the chain holds the instance, and at which block; None if it does not answer."""
    try:
        chain = context.any_chain()
        head = chain.head(context.settings.depth)
        at = At(chain.chain_id(), head.number, head.hash, context.settings.depth)
        try:
            check_chain(chain, chosen)
        except MirrorOfAnotherChain:
            return False, at
    except Exception as error:
        known = as_coop_error(error)
        if known is None or known.exit_code != NetworkUnreachable.exit_code:
            raise
        return None, None
    return True, at


def _plain(chosen: Instance) -> dict[str, Any]:
    """The instance for people."""
    shown = {name.replace("_", " "): value for name, value in instances.shown(chosen).items()}
    del shown["code ok"]
    return shown
