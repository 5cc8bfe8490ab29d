"""Warnings about what an action calls: a frozen code hash doesn't cover what a proxy points to."""

from collections.abc import Mapping, Sequence

from node.actions import Own
from node.content import Action

_EIP_7702 = bytes.fromhex("ef0100")
# ERC-1167 clones, old and with PUSH0: what stands before the 20 bytes of the implementation.
_ERC_1167 = (bytes.fromhex("363d3d373d3d3d363d73"), bytes.fromhex("365f5f375f5f365f73"))
# Storage slots that upgradeable proxies read: ERC-1967 (implementation, beacon), ERC-1822, and
# OpenZeppelin's own before ERC-1967.
_PROXY_SLOTS = tuple(
    bytes.fromhex(slot)
    for slot in (
        "360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc",
        "a3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50",
        "c5f16f0fcc639fa48a6947836d9850f504798523bf8c9a3a87d5876cf622bcf7",
        "7050c9e0f4ca769c69bd3a8ef740bc37934f8e2c036e5a723fd8ee048ed3f8c3",
    )
)


def warnings(actions: Sequence[Action], codes: Mapping[str, bytes], own: Own) -> tuple[str, ...]:
    """One sentence for each target that may do something else on the day than it does now.

    `codes` holds each target's present code. The co-op's own contracts are clones of locked
    implementations, so they are left out.
    """
    targets = dict.fromkeys(each.target for each in actions if each.target not in own.addresses)
    found = (warning(target, codes[target]) for target in targets)
    return tuple(sentence for sentence in found if sentence)


def warning(target: str, code: bytes) -> str:
    """What can change about a target although its code hash stays; empty if nothing is known."""
    if not code:
        return f"{target} has no code: a call there does nothing but send money."
    if code.startswith(_EIP_7702):
        return (
            f"{target} is a person's account that borrows the code of 0x{code[3:23].hex()} "
            "(EIP-7702); its owner can change that at any time."
        )
    if any(code.startswith(head) for head in _ERC_1167):
        return (
            f"{target} is a clone (ERC-1167): the code that runs is elsewhere, and the proposal "
            "does not freeze it."
        )
    if any(slot in code for slot in _PROXY_SLOTS):
        return (
            f"{target} is a proxy that can be upgraded (ERC-1967): what it does on the day of "
            "execution may differ from today."
        )
    return ""
