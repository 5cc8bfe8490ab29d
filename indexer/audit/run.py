"""An audit: from one node's answers alone to what is proven of them, and what is not.

1. Endpoint: which proofs it gives, and so how far the audit reaches (its level).
2. Code: whose code the instance runs, and that nobody is in charge of it (indexer.scan).
3. Completeness: the history folds to the chronicle of each contract at the last block.
4. Replay: every step of the history followed from the rules in force.
7. Findings: facts, no verdicts.

Numbers 5 (who signed) and 6 (proven storage of tallies, roll and rates) are not taken here yet:
`UNCHECKED` says so with every result.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from indexer.abi import CONTRACTS, ContractName
from indexer.audit.history import spans
from indexer.audit.replay import Check, Findings, Mismatch, Replay
from indexer.blocks import BlockRef
from indexer.errors import ChainRefused, HandlerFailed, ProofInvalid, UnknownEvent
from indexer.events import decode
from indexer.identity import Identity
from indexer.proofs.state import CHRONICLE_SLOT
from indexer.rules import chronicle
from indexer.scan import Step, scan
from indexer.subject import Subject

if TYPE_CHECKING:
    from indexer.chain import Chain

Level = Literal["anchored", "proven", "logs-only"]
"""anchored: proven against a block hash that the auditor gave. proven: against a header of this
node alone, which whoever runs it could have made up. logs-only: by the node's word."""
Heads = dict[ContractName, bytes]

UNCHECKED = (
    "5. Who signed: that each carried ballot bears its member's signature is taken from the "
    "contracts, whose code step 2 compares.",
    "6. State: tallies, roll and rates are replayed, and not yet compared with proven storage.",
)
"""What this audit leaves open, in words."""
_BALLOTS = ("4.4.2", "4.5.11")  # checks that count each ballot and pay ballot once


@dataclass(frozen=True)
class Audit:
    """What an audit found; `replayed` and `on_chain` are the chronicle's heads by contract."""

    level: Level
    end: BlockRef
    blocks: int
    events: int
    ballots: int
    code: tuple[Step, ...]
    replayed: Heads
    on_chain: Heads
    proof_ok: bool
    checks: tuple[Check, ...]
    mismatches: tuple[Mismatch, ...]
    """Everything that is not as it should be, of every step; at most a thousand of step 4."""
    findings: Findings

    @property
    def ok(self) -> bool:
        """Whether nothing departs from what should be."""
        return not self.mismatches


def audit(
    chain: "Chain",
    identity: Identity,
    subject: Subject,
    end: BlockRef,
    *,
    anchored: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Audit:
    """Audit an instance through block `end`; `anchored` if its hash came from the auditor.

    `progress` is told the last block read. A node that fails raises its error: no verdict then.
    """
    found: list[Mismatch] = []
    code = tuple(scan(chain, subject, end))
    found += [
        Mismatch("2", "code", step.title, step.found, each) for step in code for each in step.faults
    ]
    replay = Replay(identity.chain_id, identity.addresses)
    heads, events, root = _through(chain, identity, end, replay, found, progress)
    replay.finish(end.timestamp)
    proven, on_chain = _on_chain(chain, identity, end, root, found)
    found += [
        Mismatch("3", "chronicle", CONTRACTS[name], "0x" + on_chain[name].hex(), "0x" + head.hex())
        for name, head in heads.items()
        if name in on_chain and on_chain[name] != head
    ]
    level: Level = "logs-only" if not proven else "anchored" if anchored else "proven"
    checks = tuple(replay.checks)
    counted = {check.id: check.counted for check in checks}
    return Audit(
        level=level,
        end=end,
        blocks=end.number + 1 - identity.first_block,
        events=events,
        ballots=sum(counted[each] for each in _BALLOTS),
        code=code,
        replayed=heads,
        on_chain=on_chain,
        proof_ok=proven,
        checks=checks,
        mismatches=(*found, *replay.mismatches),
        findings=replay.findings,
    )


def _through(
    chain: "Chain",
    identity: Identity,
    end: BlockRef,
    replay: Replay,
    found: list[Mismatch],
    progress: Callable[[int], None] | None,
) -> tuple[Heads, int, bytes]:
    """Feed the replay; return the chronicle's heads, the number of events, the last state root."""
    heads = {
        name: chronicle.begin(identity.chain_id, at) for name, at in identity.addresses.items()
    }
    names = {address: name for name, address in identity.addresses.items()}
    events, root = 0, b""
    for span in spans(chain, identity, end):
        for log in span.logs:
            name, timestamp = names[log.address], span.blocks[log.block].timestamp
            heads[name] = chronicle.fold(heads[name], log.block, timestamp, log.topics, log.data)
            try:
                replay.apply(decode(name, log), timestamp)
            except (HandlerFailed, UnknownEvent) as error:
                where = f"block {log.block}, log {log.log_index}"
                found.append(
                    Mismatch("3", "event", where, "an event of this package", error.message)
                )
        events, root = events + len(span.logs), span.state_root
        if progress:
            progress(span.last.number)
    return heads, events, root


def _on_chain(
    chain: "Chain", identity: Identity, end: BlockRef, root: bytes, found: list[Mismatch]
) -> tuple[bool, Heads]:
    """Return whether the chronicle's words are proven, and the words.

    A node that serves no proofs is believed, which the level says; one whose proof is wrong is not.
    """
    addresses = identity.addresses
    try:
        slots = dict.fromkeys(addresses.values(), CHRONICLE_SLOT)
        words = chain.proven_words(slots, end.number, root)
        return True, {name: words[address] for name, address in addresses.items()}
    except ProofInvalid as error:
        found.append(
            Mismatch("3", "proof", f"block {end.number}", "a proof of the state", error.message)
        )
        return False, {}
    except ChainRefused:
        calls = [(CONTRACTS[name], at, "chronicleHead", ()) for name, at in addresses.items()]
        answers = chain.views(calls, at=end)
        return False, dict(zip(addresses, answers, strict=True))
