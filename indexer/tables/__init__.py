"""All tables of a mirror: what the chain said, append-only; statuses and tallies are derived."""

from indexer.tables.ballots import BallotRow, PayBallotRow, SequenceAnnouncement, SkippedBallot
from indexer.tables.base import Fact, Table
from indexer.tables.bylaws import PayRuleRow, RuleRow
from indexer.tables.guardians import GuardianNaming, RecoveryStep
from indexer.tables.mirror import SCHEMA, Block, ChronicleHead, Cursor, Log, Mirror
from indexer.tables.pay import Currency, PayVoteResult, PayVoteRow, Rate, RoleChange
from indexer.tables.proposals import (
    Appeal,
    DeadlineMove,
    FrozenCode,
    Objection,
    ProposalAction,
    ProposalFreeze,
    ProposalRow,
    ProposalStep,
    Reply,
)
from indexer.tables.roll import Application, DomainChange, MemberChange, ProbationChange

FACTS: tuple[type[Fact], ...] = (
    Appeal,
    Application,
    BallotRow,
    Currency,
    DeadlineMove,
    DomainChange,
    FrozenCode,
    GuardianNaming,
    MemberChange,
    Objection,
    PayBallotRow,
    PayRuleRow,
    PayVoteResult,
    PayVoteRow,
    ProbationChange,
    ProposalAction,
    ProposalFreeze,
    ProposalRow,
    ProposalStep,
    Rate,
    RecoveryStep,
    Reply,
    RoleChange,
    RuleRow,
    SequenceAnnouncement,
    SkippedBallot,
)
"""The tables that handlers fill."""

__all__ = [
    "FACTS",
    "SCHEMA",
    "Appeal",
    "Application",
    "BallotRow",
    "Block",
    "ChronicleHead",
    "Currency",
    "Cursor",
    "DeadlineMove",
    "DomainChange",
    "Fact",
    "FrozenCode",
    "GuardianNaming",
    "Log",
    "MemberChange",
    "Mirror",
    "Objection",
    "PayBallotRow",
    "PayRuleRow",
    "PayVoteResult",
    "PayVoteRow",
    "ProbationChange",
    "ProposalAction",
    "ProposalFreeze",
    "ProposalRow",
    "ProposalStep",
    "Rate",
    "RecoveryStep",
    "Reply",
    "RoleChange",
    "RuleRow",
    "SequenceAnnouncement",
    "SkippedBallot",
    "Table",
]
