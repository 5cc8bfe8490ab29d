"""From events to rows: one function an event, one file a noun, one dictionary of contents.

A handler's parameters bear the ABI's names (with an underscore where Python reserves the word); a
test compares them. An event without a handler, or a failing one, stops the sync.
"""

import keyword
from collections.abc import Callable
from typing import Any

from indexer.errors import HandlerFailed, UnknownEvent
from indexer.events import Event
from indexer.handlers import (
    ballots,
    bylaws,
    candidates,
    domains,
    due_process,
    guardians,
    members,
    pay_votes,
    proposals,
    roles,
)
from indexer.handlers.known import Known
from indexer.handlers.row import Row

Handler = Callable[..., list[Row]]

HANDLERS: dict[str, Handler] = {
    "Membership.ProbationSet": candidates.probation_set,
    "Membership.CandidateApplied": candidates.candidate_applied,
    "Membership.CandidateWithdrew": candidates.candidate_withdrew,
    "Membership.MemberAdmitted": members.member_admitted,
    "Membership.MemberLeft": members.member_left,
    "Membership.MemberSuspended": members.member_suspended,
    "Membership.MemberReinstated": members.member_reinstated,
    "Membership.MemberExpelled": members.member_expelled,
    "Membership.KeyRotated": members.key_rotated,
    "Membership.KeyRecovered": members.key_recovered,
    "Membership.GuardiansNamed": guardians.guardians_named,
    "Membership.RecoverySupported": guardians.recovery_supported,
    "Membership.RecoveryStarted": guardians.recovery_started,
    "Membership.RecoveryCancelled": guardians.recovery_cancelled,
    "Membership.RecoveryCompleted": guardians.recovery_completed,
    "Membership.EIP712DomainChanged": domains.membership_domain_changed,
    "Bylaws.RuleSet": bylaws.rule_set,
    "Assembly.ProposalCreated": proposals.proposal_created,
    "Assembly.ProposalFrozen": proposals.proposal_frozen,
    "Assembly.ProposalExtended": proposals.proposal_extended,
    "Assembly.SecondCallOpened": proposals.second_call_opened,
    "Assembly.ProposalCanceled": proposals.proposal_canceled,
    "Assembly.ProposalQueued": proposals.proposal_queued,
    "Assembly.ProposalExecuted": proposals.proposal_executed,
    "Assembly.VoteCast": ballots.vote_cast,
    "Assembly.BallotSequence": ballots.ballot_sequence,
    "Assembly.BallotSkipped": ballots.ballot_skipped,
    "Assembly.ReplyRecorded": due_process.reply_recorded,
    "Assembly.ProposalAppealed": due_process.proposal_appealed,
    "Assembly.RecoveryObjected": due_process.recovery_objected,
    "Assembly.EIP712DomainChanged": domains.assembly_domain_changed,
    "PayRates.CurrencySet": roles.currency_set,
    "PayRates.PayRuleSet": bylaws.pay_rule_set,
    "PayRates.RoleAdded": roles.role_added,
    "PayRates.RoleChanged": roles.role_changed,
    "PayRates.RoleRetired": roles.role_retired,
    "PayRates.RateSet": roles.rate_set,
    "PayRates.PayVoteOpened": pay_votes.pay_vote_opened,
    "PayRates.PayBallotCast": pay_votes.pay_ballot_cast,
    "PayRates.PayBallotCastWithReason": pay_votes.pay_ballot_cast_with_reason,
    "PayRates.PayBallotSkipped": ballots.pay_ballot_skipped,
    "PayRates.PayVoteClosed": pay_votes.pay_vote_closed,
    "PayRates.EIP712DomainChanged": domains.pay_rates_domain_changed,
}

_LARGEST = 2**63  # beyond what a database's integer holds


def derive(event: Event, known: Known) -> list[Row]:
    """Return the rows of an event with their key; UnknownEvent or HandlerFailed stop the sync."""
    return rows_of(event.key, tuple(event.args.values()), event.block, event.log_index, known)


def rows_of(key: str, args: tuple[Any, ...], block: int, log_index: int, known: Known) -> list[Row]:
    """The same of an event's key and its values in the ABI's order."""
    handler = HANDLERS.get(key)
    if handler is None:
        contract, _, name = key.partition(".")
        raise UnknownEvent(contract, name, block, log_index)
    try:
        # By position: a test says that a handler's parameters are the ABI's, in its order.
        rows = handler(known, *args)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise HandlerFailed(key, block, log_index, reason) from error
    for row in rows:
        values = row.values
        values["block"] = block
        values["log_index"] = log_index
    for value in args:
        if value.__class__ is int and value >= _LARGEST:
            _refuse_too_large(key, rows)
    return rows


def _refuse_too_large(key: str, rows: list[Row]) -> None:
    for row in rows:
        for column, value in row.values.items():
            if isinstance(value, int) and value >= _LARGEST:
                reason = f"{column} is {value}, larger than a database's integer"
                raise HandlerFailed(key, row.values["block"], row.values["log_index"], reason)


def parameter_name(name: str) -> str:
    """Return the Python parameter of an ABI name: `class` -> `class_`."""
    return f"{name}_" if keyword.iskeyword(name) else name
