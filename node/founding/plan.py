"""What a co-op is founded with: name, first members, bylaws, checked before anything is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from indexer import abi
from node.bylaws import Bylaws
from node.errors import UsageProblem

_CREATE = abi.function("CooperativeFactory", "create")


@dataclass(frozen=True)
class Plan:
    """What a co-op is founded with; `name` is this node's word, `title` the co-op's own.

    `zone` is the time zone in which its members read moments, on no chain.
    """

    name: str
    title: str
    founders: tuple[str, ...]
    bylaws: Bylaws
    nonce: int = 0
    zone: str = ""

    @property
    def bylaws_hash(self) -> str:
        """keccak256(abi.encode(terms, roles)), as CooperativeCreated bears it."""
        return _hash_of([each.type for each in _CREATE.inputs[2:4]], self.arguments[2:4])

    @property
    def digest(self) -> str:
        """One hash over everything that the instance follows from."""
        return _hash_of([each.type for each in _CREATE.inputs], self.arguments)

    @property
    def calldata(self) -> bytes:
        """What the factory is sent."""
        return abi.encode_call(_CREATE, self.arguments)

    @property
    def arguments(self) -> tuple[Any, ...]:
        """The arguments of the factory's `create`."""
        bylaws = self.bylaws
        return (
            self.title,
            list(self.founders),
            bylaws.abi_bylaws(),
            bylaws.abi_roles(),
            self.nonce,
        )


def checked_title(title: str) -> str:
    """Return the co-op's name if a contract can bear it."""
    if not 1 <= len(title.encode()) <= 31 or not title.isprintable():
        raise UsageProblem(
            f"The name {title!r} has {len(title.encode())} bytes.",
            hint="Give --title with 1 to 31 bytes.",
        )
    return title


def checked_founders(accounts: Sequence[str]) -> tuple[str, ...]:
    """Return the founders' accounts, checksummed; at least three, each once."""
    found = tuple(checked_account(account) for account in accounts)
    if not 3 <= len(found) <= 50:
        raise UsageProblem(
            f"{len(found)} founders are named.", hint="Give --founder 3 to 50 times."
        )
    doubles = sorted({account for account in found if found.count(account) > 1})
    if doubles:
        raise UsageProblem(
            f"{doubles[0]} is named twice.", hint="Every founder needs an account of their own."
        )
    return found


def checked_account(text: str) -> str:
    """Return an account, checksummed."""
    from eth_utils.address import is_address, is_checksum_address, to_checksum_address

    if not is_address(text):
        raise UsageProblem(f"{text!r} is no account.", hint="An account is 0x and 40 hex digits.")
    mixed = text[2:] not in (text[2:].lower(), text[2:].upper())
    if mixed and not is_checksum_address(text):
        raise UsageProblem(f"{text} has a typing error: its checksum is wrong.")
    return str(to_checksum_address(text))


def _hash_of(kinds: Sequence[str], values: Sequence[Any]) -> str:
    return "0x" + keccak(encode(kinds, values)).hex()
