"""The file of a checkpoint: how far a member saw the co-op's history, signed by their key.

JSON of schema "coop/checkpoint/v1"; its `typed_data` is what any EIP-712 wallet shows and signs.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.abi import CONTRACTS
from indexer.audit.checkpoint import Checkpoint
from node import typed_data
from node.errors import NotFound
from node.files import write_private
from node.typed_data import Domain, Fields, Malformed

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

SCHEMA = "coop/checkpoint/v1"
PRIMARY_TYPE = "Checkpoint"
FIELDS: Fields = (
    *((f"{name}Contract", "address") for name in CONTRACTS),
    ("blockNumber", "uint256"),
    ("blockHash", "bytes32"),
    ("events", "uint256"),
    *((f"{name}Chronicle", "bytes32") for name in CONTRACTS),
)
_DOMAIN = "Rochdale checkpoint"


@dataclass(frozen=True)
class Signed:
    """A checkpoint and whose key signed it; the account is checksummed."""

    checkpoint: Checkpoint
    account: str


def read(path: Path) -> Signed:
    """Return a checkpoint whose signature holds; NotFound, or `Malformed` with what is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFound(
            f"There is no checkpoint at {path}.", hint="Make one: coop audit watch --once"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise Malformed(f"{path} cannot be read as a checkpoint: {error}.") from error
    try:
        document = json.loads(text)
        if document["schema"] != SCHEMA:
            raise KeyError("schema")
        whole, account = document["data"]["typed_data"], document["data"]["account"]
        signature = bytes.fromhex(document["data"]["signature"][2:])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Malformed(f"{path} is no checkpoint: {error!r}.") from error
    domain, values = typed_data.checked(whole, PRIMARY_TYPE, FIELDS)
    if (domain.name, domain.version) != (_DOMAIN, "1"):
        raise Malformed(f"{path} is signed as something else: {domain.name}.")
    if (signer := typed_data.signer_of(whole, signature)) != account:
        raise Malformed(f"{path} was signed by {signer}, and says {account}.")
    addresses = {name: values[f"{name}Contract"] for name in CONTRACTS}
    if domain.verifying_contract != addresses["assembly"]:
        raise Malformed(f"{path} is signed for another Assembly than it tells of.")
    checkpoint = Checkpoint(
        chain_id=domain.chain_id,
        addresses=addresses,
        block=values["blockNumber"],
        block_hash=values["blockHash"],
        events=values["events"],
        heads={name: values[f"{name}Chronicle"] for name in CONTRACTS},
    )
    return Signed(checkpoint, account)


def write(path: Path, checkpoint: Checkpoint, account: "LocalAccount") -> Signed:
    """Sign a checkpoint and put it in the place of the one before, whole or not at all."""
    whole = message(checkpoint)
    held = {
        "account": account.address,
        "signature": "0x" + typed_data.sign(whole, account).hex(),
        "typed_data": whole,
    }
    write_private(path, json.dumps({"schema": SCHEMA, "data": held}, indent=2) + "\n")
    return Signed(checkpoint, account.address)


def message(checkpoint: Checkpoint) -> dict[str, Any]:
    """The EIP-712 message that is signed."""
    at = checkpoint.addresses
    domain = Domain(_DOMAIN, "1", checkpoint.chain_id, at["assembly"])
    values: dict[str, Any] = {f"{name}Contract": at[name] for name in CONTRACTS}
    values |= {
        "blockNumber": checkpoint.block,
        "blockHash": checkpoint.block_hash,
        "events": checkpoint.events,
    }
    values |= {f"{name}Chronicle": checkpoint.heads[name] for name in CONTRACTS}
    return typed_data.full_message(domain, PRIMARY_TYPE, FIELDS, values)


def data(signed: Signed, path: Path) -> dict[str, Any]:
    """The `data` of a document of kind checkpoint."""
    known = signed.checkpoint
    return {
        "account": signed.account,
        "block": known.block,
        "block_hash": known.block_hash,
        "chain_id": known.chain_id,
        "events": known.events,
        "file": str(path),
        "heads": dict(known.heads),
    }
