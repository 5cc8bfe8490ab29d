"""A change of key that both keys sign, and that anybody carries to the contract."""

from typing import Any

from tests.contracts.coop import DAY, Coop
from tests.contracts.people import Person
from tests.contracts.roll import act, ask
from tests.contracts.signing import ROTATION, sign_typed, typed_digest

PAUSE = 2 * DAY


def rotation(coop: Coop, member: int, new: str, deadline: int) -> dict[str, Any]:
    """The message that both keys sign."""
    account, _, _, epoch = ask(coop, "memberOf", member)
    return {
        "memberId": member,
        "presentAccount": account,
        "newAccount": new,
        "epoch": epoch,
        "deadline": deadline,
    }


def sign_rotation(coop: Coop, by: Person, message: dict[str, Any], **changed: Any) -> bytes:
    """A rotation's signature; `changed` alters fields of message or domain."""
    domain = coop.domain(coop.membership, changed)
    return sign_typed(by, domain, "Rotation", ROTATION, message, changed)


def rotation_digest(coop: Coop, message: dict[str, Any]) -> bytes:
    """What a contract account is asked about a rotation."""
    return typed_digest(coop.domain(coop.membership, {}), "Rotation", ROTATION, message)


def signed(
    coop: Coop, present: Person, new: Person, deadline: int | None = None
) -> tuple[dict[str, Any], bytes, bytes]:
    """A rotation with both signatures."""
    message = rotation(coop, coop.id_of(present), new.address, deadline or coop.now() + DAY)
    return message, sign_rotation(coop, present, message), sign_rotation(coop, new, message)


def submit(
    coop: Coop, message: dict[str, Any], present: bytes, new: bytes, at: int | None = None
) -> Any:
    """A stranger carries the signed rotation to the contract."""
    fields = (message["memberId"], message["newAccount"], message["deadline"])
    return act(coop, coop.tom, "rotate", *fields, present, new, at=at)
