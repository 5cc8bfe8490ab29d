"""What an audit says, for scripts and for people."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from node.ballot import Ballot
from node.errors import MirrorOfAnotherChain

if TYPE_CHECKING:
    from indexer.audit.judge import Audit, Heads
    from indexer.audit.probe import Abilities
    from indexer.audit.promised import Word
    from indexer.audit.records import Opening
    from indexer.audit.reexecute import Again

LEVELS = {
    "anchored": "anchored: proven against a block hash known from elsewhere",
    "proven": "proven: against a header of this one source; compare its hash with others",
    "logs-only": "logs only: nothing proves the state of that block, and the source is believed",
}
STEPS = {
    1: "Level",
    2: "Code and powers",
    3: "Completeness",
    4: "Replay by the rules",
    5: "Who signed",
    6: "State",
}


def data(found: "Audit") -> dict[str, Any]:
    """The `data` of a document of kind audit."""
    return {
        "ok": found.ok,
        "level": found.level,
        "blocks": found.blocks,
        "events": found.events,
        "ballots_checked": found.ballots,
        "chronicle": {
            "replayed": _hexed(found.replayed),
            "on_chain": _hexed(found.on_chain),
            "ok": found.replayed == found.on_chain,
        },
        "anchor": {
            "block": found.end.number,
            "block_hash": found.end.hash,
            "proof_ok": found.proof_ok,
        },
        "receipts_ok": found.receipts_ok,
        "receipts": found.receipts,
        "signed": vars(found.signed),
        "storage_words": found.words,
        "run_again": found.again._asdict() if found.again else None,
        "checks": [
            {"id": each.id, "words": each.words, "counted": each.counted, "failed": each.failed}
            for each in found.checks
        ],
        "mismatches": [each._asdict() for each in found.mismatches],
        "findings": {
            name: [each._asdict() for each in listed]
            for name, listed in found.findings._asdict().items()
        },
        "unchecked": unchecked(found),
    }


def abilities_in_words(abilities: "Abilities") -> str:
    """What the node that was read can prove, and what it can not."""
    words = {
        "which blocks are final": abilities.finality,
        "proofs of the state": abilities.proofs,
        "a block's receipts at once": abilities.receipts,
        "the state of the co-op's first block": abilities.old_state,
    }
    able = ", ".join(word for word, able in words.items() if able) or "none of what was asked"
    unable = ", ".join(word for word, able in words.items() if not able)
    return f"This node gives {able}{f'; it lacks {unable}' if unable else ''}."


def unchecked(found: "Audit") -> list[str]:
    """What this audit leaves open, in words; some of it no audit can show."""
    said = []
    if found.level == "logs-only":
        said.append("That the history is complete, and the state: nothing proved them.")
    elif not found.proof_ok:
        said.append("The state at the last block: only the blocks' logs are proven.")
    if found.level == "proven":
        said.append(
            "That the last block is the chain's: nobody else's word for its hash was given."
        )
    if not found.receipts_ok:
        said.append("The hashes of transactions, and which events share one: see --receipts.")
    signed = found.signed
    if signed.by_contract or signed.within_calls:
        said.append(
            f"{signed.by_contract} ballots of contract accounts and {signed.within_calls} carried "
            "inside another contract's call: the co-op's contracts accepted them."
        )
    if found.again and found.again.until:
        said.append("What those transactions give that were not run again, and the storage.")
    elif found.again and not found.proof_ok:
        said.append("The storage that running again gives: nothing proves the chain's.")
    said.append("Who is behind a key, and that the chain's own consensus holds.")
    return said


def lines(found: "Audit") -> Iterator[str]:
    """The same for people: numbered steps, each sub-check with its counts."""
    for number, title in STEPS.items():
        yield f"{number}. {title}{_summary(found, number)}"
        for check in found.checks:
            if check.place[0] == number and check.counted:
                yield f"   {check.id} {check.words}: {check.failed} of {check.counted}"
    yield "7. Findings"
    yield from (f"   {fact}" for fact in facts(found))
    yield "Not shown:"
    yield from (f"   {each}" for each in unchecked(found))
    verdict = "nothing departs from the rules" if found.ok else "NOT as it should be"
    yield f"Result: {verdict}, as far as the level above reaches."


def facts(found: "Audit") -> Iterator[str]:
    """The findings, one sentence each."""
    if found.again:
        yield run_again(found.again)
    told = found.findings
    for each in told.turnout:
        tally = each.tally
        yield (
            f"proposal {each.proposal}, {each.state}: {each.voted} of {each.roll} voted, "
            f"{tally.for_} for, {tally.against} against, {tally.abstain} abstain"
        )
    yield from (f"{each.poll}: {each.ballots} ballots changed" for each in told.changed)
    yield from (f"{each.poll}: {each.ballots} skipped, {each.cause}" for each in told.skipped)
    for late in told.last_minute:
        yield f"proposal {late.proposal}: {late.ballots} ballots in the last minute"
    for turned in told.rotated_mid_vote:
        yield f"proposal {turned.proposal}: member {turned.member_id} changed keys meanwhile"


def run_again(again: "Again") -> str:
    """How far the transactions were run again, in a sentence."""
    if not again.until:
        return (
            f"{again.ran} transactions were run again, all that there are, and "
            f"{again.words} words of storage compared"
        )
    left = again.transactions - again.ran
    return (
        f"{again.ran} transactions were run again, and {left} could not be, from {again.until} on: "
        f"{again.cause}"
    )


def words(files: Sequence[Path]) -> "list[Word]":
    """Return the promises in files as the audit takes them; `Malformed` with what is wrong."""
    from indexer.audit.promised import Word
    from node import promises

    found = []
    for file in files:
        given = promises.load(file)
        ballot = given.ballot.ballot
        found.append(
            Word(
                contract="assembly" if isinstance(ballot, Ballot) else "pay_rates",
                poll=ballot.subject,
                member_id=ballot.member_id,
                account=given.ballot.account,
                epoch=ballot.epoch,
                sequence=ballot.sequence,
                before=given.before,
                relayer=given.relayer,
            )
        )
    return found


def refuse_foreign(files: Sequence[Path], opening: "Opening") -> None:
    """Raise `MirrorOfAnotherChain` for a promise about another co-op's ballots: none was broken."""
    from node import promises

    for file in files:
        domain = promises.load(file).ballot.domain
        known = domain.verifying_contract in opening.addresses.values()
        if not known or domain.chain_id != opening.chain_id:
            raise MirrorOfAnotherChain(
                f"The promise in {file} is about contract {domain.verifying_contract} on chain "
                f"{domain.chain_id}, which is none of the audited co-op.",
                hint="Choose the instance that it is about: --instance NAME",
            )


def rows(found: "Audit") -> Sequence[tuple[str, str, str, str]]:
    """The mismatches as rows of a table."""
    return [(each.check, each.where, each.expected, each.found) for each in found.mismatches]


def _summary(found: "Audit", number: int) -> str:
    said: Mapping[int, str] = {
        1: f": {LEVELS[found.level]}\n   block {found.end.number}, {found.end.hash}",
        3: f": {found.events} events",
        4: f": {found.ballots} ballots",
        5: f": {found.signed.by_key} carried and {found.signed.by_transaction} direct ballots",
        6: f": {found.words} words of storage",
    }
    return said.get(number, "")


def _hexed(heads: "Heads") -> dict[str, str]:
    return {name: "0x" + head.hex() for name, head in heads.items()}
