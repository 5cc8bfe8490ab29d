"""Two pieces of evidence, or evidence and a checkpoint: does one history go on from the other?"""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Literal, NamedTuple

from indexer.abi import ContractName
from indexer.audit.checkpoint import Checkpoint
from indexer.audit.records import Part, Source
from indexer.proofs import sealed
from indexer.rules import chronicle

Relation = Literal["same", "extends", "extended", "apart", "unrelated"]
"""What the second is to the first: the same; going on from it; what the first goes on from; parted
from it; of another co-op."""


class Comparison(NamedTuple):
    """What the second history is to the first, and where they part, in words."""

    relation: Relation
    where: str


def compare(first: Source, second: Source) -> Comparison:
    """Compare block by block all that two sources tell of the co-op's logs.

    Neither is audited here; a file that is no evidence raises EvidenceUnreadable.
    """
    one, other = first.opening, second.opening
    if (one.chain_id, one.addresses) != (other.chain_id, other.addresses):
        return Comparison("unrelated", "They are of different co-ops, or of different chains.")
    first.codes(), second.codes()
    ends = sealed.opened(one.anchor), sealed.opened(other.anchor)
    common = min(end.number for end in ends)
    for mine, theirs in zip_longest(_through(first, common), _through(second, common)):
        where = _apart(mine, theirs)
        if where:
            return Comparison("apart", where)
    first.state({}), second.state({})  # the files are whole
    if ends[0].number == ends[1].number:
        if ends[0].hash == ends[1].hash:
            return Comparison("same", f"Both end with block {common}.")
        return Comparison("apart", f"Block {common} is {ends[0].hash} and {ends[1].hash}.")
    relation: Relation = "extends" if ends[1].number > ends[0].number else "extended"
    return Comparison(relation, f"They are the same through block {common}.")


def compare_checkpoint(known: Checkpoint, evidence: Source) -> Comparison:
    """Compare a checkpoint with evidence: what the evidence is to it."""
    opening = evidence.opening
    if (known.chain_id, known.addresses) != (opening.chain_id, opening.addresses):
        return Comparison("unrelated", "They are of different co-ops, or of different chains.")
    evidence.codes()
    end = sealed.opened(opening.anchor)
    if end.number < known.block:
        where = f"The evidence ends with block {end.number}, before the checkpoint."
        return Comparison("extended", where)
    heads: dict[ContractName, bytes] = {
        name: chronicle.begin(opening.chain_id, at) for name, at in opening.addresses.items()
    }
    names = {address: name for name, address in opening.addresses.items()}
    events = 0
    for part in _through(evidence, known.block):
        events += len(part.logs)
        if part.number == known.block and part.hash != known.block_hash:
            where = f"Block {known.block} is {known.block_hash} and {part.hash}."
            return Comparison("apart", where)
        for log in part.logs:
            name = names[log.address]
            heads[name] = chronicle.fold(
                heads[name], log.block, part.timestamp, log.topics, log.data
            )
    evidence.state({})  # the file is whole
    found = {name: "0x" + head.hex() for name, head in heads.items()}
    if (found, events) != (dict(known.heads), known.events):
        said = f"{known.events} events in the checkpoint, {events} in the evidence"
        return Comparison("apart", f"Through block {known.block} they differ: {said}.")
    if end.number == known.block and end.hash != known.block_hash:
        return Comparison("apart", f"Block {known.block} is {known.block_hash} and {end.hash}.")
    relation: Relation = "same" if end.number == known.block else "extends"
    return Comparison(relation, f"They are the same through block {known.block}.")


def compare_checkpoints(first: Checkpoint, second: Checkpoint) -> Comparison | None:
    """Compare two checkpoints; None if only a chain can tell, as they are of different blocks."""
    if (first.chain_id, first.addresses) != (second.chain_id, second.addresses):
        return Comparison("unrelated", "They are of different co-ops, or of different chains.")
    if first.block != second.block:
        return None
    if first == second:
        return Comparison("same", f"Both are of block {first.block}.")
    where = f"Of block {first.block} one says {first.block_hash} with {first.events} events, "
    return Comparison("apart", where + f"the other {second.block_hash} with {second.events}.")


def turned(found: Comparison) -> Comparison:
    """The same, with the two in each other's place."""
    if found.relation == "extends":
        return found._replace(relation="extended")
    return found._replace(relation="extends") if found.relation == "extended" else found


def _through(source: Source, block: int) -> Iterator[Part]:
    """The blocks with logs through one, with whatever follows read to its end and left out."""
    for part in source.parts():
        if part.number <= block and part.sent:
            yield part


def _apart(mine: Part | None, theirs: Part | None) -> str:
    if mine is None or theirs is None:
        only = mine or theirs
        assert only is not None
        which = "second" if mine is None else "first"
        return f"Block {only.number} has events in the {which} alone."
    if mine.number != theirs.number:
        which, number = min((mine.number, "first"), (theirs.number, "second"))[::-1]
        return f"Block {number} has events in the {which} alone."
    if (mine.hash, mine.timestamp) != (theirs.hash, theirs.timestamp):
        return f"Block {mine.number} is {mine.hash} and {theirs.hash}."
    for log, other in zip_longest(mine.logs, theirs.logs):
        if log != other:
            place = (log or other).log_index
            return f"Block {mine.number}, log {place}: they tell of different events."
    return ""
