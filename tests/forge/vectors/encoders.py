"""EIP-712 vectors of the contracts' signed types, by two encoders that are not ours.

`python -m tests.forge.vectors.encoders` writes vectors.json and Vectors.sol anew from cases.json,
provided that eth-account and ethers agree. The contracts are never asked.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

from eth_abi.abi import encode
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

HERE = Path(__file__).parent
VECTORS = HERE / "vectors.json"
SOLIDITY = HERE / "Vectors.sol"

Cases = dict[str, Any]


def read_cases() -> Cases:
    """What is to be signed."""
    return json.loads((HERE / "cases.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def by_ethers() -> Cases:
    """Contents, digests and signatures as ethers makes them."""
    done = subprocess.run(
        ["node", str(HERE / "ethers.js")], capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def by_eth_account(given: Cases) -> Cases:
    """Contents, digests and signatures as eth-abi and eth-account make them."""
    contents = {name: _content(given, part) for name, part in given["contents"].items()}
    cases = {case["name"]: _case(given, case, contents) for case in given["cases"]}
    return {"contents": contents, "cases": cases}


def solidity(vectors: Cases) -> str:
    """The vectors as constants of a Solidity library."""
    lines = [
        "// SPDX-License-Identifier: Apache-2.0",
        "// Written by encoders.py beside it: eth-account and ethers agree on every word.",
        "pragma solidity 0.8.37;",
        "",
        "/// @title Vectors",
        "/// @notice What cases.json gives: contents, EIP-712 digests, and signatures (r, s, v).",
        "library Vectors {",
    ]
    for name, word in vectors["contents"].items():
        lines.append(f"    bytes32 internal constant {name.upper()} = {word};")
    for name, case in vectors["cases"].items():
        lines.append(f"    bytes32 internal constant {name} = {case['digest']};")
        for number, signature in enumerate(case["signatures"], 1):
            lines.append(f"    bytes internal constant {name}_SIGNATURE_{number} =")
            lines.append(f'        hex"{signature[2:]}";')
    return "\n".join([*lines, "}", ""])


def main() -> None:
    """Write both files, if the encoders agree."""
    vectors = by_eth_account(read_cases())
    assert vectors == by_ethers(), "eth-account and ethers disagree"
    VECTORS.write_text(json.dumps(vectors, indent=2) + "\n", encoding="utf-8")
    SOLIDITY.write_text(solidity(vectors), encoding="utf-8")


def _content(given: Cases, part: Cases) -> str:
    types = ["uint256", "address", *(_plain(kind) for kind in part["types"])]
    fixed = [given["chainId"], given["contracts"][part["contract"]]]
    values = [
        _value(value, kind) for value, kind in zip(part["values"], part["types"], strict=True)
    ]
    return _hex(keccak(encode(types, [*fixed, *values])))


def _case(given: Cases, case: Cases, contents: dict[str, str]) -> Cases:
    fields = given["types"][case["type"]]
    values = {**case["values"], "content": contents.get(case.get("content", ""))}
    full = {
        "types": {
            "EIP712Domain": _fields(
                [
                    ("name", "string"),
                    ("version", "string"),
                    ("chainId", "uint256"),
                    ("verifyingContract", "address"),
                ]
            ),
            case["type"]: _fields(fields),
        },
        "primaryType": case["type"],
        "domain": {
            "name": given["name"],
            "version": "1",
            "chainId": given["chainId"],
            "verifyingContract": given["contracts"][case["contract"]],
        },
        "message": {name: _value(values[name], kind) for name, kind in fields},
    }
    signable = encode_typed_data(full_message=full)
    digest = keccak(b"\x19" + signable.version + signable.header + signable.body)
    keys = [int(key, 16).to_bytes(32, "big") for key in case["signers"]]
    signatures = [_hex(Account.sign_message(signable, key).signature) for key in keys]
    return {"digest": _hex(digest), "signatures": signatures}


def _fields(pairs: list[Any]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in pairs]


def _value(value: Any, kind: str) -> Any:
    if isinstance(value, dict):
        if "keccak256" in value:
            return keccak(text=value["keccak256"])
        if "hashOf" in value:
            return keccak(encode([_plain(value["hashOf"])], [value["value"]]))
        if "text" in value:
            return value["text"].encode().ljust(32, b"\0")
        return Account.from_key(int(value["account"], 16).to_bytes(32, "big")).address
    if kind == "bytes32":
        return bytes.fromhex(value[2:])
    return int(value) if kind.startswith("uint") else value


def _plain(kind: str) -> str:
    """`(address target,bytes data)[]` without the names, as eth-abi wants it."""
    if not kind.startswith("("):
        return kind
    inner, end = kind[1:].split(")")
    return "(" + ",".join(part.split()[0] for part in inner.split(",")) + ")" + end


def _hex(data: bytes) -> str:
    return "0x" + bytes(data).hex()


if __name__ == "__main__":
    main()
