"""Profiles of candidates: kept here; the chain holds only the hash of salt and profile."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from eth_utils.crypto import keccak

from node.drafts import read_text
from node.errors import NotEnoughFunds, UsageProblem
from node.files import write_private
from node.instance import Instance
from node.sender import Sender, TxReceipt

SCHEMA = "coop/profile/v1"


@dataclass(frozen=True)
class Applied:
    """An application that was made, and where salt and profile are kept (None after a dry run)."""

    profile_hash: bytes
    kept: Path | None
    sent: TxReceipt


def profile_hash(salt: bytes, profile: str) -> bytes:
    """keccak256(salt ‖ profile in UTF-8); the salt keeps it from being guessed."""
    return keccak(salt + profile.encode())


def apply(sender: Sender, instance: Instance, profile: Path, folder: Path) -> Applied:
    """Ask to join; salt and profile are kept in `folder` before anything is sent."""
    text = read_text(profile)
    if not text.strip():
        raise UsageProblem(f"The profile {profile} is empty.", undone="You did not apply.")
    salt = secrets.token_bytes(32)
    hashed = profile_hash(salt, text)
    # A refusal comes before anything is kept; a lost transaction must not lose the salt.
    sender.call("Membership", instance.membership, "applyToJoin", hashed)
    kept = None
    if not sender.dry_run:
        kept = folder / f"{hashed.hex()}.json"
        document = {"schema": SCHEMA, "salt": "0x" + salt.hex(), "profile": text}
        write_private(kept, json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    try:
        sent = sender.send("Membership", instance.membership, "applyToJoin", hashed)
    except NotEnoughFunds:
        if kept:
            kept.unlink()
        raise
    return Applied(hashed, kept, sent)
