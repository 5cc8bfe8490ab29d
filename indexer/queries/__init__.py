"""Answers from the mirror. Every question is asked as of a block and gives frozen values.

Fields bear the names of CLI.md's JSON kinds, with an underscore where Python reserves the word;
`indexer.document.document` turns every value into JSON.
"""

from indexer.queries.actions import ActionInfo, actions
from indexer.queries.as_of import AsOf, as_of
from indexer.queries.ballots import (
    BallotInfo,
    PayBallotInfo,
    SkippedInfo,
    ballots,
    pay_ballots,
    skipped_ballots,
    tallies,
)
from indexer.queries.bylaws import (
    PayRuleVersion,
    RuleVersion,
    pay_rules,
    rule_in_force,
    rule_version,
    rules,
    rules_in_force,
)
from indexer.queries.chronicle import chronicle_heads
from indexer.queries.events import EventInfo, events
from indexer.queries.exports import ROWS
from indexer.queries.guardians import GuardiansInfo, RecoveryInfo, guardians
from indexer.queries.members import (
    MemberInfo,
    candidates,
    current_member,
    member,
    member_of,
    members,
    probation_of,
    roll,
)
from indexer.queries.pay import PastRate, RateInfo, currency, rate, rate_history, rates, role_name
from indexer.queries.pay_votes import PayVoteInfo, pay_vote, pay_votes
from indexer.queries.profiles import profile_hashes
from indexer.queries.proposals import (
    ProposalDetail,
    ProposalSummary,
    StepInfo,
    proposal,
    proposals,
)
from indexer.queries.status import mirror_status

__all__ = [
    "ROWS",
    "ActionInfo",
    "AsOf",
    "BallotInfo",
    "EventInfo",
    "GuardiansInfo",
    "MemberInfo",
    "PastRate",
    "PayBallotInfo",
    "PayRuleVersion",
    "PayVoteInfo",
    "ProposalDetail",
    "ProposalSummary",
    "RateInfo",
    "RecoveryInfo",
    "RuleVersion",
    "SkippedInfo",
    "StepInfo",
    "actions",
    "as_of",
    "ballots",
    "candidates",
    "chronicle_heads",
    "currency",
    "current_member",
    "events",
    "guardians",
    "member",
    "member_of",
    "members",
    "mirror_status",
    "pay_ballots",
    "pay_rules",
    "pay_vote",
    "pay_votes",
    "probation_of",
    "profile_hashes",
    "proposal",
    "proposals",
    "rate",
    "rate_history",
    "rates",
    "role_name",
    "roll",
    "rule_in_force",
    "rule_version",
    "rules",
    "rules_in_force",
    "skipped_ballots",
    "tallies",
]
