"""`coop instance`: make, choose and show a co-op instance."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from node import instance as instances
from node.context import Context, check_chain, check_chain_id
from node.errors import (
    AuditMismatch,
    MirrorOfAnotherChain,
    NetworkUnreachable,
    UsageProblem,
    as_coop_error,
)
from node.instance import Instance
from node.options import confirm_option, leaf, writes
from node.output import At

if TYPE_CHECKING:
    from node.bylaws import Bylaws


@click.group()
def instance() -> None:
    """Make, choose and show a co-op instance."""


@instance.command()
@click.argument("name")
@click.option("--title", metavar="TEXT", help="The co-op's own name, 1 to 31 bytes (else NAME).")
@click.option("--preset", metavar="PRESET", help="Ready-made bylaws (see coop bylaws presets).")
@click.option("--bylaws", metavar="FILE", type=click.Path(path_type=Path), help="A bylaws file.")
@click.option(
    "--roles", metavar="FILE", type=click.Path(path_type=Path), help="A file with [[role]] tables."
)
@click.option("--founder", metavar="ACCOUNT", multiple=True, help="A founder; at least three.")
@click.option("--factory", metavar="ADDRESS", help="A factory on the chain (else one is deployed).")
@click.option(
    "--nonce", type=click.IntRange(0, 2**256 - 1), default=0, help="Tells equal co-ops apart."
)
@confirm_option
@writes
@leaf(
    "coop instance create pioneers --preset uk-worker-coop"
    " --founder 0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
    " --founder 0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
    " --founder 0x90F79bf6EB2c4f870365E785982E1f101E93b906"
)
def create(
    context: Context,
    name: str,
    title: str | None,
    preset: str | None,
    bylaws: Path | None,
    roles: Path | None,
    founder: tuple[str, ...],
    factory: str | None,
    nonce: int,
    confirm: str | None,
) -> None:
    """Found a co-op: its contracts, its first members, its bylaws.

    After that nobody but the members' votes has any power over it, the founder of the instance
    included.
    """
    from node import founding

    instances.check_unknown(context.settings.instances, name)
    founders = founding.checked_founders(founder)
    plan = founding.Plan(
        name=name,
        title=founding.checked_title(title or name),
        founders=founders,
        bylaws=_terms(preset, bylaws, roles, len(founders)),
        nonce=nonce,
    )
    chain = context.any_chain()
    number = chain.chain_id()
    act = f"This founds {plan.title} on chain {number} with {len(founders)} members, for good."
    if number not in founding.LOCAL_CHAINS:
        context.out.type_the_name(name, act, confirm, "No instance was made.")
    sender = context.sender(chain)
    at = founding.factory_for(sender, factory)
    if context.dry_run:
        founding.rehearse(sender, at, plan)
        context.out.note(f"{act} Nothing was sent.")
        return
    made = founding.found(sender, at, plan)
    instances.write(context.settings.instances, made)
    instances.use(context.settings.instances, context.settings.user_file, name)
    context.out.receipt(
        "instance",
        {**_data(made), "code_ok": True},
        done=f"{made.title} was founded with {len(founders)} members. It is the current instance.",
        prove="coop instance show " + name,
    )


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

    data = [{**_data(each), "current": each.name == current} for each in known]
    context.out.result("instances", data, human=human)


@instance.command()
@click.argument("name")
@leaf("coop instance use pioneers")
def use(context: Context, name: str) -> None:
    """Make an instance the current one for all later commands."""
    folder = context.settings.instances
    if context.dry_run:
        chosen = instances.read(folder, name)
    else:
        chosen = instances.use(folder, context.settings.user_file, name)
    context.out.result(
        "instance", _data(chosen), human=lambda: context.out.line(f"Now using {chosen.name}.")
    )
    origin = context.settings.instance.origin
    if origin in ("COOP_INSTANCE", "./coop.toml"):
        context.out.warn(f"{origin} names {context.settings.instance.value} and goes first.")


@instance.command()
@click.argument("name", required=False)
@leaf("coop instance show")
def show(context: Context, name: str | None) -> None:
    """Show an instance's chain and addresses, and whether the chain still holds its code."""
    chosen = instances.read(context.settings.instances, name) if name else context.instance()
    code_ok = _code_ok(context, chosen)
    words = {True: "yes", False: "no: another chain or instance", None: "unknown (no answer)"}

    def human() -> None:
        context.out.fields({**_plain(chosen), "code as known": words[code_ok]})

    context.out.result("instance", {**_data(chosen), "code_ok": code_ok}, human=human)


@instance.command()
@click.argument("name", required=False)
@leaf("coop instance verify")
def verify(context: Context, name: str | None) -> None:
    """Prove that an instance is what it should be: known code, wired, and nobody in charge.

    Every step is read from the chain: what the four contracts run, whether that is the code of this
    program, whether anything can be started again, who obeys whom, who could give orders. Ends with
    9 when something is not as it should be.
    """
    from indexer.scan import STEPS, scan

    chosen = instances.read(context.settings.instances, name) if name else context.instance()
    chain = context.any_chain()
    check_chain_id(chain, chosen)
    head = chain.head(context.settings.depth)
    steps = scan(chain, chosen.subject(), head)
    ok = all(step.ok for step in steps)

    def human() -> None:
        for number, step in enumerate(steps, 1):
            verdict = step.found if step.ok else "NOT as it should be"
            context.out.line(f"{number}. {step.title}: {verdict}")
            for fault in step.faults:
                context.out.line(f"   {fault}")
        if not ok and len(steps) < STEPS:
            context.out.line("The rest was left out: what unknown code answers proves nothing.")

    data = {**_data(chosen), "code_ok": ok, "steps": [asdict(step) for step in steps]}
    at = At(chosen.chain_id, head.number, head.hash, context.settings.depth)
    context.out.result("instance", data, at, human)
    if not ok:
        faults = sum(len(step.faults) for step in steps)
        raise AuditMismatch(
            f"Instance {chosen.name} is not what it should be: {faults} findings.",
            hint="Do not vote or sign there; show the findings to the other members.",
        )


def _terms(preset: str | None, file: Path | None, roles: Path | None, roll: int) -> "Bylaws":
    from node import bylaws, bylaws_lint

    if preset is not None and file is None:
        source = bylaws.preset_text(preset)
    elif file is not None and preset is None:
        source = bylaws.file_text(file)
    else:
        raise UsageProblem(
            "Bylaws come from --preset PRESET or from --bylaws FILE.",
            undone="No instance was made.",
            hint="See: coop bylaws presets",
        )
    named = bylaws.read_roles(bylaws.file_text(roles)) if roles else None
    return bylaws_lint.accepted(source, roll, named)


def _code_ok(context: Context, chosen: Instance) -> bool | None:
    """Whether the chain holds the instance; None if it does not answer."""
    try:
        check_chain(context.any_chain(), chosen)
    except MirrorOfAnotherChain:
        return False
    except Exception as error:
        known = as_coop_error(error)
        if known is None or known.exit_code != NetworkUnreachable.exit_code:
            raise
        return None
    return True


def _data(chosen: Instance) -> dict[str, Any]:
    """The instance as `--json` shows it."""
    return {
        "name": chosen.name,
        "title": chosen.title,
        "chain_id": chosen.chain_id,
        "membership": chosen.membership,
        "bylaws": chosen.bylaws,
        "assembly": chosen.assembly,
        "pay_rates": chosen.pay_rates,
        "factory": chosen.factory,
        "block": chosen.first_block,
        "tx": chosen.tx,
        "bylaws_hash": chosen.bylaws_hash,
        "code_ok": None,
    }


def _plain(chosen: Instance) -> dict[str, Any]:
    """The instance for people."""
    shown = {name.replace("_", " "): value for name, value in _data(chosen).items()}
    del shown["code ok"]
    return shown
