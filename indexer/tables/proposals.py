"""Proposals and what became of them."""

from sqlmodel import Field

from indexer.tables.base import Fact, big


class ProposalRow(Fact, table=True):
    """A proposal was created; `closes_at` is the deadline planned then."""

    __tablename__ = "proposals"

    proposal_id: int = big(index=True)
    proposer: str
    opens_at: int = big()
    closes_at: int = big()
    description: str


class ProposalAction(Fact, table=True):
    """One action of a proposal, in its place among them; `value` is wei as decimal text."""

    __tablename__ = "proposal_actions"

    position: int = Field(primary_key=True)
    proposal_id: int = big(index=True)
    target: str
    value: str
    signature: str
    calldata: str


class ProposalFreeze(Fact, table=True):
    """What else a proposal froze; `confirms`, `proposer_id`, `subject_id` are 0 for none."""

    __tablename__ = "proposal_freezes"

    proposal_id: int = big(index=True)
    decision_class: str
    rule_version: int
    proposer_id: int
    subject_id: int
    confirms: int = big()
    content: str
    text_hash: str


class FrozenCode(Fact, table=True):
    """The code hash of one action's target at creation, in the action's place."""

    __tablename__ = "frozen_codes"

    position: int = Field(primary_key=True)
    proposal_id: int = big(index=True)
    code_hash: str


class DeadlineMove(Fact, table=True):
    """A deadline moved: by a late swing (`extended`) or the second call (`second_called`)."""

    __tablename__ = "deadline_moves"

    proposal_id: int = big(index=True)
    change: str
    deadline: int = big()


class ProposalStep(Fact, table=True):
    """A proposal was canceled, queued (with `eta`) or executed."""

    __tablename__ = "proposal_steps"

    proposal_id: int = big(index=True)
    step: str
    eta: int | None = big(default=None)


class Reply(Fact, table=True):
    """The person concerned put the hash of a reply on record."""

    __tablename__ = "replies"

    proposal_id: int = big(index=True)
    member_id: int
    reply_hash: str


class Appeal(Fact, table=True):
    """The person concerned appealed; `confirmation` is the proposal that confirms or not."""

    __tablename__ = "appeals"

    proposal_id: int = big(index=True)
    confirmation: int = big()


class Objection(Fact, table=True):
    """The present key objected to its own replacement."""

    __tablename__ = "objections"

    proposal_id: int = big(index=True)
    member_id: int
