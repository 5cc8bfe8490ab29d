"""Lists of guardians: made, kept and read here; the chain holds a hash until a recovery needs one.

A file of schema "coop/guardians/v1" is for the guardians: who has it and is on it can vouch.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from node import action_values
from node.drafts import read_text
from node.errors import UsageProblem
from node.files import write_private
from node.instance import Instance
from node.sender import Sender, TxReceipt

SCHEMA = "coop/guardians/v1"
MOST = 10
NOBODY = bytes(32)
_SALT = 32
_TYPES = ("uint32", "(uint8,bytes32,address[])")


class UnreadableGuardianList(UsageProblem):
    """A list of guardians cannot be used."""

    code = "unreadable_guardian_list"


@dataclass(frozen=True)
class GuardianList:
    """A member's guardians; `accounts` in the contract's order, `needed` of them suffice."""

    chain_id: int
    membership: str
    member_id: int
    needed: int
    salt: bytes
    accounts: tuple[str, ...]

    @property
    def values(self) -> tuple[int, bytes, tuple[str, ...]]:
        """As the contract takes it."""
        return (self.needed, self.salt, self.accounts)

    @property
    def hash(self) -> bytes:
        """What stands on the chain."""
        return keccak(encode(_TYPES, [self.member_id, self.values]))


@dataclass(frozen=True)
class Named:
    """Guardians that were named; `kept` is where a list that was made is (not after a dry run)."""

    list_hash: bytes
    kept: Path | None
    in_force_from: int | None
    sent: TxReceipt


def made(instance: Instance, member_id: int, accounts: Sequence[str], needed: int) -> GuardianList:
    """Return a new list with a salt of its own; UsageProblem if it could never be used."""
    try:
        found = sorted({action_values.account(each) for each in accounts}, key=str.lower)
    except ValueError as error:
        raise UsageProblem(f"A guardian {error}.") from error
    _refuse_useless(len(accounts), found, needed)
    salt = secrets.token_bytes(_SALT)
    chain_id, membership = instance.chain_id, instance.membership
    return GuardianList(chain_id, membership, member_id, needed, salt, tuple(found))


def name(sender: Sender, instance: Instance, guardians: GuardianList, folder: Path) -> Named:
    """Name guardians; the list is kept in `folder` before anything is sent."""
    # A refusal comes before anything is kept; a lost transaction must not lose the salt.
    sender.call("Membership", instance.membership, "setGuardians", guardians.hash)
    kept = None
    if not sender.dry_run:
        kept = file_of(folder, guardians.hash)
        write_private(kept, _dump(guardians))
    return _named(sender, instance, guardians.hash, kept)


def name_again(sender: Sender, instance: Instance, list_hash: bytes) -> Named:
    """Name guardians by a hash that is known already, or none by `NOBODY`."""
    return _named(sender, instance, list_hash, None)


def support(sender: Sender, instance: Instance, account: str, guardians: GuardianList) -> TxReceipt:
    """Vouch, as a guardian on the list, for the member's new account."""
    args = (guardians.member_id, account, guardians.values)
    return sender.send("Membership", instance.membership, "supportRecovery", *args)


def file_of(folder: Path, list_hash: bytes) -> Path:
    """Where the list of that hash is kept."""
    return folder / f"{list_hash.hex()}.json"


def read(path: Path, instance: Instance) -> GuardianList:
    """Read a list that is for this instance; UnreadableGuardianList says what is wrong."""
    try:
        document = json.loads(read_text(path))
        if document["schema"] != SCHEMA:
            raise ValueError
        found = _parsed(document["data"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableGuardianList(
            f"The file {path} is no list of guardians.", hint=f'Its schema is "{SCHEMA}".'
        ) from error
    if (found.chain_id, found.membership) != (instance.chain_id, instance.membership):
        raise UnreadableGuardianList(
            f"The list in {path} is of a member of another co-op.",
            hint="Choose the co-op: --instance NAME",
        )
    return found


def _named(sender: Sender, instance: Instance, list_hash: bytes, kept: Path | None) -> Named:
    sent = sender.send("Membership", instance.membership, "setGuardians", list_hash)
    in_force_from = sent.event("GuardiansNamed").args["inForceFrom"] if sent.sent else None
    return Named(list_hash, kept, in_force_from, sent)


def _refuse_useless(given: int, accounts: Sequence[str], needed: int) -> None:
    if given != len(accounts):
        raise UsageProblem("A guardian is named twice.", hint="Name each once.")
    if not 1 <= given <= MOST:
        raise UsageProblem(f"{given} guardians cannot be named.", hint=f"Name 1 to {MOST}.")
    if not 1 <= needed <= given:
        raise UsageProblem(
            f"{needed} of {given} guardians can never agree.", hint=f"Need 1 to {given} of them."
        )


def _dump(guardians: GuardianList) -> str:
    data = {
        "chain_id": guardians.chain_id,
        "membership": guardians.membership,
        "member_id": guardians.member_id,
        "needed": guardians.needed,
        "salt": "0x" + guardians.salt.hex(),
        "accounts": list(guardians.accounts),
    }
    return json.dumps({"schema": SCHEMA, "data": data}, indent=1) + "\n"


def _parsed(data: Any) -> GuardianList:
    salt = action_values.data(data["salt"])
    needed, chain_id = data["needed"], data["chain_id"]
    if len(salt) != _SALT or type(chain_id) is not int or not 1 <= int(needed) <= MOST:
        raise ValueError
    return GuardianList(
        chain_id=chain_id,
        membership=action_values.account(data["membership"]),
        member_id=action_values.member(data["member_id"]),
        needed=int(needed),
        salt=salt,
        accounts=tuple(action_values.account(each) for each in data["accounts"]),
    )
