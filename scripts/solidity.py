"""Compiles Solidity through py-solc-x, with the settings of hardhat.config.json.

Two settings there want a reason. `evmVersion` is prague, while solc 0.8.37 would take osaka:
prague is what eth-tester and today's L2s run, and it has transient storage. `metadata` is off, so
that the bytecode is the same on every path (native solc, WebAssembly, forge) and a comment does not
change it.
"""

import hashlib
import json
import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import solcx
from solcx.exceptions import SolcError, SolcNotInstalled
from solcx.install import get_executable
from solcx.wrapper import get_version_str_from_solc_binary

ROOT = Path(__file__).resolve().parent.parent

# Comments may stand before an import, but not inside its path.
_IMPORT = re.compile(r"""^\s*import\s+(?:[^"';]*?\bfrom\s+)?["']([^"']+)["']""", re.MULTILINE)
# solc numbers types by syntax tree node, a number that moves when an unrelated file changes.
_NODE_NUMBER = re.compile(r"\)\d+")
_OUTPUTS = ["abi", "evm.bytecode", "evm.deployedBytecode", "metadata", "storageLayout"]


@dataclass(frozen=True)
class Contract:
    """One deployable contract, ready to be written as an artifact."""

    name: str
    source: str
    artifact: dict[str, Any]
    size: int
    """Deployed bytes, the number that EIP-170 limits."""


@dataclass(frozen=True)
class Build:
    """What one compiler run gives: the deployable contracts and the warnings on our own sources."""

    contracts: tuple[Contract, ...]
    warnings: tuple[str, ...]


class CompilationFailed(Exception):
    """The compiler refused the sources; the text is its own."""


def closure(roots: Iterable[Path]) -> dict[str, str]:
    """Return source unit name -> text of the files and of everything they import."""
    found: dict[str, str] = {}
    waiting = [path.relative_to(ROOT).as_posix() for path in roots]
    while waiting:
        unit = waiting.pop()
        if unit in found:
            continue
        found[unit] = _file_of(unit).read_text(encoding="utf-8")
        for target in _IMPORT.findall(found[unit]):
            relative = target.startswith((".", ".."))
            waiting.append(
                posixpath.normpath(posixpath.join(posixpath.dirname(unit), target))
                if relative
                else target
            )
    return dict(sorted(found.items()))


def fingerprint(sources: Mapping[str, str]) -> str:
    """Return one SHA-256 over the sources and the compiler settings that apply to them."""
    text = json.dumps([sources, _configuration()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def compile_sources(sources: Mapping[str, str], own: str) -> Build:
    """Compile the sources and return the deployable contracts found under the folder `own`."""
    binary = _compiler(_configuration()["version"])
    request = standard_input(sources, _OUTPUTS)
    try:
        answer = solcx.compile_standard(request, solc_binary=binary)
    except SolcError as error:
        raise CompilationFailed(error.message) from error

    version = get_version_str_from_solc_binary(binary)
    contracts = [
        _contract(answer, unit, name, version)
        for unit, name in sorted(_deployable(answer))
        if unit.startswith(f"{own}/")
    ]
    warnings = [
        problem["formattedMessage"]
        for problem in answer.get("errors", [])
        if problem.get("sourceLocation", {}).get("file", "").startswith(f"{own}/")
    ]
    return Build(contracts=tuple(contracts), warnings=tuple(warnings))


def standard_input(sources: Mapping[str, str], outputs: Iterable[str]) -> dict[str, Any]:
    """Return the compiler's standard JSON input with our settings, asking for these outputs."""
    return {
        "language": "Solidity",
        "sources": {unit: {"content": text} for unit, text in sources.items()},
        "settings": settings() | {"outputSelection": {"*": {"": ["ast"], "*": [*outputs]}}},
    }


def settings() -> dict[str, Any]:
    """Return the compiler's settings, as hardhat.config.json has them."""
    ours: dict[str, Any] = _configuration()["settings"]
    return ours


def _configuration() -> dict[str, Any]:
    text = (ROOT / "hardhat.config.json").read_text(encoding="utf-8")
    configuration: dict[str, Any] = json.loads(text)["solidity"]
    return configuration


def _compiler(version: str) -> Path:
    """Native solc when py-solc-x already has that version, else the WebAssembly one."""
    try:
        return Path(get_executable(version))
    except SolcNotInstalled:
        return ROOT / "scripts" / "solc"


def _file_of(unit: str) -> Path:
    own = ROOT / unit
    path = own if own.is_file() else ROOT / "node_modules" / unit
    if not path.is_file():
        raise CompilationFailed(f"{unit} is imported but exists neither here nor in node_modules.")
    return path


def _deployable(answer: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Contracts that can be created: no interface, nothing abstract, no library."""
    for unit, source in answer["sources"].items():
        for node in source["ast"]["nodes"]:
            if node.get("contractKind") == "contract" and not node["abstract"]:
                yield unit, node["name"]


def _contract(answer: Mapping[str, Any], unit: str, name: str, version: str) -> Contract:
    compiled = answer["contracts"][unit][name]
    metadata = json.loads(compiled["metadata"])
    evm = compiled["evm"]
    if evm["bytecode"]["linkReferences"]:
        raise CompilationFailed(f"{name} needs a linked library; make its functions internal.")
    closure_digests = {path: entry["keccak256"] for path, entry in metadata["sources"].items()}
    digest = hashlib.sha256(json.dumps(closure_digests, sort_keys=True).encode()).hexdigest()
    artifact = {
        "abi": compiled["abi"],
        "bytecode": "0x" + evm["bytecode"]["object"],
        "compiler": {
            "version": version,
            "settings": metadata["settings"] | {"compilationTarget": {unit: name}},
        },
        "contractName": name,
        "deployedBytecode": "0x" + evm["deployedBytecode"]["object"],
        "immutableReferences": _immutables(answer, evm["deployedBytecode"]),
        "sourceHash": "0x" + digest,
        "sourceName": unit,
        "sources": closure_digests,
        "storageLayout": _storage_layout(compiled["storageLayout"]),
    }
    size = len(evm["deployedBytecode"]["object"]) // 2
    return Contract(name=name, source=unit, artifact=artifact, size=size)


def _immutables(answer: Mapping[str, Any], deployed: Mapping[str, Any]) -> dict[str, Any]:
    """Variable name -> places in the deployed bytecode that its value fills at creation."""
    names = {
        str(member["id"]): f"{contract['name']}.{member['name']}"
        for source in answer["sources"].values()
        for contract in source["ast"]["nodes"]
        for member in contract.get("nodes", [])
        if member["nodeType"] == "VariableDeclaration" and member["mutability"] == "immutable"
    }
    return {names[number]: places for number, places in deployed["immutableReferences"].items()}


def _storage_layout(layout: Mapping[str, Any]) -> dict[str, Any]:
    """The compiler's layout without the node numbers, which are no fact about the storage."""
    numberless = json.loads(_NODE_NUMBER.sub(")", json.dumps(layout)))
    types = numberless["types"] or {}
    if len(types) != len(layout["types"] or {}):
        raise CompilationFailed("Two stored types of one contract share a name; rename one.")
    variables = [*numberless["storage"]]
    for type_ in types.values():
        variables += type_.get("members", [])
    for variable in variables:
        del variable["astId"]
    return {"storage": numberless["storage"], "types": types}
