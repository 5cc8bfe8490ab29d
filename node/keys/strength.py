"""How dear a keystore makes each guess at its password."""

from collections.abc import Mapping
from typing import Any

from node.errors import KeyProblem

# What eth-account writes, and geth too: about a second and 256 MB for each guess.
_SCRYPT_N, _SCRYPT_R = 1 << 18, 8
_PBKDF2_ROUNDS = 1_000_000

# Beyond these a keystore is a trap: opening it would take gigabytes or hours.
_MOST_MEMORY = 1 << 30  # bytes; scrypt takes 128 · n · r
_MOST_WORK = 1 << 27  # n · r · p, a minute or so
_MOST_ROUNDS = 100_000_000


def weakness(store: Mapping[str, Any]) -> str:
    """What makes a keystore weaker than ours, in words; empty if nothing does."""
    kdf, given = _derivation(store)
    if kdf == "scrypt":
        weak = given["n"] * given["r"] < _SCRYPT_N * _SCRYPT_R
        return f"scrypt with n = {given['n']}, r = {given['r']}" if weak else ""
    return f"pbkdf2 with {given['c']} rounds" if given["c"] < _PBKDF2_ROUNDS else ""


def refuse_trap(store: Mapping[str, Any], name: str) -> None:
    """Refuse a keystore that asks for more memory or time than any honest one."""
    kdf, given = _derivation(store)
    if kdf == "scrypt":
        size = given["n"] * given["r"]
        trap = 128 * size > _MOST_MEMORY or size * given["p"] > _MOST_WORK
    else:
        trap = given["c"] > _MOST_ROUNDS
    if trap:
        raise KeyProblem(
            f"The keystore of {name} asks for more memory or time than an honest one.",
            hint="Ask whoever gave it to you for another one.",
        )


def _derivation(store: Mapping[str, Any]) -> tuple[str, dict[str, int]]:
    """The name and the numbers of the key derivation; KeyError, TypeError if there are none."""
    crypto = {name.lower(): value for name, value in store.items()}["crypto"]
    kdf, params = crypto["kdf"], crypto["kdfparams"]
    wanted = {"scrypt": ("n", "r", "p"), "pbkdf2": ("c",)}[kdf]
    given = {name: params[name] for name in wanted}
    if not all(type(value) is int and value > 0 for value in given.values()):
        raise TypeError
    return kdf, given
