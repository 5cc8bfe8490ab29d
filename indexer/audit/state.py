"""Step 6, and the proofs of steps 2, 3 and 5: accounts and words of storage at the last block."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from indexer.abi import CONTRACTS, ContractName
from indexer.audit.records import Source
from indexer.audit.replay import Check, Mismatch, Replay
from indexer.audit.replay.checks import KEPT
from indexer.audit.signatures import Doubt
from indexer.audit.storage import expected
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

    accounts: dict[str, Account | None] = {}
    mismatches: list[Mismatch] = []

    def fault(check: Check, kind: str, where: str, expected_: str, found: str) -> None:
        check.failed += 1
        if check.failed <= KEPT:
            mismatches.append(Mismatch(check.id, kind, where, expected_, found))

    proofs = Check("1.2", "accounts without a proof against the last block's state root")
    coded = Check("2.4", "codes that are not what the state holds at their address")
    words = Check("6.1", "words of storage other than the replay gives")
    for address in sorted(slots):
        proofs.counted += 1
        try:
            accounts[address] = account_in(anchor.state_root, given.nodes, address)
        except ProofInvalid as error:
            fault(proofs, "proof", address, "a proof of the account", error.message)
    for address, code in codes.items():
        if address not in accounts:
            continue
        coded.counted += 1
        holder = accounts.get(address)
        held = holder.code_hash if holder else _NO_CODE
        if held != keccak(code):
            fault(coded, "code", address, "0x" + held.hex(), "0x" + keccak(code).hex())

    heads: dict[ContractName, bytes] = {}
    for name, address in addresses.items():
        if address not in accounts:
            continue
        try:
            heads[name] = word_in(accounts[address], given.nodes, CHRONICLE_SLOT).to_bytes(
                32, "big"
            )
        except ProofInvalid as error:
            fault(proofs, "proof", f"{CONTRACTS[name]}'s chronicle", "a proof", error.message)
        for slot, (value, what) in wanted[name].items():
            words.counted += 1
            where = f"{CONTRACTS[name]}: {what}"
            try:
                found = word_in(accounts[address], given.nodes, slot)
            except ProofInvalid as error:
                fault(words, "proof", where, "a proof of the word", error.message)
                continue
            if found != value:
                fault(words, "storage", where, f"0x{value:064x}", f"0x{found:064x}")

    def is_contract(account: str) -> bool:
        holder = accounts.get(account)
        return holder is not None and holder.code_hash != _NO_CODE

    proven = not proofs.failed
    checks = (proofs, coded, words)
    return Seen(
        proven, heads, words.counted, checks, mismatches, is_contract, accounts, given.nodes
    )
