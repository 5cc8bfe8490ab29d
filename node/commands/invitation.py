"""`coop instance export` and `import`: hand a co-op to another member's node."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from node import completion
from node import instance as instances
from node.context import Context
from node.errors import UsageProblem
from node.files import write_private
from node.options import leaf
from node.output import At

_FILE = click.Path(path_type=Path)


@click.command("export")
@click.argument("name", required=False, shell_complete=completion.instances)
@click.argument("file", required=False, type=_FILE)
@click.option("--qr", metavar="FILE.svg", type=_FILE, help="Draw the invitation as a QR code.")
@click.option(
    "--verification",
    metavar="FOLDER|FILE.zip",
    type=_FILE,
    help="Write what Sourcify or Etherscan ask for, to show the contracts' sources.",
)
@click.option(
    "--erc7730",
    metavar="FILE.json",
    type=_FILE,
    help="Write in which words wallets are to show a ballot (clear signing).",
)
@leaf("coop instance export pioneers pioneers.toml --qr pioneers.svg")
def export(
    context: Context,
    name: str | None,
    file: Path | None,
    qr: Path | None,
    verification: Path | None,
    erc7730: Path | None,
) -> None:
    """Write an invitation: what another member's node needs to know and check this co-op.

    Without FILE it is printed. It holds nothing secret, and names no node. With --verification,
    write the compiler's input for the contracts that this instance runs; the sources are taken from
    a clone. With --erc7730, write the words in which wallets then show a ballot.
    """
    from node import invitation

    chosen = instances.read(context.settings.instances, name) if name else context.instance()
    text = invitation.text(chosen)
    written = [path for path in (file, qr, verification, erc7730) if path is not None]
    for path in written:
        if path.exists():
            raise UsageProblem(
                f"{path} is there already.", undone="It was not touched.", hint="Name another."
            )
    if not context.dry_run:
        if file is not None:
            write_private(file, text)
        if qr is not None:
            invitation.qr_code(text, qr)
        if verification is not None:
            _write_bundle(context, chosen, verification)
        if erc7730 is not None:
            _write_descriptor(context, chosen, erc7730)
    data = {"name": chosen.name, "invitation": text, "files": [str(path) for path in written]}

    def human() -> None:
        if file is None and not written:
            context.out.line(text.rstrip("\n"))
        for path in written:
            context.out.line(f"{'Would write' if context.dry_run else 'Wrote'} {path}.")
        if file is not None:
            context.out.line(f"Another member takes it with: coop instance import {file.name}")

    context.out.result("invitation", data, human=human)


@click.command("import")
@click.argument("file", type=_FILE)
@click.option("--name", metavar="NAME", help="What to call it here (default: as in the file).")
@leaf("coop instance import pioneers.toml --rpc http://127.0.0.1:8545")
def import_(context: Context, file: Path, name: str | None) -> None:
    """Take an invitation, once the chain shows that everything in it holds.

    Code, wiring, powers, origin and bylaws are read from the chain of --rpc, as by `coop instance
    verify`. One that does not hold is refused with 9, naming what is wrong. It becomes the current
    instance.
    """
    from indexer.patience import PatientChain
    from node import invitation

    folder = context.settings.instances
    rpc = context.settings.rpc_url
    invited = invitation.named(invitation.read(file), name, rpc)
    instances.check_unknown(folder, invited.name)
    chain = PatientChain(rpc)
    head = chain.head(context.settings.depth)
    steps = invitation.checked(chain, invited, head)
    invitation.refuse(invited, steps)
    if not context.dry_run:
        instances.write(folder, invited)
        instances.use(folder, context.settings.user_file, invited.name)
    done = "would be kept" if context.dry_run else "was kept; it is the current instance"
    context.out.receipt(
        "instance",
        {
            **instances.shown(invited),
            "code_ok": True,
            "steps": [asdict(step) for step in steps],
        }
        if context.out.json
        else {**instances.shown(invited), "code_ok": True},
        done=f"{invited.title} is what its invitation says: {len(steps)} checks. It {done}.",
        prove=f"coop instance verify {invited.name}",
        as_of=At(invited.chain_id, head.number, head.hash, context.settings.depth),
    )


def _write_descriptor(context: Context, chosen: instances.Instance, place: Path) -> None:
    from node import clear_signing, proposals

    currency = proposals.own_contracts(context.any_chain(), chosen).currency
    document = clear_signing.descriptor(chosen, currency=currency)
    write_private(place, json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def _write_bundle(context: Context, chosen: instances.Instance, place: Path) -> None:
    from node import verification

    verification.write(place, verification.bundle(context.any_chain(), chosen))
