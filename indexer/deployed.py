"""Whose code an instance runs: every byte of it compared with this package's artifacts.

Pure: code is given as `code_of`, from an address to the bytes there (none: b""). Each check yields
one sentence a fault, naming the contract.
"""

from collections.abc import Callable, Iterator, Mapping

from indexer import abi
from indexer.abi import CONTRACTS, ContractName, checksummed
from indexer.bytecode import clone_in, foreign_opcodes, immutables, is_artifact

CodeOf = Callable[[str], bytes]
Addresses = Mapping[ContractName, str]

FACTORY = "CooperativeFactory"
IMMUTABLES = ("MEMBERSHIP", "BYLAWS", "ASSEMBLY", "PAY_RATES")
"""The factory's immutables, in the order of CONTRACTS: what the clones run."""
_BORNE: Mapping[ContractName, tuple[ContractName, ...]] = {
    "membership": (),
    "bylaws": (),
    "pay_rates": ("membership",),
    "assembly": ("membership", "bylaws", "pay_rates"),
}
_FIRST_RULES = 7 * 32
"""Bytes that Bylaws bears in its code: a rule a class."""
_NAME = 32  # bytes: the co-op's name, at most 31 of them, and its length


def implementations(factory_code: bytes) -> Addresses:
    """Return the addresses of the four implementations that the factory's code names.

    KeyError or ValueError from code that is not the factory's: see `code_faults`.
    """
    held = immutables(abi.artifact(FACTORY), factory_code)
    found: dict[ContractName, str] = {}
    for name, immutable in zip(CONTRACTS, IMMUTABLES, strict=True):
        (word,) = held[f"{FACTORY}.{immutable}"]
        found[name] = checksummed("0x" + word[12:].hex())
    return found


def code_faults(factory: str, code_of: CodeOf) -> Iterator[str]:
    """Factory and implementations: byte for byte the artifacts, but for immutables, which hold what
    they should."""
    if not is_artifact(abi.artifact(FACTORY), code_of(factory)):
        yield f"The code at {factory} is not that of {FACTORY}."
        return
    for immutable, values in immutables(abi.artifact(FACTORY), code_of(factory)).items():
        if len(values) != 1 or any(value[:12] != bytes(12) for value in values):
            yield f"{FACTORY} at {factory}: {immutable} is {_listed(values)}."
            return
    for word, address in implementations(code_of(factory)).items():
        name, code = CONTRACTS[word], code_of(address)
        if not is_artifact(abi.artifact(name), code):
            yield f"The code at {address} is not that of {name}."
        for immutable, values in immutables(abi.artifact(name), code).items():
            yield f"{name} at {address}: {immutable} is {_listed(values)}."


def clone_faults(addresses: Addresses, factory: str, code_of: CodeOf, title: str) -> Iterator[str]:
    """The four: exactly a clone's code, pointing where the factory says, and behind it the co-op's
    name and the contracts it works with."""
    expected = implementations(code_of(factory))
    for word, address in addresses.items():
        where = f"{CONTRACTS[word]} at {address}"
        clone = clone_in(code_of(address))
        if clone is None:
            yield f"{where}: its code is no clone's."
            continue
        points = checksummed("0x" + clone.implementation.hex())
        if points != expected[word]:
            yield f"{where}: it runs {points}, the factory names {expected[word]}."
        if not _may_bear(addresses, word, clone.arguments, title):
            yield f"{where}: 0x{clone.arguments.hex()} is written behind its code."


def opcode_faults(factory: str, code_of: CodeOf) -> Iterator[str]:
    """The clones' own DELEGATECALL is the only way in which other code acts in their place."""
    for word, address in implementations(code_of(factory)).items():
        for place, opcode in foreign_opcodes(code_of(address)):
            yield f"{CONTRACTS[word]}'s implementation at {address}: {opcode} at byte {place}."


def title_in(code: bytes) -> str | None:
    """Return the co-op's name from the code of one of its clones; None if it is not written so."""
    clone = clone_in(code)
    word = clone.arguments[:_NAME] if clone else b""
    if len(word) != _NAME or word[-1] >= _NAME or any(word[word[-1] : -1]):
        return None
    try:
        return word[: word[-1]].decode()
    except UnicodeDecodeError:
        return None


def _may_bear(addresses: Addresses, word: ContractName, arguments: bytes, title: str) -> bool:
    """Whether a factory writes this behind a clone's code: name, then contracts it works with.

    Of Bylaws it is the first rules, a word each, which are bound by its address.
    """
    if word == "bylaws":
        return len(arguments) == _FIRST_RULES
    name = title.encode()
    expected = name.ljust(_NAME - 1, b"\0") + bytes([len(name)])
    for other in _BORNE[word]:
        expected += bytes.fromhex(addresses[other][2:])
    return arguments == expected


def _listed(values: set[bytes]) -> str:
    return ", ".join("0x" + each.hex() for each in sorted(values))
