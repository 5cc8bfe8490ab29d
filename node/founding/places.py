"""Where the contracts will stand, known before anything is sent.

Implementations and factory are made through the deterministic deployment proxy (Arachnid's, in use
on nearly every chain), so that they stand at the same addresses on each chain, whoever sends them:
a second co-op finds them there. The four contracts of a co-op follow from its terms alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from indexer import abi, deployed
from indexer.abi import CONTRACTS, ContractName, checksummed
from indexer.audit.storage.bylaws import RULE_FIELDS
from indexer.rules.bylaws import Rule

DEPLOYER = "0x4e59b44847b379578588920cA78FbF26c0B4956C"
DEPLOYER_CODE = bytes.fromhex(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f5"
    "8015156039578182fd5b8082525050506014600cf3"
)
"""Makes a contract of the calldata behind a salt of 32 bytes, with CREATE2."""
DEPLOYER_MAKER = "0x3fAB184622Dc19b6109349B94811493BF2a45362"
DEPLOYER_COST = (
    10**16
)  # wei: 100,000 gas at the 100 gwei that the transaction below was signed with
DEPLOYER_TRANSACTION = (
    "0xf8a58085174876e800830186a08080b853604580600e600039806000f350fe7fffffffffffffffffffffffffffffff"
    "ffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b808252505050"
    "6014600cf31ba02222222222222222222222222222222222222222222222222222222222222222a0222222222222222"
    "2222222222222222222222222222222222222222222222222"
)
"""Signed by nobody: its signature was chosen and the sender computed from it (Nick's method)."""

_SALT = bytes(32)
_CLONE_HEAD = bytes.fromhex("3d81600a3d39f3363d3d373d3d3d363d73")
_CLONE_TAIL = bytes.fromhex("5af43d82803e903d91602b57fd5bf3")
_CLONE_SIZE = 45  # bytes of a clone's code before its arguments


@dataclass(frozen=True)
class Part:
    """A contract that all co-ops of a chain share."""

    name: str
    address: str
    init_code: bytes

    @property
    def calldata(self) -> bytes:
        """What the deployer is sent."""
        return _SALT + self.init_code


@cache
def parts() -> tuple[Part, ...]:
    """Return the four implementations and, last, the factory that names them."""
    made = [_part(name, b"") for name in CONTRACTS.values()]
    order = {part.name: part.address for part in made}
    places = [order[name] for name in ("Membership", "Bylaws", "Assembly", "PayRates")]
    return *made, _part(deployed.FACTORY, encode(["address"] * 4, places))


def factory() -> str:
    """Return where the factory stands or will stand."""
    return parts()[-1].address


def implementations() -> Mapping[ContractName, str]:
    """Return where the implementations stand or will stand."""
    return {word: part.address for word, part in zip(CONTRACTS, parts(), strict=False)}


def runtime_codes() -> Mapping[str, bytes]:
    """Return address -> code of all parts, as the chain has it once they are made."""
    codes = {part.address: _code(part.name) for part in parts()}
    code = bytearray(codes[factory()])
    places = abi.artifact(deployed.FACTORY)["immutableReferences"]
    words = zip(deployed.IMMUTABLES, implementations().values(), strict=True)
    for immutable, address in words:
        for place in places[f"{deployed.FACTORY}.{immutable}"]:
            start, size = place["start"], place["length"]
            code[start : start + size] = _bytes(address).rjust(size, b"\0")
    return {**codes, factory(): bytes(code)}


def instance(
    at: str,
    implementing: Mapping[ContractName, str],
    arguments: tuple[Any, ...],
    rules: tuple[Rule, ...],
) -> dict[ContractName, str]:
    """Return the addresses of the co-op that the factory `at` makes of `create`'s arguments.

    The same as the factory's own `predict`, which can only be asked once there is a factory.
    """
    title, founders, terms, roles, nonce = arguments
    kinds = [each.type for each in abi.function(deployed.FACTORY, "create").inputs]
    bylaws_hash = keccak(encode(kinds[2:4], [terms, roles]))
    salt = keccak(
        encode(["string", "address[]", "bytes32", "uint256"], [title, founders, bylaws_hash, nonce])
    )
    name = title.encode().ljust(31, b"\0") + bytes([len(title.encode())])
    packed = b"".join(RULE_FIELDS.word_of(**vars(rule)).to_bytes(32, "big") for rule in rules)
    found: dict[ContractName, str] = {}

    def place(word: ContractName, borne: bytes) -> None:
        found[word] = _created(at, salt, _clone(implementing[word], borne))

    place("membership", name)
    place("bylaws", packed)
    place("pay_rates", name + _bytes(found["membership"]))
    others: tuple[ContractName, ...] = ("membership", "bylaws", "pay_rates")
    place("assembly", name + b"".join(_bytes(found[each]) for each in others))
    return {word: found[word] for word in CONTRACTS}


def _part(name: str, constructor: bytes) -> Part:
    init_code = _bytes(abi.artifact(name)["bytecode"]) + constructor
    return Part(name, _created(DEPLOYER, _SALT, init_code), init_code)


def _created(maker: str, salt: bytes, init_code: bytes) -> str:
    """EIP-1014."""
    digest = keccak(b"\xff" + _bytes(maker) + salt + keccak(init_code))
    return checksummed("0x" + digest[12:].hex())


def _clone(implementation: str, arguments: bytes) -> bytes:
    """The code that makes a clone, as OpenZeppelin's Clones writes it."""
    size = (len(arguments) + _CLONE_SIZE).to_bytes(2, "big")
    return b"\x61" + size + _CLONE_HEAD + _bytes(implementation) + _CLONE_TAIL + arguments


def _code(name: str) -> bytes:
    return _bytes(abi.artifact(name)["deployedBytecode"])


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
