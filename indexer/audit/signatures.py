"""Step 5: who signed each ballot, from the bytes of the transactions that carried it.

A signature shows a member's will wherever it was found: the bytes need no proof that they are in
the block. What cannot be shown is counted: ballots that a contract account accepted (ERC-1271), and
ballots carried inside another contract's call, stand by the contracts' word alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from indexer import abi
from indexer.abi import CONTRACTS, ContractName, checksummed
from indexer.audit.carried import Entry, entries
from indexer.audit.records import Part, Sent
from indexer.audit.replay import Cast, Check, Mismatch
from indexer.audit.replay.checks import KEPT
from indexer.audit.signing import claim, digest, is_choice, separator
from indexer.errors import ProofInvalid
from indexer.hashing import keccak
from indexer.proofs.keys import Claims
from indexer.proofs.transactions import call

_CASTING: Mapping[str, ContractName] = {
    "castBallots": "assembly",
    "castBallot": "assembly",
    "castPayBallots": "pay_rates",
    "castPayBallot": "pay_rates",
}
_BATCHES = ("castBallots", "castPayBallots")
TABLE: Mapping[str, str] = {
    "5.1": "transactions that do not hash to their name, or are unreadable",
    "5.2": "batches whose entries are not the ballots that the chain tells of",
    "5.3": "carried ballots not signed by the member's key over exactly this",
    "5.4": "direct ballots not sent by the member's key, or saying something else",
}


@dataclass
class Signed:
    """How many counted ballots stand by what."""

    by_key: int = 0
    """Carried, and signed by the member's key."""
    by_transaction: int = 0
    """Sent by the member's key in a transaction of its own."""
    by_contract: int = 0
    """Accepted by the word of the member's contract account (ERC-1271)."""
    within_calls: int = 0
    """Carried inside another contract's call."""


class Doubt(NamedTuple):
    """A carried ballot that no key signed: its account may be a contract."""

    place: str
    account: str


class Signatures:
    """Sees transaction by transaction who signed; signatures are recovered many at a time."""

    def __init__(
        self, chain_id: int, addresses: Mapping[ContractName, str], title: str, claims: Claims
    ) -> None:
        self.signed = Signed()
        self.checks = {number: Check(number, words) for number, words in TABLE.items()}
        self.mismatches: list[Mismatch] = []
        self.doubts: list[Doubt] = []
        self._claims = claims
        self._names = {bytes.fromhex(at[2:]): name for name, at in addresses.items()}
        self._domains = {
            name: separator(title, chain_id, addresses[name]) for name in set(_CASTING.values())
        }

    def see(self, part: Part, sent: Sent, cast: Sequence[Cast]) -> None:
        """Take one transaction and its ballots, in the order in which the chain told of them."""
        place = f"block {part.number}, transaction {sent.place}"
        self.checks["5.1"].counted += 1
        if keccak(sent.raw) != sent.hash:
            found = "0x" + keccak(sent.raw).hex() if sent.raw else "none"
            self._fault("5.1", "transaction", place, "0x" + sent.hash.hex(), found)
        elif cast:
            self._see_cast(place, sent, cast)

    def settle(self) -> None:
        """Recover what is still to be recovered."""
        for place, account in self._claims.settle():
            self._disproved(place, account)

    def close(self, is_contract: Callable[[str], bool]) -> None:
        """Decide the doubts: only a contract account may have accepted what no key signed."""
        for place, account in self.doubts:
            if is_contract(account):
                self.signed.by_contract += 1
            else:
                expected = f"a signature of {account}"
                self._fault("5.3", "signature", place, expected, "none, and no contract account")

    # One transaction

    def _see_cast(self, place: str, sent: Sent, cast: Sequence[Cast]) -> None:
        counted = sum(each.counted for each in cast)
        try:
            made = call(sent.raw)
        except ProofInvalid as error:
            self._fault("5.1", "unreadable", place, "a transaction", error.message)
            return
        contract = self._names.get(made.to)
        found = abi.decode_call(CONTRACTS[contract], made.data) if contract else None
        if found is None or _CASTING.get(found[0].name) != contract or contract is None:
            self.signed.within_calls += counted
            return
        function, args = found
        if function.name in _BATCHES:
            self._see_batch(place, contract, args, cast)
        else:
            self._see_direct(place, contract, args, cast, made.sender)

    def _see_batch(
        self, place: str, contract: ContractName, args: Mapping[str, Any], cast: Sequence[Cast]
    ) -> None:
        self.checks["5.2"].counted += 1
        poll = args["proposalId" if contract == "assembly" else "payVoteId"]
        try:
            batch = list(entries(contract, args["packed"]))
        except (IndexError, ValueError) as error:
            self._fault("5.2", "unreadable", place, "a batch", str(error))
            return
        told = [(contract, poll, each.member_id, each.sequence) for each in batch]
        logged = [(each.contract, each.poll, each.member_id, each.sequence) for each in cast]
        if told != logged:
            self._fault("5.2", "entries", place, *_first_apart(told, logged))
            return
        for entry, each in zip(batch, cast, strict=True):
            if each.counted:
                self._see_entry(place, entry, each)

    def _see_entry(self, place: str, entry: Entry, cast: Cast) -> None:
        self.checks["5.3"].counted += 1
        where = f"{place}, member {cast.member_id}"
        if (
            entry.said != cast.said
            or not is_choice(cast)
            or abi.readable(entry.reason) != cast.reason
        ):
            said = (entry.said, abi.readable(entry.reason))
            self._fault("5.3", "said", where, str(said), str((cast.said, cast.reason)))
            return
        shown = digest(self._domains[cast.contract], cast, entry.reason)
        wanted = claim(cast.account, shown, entry.signature)
        if wanted is None:
            self._unsigned(where, cast.account)
        else:
            self.signed.by_key += 1
            for false_place, account in self._claims.add(where, cast.account, wanted):
                self._disproved(false_place, account)

    def _see_direct(
        self,
        place: str,
        contract: ContractName,
        args: Mapping[str, Any],
        cast: Sequence[Cast],
        sender: bytes | None,
    ) -> None:
        self.checks["5.4"].counted += 1
        found = [(each.contract, each.poll, each.member_id, each.sequence) for each in cast]
        poll, *_ = args.values()
        told = (contract, poll, args["memberId"], args["sequence"])
        if found != [told]:
            self._fault("5.4", "entries", place, str(told), str(found))
            return
        (only,) = cast
        said, wanted = (
            (args["choice"], only.said) if contract == "assembly" else (args["rate"], only.rate)
        )
        account = checksummed("0x" + sender.hex()) if sender else "nobody"
        if said != wanted or args["reason"] != only.reason:
            heard = str((wanted, only.reason))
            self._fault("5.4", "said", place, str((said, args["reason"])), heard)
        elif account != only.account:
            self._fault("5.4", "sender", place, only.account, account)
        else:
            self.signed.by_transaction += 1

    def _disproved(self, place: str, account: str) -> None:
        self.signed.by_key -= 1
        self._unsigned(place, account)

    def _unsigned(self, place: str, account: str) -> None:
        self.doubts.append(Doubt(place, account))

    def _fault(self, check: str, kind: str, where: str, expected: str, found: str) -> None:
        self.checks[check].failed += 1
        if self.checks[check].failed > KEPT:
            return
        self.mismatches.append(Mismatch(check, kind, where, expected, found))


def _first_apart(told: Sequence[object], logged: Sequence[object]) -> tuple[str, str]:
    """Return what the batch says and what the chain told, where they first differ."""
    if len(told) != len(logged):
        return f"{len(told)} entries", f"{len(logged)} ballots"
    apart = next(pair for pair in zip(told, logged, strict=True) if pair[0] != pair[1])
    return str(apart[0]), str(apart[1])
