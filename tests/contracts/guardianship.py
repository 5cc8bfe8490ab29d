"""Guardians in the tests: a list with its hash, from IMembership's text alone, and their acts."""

from collections.abc import Sequence
from dataclasses import dataclass

from eth_abi.abi import encode
from eth_utils.crypto import keccak
from web3.types import TxReceipt

from tests.contracts.coop import DAY, Coop
from tests.contracts.people import Person
from tests.contracts.roll import act, ask

DELAY = 7 * DAY
LIFETIME = 30 * DAY
PAUSE = 30 * DAY
SALT = b"\x07" * 32
NONE = b"\0" * 32


@dataclass(frozen=True)
class List:
    """A list of guardians as a member gives it to them."""

    needed: int
    accounts: tuple[str, ...]
    salt: bytes = SALT

    @property
    def values(self) -> tuple[int, bytes, tuple[str, ...]]:
        """In the contract's order."""
        return (self.needed, self.salt, self.accounts)

    def hash(self, member: int) -> bytes:
        """What stands on the chain."""
        kinds = ["uint32", "(uint8,bytes32,address[])"]
        return bytes(keccak(encode(kinds, [member, self.values])))


def listed(needed: int, *people: Person) -> List:
    """A list in the order that the contract asks for."""
    return List(needed, tuple(sorted((each.address for each in people), key=str.lower)))


def family(coop: Coop) -> List:
    """Ada's guardians in the tests: ben, a member, and ida and jon, who are none; two suffice."""
    return listed(2, coop.ben, coop.ida, coop.jon)


def name(coop: Coop, by: Person, guardians: List) -> List:
    """A member names guardians; they are in force when this returns."""
    act(coop, by, "setGuardians", guardians.hash(coop.id_of(by)))
    coop.warp(coop.now() + DELAY)
    return guardians


def support(
    coop: Coop, by: Person, new: Person, guardians: List, *, member: int = 1, at: int | None = None
) -> TxReceipt:
    """A guardian vouches for the new account of a member, ada unless said otherwise."""
    return act(coop, by, "supportRecovery", member, new.address, guardians.values, at=at)


def started(
    coop: Coop, new: Person, guardians: List, by: Sequence[Person] = (), *, member: int = 1
) -> int:
    """Ida and jon, or others, vouch for an account; the second at which the delay is over."""
    for guardian in by or (coop.ida, coop.jon):
        support(coop, guardian, new, guardians, member=member)
    due = int(ask(coop, "recoveryOf", member, new.address)[1])
    assert due == coop.now() + DELAY
    return due


def complete(coop: Coop, by: Person, *, member: int = 1, at: int | None = None) -> TxReceipt:
    """The new account takes over."""
    return act(coop, by, "completeRecovery", member, at=at)


def account_of(coop: Coop, member: int = 1) -> str:
    """The member's present key."""
    return str(ask(coop, "memberOf", member)[0])
