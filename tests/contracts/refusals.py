"""What a contract says when it refuses: the name of its error and the values."""

from typing import Any

from eth_abi.abi import decode
from web3 import Web3
from web3.exceptions import Web3RPCError

from tests.contracts.artifacts import CONTRACTS, load


class Reverted(Exception):
    """A call was refused by a contract: the error's name and its values."""

    def __init__(self, name: str, values: tuple[Any, ...]) -> None:
        super().__init__(f"{name}{values}")
        self.name, self.values = name, values


def reverted(error: Exception) -> Reverted:
    """What a contract said, from the library's exception."""
    data = getattr(error, "data", None)
    if isinstance(data, dict):
        data = data.get("data")
    if isinstance(error, Web3RPCError) and isinstance(error.rpc_response, dict):
        data = error.rpc_response.get("error", {}).get("data", data)
    if not isinstance(data, str) or not data.startswith("0x"):
        return Reverted(str(error), ())
    return decode_error(bytes.fromhex(data[2:]))


def decode_error(data: bytes) -> Reverted:
    """A custom error of one of our contracts or libraries, by its selector."""
    for contract in (*CONTRACTS, "CooperativeFactory"):
        for item in load(contract)["abi"]:
            if item["type"] != "error":
                continue
            types = [_canonical(part) for part in item["inputs"]]
            if Web3.keccak(text=f"{item['name']}({','.join(types)})")[:4] == data[:4]:
                return Reverted(item["name"], decode(types, data[4:]))
    return Reverted("0x" + data.hex(), ())


def _canonical(part: dict[str, Any]) -> str:
    if not part["type"].startswith("tuple"):
        return str(part["type"])
    inner = ",".join(_canonical(component) for component in part["components"])
    return f"({inner}){part['type'][5:]}"
