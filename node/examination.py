"""The examination behind `coop doctor`: one function a check, each with its cure.

1. keys and outbox can be read by their owner only
2. no key's password can be guessed cheaply
3. an instance is chosen
4. the chain answers
5. it is the instance's chain, with the instance's code
6. its clock and ours agree
7. the mirror is the instance's, complete and not behind
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from indexer import queries, store
from indexer.chain import Chain
from indexer.errors import IndexerError, MirrorMissing
from node import keys
from node.chains import profile
from node.context import Context, check_chain
from node.errors import (
    ConfigurationProblem,
    CoopError,
    KeyProblem,
    MirrorOfAnotherChain,
    MirrorProblem,
    NetworkUnreachable,
    NotFound,
)
from node.files import is_private
from node.instance import Instance
from node.output import duration

SKEW = 60  # seconds by which a block's timestamp may lie ahead of our clock
STALLED = 1_800  # seconds after which a public chain without a new block is out of step


@dataclass(frozen=True)
class Finding:
    """One check: `ok` is None where it could not be made."""

    check: str
    ok: bool | None
    found: str
    mend: str = ""
    exit_code: int = 0


def examine(context: Context) -> list[Finding]:
    """Return every check's finding; nothing is changed."""
    return list(_findings(context))


def first_fault(faults: list[Finding]) -> CoopError:
    """Return the error with which the examination ends: the first fault's kind and cure."""
    kinds: tuple[type[CoopError], ...] = (NotFound, KeyProblem, NetworkUnreachable, MirrorProblem)
    first = faults[0]
    by_code = {each.exit_code: each for each in kinds}
    return by_code.get(first.exit_code, ConfigurationProblem)(
        f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'}: {first.found}",
        hint=first.mend,
    )


def _findings(context: Context) -> Iterator[Finding]:
    yield _files(context.settings.home)
    yield _keys(context.settings.keys)
    try:
        instance = context.instance()
    except CoopError as error:
        yield Finding("instance", False, error.message, error.hint, error.exit_code)
        return
    yield Finding("instance", True, f"{instance.name}, chain {instance.chain_id}.")
    chain = context.any_chain()
    reached = _reached(chain)
    yield reached
    if reached.ok:
        yield _same_chain(chain, instance)
        yield _clock(chain, instance, time.time())
    yield _mirror(context, instance, chain if reached.ok else None)


def _files(home: Path) -> Finding:
    secret = [*sorted((home / "keys").glob("*.json")), *sorted(home.glob("*.outbox.db"))]
    open_ones = [str(path) for path in secret if not is_private(path)]
    if open_ones:
        names = " ".join(open_ones)
        return Finding("files", False, f"Others can read {names}.", f"Run: chmod 600 {names}", _KEY)
    return Finding("files", True, f"{len(secret)} private files in {home}.")


def _keys(folder: Path) -> Finding:
    names = [path.stem for path in sorted(folder.glob("*.json"))]
    try:
        weak = {name: found for name in names if (found := keys.weakness(folder, name))}
    except KeyProblem as error:
        return Finding("keys", False, error.happened, error.hint, _KEY)
    if weak:
        name, found = next(iter(weak.items()))
        return Finding(
            "keys",
            False,
            f"The password of {', '.join(weak)} can be guessed cheaply ({found}).",
            f"Encrypt it again: coop key import {name}-2 --keystore {folder / (name + '.json')}, "
            f"then: coop key remove {name}",
            _KEY,
        )
    return Finding("keys", True, f"{len(names)} keys with dear passwords.")


def _reached(chain: Chain) -> Finding:
    try:
        head = chain.head()
    except IndexerError as error:
        return Finding("chain", False, error.message, error.hint, _NETWORK)
    return Finding("chain", True, f"{chain.url} answers, block {head.number}.")


def _same_chain(chain: Chain, instance: Instance) -> Finding:
    try:
        check_chain(chain, instance)
    except MirrorOfAnotherChain as error:
        return Finding("contracts", False, error.happened, error.hint, error.exit_code)
    return Finding("contracts", True, "The instance's code is where it should be.")


def _clock(chain: Chain, instance: Instance, now: float) -> Finding:
    ahead = chain.head().timestamp - int(now)
    if ahead > SKEW:
        found = f"The chain is {duration(ahead)} ahead of this machine's clock."
        if not profile(instance.chain_id).public:
            return Finding("clock", None, f"{found} A test chain's clock can be moved.")
        return Finding("clock", False, found, "Set the clock (as by NTP).", _NETWORK)
    if -ahead > STALLED and profile(instance.chain_id).public:
        found = f"The newest block is {duration(-ahead)} old."
        mend = "The RPC node is behind (try another --rpc), or this machine's clock is fast."
        return Finding("clock", False, found, mend, _NETWORK)
    return Finding("clock", True, "This machine's clock fits the chain's.")


def _mirror(context: Context, instance: Instance, chain: Chain | None) -> Finding:
    try:
        opened = store.read_mirror(context.mirror_place(), instance.identity())
        with opened.reading() as session:
            status = queries.mirror_status(session)
    except MirrorMissing:
        return Finding("mirror", None, "There is none yet.", "Run: coop index sync")
    except IndexerError as error:
        return Finding("mirror", False, error.message, error.hint, _MIRROR)
    if not status.chronicle_ok:
        found = f"Block {status.to_block} is not proved complete."
        return Finding("mirror", False, found, "Run: coop index sync", _MIRROR)
    lag = max(0, (chain.head().number if chain else status.chain_head) - status.to_block)
    if lag:
        return Finding(
            "mirror", False, f"It is {lag} blocks behind.", "Run: coop index sync", _MIRROR
        )
    return Finding("mirror", True, f"Complete through block {status.to_block}.")


_KEY = KeyProblem.exit_code
_NETWORK = NetworkUnreachable.exit_code
_MIRROR = MirrorProblem.exit_code
