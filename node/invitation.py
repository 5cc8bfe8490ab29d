"""An invitation: what another member's node needs to know a co-op, and checks before it believes.

It names no node: whose node to ask is each member's own choice. Checked against the chain:
1. the chain's number
2. the code at each of the four addresses, by its hash
3. everything that `coop instance verify` looks at: code, clones, wiring, powers, origin
4. the block of the transaction that made the co-op, and the hash of the bylaws it began with
"""

import tomllib
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import tomli_w

from indexer import abi
from indexer.abi import CONTRACTS
from indexer.blocks import BlockRef
from indexer.chain import Chain
from indexer.deployed import FACTORY
from indexer.scan import Step, scan
from node import zones
from node.errors import AuditMismatch, ConfigurationProblem, NotFound
from node.instance import CodeHashes, Instance, check_name

SCHEMA = "coop/invitation/v1"
_OWN = ("rpc", "database")
"""What a member's own file has beside, and an invitation never bears."""
_OPTIONAL = {"zone"}
_ADDRESSES = (*CONTRACTS, "factory")
_LARGEST = 64 * 1024  # bytes; an invitation has about one thousand


def text(instance: Instance) -> str:
    """Return the invitation to an instance as TOML."""
    values = {key: value for key, value in asdict(instance).items() if key not in _OWN}
    if not instance.zone:
        del values["zone"]
    return tomli_w.dumps({"schema": SCHEMA, **values})


def qr_code(invitation: str, path: Path) -> None:
    """Write the invitation as a QR code (SVG) that a phone can photograph."""
    import segno

    segno.make(invitation, error="l", micro=False).save(
        str(path), kind="svg", scale=4, title="Invitation to a co-op"
    )


def read(path: Path) -> Instance:
    """Return what an invitation says; nothing of it is checked against a chain yet."""
    try:
        source = path.read_bytes()[: _LARGEST + 1]
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path}.", undone="Nothing was kept.") from error
    if len(source) > _LARGEST:
        raise _unreadable(path, f"it is longer than {_LARGEST} bytes")
    try:
        values = tomllib.loads(source.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _unreadable(path, str(error)) from error
    return _parsed(path, values)


def checked(chain: Chain, instance: Instance, head: BlockRef) -> list[Step]:
    """Return what every check found, beginning with the invitation's own claims."""
    return [
        Step(
            "Invitation",
            "chain, code hashes, block and bylaws are as it says",
            _faults(chain, instance),
        ),
        *scan(chain, instance.subject(), head),
    ]


def terms(chain: Chain, instance: Instance) -> Step:
    """Look whether the co-op began in the block and with the bylaws that its file names."""
    return Step(
        "Bylaws",
        "the co-op began with the bylaws and in the block of its file",
        _beginning(chain, instance),
    )


def refuse(instance: Instance, steps: list[Step]) -> None:
    """Raise the first faults of an invitation that does not hold, naming what is wrong."""
    faults = [f"{step.title}: {fault}" for step in steps for fault in step.faults]
    if faults:
        raise AuditMismatch(
            "\n  ".join([f"The invitation to {instance.title} does not hold:", *faults]),
            undone="\nIt was not kept.",
            hint="Ask the member who gave it to you, by another way; or ask another node (--rpc).",
            details={"faults": faults},
        )


def _faults(chain: Chain, instance: Instance) -> tuple[str, ...]:
    found = []
    if (number := chain.chain_id()) != instance.chain_id:
        return (f"it names chain {instance.chain_id}, and {chain.url} is chain {number}.",)
    for name, address, digest in instance.contracts:
        code_hash = "0x" + chain.code_hash(address).hex()
        if code_hash != digest:
            found.append(f"{name} at {address} has code {code_hash}, not {digest}.")
    return (*found, *_beginning(chain, instance))


def _beginning(chain: Chain, instance: Instance) -> tuple[str, ...]:
    receipt = chain.request("eth_getTransactionReceipt", instance.tx)
    if receipt is None:
        return (f"the chain knows no transaction {instance.tx}.",)
    with chain.sensible():
        block, logs = int(receipt["blockNumber"], 16), receipt["logs"]
    found = []
    if block != instance.first_block:
        found.append(f"the co-op began in block {block}, not {instance.first_block}.")
    (topic,) = abi.events(FACTORY)
    mine = bytes.fromhex(instance.assembly[2:]).rjust(32, b"\0")
    event = abi.events(FACTORY)[topic]
    others = [each for each in event.inputs if not each.indexed]
    hashes = [
        "0x" + abi.decode_named(others, bytes.fromhex(log["data"][2:]))["bylawsHash"].hex()
        for log in logs
        if log["topics"] == ["0x" + topic.hex(), "0x" + mine.hex()]
    ]
    if hashes != [instance.bylaws_hash]:
        told = hashes[0] if hashes else "none of this Assembly"
        found.append(f"the bylaws it began with hash to {told}, not {instance.bylaws_hash}.")
    return tuple(found)


def _parsed(path: Path, values: dict[str, Any]) -> Instance:
    if values.pop("schema", None) != SCHEMA:
        raise _unreadable(path, f"its schema is not {SCHEMA}")
    wanted = {each.name: each.type for each in fields(Instance) if each.name not in _OWN}
    if odd := sorted((values.keys() ^ wanted.keys()) - _OPTIONAL):
        raise _unreadable(path, f"{', '.join(odd)} is missing or means nothing")
    hashes = values.pop("code_hashes")
    known = {each.name for each in fields(CodeHashes)}
    if not isinstance(hashes, dict) or hashes.keys() != known:
        raise _unreadable(path, f"code_hashes must name {', '.join(sorted(known))}")
    for key, value in values.items():
        _check(path, key, value)
    for key, value in hashes.items():  # named like the addresses
        _check(path, f"code_hashes.{key}", value)
    check_name(values["name"])
    return Instance(**values, code_hashes=CodeHashes(**hashes), rpc="")


def _check(path: Path, key: str, value: Any) -> None:
    """Refuse a value that is not of its key's kind: numbers, addresses, hashes, short words."""
    if key in ("chain_id", "first_block"):
        good = type(value) is int and 0 <= value < 2**63
    elif not isinstance(value, str):
        good = False
    elif key in ("name", "title"):
        good = value.isprintable() and 1 <= len(value.encode()) <= 41
    elif key in _ADDRESSES:
        good = len(value) == 42 and _is_hex(value) and abi.checksummed(value) == value
    elif key == "zone":
        good = bool(zones.named(value))
    else:
        good = len(value) == 66 and _is_hex(value) and value == value.lower()
    if not good:
        raise _unreadable(path, f"{key} is {value!r}")


def _is_hex(value: str) -> bool:
    return value.startswith("0x") and all(each in "0123456789abcdefABCDEF" for each in value[2:])


def _unreadable(path: Path, why: str) -> ConfigurationProblem:
    return ConfigurationProblem(
        f"{path} is no invitation: {why}.",
        undone="Nothing was kept.",
        hint="Get it again from the member who made it: coop instance export",
    )


def named(instance: Instance, name: str | None, rpc: str) -> Instance:
    """Return the instance as this node keeps it: by its own name, asked for at its own node."""
    return replace(instance, name=check_name(name or instance.name), rpc=rpc)
