"""What code is: a clone, an artifact with its immutables filled in, the opcodes it can reach."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

# EIP-1167, and the same with immutable arguments after it, as OpenZeppelin's Clones makes them.
_CLONE_START = bytes.fromhex("363d3d373d3d3d363d73")
_CLONE_END = bytes.fromhex("5af43d82803e903d91602b57fd5bf3")
_CLONE_SIZE = len(_CLONE_START) + 20 + len(_CLONE_END)

_PUSH1, _PUSH32, _JUMPDEST = 0x60, 0x7F, 0x5B
_ENDS = frozenset({0x00, 0x56, 0xF3, 0xFD, 0xFE, 0xFF})
"""stop, jump, return, revert, invalid, selfdestruct: what follows runs only from a jumpdest."""
FOREIGN = {0xF2: "CALLCODE", 0xF4: "DELEGATECALL", 0xFF: "SELFDESTRUCT"}
"""What lets other code act in a contract's place, or takes the contract away."""


class Clone(NamedTuple):
    """A minimal proxy: where it points for ever, and what is written behind its code."""

    implementation: bytes
    arguments: bytes


def clone_in(code: bytes) -> Clone | None:
    """Return what a clone's code says; None for any other code, and for one altered byte."""
    start = len(_CLONE_START)
    if code[:start] != _CLONE_START or code[start + 20 : _CLONE_SIZE] != _CLONE_END:
        return None
    return Clone(code[start : start + 20], code[_CLONE_SIZE:])


def immutables(artifact: Mapping[str, Any], code: bytes) -> dict[str, set[bytes]]:
    """Return name -> the values found in the code where an immutable was filled in.

    All of one immutable's places hold the same value in code that a constructor made.
    """
    return {
        name: {code[place["start"] : place["start"] + place["length"]] for place in places}
        for name, places in artifact["immutableReferences"].items()
    }


def is_artifact(artifact: Mapping[str, Any], code: bytes) -> bool:
    """Whether the code is the artifact's but for the values of its immutables."""
    expected = bytes.fromhex(artifact["deployedBytecode"][2:])
    if len(expected) != len(code):
        return False
    masked = bytearray(code)
    for places in artifact["immutableReferences"].values():
        for place in places:
            start, end = place["start"], place["start"] + place["length"]
            masked[start:end] = expected[start:end]
    return bytes(masked) == expected


def foreign_opcodes(code: bytes) -> Iterator[tuple[int, str]]:
    """Yield place and name of each opcode of FOREIGN that can run.

    The bytes after PUSH are numbers; bytes after an ending that no jumpdest leads into are data.
    """
    place, live = 0, True
    while place < len(code):
        opcode = code[place]
        live = live or opcode == _JUMPDEST
        if live and opcode in FOREIGN:
            yield place, FOREIGN[opcode]
        live = live and opcode not in _ENDS
        if _PUSH1 <= opcode <= _PUSH32:
            place += opcode - _PUSH1 + 1
        place += 1
