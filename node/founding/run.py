"""Founds a co-op from its plan to the instance file, over any number of interrupted runs."""

from collections.abc import Callable
from pathlib import Path

from eth_utils.crypto import keccak

from indexer import deployed
from indexer.abi import CONTRACTS
from indexer.chain import Chain
from node import instance as instances
from node.errors import ConfigurationProblem, CoopError
from node.files import alone
from node.founding import journal as journals
from node.founding.plan import Plan
from node.founding.sending import Run
from node.founding.steps import Way, check_code, way
from node.instance import CodeHashes, Instance
from node.sender import Sender


class FoundingUnderWay(CoopError):
    """Another process founds a co-op: two would take each other's transaction numbers."""

    code = "founding_under_way"


def found(
    sender: Sender,
    plan: Plan,
    folder: Path,
    factory: str | None = None,
    *,
    say: Callable[[str], None],
    fee: int | None = None,
) -> Instance:
    """Found a co-op, or go on with a founding that ended half way; keep and return its instance.

    `folder` holds the instance files, and while this runs no other process founds from it:
    FoundingUnderWay. `fee` is what to offer for a unit of gas in wei (None: what
    the node suggests). Whatever ends this, the same call goes on, and nothing is made twice.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    refusal = FoundingUnderWay(
        "Another coop process is founding a co-op from this machine.",
        undone="This one sent nothing.",
        hint="Wait until it has ended; then run this again.",
    )
    with alone(folder, refusal):
        return _found(sender, plan, folder, factory, say, fee)


def _found(
    sender: Sender,
    plan: Plan,
    folder: Path,
    factory: str | None,
    say: Callable[[str], None],
    fee: int | None,
) -> Instance:
    chain = sender.chain
    chain_id = chain.chain_id()
    found_way = way(chain, plan, factory)
    journal = journals.begun(folder, plan, chain_id, found_way.factory)
    if journal is None:
        instances.check_unknown(folder, plan.name)
        head = chain.head().number
        journal = journals.begin(folder, plan, chain_id, found_way.factory, head)
    else:
        say(f"Going on with the founding of {plan.name}: {len(journal.attempts)} were sent.")
    if not (folder / f"{plan.name}.toml").exists():
        run = Run(sender, journal, say, fee)
        tx, block = run.to_the_end(found_way)
        instances.write(folder, _instance(chain, chain_id, plan, found_way, tx, block))
    made = instances.read(folder, plan.name)
    if made.membership != found_way.instance["membership"]:
        instances.check_unknown(folder, plan.name)
    journal.end()
    return made


def _instance(
    chain: Chain, chain_id: int, plan: Plan, found_way: Way, tx: str, block: int
) -> Instance:
    """Return what this node keeps, once the four contracts are exactly what they should be."""
    codes = {address: chain.code(address) for address in found_way.instance.values()}
    check_code(chain, found_way.factory)
    faults = list(
        deployed.clone_faults(
            found_way.instance,
            found_way.factory,
            lambda address: codes.get(address) or chain.code(address),
            plan.title,
        )
    )
    if faults:
        raise ConfigurationProblem(
            f"What stands on the chain is not what was asked for: {faults[0]}",
            undone="The instance file was not written.",
            hint="Do not use it. Ask another node (--rpc) for the same.",
            details={"faults": faults, "tx": tx},
        )
    places = found_way.instance
    return Instance(
        name=plan.name,
        title=plan.title,
        chain_id=chain_id,
        rpc=chain.url,
        membership=places["membership"],
        bylaws=places["bylaws"],
        assembly=places["assembly"],
        pay_rates=places["pay_rates"],
        factory=found_way.factory,
        first_block=block,
        tx=tx,
        code_hashes=CodeHashes(*("0x" + keccak(codes[places[each]]).hex() for each in CONTRACTS)),
        bylaws_hash=plan.bylaws_hash,
        zone=plan.zone,
    )
