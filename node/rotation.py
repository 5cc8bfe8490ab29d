"""Changing a member's key: both keys sign one message, anyone may submit it."""

from dataclasses import dataclass
from typing import Any

from eth_account.signers.local import LocalAccount

from node import typed_data
from node.domains import read_domain
from node.errors import UsageProblem
from node.instance import Instance
from node.sender import Sender, TxReceipt
from node.typed_data import Domain, Fields
from node.voting import Voter, voter

PRIMARY_TYPE = "Rotation"
FIELDS: Fields = (
    ("memberId", "uint32"),
    ("presentAccount", "address"),
    ("newAccount", "address"),
    ("epoch", "uint32"),
    ("deadline", "uint256"),
)
_VALID_FOR = 3600  # seconds that a signed change may wait for its transaction


@dataclass(frozen=True)
class Rotation:
    """A change of key that was made; `epoch` is the new one, None after a dry run."""

    member_id: int
    present_account: str
    new_account: str
    epoch: int | None
    sent: TxReceipt


def message(domain: Domain, who: Voter, new_account: str, deadline: int) -> dict[str, Any]:
    """The EIP-712 message that both keys sign; `deadline` in seconds since 1970."""
    values = {
        "memberId": who.member_id,
        "presentAccount": who.account,
        "newAccount": new_account,
        "epoch": who.epoch,
        "deadline": deadline,
    }
    return typed_data.full_message(domain, PRIMARY_TYPE, FIELDS, values)


def rotate(sender: Sender, instance: Instance, new: LocalAccount) -> Rotation:
    """Replace the sender's key by another one of the same member; the sender pays."""
    if new.address == sender.address:
        raise UsageProblem("That is the key you have already.", hint="Make one: coop key new NAME")
    who = voter(sender.chain, instance, sender.address)
    domain = read_domain(sender.chain, instance, "Membership")
    deadline = sender.chain.head().timestamp + _VALID_FOR
    whole = message(domain, who, new.address, deadline)
    sent = sender.send(
        "Membership",
        instance.membership,
        "rotate",
        who.member_id,
        new.address,
        deadline,
        typed_data.sign(whole, sender.account),
        typed_data.sign(whole, new),
    )
    epoch = sent.event("KeyRotated").args["epoch"] if sent.sent else None
    return Rotation(who.member_id, who.account, new.address, epoch, sent)
