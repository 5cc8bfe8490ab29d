"""Step 6, and the proofs of steps 2, 3 and 5: accounts and words of storage at the last block."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from indexer.abi import CONTRACTS, ContractName
from indexer.audit.records import Source
from indexer.audit.replay import Check, Mismatch, Replay
from indexer.audit.replay.checks import KEPT
from indexer.audit.signatures import Doubt
from indexer.audit.storage import Words, expected
from indexer.errors import ProofInvalid
from indexer.hashing import keccak
from indexer.proofs.headers import Header
from indexer.proofs.state import CHRONICLE_SLOT, Account, account_in, word_in

_NO_CODE = keccak(b"")


class Seen(NamedTuple):
    """What was seen of the state; `heads` are the chronicle's, proven or claimed."""

    proven: bool
    heads: dict[ContractName, bytes]
    words: int
    checks: tuple[Check, ...]
    mismatches: list[Mismatch]
    is_contract: Callable[[str], bool]
    accounts: Mapping[str, Account | None]
    """Those that were proven, None where it was proven that there is none."""
    nodes: Mapping[bytes, bytes]
    """The trie nodes that were given, by their hashes."""


def see(
    source: Source,
    anchor: Header,
    codes: Mapping[str, bytes],
    replay: Replay,
    doubts: Sequence[Doubt],
) -> Seen:
    """Compare the state with code and replay; `doubts` are accounts that may be contracts."""
    addresses = source.opening.addresses
    wanted = expected(replay, addresses)
    slots: dict[str, set[int]] = {address: set() for address in codes}
    slots |= {each.account: set() for each in doubts}
    for name, address in addresses.items():
        slots[address] = {CHRONICLE_SLOT, *wanted[name]}
    given = source.state(slots)
    if not given.nodes:
        # A source that proves nothing is believed, which the level says.
        return Seen(False, dict(given.claimed), 0, (), [], lambda _: True, {}, {})
    look = _Look(given.nodes)
    look.at_accounts(anchor.state_root, slots)
    look.at_codes(codes)
    heads = look.at_words(addresses, wanted)
    return Seen(
        proven=not look.proofs.failed,
        heads=heads,
        words=look.words.counted,
        checks=(look.proofs, look.coded, look.words),
        mismatches=look.mismatches,
        is_contract=look.is_contract,
        accounts=look.accounts,
        nodes=given.nodes,
    )


class _Look:
    """What trie nodes prove, thing by thing, and what of it is not as it should be."""

    def __init__(self, nodes: Mapping[bytes, bytes]) -> None:
        self.nodes = nodes
        self.accounts: dict[str, Account | None] = {}
        self.mismatches: list[Mismatch] = []
        self.proofs = Check("1.2", "accounts without a proof against the last block's state root")
        self.coded = Check("2.4", "codes that are not what the state holds at their address")
        self.words = Check("6.1", "words of storage other than the replay gives")

    def at_accounts(self, root: bytes, addresses: Iterable[str]) -> None:
        """Prove the accounts against the state root."""
        for address in sorted(addresses):
            self.proofs.counted += 1
            try:
                self.accounts[address] = account_in(root, self.nodes, address)
            except ProofInvalid as error:
                self._fault(self.proofs, "proof", address, "a proof of the account", error.message)

    def at_codes(self, codes: Mapping[str, bytes]) -> None:
        """Compare codes with the hashes in the proven accounts."""
        for address, code in codes.items():
            if address not in self.accounts:
                continue
            self.coded.counted += 1
            holder = self.accounts[address]
            held, found = holder.code_hash if holder else _NO_CODE, keccak(code)
            if held != found:
                self._fault(self.coded, "code", address, "0x" + held.hex(), "0x" + found.hex())

    def at_words(
        self, addresses: Mapping[ContractName, str], wanted: Mapping[ContractName, Words]
    ) -> dict[ContractName, bytes]:
        """Compare the contracts' words with the wanted ones; return the chronicle's heads."""
        heads: dict[ContractName, bytes] = {}
        for name, address in addresses.items():
            if address not in self.accounts:
                continue
            holder, contract = self.accounts[address], CONTRACTS[name]
            head = self._word(holder, CHRONICLE_SLOT, self.proofs, f"{contract}'s chronicle")
            if head is not None:
                heads[name] = head.to_bytes(32, "big")
            for slot, (value, what) in wanted[name].items():
                self.words.counted += 1
                where = f"{contract}: {what}"
                found = self._word(holder, slot, self.words, where)
                if found is not None and found != value:
                    told = (f"0x{value:064x}", f"0x{found:064x}")
                    self._fault(self.words, "storage", where, *told)
        return heads

    def is_contract(self, account: str) -> bool:
        """Whether the account is proven to have code."""
        holder = self.accounts.get(account)
        return holder is not None and holder.code_hash != _NO_CODE

    def _word(self, holder: Account | None, slot: int, check: Check, where: str) -> int | None:
        """A proven word; None, and a fault of that check, where the proof lacks."""
        try:
            return word_in(holder, self.nodes, slot)
        except ProofInvalid as error:
            self._fault(check, "proof", where, "a proof of the word", error.message)
            return None

    def _fault(self, check: Check, kind: str, where: str, expected_: str, found: str) -> None:
        check.failed += 1
        if check.failed <= KEPT:
            self.mismatches.append(Mismatch(check.id, kind, where, expected_, found))
