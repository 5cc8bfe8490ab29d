"""`coop instance plan` and `create`: found a co-op, its sending and cost known beforehand."""

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from node import instance as instances
from node.context import Context
from node.errors import UsageProblem, undone
from node.options import confirm_option, leaf, writes

if TYPE_CHECKING:
    from indexer.chain import Chain
    from node.chains import Profile
    from node.founding.outline import Outline
    from node.founding.plan import Plan
    from node.founding.steps import Way

_GWEI = 10**9
_UNFINISHED = (
    "The founding is not finished; nothing of it is lost, and the same command goes on with it."
)


class _Gwei(click.ParamType[int]):
    """A price of gas in gwei, as wei."""

    name = "GWEI"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return wei; finer than one is refused."""
        try:
            wei = Decimal(str(value)) * _GWEI
        except ArithmeticError:
            wei = Decimal(-1)
        if not 0 < wei <= 10**15 or wei != int(wei):
            self.fail(f"{value!r} is no price of gas; give gwei, such as 1.5.", param, ctx)
        return int(wei)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--factory", metavar="ADDRESS", help="A factory on the chain (else the shared one).")
@click.option(
    "--fee", type=_Gwei(), metavar="GWEI", help="Reckon the cost with this price of a unit of gas."
)
@leaf("coop instance plan founding.toml --fee 2")
def plan(context: Context, file: Path, factory: str | None, fee: int | None) -> None:
    """Show what founding a co-op would send and cost, where it will stand, and its bylaws in words.

    Sends nothing and needs no key. FILE names everything that the co-op is founded with:

    \b
      name = "pioneers"
      title = "Rochdale Pioneers"
      preset = "uk-worker-coop"         # or: bylaws = "bylaws.toml"
      founders = ["0x…", "0x…", "0x…"]
      roles = "roles.toml"              # optional
      nonce = 0                         # optional; tells equal co-ops apart
      zone = "Europe/London"            # optional; where the co-op's days begin

    `coop instance create --plan FILE` then founds exactly that.
    """
    from node.founding import file as founding_file

    _show_plan(context, founding_file.read(file), factory, fee)


@click.command()
@click.argument("name", required=False)
@click.option(
    "--plan",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A founding file (see coop instance plan) in place of the options below.",
)
@click.option("--title", metavar="TEXT", help="The co-op's own name, 1 to 31 bytes (else NAME).")
@click.option("--preset", metavar="PRESET", help="Ready-made bylaws (see coop bylaws presets).")
@click.option("--bylaws", metavar="FILE", type=click.Path(path_type=Path), help="A bylaws file.")
@click.option(
    "--roles", metavar="FILE", type=click.Path(path_type=Path), help="A file with [[role]] tables."
)
@click.option("--founder", metavar="ACCOUNT", multiple=True, help="A founder; at least three.")
@click.option(
    "--nonce", type=click.IntRange(0, 2**256 - 1), default=0, help="Tells equal co-ops apart."
)
@click.option("--factory", metavar="ADDRESS", help="A factory on the chain (else the shared one).")
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
    name: str | None,
    file: Path | None,
    factory: str | None,
    confirm: str | None,
    **terms: Any,
) -> None:
    """Found a co-op: its contracts, its first members, its bylaws.

    After that nobody but the members' votes has any power over it, the founder of the instance
    included. If anything interrupts it, run the same command again: it goes on where it stood and
    sends nothing twice. A transaction that no block takes is replaced by one that offers what a
    later run gives with --max-fee.
    """
    from indexer.patience import PatientChain
    from node import chains
    from node.founding import run

    wanted = _plan_of(name, file, terms)
    folder, settings = context.settings.instances, context.settings
    fee = None if settings.max_fee.origin == "default" else settings.fee_cap
    if not (folder / f"{wanted.name}.founding").exists():
        instances.check_unknown(folder, wanted.name)
    if context.dry_run:
        _show_plan(context, wanted, factory, fee)
        context.out.note("Nothing was sent.")
        return
    chain = PatientChain(context.settings.rpc_url)
    where = chains.profile(chain.chain_id())
    members = len(wanted.founders)
    act = f"This founds {wanted.title} on {where.title} with {members} members, for good."
    if where.public:
        context.out.type_the_name(wanted.name, act, confirm, "No instance was made.")
    with undone(_UNFINISHED):
        sender = context.sender(chain)
        made = run.found(sender, wanted, folder, factory, say=context.out.note, fee=fee)
    instances.use(folder, context.settings.user_file, wanted.name)
    context.out.receipt(
        "instance",
        {**instances.shown(made), "code_ok": True},
        done=f"{made.title} was founded with {members} members. It is the current instance.",
        prove=f"coop instance verify {wanted.name}",
    )


def _plan_of(name: str | None, file: Path | None, terms: dict[str, Any]) -> "Plan":
    from node.founding import file as founding_file

    given = [f"--{key}" for key, value in terms.items() if value]
    if file is not None:
        if given:
            raise UsageProblem(
                f"--plan names everything, and {given[0]} something else.",
                undone="No instance was made.",
                hint="Give one of them.",
            )
        found = founding_file.read(file)
        if name not in (None, found.name):
            raise UsageProblem(
                f"{file} founds {found.name}, not {name}.", undone="No instance was made."
            )
        return found
    if name is None:
        raise UsageProblem(
            "The new instance has no name.",
            undone="No instance was made.",
            hint="Give NAME, or --plan FILE.",
        )
    return founding_file.plan_of(
        name,
        terms["title"],
        (terms["preset"], terms["bylaws"]),
        terms["roles"],
        terms["founder"],
        terms["nonce"],
    )


def _show_plan(context: Context, wanted: "Plan", factory: str | None, fee: int | None) -> None:
    from indexer.patience import PatientChain
    from node import chains
    from node.founding import outline, steps

    chain = PatientChain(context.settings.rpc_url)
    where = chains.profile(chain.chain_id())
    way = steps.way(chain, wanted, factory)
    lines = outline.outline(chain, wanted, way, wanted.founders[0])
    price = fee or outline.fee_now(chain)
    context.out.result(
        "instance_plan",
        _plan_data(wanted, where, way, lines, price),
        human=lambda: _print_plan(context, chain, wanted, where, way, lines, price),
    )


def _plan_data(
    wanted: "Plan", where: "Profile", way: "Way", lines: "Outline", price: int
) -> dict[str, Any]:
    from node import bylaws_text

    return {
        "name": wanted.name,
        "title": wanted.title,
        "chain_id": where.chain_id,
        "public": where.public,
        "founders": list(wanted.founders),
        **{str(word): place for word, place in way.instance.items()},
        "factory": way.factory,
        "bylaws_hash": wanted.bylaws_hash,
        "rehearsed": lines.rehearsed,
        "steps": [
            {
                "step": each.step,
                "to": each.to or None,
                "makes": each.makes or None,
                "done": each.done,
                "gas": each.gas,
                "value": str(each.value),
            }
            for each in lines.lines
        ],
        "gas": lines.gas,
        "gas_complete": lines.complete,
        "fee": str(price),
        "cost": str(lines.gas * price + lines.value),
        "currency": where.currency,
        "rules": bylaws_text.whole(wanted.bylaws),
    }


def _print_plan(
    context: Context,
    chain: "Chain",
    wanted: "Plan",
    where: "Profile",
    way: "Way",
    lines: "Outline",
    price: int,
) -> None:
    from node import bylaws_lint, bylaws_text

    out, members = context.out, len(wanted.founders)
    out.line(f"{wanted.title}, on {where.title}, with {members} members:")
    for founder in wanted.founders:
        out.line(f"  {founder}")
    out.line()
    out.line("It will stand at")
    out.fields({f"  {word.replace('_', ' ')}": place for word, place in way.instance.items()})
    out.line()
    out.table(
        ["No", "Sent", "Gas"],
        [
            [number, each.step, "there already" if each.done else _gas(each.gas)]
            for number, each in enumerate(lines.lines, 1)
        ],
    )
    least = "" if lines.complete else "at least "
    cost = Decimal(lines.gas * price + lines.value) / 10**18
    out.line(
        f"Cost: {least}{lines.gas:,} gas; at {Decimal(price) / _GWEI:f} gwei {least}"
        f"{cost:f} {where.currency}."
    )
    tried = "would be taken" if lines.rehearsed else "could not be tried on this node"
    out.line(f"The creation {tried}. Nothing was sent.")
    out.line()
    out.sections(bylaws_text.whole(wanted.bylaws))
    out.line(f"Every class of decisions can be reached by {members} members.")
    for advice in bylaws_lint.lint(wanted.bylaws, members):
        out.line(f"Think about {advice.key}: {advice.text}.")


def _gas(gas: int | None) -> str:
    return "not known before" if gas is None else f"{gas:,}"
