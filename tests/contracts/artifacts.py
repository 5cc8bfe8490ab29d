"""The compiled contracts: their artifacts, a new one on a chain, and one that stands there."""

import json
from functools import cache
from pathlib import Path
from typing import Any, cast

from web3 import Web3
from web3.contract import Contract

ARTIFACTS = Path(__file__).parents[2] / "indexer" / "artifacts"
CONTRACTS = ("Membership", "Bylaws", "Assembly", "PayRates")


@cache
def load(name: str) -> dict[str, Any]:
    """A committed artifact, or one of the tests' own contracts."""
    committed = ARTIFACTS / f"{name}.json"
    if committed.exists():
        return json.loads(committed.read_text())  # type: ignore[no-any-return]
    built = ARTIFACTS.parents[1] / "build" / "test-artifacts" / f"{name}.json"
    return json.loads(built.read_text())  # type: ignore[no-any-return]


def deploy(w3: Web3, name: str, *args: Any) -> Contract:
    """Deploys a contract from the committed artifacts."""
    artifact = load(name)
    made = w3.eth.contract(abi=artifact["abi"], bytecode=artifact["bytecode"])
    tx = made.constructor(*args).transact({"from": w3.eth.accounts[0]})
    address = w3.eth.wait_for_transaction_receipt(tx)["contractAddress"]
    return at(w3, name, str(address))


def at(w3: Web3, name: str, address: str) -> Contract:
    """One of our contracts at an address."""
    return cast(Contract, w3.eth.contract(address=address, abi=load(name)["abi"]))  # type: ignore[call-overload]
