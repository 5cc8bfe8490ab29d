"""An EVM of one's own, by pyrevm: the one module that imports it, and only when it is used.

Neither ether nor gas is followed: whoever pays has enough of both.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from indexer import abi
from indexer.abi import checksummed
from indexer.errors import ExtraMissing

_FORK = "PRAGUE"
"""The rules of the EVM: those that the contracts are compiled for."""
_ENOUGH = 1 << 128  # wei
_GAS = 1 << 30
"""Of a call: more than a block of any chain has, and so little that no code runs for ever."""

_WORD = (1 << 64) - 1
"""What the EVM takes of a number; a greater one is of no chain and is told by other checks."""

_ACCOUNT = re.compile(r"(0x[0-9a-f]{40}): Account \{ info: .*?, storage: \{(.*?)\}, status: ")
_SLOT = re.compile(r"(\d+): StorageSlot \{")
_OUTPUT = re.compile(r"output: 0x([0-9a-f]*)")


class Emitted(NamedTuple):
    """A log that a call gave; `address` is checksummed."""

    address: str
    topics: bytes
    data: bytes


class Outcome(NamedTuple):
    """What a call gave; `fault` is the name of the error with which it failed, else empty."""

    logs: tuple[Emitted, ...]
    fault: str


def ensure() -> None:
    """Raise ExtraMissing unless there is an EVM on this machine."""
    _pyrevm()


class Machine:
    """Holds code and storage, at first none. Addresses are checksummed."""

    def __init__(self, chain_id: int) -> None:
        self._pyrevm = _pyrevm()
        setting = self._pyrevm.CfgEnv(chain_id=chain_id & _WORD)
        self._evm = self._pyrevm.EVM(env=self._pyrevm.Env(cfg=setting), spec_id=_FORK)

    def insert(self, address: str, code: bytes, code_hash: bytes | None = None) -> None:
        """Put code at an address that no call has met yet; `code_hash` to pretend another one."""
        info = self._pyrevm.AccountInfo(nonce=1, code=code, code_hash=code_hash)
        self._evm.insert_account_info(address, info)

    def fund(self, address: str) -> None:
        """Give an account enough ether for whatever it sends."""
        self._evm.set_balance(address, _ENOUGH)

    def has_met(self, address: str) -> bool:
        """Whether any call so far had to do with the account."""
        return address in self._evm.journal_state

    def at(self, number: int, timestamp: int) -> None:
        """Let the next calls be in the block of that number and second."""
        block = self._pyrevm.BlockEnv(number=number & _WORD, timestamp=timestamp & _WORD)
        self._evm.set_block_env(block)

    def call(self, sender: str, to: str, data: bytes, value: int) -> Outcome:
        """Run a transaction; `value` in wei. What it writes stays, unless it fails."""
        if value > _ENOUGH:
            return Outcome((), "more ether than there is")
        if value:
            self.fund(sender)
        self._evm.reset_transient_storage()
        try:
            self._evm.message_call(sender, to, data, value, _GAS)
        except RuntimeError as error:
            return Outcome((), _reason(str(error)))
        return Outcome(tuple([_emitted(log) for log in self._evm.result.logs]), "")

    def storage(self) -> Mapping[str, Mapping[int, int]]:
        """Return address -> slot -> word, of all words that were ever read or written.

        The EVM tells the slots only in the text of its journal. If that text were written otherwise
        one day, too few would be found, and no storage would have the root that is proven.
        """
        return {
            address: {slot: int(self._evm.storage(address, slot)) for slot in slots}
            for address, slots in self._slots()
        }

    def _slots(self) -> list[tuple[str, list[int]]]:
        return [
            (checksummed(account[1]), [int(slot) for slot in _SLOT.findall(account[2])])
            for account in _ACCOUNT.finditer(self._evm.journal_str)
        ]


def _pyrevm() -> Any:
    try:
        import pyrevm
    except ImportError as error:
        raise ExtraMissing("pyrevm", "reexecute", "3.11 or 3.12") from error
    return pyrevm


def _emitted(log: Any) -> Emitted:
    topics, data = log.data
    return Emitted(log.address, b"".join(map(bytes, topics)), bytes(data))


def _reason(said: str) -> str:
    """Return the name of a contract's own error in what the EVM says of a failed call."""
    output = _OUTPUT.search(said)
    return abi.decode_error(bytes.fromhex(output[1]))[0] if output else said
