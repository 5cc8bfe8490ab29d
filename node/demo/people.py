"""Who plays the season: named people with throwaway keys that everybody can compute."""

from dataclasses import dataclass
from functools import cached_property

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

FOUNDERS = ("ada", "ben", "cleo", "dan", "eve")
CANDIDATES = ("fay", "gus", "hal", "ida", "jon", "kim", "lea")
REFUSED = "lea"
FEWEST = len(FOUNDERS) + len(CANDIDATES) - 1  # members once lea was refused


@dataclass
class Person:
    """Somebody by name; `keys_lost` counts how often they took a new key."""

    name: str
    keys_lost: int = 0

    @property
    def account(self) -> LocalAccount:
        """The present key."""
        return self._key(self.keys_lost)

    @property
    def address(self) -> str:
        """The present account."""
        return str(self.account.address)

    @cached_property
    def _keys(self) -> dict[int, LocalAccount]:
        return {}

    def _key(self, number: int) -> LocalAccount:
        if number not in self._keys:
            secret = keccak(text=f"rochdale demo {self.name} {number}")
            self._keys[number] = Account.from_key(secret)
        return self._keys[number]

    def next_key(self) -> LocalAccount:
        """The key that the person would take next."""
        return self._key(self.keys_lost + 1)


def everybody(members: int) -> dict[str, Person]:
    """The named people, and as many more as make a co-op of so many members."""
    more = [f"member {number}" for number in range(FEWEST + 1, members + 1)]
    return {name: Person(name) for name in (*FOUNDERS, *CANDIDATES, *more)}
