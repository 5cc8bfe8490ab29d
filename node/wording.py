"""What a member reads of a proposal, from the mirror, as `content` is computed from it."""

from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session

from indexer import queries
from indexer.queries import AsOf, ProposalDetail
from node.action_values import CLASSES
from node.actions import Own, decode
from node.content import Action, ProposalParts, is_hashed, proposal_content
from node.drafts import title_of
from node.instance import Instance
from node.proposals import kept_text


@dataclass(frozen=True)
class Wording:
    """A proposal in words. `text` is None where only its hash is known here."""

    parts: ProposalParts
    title: str
    text: str | None
    sentences: tuple[str, ...]
    """What it does if it passes, a sentence for each action."""


def read(
    session: Session, at: AsOf, instance: Instance, own: Own, texts: Path, proposal_id: int
) -> Wording:
    """The wording of one proposal; `texts` is the folder of texts that stay off the chain."""
    detail = queries.proposal(session, at, proposal_id)
    parts = _parts(session, at, instance, detail)
    text = kept_text(texts, detail.text) if is_hashed(detail.text) else detail.text
    return Wording(
        parts=parts,
        title=title_of(text) if text else detail.title,
        text=text,
        sentences=tuple(decode(action, own).sentence for action in parts.actions),
    )


def in_words(wording: Wording) -> str:
    """What a proposal does, in one text."""
    return " ".join(wording.sentences) or "Nothing is called: a resolution in words."


def _parts(session: Session, at: AsOf, instance: Instance, detail: ProposalDetail) -> ProposalParts:
    confirmed = b""
    if detail.confirms:
        # Its ballots are for the proposal that it confirms, so that one is computed anew as well.
        other = queries.proposal(session, at, detail.confirms)
        confirmed = proposal_content(_parts(session, at, instance, other))
    return ProposalParts(
        chain_id=instance.chain_id,
        assembly=instance.assembly,
        proposal_id=detail.proposal_id,
        decision_class=CLASSES.index(detail.class_),
        rule_version=detail.rule_version,
        opens_at=int(detail.opens_at),
        actions=tuple(
            Action(each.target, int(each.value), _bytes(each.calldata)) for each in detail.actions
        ),
        code_hashes=tuple(_bytes(each.code_hash) for each in detail.actions),
        description=detail.text,
        confirms=confirmed,
    )


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
