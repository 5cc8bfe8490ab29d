"""Signs and packs ballots with a few lines of its own.

So the contracts are not tested with the code of the node that the contracts are to check.
"""

from collections.abc import Sequence
from typing import Any

from eth_account.messages import SignableMessage, encode_typed_data
from web3 import Web3

from tests.contracts.people import Person

DOMAIN = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]
BALLOT = [
    ("proposalId", "uint256"),
    ("content", "bytes32"),
    ("choice", "string"),
    ("memberId", "uint32"),
    ("epoch", "uint32"),
    ("sequence", "uint32"),
    ("reason", "string"),
]
PAY_BALLOT = [
    ("payVoteId", "uint256"),
    ("content", "bytes32"),
    ("rate", "uint256"),
    ("memberId", "uint32"),
    ("epoch", "uint32"),
    ("sequence", "uint32"),
    ("reason", "string"),
]
ROTATION = [
    ("memberId", "uint32"),
    ("presentAccount", "address"),
    ("newAccount", "address"),
    ("epoch", "uint32"),
    ("deadline", "uint256"),
]


def typed(
    domain: dict[str, Any], name: str, fields: Sequence[tuple[str, str]], message: dict[str, Any]
) -> SignableMessage:
    """EIP-712 typed data in a contract's domain."""
    types = {
        "EIP712Domain": DOMAIN,
        name: [{"name": key, "type": kind} for key, kind in fields],
    }
    full = {"types": types, "primaryType": name, "domain": domain, "message": message}
    return encode_typed_data(full_message=full)


def sign_typed(
    by: Person,
    domain: dict[str, Any],
    name: str,
    fields: Sequence[tuple[str, str]],
    message: dict[str, Any],
    changed: dict[str, Any],
) -> bytes:
    """Signs EIP-712 typed data, 65 bytes (r, s, v)."""
    signable = typed(domain, name, fields, {**message, **changed})
    return bytes(by.key.sign_message(signable).signature)


def typed_digest(
    domain: dict[str, Any], name: str, fields: Sequence[tuple[str, str]], message: dict[str, Any]
) -> bytes:
    """What a contract account is asked about typed data."""
    signable = typed(domain, name, fields, message)
    return bytes(Web3.keccak(b"\x19" + signable.version + signable.header + signable.body))


def entry(
    member: int,
    choice: int,
    signature: bytes,
    sequence: int = 1,
    reason: str = "",
    *,
    long: bool = False,
    rung: int | None = None,
) -> bytes:
    """One entry of a packed batch; the signature as r, vs (64 bytes) unless `long`."""
    flags = choice | (4 if reason else 0) | (8 if long else 0)
    packed = bytes([flags]) + member.to_bytes(4, "big") + bytes([sequence])
    if rung is not None:
        packed += bytes([rung])
    packed += len(signature).to_bytes(2, "big") + signature if long else compact(signature)
    if reason:
        packed += len(reason.encode()).to_bytes(2, "big") + reason.encode()
    return packed


def compact(signature: bytes) -> bytes:
    """EIP-2098: r and s with the parity in s's top bit."""
    parity = signature[64] - 27
    s = int.from_bytes(signature[32:64], "big") | parity << 255
    return signature[:32] + s.to_bytes(32, "big")
