"""The audit itself: from a source that is believed in nothing to what is proven and what is not.

1. Level: how far the proofs reach.
2. Code: whose code the instance runs.
3. Completeness: the history folds to the chronicle of each contract at the last block; with
   receipts, every block's logs are those of its receipts root.
4. Replay: every step of the history followed from the rules in force.
5. Who signed: every ballot by its member's key; and which promises of relayers were broken.
6. State: the words of the contracts' storage are those that the replay gives; and, if that is
   asked for, those that the transactions give when they are run again.
7. Findings: facts, no verdicts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from indexer import deployed
from indexer.abi import CONTRACTS, ContractName
from indexer.audit import blocks, state
from indexer.audit.promised import Promised, Word
from indexer.audit.records import Opening, Part, Source
from indexer.audit.reexecute import Again, Reexecution
from indexer.audit.replay import Check, Findings, Mismatch, Replay
from indexer.audit.replay.checks import KEPT
from indexer.audit.signatures import Signatures, Signed
from indexer.blocks import BlockRef
from indexer.errors import HandlerFailed, UnknownEvent
from indexer.events import decode
from indexer.proofs import sealed
from indexer.proofs.headers import Header
from indexer.proofs.keys import Claims
from indexer.rules import chronicle

Level = Literal["anchored", "proven", "logs-only"]
"""anchored: proven against a block hash that the auditor gave. proven: against a header of this
source alone, which whoever made it could have made up. logs-only: by the source's word."""
Heads = dict[ContractName, bytes]

CODE = {
    "2.1": "factory and implementations that are not the code of this package",
    "2.2": "contracts that run something else than the factory names",
    "2.3": "ways in which other code could act in a contract's place",
}
_BALLOTS = ("4.4.2", "4.5.11")  # checks that count each ballot and pay ballot once


@dataclass(frozen=True)
class Audit:
    """What an audit found; `replayed` and `on_chain` are the chronicle's heads by contract."""

    level: Level
    opening: Opening
    title: str
    """The co-op's name, as its contracts' code has it; empty if it is written otherwise."""
    end: BlockRef
    events: int
    ballots: int
    replayed: Heads
    on_chain: Heads
    proof_ok: bool
    """Whether the state at the last block is proven against its header."""
    receipts_ok: bool
    """Whether every block's logs are proven by its receipts."""
    receipts: int
    """How many receipts were put together for that."""
    signed: Signed
    words: int
    """How many words of storage were compared."""
    checks: tuple[Check, ...]
    mismatches: tuple[Mismatch, ...]
    """Everything that is not as it should be, of every step; at most a thousand of a kind."""
    findings: Findings
    again: Again | None
    """How far the transactions were run again; None if that was not asked for."""

    @property
    def ok(self) -> bool:
        """Whether nothing departs from what should be."""
        return not self.mismatches

    @property
    def blocks(self) -> int:
        """How many blocks the history spans."""
        return self.end.number + 1 - self.opening.first_block


def judge(
    source: Source,
    *,
    anchor: str | None = None,
    signatures: bool = True,
    reexecute: bool = False,
    promised: Sequence[Word] = (),
    progress: Callable[[int], None] | None = None,
) -> Audit:
    """Audit what a source gives; `anchor` is the last block's hash as the auditor knows it.

    `promised` is what relayers gave their word for. Without `signatures` step 5's are left out;
    with `reexecute` all transactions are run again, which raises ExtraMissing where the package for
    it is not installed. `progress` is told the last block read. A source that fails raises its
    error: no verdict then.
    """
    with Claims() as claims:
        return _Judge(source, claims, signatures, reexecute, promised).audit(anchor, progress)


class _Judge:
    def __init__(
        self,
        source: Source,
        claims: Claims,
        signatures: bool,
        reexecute: bool,
        promised: Sequence[Word],
    ) -> None:
        self.source, self.opening, self.with_signatures = source, source.opening, signatures
        self.anchor: Header = sealed.opened(self.opening.anchor)
        self.found: list[Mismatch] = []
        self.checks: dict[str, Check] = {}
        self.codes = source.codes()
        opening = self.opening
        self.replay = Replay(opening.chain_id, opening.addresses)
        self.heads: Heads = {
            name: chronicle.begin(opening.chain_id, at) for name, at in opening.addresses.items()
        }
        self.names = {address: name for name, address in opening.addresses.items()}
        title = deployed.title_in(self.codes.get(opening.addresses["membership"], b""))
        self.title = title or ""
        self.signatures = Signatures(opening.chain_id, opening.addresses, self.title, claims)
        self.again = Reexecution(opening, self.codes) if reexecute else None
        self.chain = blocks.Linked(opening, self.anchor) if opening.receipts else None
        self.promised = Promised(promised)
        self.events = self.unknown = 0

    def audit(self, anchor: str | None, progress: Callable[[int], None] | None) -> Audit:
        self._see_anchor(anchor)
        self._see_code()
        for part in self.source.parts():
            self._take(part)
            if progress:
                progress(part.number)
        self.replay.finish(self.anchor.timestamp)
        self.signatures.settle()
        self._check("3.1", "events that this package does not know", self.events, self.unknown)
        self._see_promises()
        linked = self._see_links()
        proven, words, on_chain = self._see_state()
        self._compare_heads(on_chain)

        level: Level = "logs-only"
        if proven or linked:
            known = anchor is not None and anchor.lower() == self.anchor.hash
            level = "anchored" if known else "proven"
        checks = [
            *self.checks.values(),
            *self.replay.checks,
            *self.signatures.checks.values(),
            *(self.again.checks.values() if self.again else ()),
        ]
        counted = {check.id: check.counted for check in checks}
        return Audit(
            level=level,
            opening=self.opening,
            title=self.title,
            end=BlockRef(*self.anchor[:4]),
            events=self.events,
            ballots=sum(counted[each] for each in _BALLOTS),
            replayed=self.heads,
            on_chain=on_chain,
            proof_ok=proven,
            receipts_ok=linked,
            receipts=self.chain.receipts if self.chain else 0,
            signed=self.signatures.signed,
            words=words,
            checks=tuple(sorted(checks, key=lambda check: check.place)),
            mismatches=(
                *self.found,
                *self.replay.mismatches,
                *self.signatures.mismatches,
                *(self.again.mismatches if self.again else ()),
            ),
            findings=self.replay.findings,
            again=self.again.told if self.again else None,
        )

    # Step by step

    def _see_anchor(self, anchor: str | None) -> None:
        if anchor is not None:
            self._that(
                "1.1",
                "last blocks other than the anchor",
                "anchor",
                "the last block",
                anchor.lower(),
                self.anchor.hash,
            )

    def _see_code(self) -> None:
        factory, addresses = self.opening.factory, self.opening.addresses

        def code_of(address: str) -> bytes:
            return self.codes.get(address, b"")

        steps: Mapping[str, Callable[[], list[str]]] = {
            "2.1": lambda: list(deployed.code_faults(factory, code_of)),
            "2.2": lambda: list(deployed.clone_faults(addresses, factory, code_of, self.title)),
            "2.3": lambda: list(deployed.opcode_faults(factory, code_of)),
        }
        for number, step in steps.items():
            faults = step()
            self._check(number, CODE[number], len(addresses), len(faults))
            self.found += [Mismatch(number, "code", "", "this package's", each) for each in faults]
            if faults:
                break  # what comes next reads addresses from code that is known

    def _take(self, part: Part) -> None:
        if self.chain is not None:
            self.found += self.chain.see(part)
        for sent in part.sent:
            for log in sent.logs:
                name = self.names[log.address]
                self.heads[name] = chronicle.fold(
                    self.heads[name], log.block, part.timestamp, log.topics, log.data
                )
                try:
                    self.replay.apply(decode(name, log), part.timestamp)
                except (HandlerFailed, UnknownEvent) as error:
                    where = f"block {log.block}, log {log.log_index}"
                    wanted = "an event of this package"
                    self.unknown += 1
                    if self.unknown <= KEPT:
                        self.found.append(Mismatch("3.1", "event", where, wanted, error.message))
            self.events += len(sent.logs)
            cast = self.replay.taken()
            self.promised.see(cast, part.timestamp)
            if self.with_signatures:
                self.signatures.see(part, sent, cast)
            if self.again:
                self.again.see(part, sent, cast)

    def _see_promises(self) -> None:
        check, broken = self.promised.close(self.replay.roll, self.anchor.timestamp)
        if check.counted:
            self.checks[check.id] = check
            self.found += broken

    def _see_links(self) -> bool:
        if self.chain is None:
            return False
        self.found += self.chain.close()
        self._check("3.3", blocks.WORDS, self.chain.blocks, self.chain.failed)
        return not self.chain.failed

    def _see_state(self) -> tuple[bool, int, Heads]:
        """Return whether the state is proven, how many words it was, and the chronicle's heads."""
        seen = state.see(self.source, self.anchor, self.codes, self.replay, self.signatures.doubts)
        self.found += seen.mismatches
        self.signatures.close(seen.is_contract)
        if self.again:
            self.again.close(seen.accounts, seen.nodes)
        for check in seen.checks:
            self.checks[check.id] = check
        return seen.proven, seen.words, seen.heads

    def _compare_heads(self, on_chain: Heads) -> None:
        words = "chronicles that the events do not fold to"
        for name, head in self.heads.items():
            expected = _hex(on_chain[name]) if name in on_chain else "a head"
            found = _hex(head) if name in on_chain else "none given"
            self._that("3.2", words, "chronicle", CONTRACTS[name], expected, found)

    def _that(
        self, number: str, words: str, kind: str, where: str, expected: str, found: str
    ) -> None:
        self._check(number, words, 1, int(expected != found))
        if expected != found:
            self.found.append(Mismatch(number, kind, where, expected, found))

    def _check(self, number: str, words: str, counted: int, failed: int) -> None:
        check = self.checks.setdefault(number, Check(number, words))
        check.counted += counted
        check.failed += failed


def _hex(head: bytes) -> str:
    return "0x" + head.hex()
