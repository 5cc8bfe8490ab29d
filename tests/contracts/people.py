"""The people of the contracts' tests: twenty by name, each with an account of the local chain."""

from dataclasses import dataclass
from typing import Protocol

from eth_account import Account
from eth_account.signers.local import LocalAccount

from node.devnet import MNEMONIC

FIRST = "ada ben cleo dan eve fay gus hal ida jon kim lea max nia oto pia quin rex sue tom"
NAMES = FIRST.split()


class Sender(Protocol):
    """Whoever sends: a person, or a contract that anvil impersonates."""

    @property
    def address(self) -> str:
        """The account."""


@dataclass(frozen=True)
class Person:
    """Somebody with a key, known by name."""

    name: str
    key: LocalAccount

    @property
    def address(self) -> str:
        """The account."""
        return self.key.address


def person(name: str) -> Person:
    """Somebody by name, with that person's devnet account."""
    Account.enable_unaudited_hdwallet_features()
    path = f"m/44'/60'/0'/0/{NAMES.index(name)}"
    return Person(name, Account.from_mnemonic(MNEMONIC, account_path=path))
