"""Signs ballots by the hundred thousand: EIP-712 encoded by hand, signed by coincurve."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from coincurve import PrivateKey
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from node.devnet import CHAIN_ID
from tests.contracts.signing import BALLOT, DOMAIN, PAY_BALLOT, entry

NAME = "Weavers"
CHOICES = ("against", "for", "abstain")


@dataclass(frozen=True)
class Voter:
    """A member with a key; `member` is the memberId."""

    member: int
    key: PrivateKey

    @property
    def address(self) -> str:
        """The account of the key."""
        return to_checksum_address(keccak(self.key.public_key.format(compressed=False)[1:])[12:])


def voter(member: int) -> Voter:
    """Return the person who bears that memberId in every history."""
    return Voter(member, PrivateKey(keccak(text=f"member {member}")))


class Booth:
    """Signs and packs the ballots of one proposal or pay vote."""

    def __init__(self, contract: str, number: int, content: bytes, *, pay: bool = False) -> None:
        fields, name = (PAY_BALLOT, "PayBallot") if pay else (BALLOT, "Ballot")
        self._prefix = b"\x19\x01" + _domain(contract)
        self._start = _type_hash(name, fields) + number.to_bytes(32) + content

    def ballot(self, by: Voter, choice: int, sequence: int = 1, reason: str = "") -> bytes:
        """Return one entry of a batch of ballots."""
        signature = self._sign(by, _text(CHOICES[choice]), sequence, reason)
        return entry(by.member, choice, signature, sequence, reason)

    def pay_ballot(self, by: Voter, rate: int, rung: int, sequence: int = 1) -> bytes:
        """Return one entry of a batch of pay ballots."""
        signature = self._sign(by, rate.to_bytes(32), sequence, "")
        return entry(by.member, 0, signature, sequence, rung=rung)

    def _sign(self, by: Voter, said: bytes, sequence: int, reason: str) -> bytes:
        numbers = by.member.to_bytes(32) + bytes(32) + sequence.to_bytes(32)
        struct = keccak(self._start + said + numbers + _text(reason))
        signature = by.key.sign_recoverable(keccak(self._prefix + struct), hasher=None)
        return signature[:64] + bytes([27 + signature[64]])


def _domain(contract: str) -> bytes:
    values = _text(NAME) + _text("1") + CHAIN_ID.to_bytes(32)
    fields = [(each["name"], each["type"]) for each in DOMAIN]
    account = bytes.fromhex(contract[2:]).rjust(32, b"\0")
    return keccak(_type_hash("EIP712Domain", fields) + values + account)


def _type_hash(name: str, fields: Sequence[tuple[str, str]]) -> bytes:
    return keccak(text=f"{name}({','.join(f'{kind} {field}' for field, kind in fields)})")


@cache
def _text(text: str) -> bytes:
    return keccak(text=text)
