"""Step 6 once more: every transaction of the history run again, in an EVM of one's own.

The EVM begins with the code of the factory and of what the contracts run, and with nothing else:
the transaction that founded the co-op makes its contracts here too. Each transaction is the call
that its own bytes hold, from the account whose key signed it, at its block's number and second.
What the contracts log must be what the history tells, and what they store in the end what the
chain holds.

Code of others is not in the evidence, which sets a limit:

* What a proposal orders of another contract has no effect here, and its code hash at the proposal
  is the one that was logged. If that does not come to the same logs, it could not be run again.
* A transaction that calls another contract, which calls ours, cannot be run again, nor a batch with
  a ballot of a contract account, which that account accepts by code of its own. What follows
  depends on what they did: there it ends, and says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

from indexer import abi
from indexer.abi import CONTRACTS, ContractName, checksummed
from indexer.audit.machine import Machine
from indexer.audit.records import Opening, Part, Sent
from indexer.audit.replay import Cast, Check, Mismatch
from indexer.blocks import RawLog
from indexer.errors import HandlerFailed, ProofInvalid, UnknownEvent
from indexer.events import Event, decode
from indexer.hashing import keccak
from indexer.proofs.state import Account, storage_root, word_in
from indexer.proofs.transactions import Call, call
from indexer.proofs.trie import EMPTY_ROOT
from indexer.rules.ballots import REFUSALS

_TABLE: Mapping[str, str] = {
    "6.2": "transactions that give other logs when they are run again",
    "6.3": "words of storage other than running again gives",
}
_STOP = b"\0"  # code that takes every call and does nothing
_KEPT = 1_000  # mismatches that are kept
_SHOWN = 200  # characters of a value that a mismatch shows
_BAD_SIGNATURE = REFUSALS.index("bad_signature")
_SKIPS = ("BallotSkipped", "PayBallotSkipped")
_NO_CODE = keccak(b"")


class Again(NamedTuple):
    """How far the transactions with logs of the instance were run again."""

    transactions: int
    """How many the history tells of."""
    ran: int
    words: int
    """How many words of storage were compared at the end."""
    until: str
    """The first transaction that could not be run again, as its place; empty if all could."""
    cause: str
    """Why it could not."""


class Reexecution:
    """Takes transaction by transaction, and at the end the state that is proven."""

    def __init__(self, opening: Opening, codes: Mapping[str, bytes]) -> None:
        self.checks = {number: Check(number, words) for number, words in _TABLE.items()}
        self.mismatches: list[Mismatch] = []
        self._machine = Machine(opening.chain_id)
        self._addresses = opening.addresses
        self._names = {address: name for name, address in opening.addresses.items()}
        self._known = {*codes, *self._names}
        for address in codes.keys() - self._names.keys():
            self._machine.insert(address, codes[address])
        self._machine.fund(opening.addresses["assembly"])  # for what its proposals send
        self._strangers: dict[str, bytes] = {}
        """Targets of proposals that are contracts of others -> their code hash."""
        self._doubted: list[str] = []
        """Accounts for which the transaction could not be run again if they are contracts."""
        self._transactions = self._ran = self._words = 0
        self._until = self._cause = ""

    @property
    def told(self) -> Again:
        """How far it came."""
        return Again(self._transactions, self._ran, self._words, self._until, self._cause)

    def see(self, part: Part, sent: Sent, cast: Sequence[Cast]) -> None:
        """Run one transaction again; `cast` is the ballots that the history tells of in it."""
        self._transactions += 1
        if self._until:
            return
        place = f"block {part.number}, transaction {sent.place}"
        cause = self._see(place, part, sent, cast)
        if cause:
            self._until, self._cause = place, cause
        else:
            self._ran += 1

    def close(self, accounts: Mapping[str, Account | None], nodes: Mapping[bytes, bytes]) -> None:
        """Compare the storage at the end with what is proven of it, if everything was run again."""
        proven = [account for account in self._doubted if account in accounts]
        keys = [account for account in proven if not _has_code(accounts[account])]
        if keys:
            where = f"{self._until}, ballot of {keys[0]}"
            self.checks["6.2"].counted += 1
            self._fault("6.2", "logs", where, "skipped: its key did not sign it", "counted")
            self._cause = "it gives other logs"
        if self._until:
            return
        storage = self._machine.storage()
        for name, address in self._addresses.items():
            if address in accounts:
                self._compare(name, accounts[address], nodes, storage.get(address, {}))

    # One transaction

    def _see(self, place: str, part: Part, sent: Sent, cast: Sequence[Cast]) -> str:
        """Run it and compare its logs; return why that could not be, or nothing."""
        try:
            made = call(sent.raw)
        except ProofInvalid:
            return "its bytes are not given"
        if made.sender is None:
            return "nobody's key signed it"
        to = checksummed("0x" + made.to.hex()) if made.to else ""
        if to not in self._known:
            return f"it calls another contract, {to}" if to else "it makes another contract"
        if stranger := self._admit_strangers(sent):
            return f"it concerns another contract, {stranger}, whose code changed"

        ours, fault = self._run(part, to, made)
        told = [log[4:] for log in sent.logs]
        if [log[4:] for log in ours] == told:
            self.checks["6.2"].counted += 1
            return ""
        if cause := self._others_in(to, made, ours, fault, cast):
            return cause
        self.checks["6.2"].counted += 1
        expected, found = _first_apart(self._names, ours, sent.logs)
        self._fault("6.2", "logs", place, f"{expected} ({fault})" if fault else expected, found)
        return ""

    def _run(self, part: Part, to: str, made: Call) -> tuple[list[RawLog], str]:
        """Return the logs of our contracts that a call gives, and why it gave none if it failed."""
        sender = checksummed("0x" + (made.sender or b"").hex())
        self._machine.at(part.number, part.timestamp)
        logs, fault = self._machine.call(sender, to, made.data, made.value)
        own = [RawLog(part.number, 0, "", 0, *each) for each in logs if each.address in self._names]
        return own, fault

    # Code of others

    def _admit_strangers(self, sent: Sent) -> str:
        """Give each stranger that a proposal addresses the code hash that was frozen.

        Return the first whose code hash is another one than before, which no EVM takes back.
        """
        for target, code_hash in self._frozen(sent):
            if self._strangers.get(target) == code_hash:
                continue
            if target in self._strangers or self._machine.has_met(target):
                return target
            self._strangers[target] = code_hash
            self._machine.insert(target, _STOP, code_hash)
        return ""

    def _frozen(self, sent: Sent) -> Iterator[tuple[str, bytes]]:
        """Yield each stranger with code that a proposal in this transaction addresses."""
        targets: Sequence[str] = ()
        for log in sent.logs:
            if self._names[log.address] != "assembly":
                continue
            try:
                event = decode("assembly", log)
            except (HandlerFailed, UnknownEvent):  # told by 3.1
                continue
            if event.name == "ProposalCreated":
                targets = event.args["targets"]
            elif event.name == "ProposalFrozen":
                hashes = event.args["codeHashes"]
                for target, code_hash in zip(targets, hashes, strict=False):
                    if any(code_hash) and target not in self._known:
                        yield target, code_hash

    def _others_in(
        self, to: str, made: Call, ours: Sequence[RawLog], fault: str, cast: Sequence[Cast]
    ) -> str:
        """Return which code of others a call that went another way here depends on, if any."""
        if fault == "MembershipBadSignature":
            return "a contract account accepts a signature in it"
        name = self._names.get(to)
        found = abi.decode_call(CONTRACTS[name], made.data) if name else None
        if found is not None and found[0].name == "execute":
            targets = [each["target"] for each in found[1]["actions"]]
            for target in targets:
                if target in self._strangers:
                    return f"it calls another contract, {target}"
        events = [_decoded(self._names, log) for log in ours]
        unsigned = {
            event.args["memberId"]
            for event in events
            if event and event.name in _SKIPS and event.args["refusal"] == _BAD_SIGNATURE
        }
        counted = [each.account for each in cast if each.counted and each.member_id in unsigned]
        if not counted:
            return ""
        self._doubted = counted
        return f"the contract account {counted[0]} accepts a ballot in it"

    # State

    def _compare(
        self,
        name: ContractName,
        holder: Account | None,
        nodes: Mapping[bytes, bytes],
        words: Mapping[int, int],
    ) -> None:
        """Compare a contract's whole storage by its root; where it departs, word by word."""
        self._words += len(words)
        self.checks["6.3"].counted += len(words)
        root = storage_root({slot: word for slot, word in words.items() if word})
        held = holder.storage_root if holder else EMPTY_ROOT
        # anvil's tries keep words that are zero, if they were ever read or written.
        if held in (root, storage_root(words)):
            return
        apart = False
        for slot, word in words.items():
            try:
                found = word_in(holder, nodes, slot)
            except ProofInvalid:
                continue  # the proofs do not show it
            if found != word:
                apart = True
                where = f"{CONTRACTS[name]}, word 0x{slot:064x}"
                self._fault("6.3", "storage", where, f"0x{word:064x}", f"0x{found:064x}")
        if not apart:
            where = f"{CONTRACTS[name]}, in words that no proof shows"
            self._fault("6.3", "storage", where, f"root 0x{root.hex()}", f"root 0x{held.hex()}")

    def _fault(self, check: str, kind: str, where: str, expected: str, found: str) -> None:
        self.checks[check].failed += 1
        if self.checks[check].failed <= _KEPT:
            self.mismatches.append(Mismatch(check, kind, where, expected, found))


def _has_code(account: Account | None) -> bool:
    return account is not None and account.code_hash != _NO_CODE


def _first_apart(
    names: Mapping[str, ContractName], ours: Sequence[RawLog], told: Sequence[RawLog]
) -> tuple[str, str]:
    """Return in words the first log that differs, as it is here and as the history tells it."""
    pairs = zip_longest(ours, told)
    mine, theirs = next((a, b) for a, b in pairs if a is None or b is None or a[4:] != b[4:])
    one, other = _decoded(names, mine), _decoded(names, theirs)
    if one and other and one.key == other.key and one.args != other.args:
        apart = [name for name in one.args if one.args[name] != other.args[name]]
        return _said(one, apart), _said(other, apart)
    named = (one.key if one else _raw(mine), other.key if other else _raw(theirs))
    return named if named[0] != named[1] else (_raw(mine), _raw(theirs))


def _decoded(names: Mapping[str, ContractName], log: RawLog | None) -> Event | None:
    try:
        return decode(names[log.address], log) if log else None
    except (HandlerFailed, UnknownEvent):
        return None


def _said(event: Event, names: Sequence[str]) -> str:
    values = [
        "0x" + value.hex() if isinstance(value, bytes) else str(value)
        for value in (event.args[name] for name in names)
    ]
    said = [f"{name} {value}"[:_SHOWN] for name, value in zip(names, values, strict=True)]
    return f"{event.key}: {', '.join(said)}"


def _raw(log: RawLog | None) -> str:
    if log is None:
        return "no more logs"
    return f"{log.address}: 0x{log.topics.hex()} 0x{log.data.hex()}"[:_SHOWN]
