"""What a member reads of a proposal, from the mirror, as `content` is computed from it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlmodel import Session

from indexer import queries
from indexer.queries import ActionInfo, AsOf, ProposalDetail, ProposalSummary
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


def read(session: Session, at: AsOf, instance: Instance, texts: Path, proposal_id: int) -> Wording:
    """The wording of one proposal; `texts` is the folder of texts that stay off the chain."""
    own = _own(session, at, instance)
    detail = queries.proposal(session, at, proposal_id)
    parts = _parts(session, at, instance, detail)
    text = kept_text(texts, detail.text) if is_hashed(detail.text) else detail.text
    return Wording(
        parts=parts,
        title=title_of(text) if text else detail.title,
        text=text,
        sentences=tuple(decode(action, own).sentence for action in parts.actions),
    )


def titled(
    session: Session,
    at: AsOf,
    instance: Instance,
    texts: Path,
    found: Sequence[ProposalSummary],
) -> list[ProposalSummary]:
    """The same with titles for people where the chain holds only a text's hash: the kept text's, or
    what the proposal does."""
    own = _own(session, at, instance)
    return [
        replace(each, title=_title(session, at, own, texts, each))
        if is_hashed(each.title)
        else each
        for each in found
    ]


def _own(session: Session, at: AsOf, instance: Instance) -> Own:
    """The contracts as actions name them, without asking the chain."""
    return Own(
        instance.membership,
        instance.bylaws,
        instance.assembly,
        instance.pay_rates,
        queries.currency(session, at),
    )


def _title(session: Session, at: AsOf, own: Own, texts: Path, found: ProposalSummary) -> str:
    if text := kept_text(texts, found.title):
        return title_of(text)
    acts = queries.actions(session, at, found.proposal_id)
    sentences = (decode(_action(each), own).sentence for each in acts)
    return next(sentences, found.title) + (f" (and {len(acts) - 1} more)" if len(acts) > 1 else "")


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
        actions=tuple(_action(each) for each in detail.actions),
        code_hashes=tuple(_bytes(each.code_hash) for each in detail.actions),
        description=detail.text,
        confirms=confirmed,
    )


def _action(found: ActionInfo) -> Action:
    return Action(found.target, int(found.value), _bytes(found.calldata))


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
