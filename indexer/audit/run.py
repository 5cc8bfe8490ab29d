"""An audit through one or more nodes, and one of a file of evidence."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.abi import artifact_names
from indexer.audit.evidence import Evidence, Recorder
from indexer.audit.gather import Node
from indexer.audit.judge import Audit, judge
from indexer.audit.probe import Abilities, probe
from indexer.audit.promised import Word
from indexer.audit.replay import Check, Mismatch
from indexer.blocks import BlockRef, Finality
from indexer.errors import BlockMissing
from indexer.identity import Identity
from indexer.scan import scan
from indexer.subject import Subject

if TYPE_CHECKING:
    from indexer.chain import Chain

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Run:
    """An audit through nodes."""

    audit: Audit
    abilities: Abilities
    """What the node that was read can prove."""
    agreeing: int
    """How many of the nodes name the last block by the same hash."""
    digest: str
    """Of the evidence, if it was kept; else empty."""


def run(
    chains: "Sequence[Chain]",
    identity: Identity,
    subject: Subject,
    *,
    anchor: str | None = None,
    depth: Finality = "latest",
    receipts: bool = False,
    evidence: Path | None = None,
    reexecute: bool = False,
    stale: Sequence[str] | None = None,
    promised: Sequence[Word] = (),
    progress: Progress | None = None,
) -> Run:
    """Audit an instance through the first node, up to `anchor` or its newest block of that depth.

    The other nodes are only asked for the last block's hash: where two or more agree on it, it is
    an anchor. A node that fails raises its error: no verdict then, and no file. `reexecute`
    and `promised` as in `judge`; `stale` as in `verify`.
    """
    chain, *others = chains
    end = chain.block(anchor) if anchor else _newest(chains, depth)
    hashes = [end.hash, *(_hash_of(each, end.number) for each in others)]
    agreeing = hashes.count(end.hash)
    known = anchor or (end.hash if agreeing > 1 else None)

    abilities = probe(chain, identity, end)
    node = Node(chain, identity, subject.factory, end, with_receipts=receipts)
    with nullcontext(node) if evidence is None else Recorder(node, evidence) as source:
        found = judge(
            source, anchor=known, reexecute=reexecute, promised=promised, progress=progress
        )
    digest = source.digest if isinstance(source, Recorder) else ""
    found = _with_artifacts(_with_nodes(found, end, hashes), stale)
    return Run(_with_powers(found, chain, subject, end), abilities, agreeing, digest)


def verify(
    path: Path,
    *,
    anchor: str | None = None,
    reexecute: bool = False,
    stale: Sequence[str] | None = None,
    promised: Sequence[Word] = (),
    progress: Progress | None = None,
) -> tuple[Audit, str]:
    """Audit a file of evidence with no network; return the audit and the file's digest.

    `reexecute` and `promised` as in `judge`; `stale` are the contracts whose artifacts the sources
    do not give, None if that was not looked at.
    """
    source = Evidence(path)
    found = judge(source, anchor=anchor, reexecute=reexecute, promised=promised, progress=progress)
    return _with_artifacts(found, stale), source.digest


def _newest(chains: "Sequence[Chain]", depth: Finality) -> BlockRef:
    """The newest block that all nodes have, as the first one knows it."""
    heads = [chain.head(depth) for chain in chains]
    lowest = min(head.number for head in heads)
    return heads[0] if heads[0].number == lowest else chains[0].block(lowest)


def _hash_of(chain: "Chain", number: int) -> str:
    try:
        return chain.block(number).hash
    except BlockMissing:
        return "none"


def _with_nodes(found: Audit, end: BlockRef, hashes: Sequence[str]) -> Audit:
    if len(hashes) == 1:
        return found
    apart = [each for each in hashes if each != end.hash]
    check = Check("1.3", "nodes that name another block there", len(hashes), len(apart))
    faults = [Mismatch("1.3", "fork", f"block {end.number}", end.hash, each) for each in apart]
    return _with(found, check, faults)


def _with_powers(found: Audit, chain: "Chain", subject: Subject, end: BlockRef) -> Audit:
    """Add what the node answers when it is asked for powers: no proof, but a second look."""
    steps = scan(chain, subject, end)
    words = "questions after owners, upgrades and orders of others with a wrong answer"
    faults = [
        Mismatch("2.5", "powers", each.title, each.found, fault)
        for each in steps
        for fault in each.faults
    ]
    return _with(found, Check("2.5", words, len(steps), len(faults)), faults)


def _with_artifacts(found: Audit, stale: Sequence[str] | None) -> Audit:
    if stale is None:
        return found
    words = "artifacts that the sources do not give"
    check = Check("2.6", words, len({*artifact_names(), *stale}), len(stale))
    faults = [
        Mismatch("2.6", "artifact", each, "what its source gives", "another") for each in stale
    ]
    return _with(found, check, faults)


def _with(found: Audit, check: Check, faults: Sequence[Mismatch]) -> Audit:
    checks = sorted([*found.checks, check], key=lambda each: each.place)
    return replace(found, checks=tuple(checks), mismatches=(*found.mismatches, *faults))
