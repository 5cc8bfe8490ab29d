"""Who may call what: every function of an instance that changes something has its place here.

A function that is missing, or a name that no function bears, is a finding of `indexer.scan`.
"""

from collections.abc import Mapping
from typing import Any

from indexer import abi
from indexer.abi import Parameter
from indexer.hashing import keccak

START = frozenset({"initialize"})
"""Once, in the transaction that makes the instance; reverts ever after."""

OWN: Mapping[str, frozenset[str]] = {
    "Membership": frozenset(
        {
            "applyToJoin",
            "withdrawApplication",
            "leaveCooperative",
            "rotate",
            "setGuardians",
            "supportRecovery",
            "cancelRecovery",
            "completeRecovery",
        }
    ),
    "Bylaws": frozenset(),
    "Assembly": frozenset({"propose", "cancel", "reply", "appeal", "object", "castBallot"}),
    "PayRates": frozenset({"openPayVote", "castPayBallot"}),
}
"""What people do for themselves: the caller's own membership, proposal, ballot."""

ANYONE: Mapping[str, frozenset[str]] = {
    "Membership": frozenset({"reinstate"}),
    "Bylaws": frozenset(),
    "Assembly": frozenset({"queue", "execute", "castBallots"}),
    "PayRates": frozenset({"castPayBallots", "closePayVote"}),
}
"""What anybody may bring about once it is due or signed; the caller decides nothing."""

ORDERS: Mapping[str, frozenset[str]] = {
    "Membership": frozenset({"admit", "suspend", "expel", "recover", "setProbation"}),
    "Bylaws": frozenset({"setRule"}),
    "Assembly": frozenset(),
    "PayRates": frozenset({"addRole", "changeRole", "retireRole", "setPayRule"}),
}
"""What only the Assembly may do, that is a passed proposal."""

PRIVILEGES = (
    "owner()",
    "pendingOwner()",
    "getOwner()",
    "admin()",
    "governance()",
    "governor()",
    "guardian()",
    "operator()",
    "controller()",
    "implementation()",
    "proxiableUUID()",
    "paused()",
    "pause()",
    "DEFAULT_ADMIN_ROLE()",
    "hasRole(bytes32,address)",
    "getRoleAdmin(bytes32)",
    "authority()",
    "upgradeTo(address)",
    "upgradeToAndCall(address,bytes)",
    "transferOwnership(address)",
    "changeAdmin(address)",
)
"""How other contracts say who is in charge of them; ours must answer none of these."""

EIP1967 = {
    "implementation": "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc",
    "admin": "0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103",
    "beacon": "0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50",
}
"""Where a proxy that can be pointed elsewhere keeps who may do it, and where it points."""


def changing(contract: str) -> set[str]:
    """Names of all functions of a contract that are no views."""
    return {
        item["name"]
        for item in abi.artifact(contract)["abi"]
        if item["type"] == "function" and item["stateMutability"] not in ("view", "pure")
    }


def placed(contract: str) -> frozenset[str]:
    """Names of a contract's functions that have a place here."""
    return START.union(OWN[contract], ANYONE[contract], ORDERS[contract])


def privilege_call(text: str) -> bytes:
    """Calldata of one of PRIVILEGES, with zeros as arguments."""
    return keccak(text.encode())[:4] + bytes(3 * 32)


def blank_call(contract: str, function: str) -> bytes:
    """Calldata of a function with zeros, empty texts, and three different entries in each list.

    Three founders are what a co-op can start with: the refusal is then for having begun.
    """
    signature = abi.function(contract, function)
    return abi.encode_call(signature, [_blank(each, 0) for each in signature.inputs])


def _blank(parameter: Parameter, number: int) -> Any:
    kind = parameter.type
    if kind.endswith("]"):
        stem, count = kind[:-1].rsplit("[", 1)
        single = Parameter(parameter.name, stem, parameter.components)
        return [_blank(single, each) for each in range(1, int(count or 3) + 1)]
    if parameter.components:
        return [_blank(each, number) for each in parameter.components]
    if kind == "address":
        return f"0x{number:040x}"
    return {"string": "", "bool": False}.get(kind, b"" if kind.startswith("bytes") else 0)
