"""EIP-712 typed data: what a member's key signs, checked before it is hashed.

Every message passes `checked` first: some libraries ignore extra keys and take "1" for an integer,
so that two different messages would share a digest. Ours are flat (integers, hashes, accounts,
texts), which makes the standard's hash a few lines; eth-account's generic one is twenty times
slower, and it, ethers, viem and cast check ours in the tests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from eth_account.signers.local import LocalAccount
from eth_typing import Hash32
from eth_utils.address import is_checksum_address, to_checksum_address

from indexer.hashing import keccak
from indexer.proofs.keys import HALF_ORDER, signer
from node.errors import UsageProblem

_DOMAIN_TYPE = (
    ("name", "string"),
    ("version", "string"),
    ("chainId", "uint256"),
    ("verifyingContract", "address"),
)

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Domain:
    """The EIP-712 domain of one contract: a signature counts there and nowhere else."""

    name: str
    version: str
    chain_id: int
    verifying_contract: str
    """Checksummed address."""

    def values(self) -> dict[str, Any]:
        """The domain as the message names its fields."""
        return {
            "name": self.name,
            "version": self.version,
            "chainId": self.chain_id,
            "verifyingContract": self.verifying_contract,
        }


class Malformed(UsageProblem):
    """A message, signature or file is not what the contract would understand; the text says why."""

    code = "malformed"


def full_message(
    domain: Domain, primary_type: str, fields: Fields, message: Mapping[str, Any]
) -> dict[str, Any]:
    """The complete message that any EIP-712 wallet can show and sign, or `Malformed`."""
    whole = {
        "types": {
            "EIP712Domain": [{"name": name, "type": kind} for name, kind in _DOMAIN_TYPE],
            primary_type: [{"name": name, "type": kind} for name, kind in fields],
        },
        "primaryType": primary_type,
        "domain": domain.values(),
        "message": dict(message),
    }
    checked(whole, primary_type, fields)
    return whole


def checked(
    whole: Mapping[str, Any], primary_type: str, fields: Fields
) -> tuple[Domain, Mapping[str, Any]]:
    """Domain and values of a message of just this type; anything else is `Malformed`."""
    # 1. the parts of the message, no more
    _exact_keys("message", whole, ("types", "primaryType", "domain", "message"))
    if whole["primaryType"] != primary_type:
        raise Malformed(f"It signs {whole['primaryType']!r}, not {primary_type}.")
    # 2. the types, in the contract's order
    types = whole["types"]
    _exact_keys("types", types, ("EIP712Domain", primary_type))
    _exact_type("EIP712Domain", types["EIP712Domain"], _DOMAIN_TYPE)
    _exact_type(primary_type, types[primary_type], fields)
    # 3. the values, each of its type
    _exact_values("domain", whole["domain"], _DOMAIN_TYPE)
    _exact_values("message", whole["message"], fields)
    domain = whole["domain"]
    return (
        Domain(domain["name"], domain["version"], domain["chainId"], domain["verifyingContract"]),
        whole["message"],
    )


def digest(whole: Mapping[str, Any]) -> bytes:
    """The 32 bytes that are signed: keccak256(0x1901 ‖ domain separator ‖ struct hash)."""
    separator = _separator(tuple(whole["domain"][name] for name, _ in _DOMAIN_TYPE))
    primary_type = whole["primaryType"]
    fields = tuple((each["name"], each["type"]) for each in whole["types"][primary_type])
    return keccak(b"\x19\x01" + separator + _struct_hash(primary_type, fields, whole["message"]))


def sign(whole: Mapping[str, Any], account: LocalAccount) -> bytes:
    """The account's 65-byte signature r ‖ s ‖ v, with low s."""
    return bytes(account.unsafe_sign_hash(Hash32(digest(whole))).signature)


def signer_of(whole: Mapping[str, Any], signature: bytes) -> str:
    """The checksummed account whose key gave this 65-byte signature; else `Malformed`."""
    check_signature(signature)
    found = signer(digest(whole), signature[:64], signature[64] - 27)
    if found is None:
        raise Malformed("The signature belongs to no key.")
    return to_checksum_address(found)


def check_signature(signature: bytes) -> None:
    """Pass a 65-byte signature with v of 27 or 28 and low s; raise `Malformed` for every other."""
    if len(signature) != 65:
        raise Malformed(f"The signature has {len(signature)} bytes instead of 65.")
    if signature[64] not in (27, 28):
        raise Malformed(f"The signature ends in {signature[64]} instead of 27 or 28.")
    if int.from_bytes(signature[32:64]) > HALF_ORDER:
        raise Malformed("The signature is the malleable twin (high s) of the proper one.")


def canonical(signature: bytes) -> bytes:
    """A key's signature as the contract takes it, from one with v of 0 or 1 or in the 64 bytes of
    ERC-2098, as some wallets give it; anything else as it is."""
    if len(signature) == 64:
        parity, s = signature[32] >> 7, bytes([signature[32] & 0x7F]) + signature[33:]
        return signature[:32] + s + bytes([27 + parity])
    if len(signature) == 65 and signature[64] < 2:
        return signature[:64] + bytes([27 + signature[64]])
    return signature


@lru_cache(maxsize=100)
def _separator(values: tuple[Any, ...]) -> bytes:
    named = {name: value for (name, _), value in zip(_DOMAIN_TYPE, values, strict=True)}
    return _struct_hash("EIP712Domain", _DOMAIN_TYPE, named)


def _struct_hash(
    name: str, fields: tuple[tuple[str, str], ...], values: Mapping[str, Any]
) -> bytes:
    words = (_word(values[field], kind) for field, kind in fields)
    return keccak(_type_hash(name, fields) + b"".join(words))


@lru_cache(maxsize=100)
def _type_hash(name: str, fields: tuple[tuple[str, str], ...]) -> bytes:
    listed = ",".join(f"{kind} {field}" for field, kind in fields)
    return keccak(f"{name}({listed})".encode())


def _word(value: Any, kind: str) -> bytes:
    """The 32 bytes that stand for a value of a kind that `_fits` knows."""
    if kind == "string":
        return keccak(value.encode())
    if kind == "address":
        return bytes(12) + bytes.fromhex(value[2:])
    if kind == "bytes32":
        return bytes.fromhex(value[2:])
    assert isinstance(value, int)
    return value.to_bytes(32, "big")


def _exact_keys(where: str, found: object, wanted: Sequence[str]) -> None:
    if not isinstance(found, Mapping):
        raise Malformed(f"Its {where} is no object.")
    if extra := sorted(set(found) - set(wanted)):
        raise Malformed(f"Its {where} has an unknown field {extra[0]!r}.")
    if missing := [name for name in wanted if name not in found]:
        raise Malformed(f"Its {where} lacks {missing[0]!r}.")


def _exact_type(name: str, found: object, wanted: Fields) -> None:
    if found != [{"name": field, "type": kind} for field, kind in wanted]:
        raise Malformed(f"The fields of {name} are not those of the contract.")


def _exact_values(where: str, values: object, fields: Fields) -> None:
    _exact_keys(where, values, [name for name, _ in fields])
    assert isinstance(values, Mapping)
    for name, kind in fields:
        if not _fits(values[name], kind):
            raise Malformed(f"{name} is no {kind}: {values[name]!r}.")


def _fits(value: object, kind: str) -> bool:
    if kind == "string":
        return isinstance(value, str) and _is_text(value)
    if kind == "address":
        return isinstance(value, str) and _is_checksummed(value)
    if kind == "bytes32":
        return isinstance(value, str) and _is_hash(value)
    bits = int(kind.removeprefix("uint"))
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << bits


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # JSON can name half of a surrogate pair
        return False
    return True


@lru_cache(maxsize=10_000)
def _is_checksummed(text: str) -> bool:
    return is_checksum_address(text)


def _is_hash(text: str) -> bool:
    try:
        return text.startswith("0x") and len(text) == 66 and len(bytes.fromhex(text[2:])) == 32
    except ValueError:
        return False


def checksummed(address: str) -> str:
    """The address in mixed case, as messages and files carry it; `Malformed` if it is none."""
    try:
        return to_checksum_address(address)
    except ValueError as error:
        raise Malformed(f"{address!r} is no address.") from error
