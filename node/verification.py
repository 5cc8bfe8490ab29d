"""What a service that shows contracts' sources asks for: Sourcify, Etherscan and those like them.

The sources are read from a clone and taken only if each is, to the byte, what the artifacts were
compiled from; with the settings in the artifacts they then give the code on the chain again. A
co-op's own four contracts are clones of the four implementations, which is what gets verified.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from indexer import abi, deployed
from indexer.abi import CONTRACTS
from indexer.chain import Chain
from indexer.deployed import FACTORY
from node.errors import ConfigurationProblem, NotFound
from node.instance import Instance

_ROOT = Path(__file__).resolve().parent.parent
_PLACES = (_ROOT, _ROOT / "node_modules")
_UNDONE = "No bundle was written."
_OUTPUTS = ["abi", "evm.bytecode.object", "evm.deployedBytecode", "metadata"]
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same bundle, the same bytes


def bundle(chain: Chain, instance: Instance) -> dict[str, str]:
    """Return file name -> text of everything for the factory and the implementations.

    An instance whose factory or implementations run other code than this package's is refused.
    """
    faults = list(deployed.code_faults(instance.factory, chain.code))
    if faults:
        raise ConfigurationProblem(
            f"Instance {instance.name} runs other code than this program's: {faults[0]}",
            undone=_UNDONE,
            hint="Use the version of this program that made it.",
            details={"faults": faults},
        )
    implementing = deployed.implementations(chain.code(instance.factory))
    entries = [_contract(instance, CONTRACTS[word], at) for word, at in implementing.items()]
    places = [implementing[word] for word in CONTRACTS]
    entries.append(_contract(instance, FACTORY, instance.factory, encode(["address"] * 4, places)))
    files = {f"{name}.input.json": _json(standard_input(name)) for name in _names()}
    return {**files, "contracts.json": _json(entries), "README.txt": _README}


def standard_input(name: str) -> dict[str, Any]:
    """Return the compiler's standard JSON input for one contract: its sources and settings."""
    artifact = abi.artifact(name)
    settings = {
        key: value
        for key, value in artifact["compiler"]["settings"].items()
        if key != "compilationTarget"
    }
    return {
        "language": "Solidity",
        "sources": {
            unit: {"content": _source(unit, digest)} for unit, digest in artifact["sources"].items()
        },
        "settings": {
            **settings,
            "libraries": {},
            "outputSelection": {artifact["sourceName"]: {name: _OUTPUTS}},
        },
    }


def write(place: Path, files: Mapping[str, str]) -> None:
    """Write the files into a new folder, or into a new archive if the name ends in .zip."""
    if place.suffix == ".zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in sorted(files.items()):
                archive.writestr(zipfile.ZipInfo(name, _EPOCH), text, zipfile.ZIP_DEFLATED)
        place.write_bytes(packed.getvalue())
        return
    place.mkdir(parents=True)
    for name, text in files.items():
        (place / name).write_text(text, encoding="utf-8")


def _contract(
    instance: Instance, name: str, address: str, constructor: bytes = b""
) -> dict[str, Any]:
    artifact = abi.artifact(name)
    return {
        "chainId": str(instance.chain_id),
        "address": address,
        "contractIdentifier": f"{artifact['sourceName']}:{name}",
        "compilerVersion": plain_version(artifact["compiler"]["version"]),
        "constructorArguments": constructor.hex(),
        "stdJsonInput": f"{name}.input.json",
    }


def plain_version(version: str) -> str:
    """Return a compiler's version as services list it: `0.8.37+commit.f401782d`."""
    return version.split(".Emscripten", 1)[0].removeprefix("v")


def _names() -> tuple[str, ...]:
    return *CONTRACTS.values(), FACTORY


def _source(unit: str, digest: str) -> str:
    path = next((each / unit for each in _PLACES if (each / unit).is_file()), None)
    if path is None:
        raise NotFound(
            f"The source {unit} is not here.",
            undone=_UNDONE,
            hint="Run this in a clone of the source after scripts/install.",
        )
    source = path.read_bytes()
    if "0x" + keccak(source).hex() != digest:
        raise ConfigurationProblem(
            f"{path} is not what the artifacts were compiled from.",
            undone=_UNDONE,
            hint="Check out the version of the source that made the instance.",
            details={"expected": digest, "found": "0x" + keccak(source).hex()},
        )
    return source.decode()


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, sort_keys=True) + "\n"


_README = """\
For Sourcify (POST /v2/verify/{chainId}/{address}) send, for each entry of contracts.json, the file
that stdJsonInput names as the field stdJsonInput, with compilerVersion and contractIdentifier.
For Etherscan choose "Standard JSON Input", the same compiler version, and constructorArguments.
The sources carry no metadata hash (bytecodeHash none), so the code is the same on every machine.
"""
