"""Whoever falsifies what was decided is found out: each line falsifies an honest season in one way,
and names the check that must find it and the word for what it finds."""

import pytest

from indexer.audit.replay.checks import TABLE
from tests.contracts.coop import AGAINST, DAY, HOUR
from tests.indexer.audit.histories import History
from tests.indexer.audit.tampering import (
    Tamper,
    all_of,
    alter,
    double,
    drop,
    found,
    invent,
    move,
    rename,
    spaced,
    swap,
)

CREATED, FROZEN = "Assembly.ProposalCreated", "Assembly.ProposalFrozen"
QUEUED, EXECUTED = "Assembly.ProposalQueued", "Assembly.ProposalExecuted"
EXTENDED, SECOND = "Assembly.ProposalExtended", "Assembly.SecondCallOpened"
CANCELED, CAST = "Assembly.ProposalCanceled", "Assembly.VoteCast"
RULE = "Bylaws.RuleSet"
NOBODY = "0x" + "00" * 20
MOST = 2**40 - 1

GENERAL: list[tuple[str, str, Tamper]] = [
    ("4.0.2", "clock_went_back", move(QUEUED, -DAY)),
    ("4.0.3", "other_contract", rename(CAST, address=NOBODY)),
    ("4.0.4", "unknown_event", rename(CAST, name="EIP712DomainChanged")),
    ("4.0.4", "impossible", alter(FROZEN, {"class": 9})),
    ("4.0.5", "incomplete", drop("Membership.ProbationSet")),
    ("4.0.5", "incomplete", drop("PayRates.CurrencySet")),
    ("4.0.5", "incomplete", drop(RULE, 6)),
    ("4.0.6", "not_ordered", drop(EXECUTED)),
    ("4.0.6", "not_ordered", alter("Membership.MemberAdmitted", {"account": NOBODY}, -1)),
    ("4.0.6", "not_ordered", alter("PayRates.RoleChanged", {"floor": 1})),
    ("4.0.6", "not_ordered", alter("PayRates.PayRuleSet", {"rule": {"notice": 1}}, -1)),
    ("4.0.7", "without_effect", drop("Membership.MemberAdmitted", 6)),
    ("4.0.7", "without_effect", drop("PayRates.RoleRetired")),
]
BYLAWS: list[tuple[str, str, Tamper]] = [
    ("4.2.1", "version", alter(RULE, {"version": 3}, -1)),
    ("4.2.1", "class_order", swap((RULE, 0), (RULE, 4))),
    ("4.2.2", "out_of_bounds", alter(RULE, lambda a: {"rule": {**a["rule"], "passDen": 101}})),
    ("4.2.3", "unreachable", alter(RULE, lambda a: {"rule": {**a["rule"], "quorumMin": 6}})),
    ("4.2.4", "too_quick", alter(RULE, lambda a: {"rule": {**a["rule"], "notice": 0}}, 3)),
]
PROPOSALS: list[tuple[str, str, Tamper]] = [
    ("4.3.1", "not_frozen", drop(FROZEN)),
    ("4.3.1", "not_created", drop(CREATED)),
    ("4.3.1", "proposal_id", all_of(drop(CREATED), drop(FROZEN))),
    ("4.3.1", "unknown", alter(QUEUED, {"proposalId": 99})),
    ("4.3.2", "proposer", alter(CREATED, {"proposer": NOBODY})),
    ("4.3.2", "proposer", alter(FROZEN, {"proposerId": 2})),
    (
        "4.3.3",
        "busy",
        all_of(move(CREATED, -2 * HOUR, proposalId=6), move(FROZEN, -2 * HOUR, proposalId=6)),
    ),
    ("4.3.4", "class", alter(FROZEN, {"class": 0})),
    ("4.3.4", "person", alter(FROZEN, {"subjectId": 3}, proposalId=9)),
    ("4.3.4", "uneven_actions", alter(CREATED, {"values": []})),
    ("4.3.5", "rule_version", alter(FROZEN, {"ruleVersion": 2})),
    ("4.3.5", "rule_version", alter(FROZEN, {"ruleVersion": 2}, confirms=9)),
    ("4.3.6", "opening", alter(CREATED, lambda a: {"voteStart": a["voteStart"] + 89 * DAY})),
    ("4.3.6", "opening", alter(CREATED, {"voteStart": 1}, proposalId=10)),
    ("4.3.7", "deadline", alter(CREATED, lambda a: {"voteEnd": a["voteEnd"] + 1})),
    ("4.3.8", "content", alter(CREATED, lambda a: {"calldatas": a["calldatas"][::-1]})),
    ("4.3.8", "content", alter(FROZEN, {"content": bytes(32)})),
    ("4.3.8", "text_hash", alter(CREATED, {"description": "Another resolution"}, 1)),
    ("4.3.8", "code_hashes", alter(FROZEN, {"codeHashes": []})),
    ("4.3.9", "not_hashed", alter(CREATED, {"description": "Fay is nice"})),
    (
        "4.3.10",
        "cooling_down",
        all_of(move(CREATED, -60, proposalId=6), move(FROZEN, -60, proposalId=6)),
    ),
    ("4.3.11", "extension", drop(EXTENDED)),
    ("4.3.11", "extension", alter(EXTENDED, lambda a: {"extendedDeadline": MOST})),
    ("4.3.11", "extension", alter(CAST, {"support": AGAINST}, 4, proposalId=3)),
    ("4.3.11", "extension", invent(EXTENDED, (CAST, 0), {"proposalId": 1})),
    ("4.3.12", "not_called", invent(SECOND, (CAST, 0), {"proposalId": 1})),
    ("4.3.12", "deadline", alter(SECOND, lambda a: {"deadline": a["deadline"] + 1})),
    ("4.3.13", "state", move(CANCELED, 2 * HOUR)),
    (
        "4.3.13",
        "no_proposer",
        invent(CANCELED, ("Assembly.ProposalAppealed", 0), {"proposalId": 10}),
    ),
    ("4.3.14", "eta", alter(QUEUED, lambda a: {"etaSeconds": a["etaSeconds"] - 1})),
    ("4.3.14", "state", move(QUEUED, -60)),
    ("4.3.14", "state", all_of(alter(CAST, {"support": 0}), alter(CAST, {"support": 0}, 1))),
    ("4.3.14", "state", all_of(drop(CAST), drop(CAST))),
    ("4.3.14", "confirming", alter(QUEUED, {"proposalId": 10}, proposalId=11)),
    ("4.3.15", "state", drop(QUEUED)),
    ("4.3.15", "state", double(EXECUTED)),
    ("4.3.15", "not_due", move(EXECUTED, -60)),
    (
        "4.3.15",
        "unconfirmed",
        all_of(*(alter(CAST, {"support": 0}, nth, proposalId=10) for nth in range(3))),
    ),
    ("4.3.16", "other_person", alter("Assembly.ReplyRecorded", {"memberId": 1})),
    ("4.3.16", "class", alter("Assembly.ReplyRecorded", {"proposalId": 1})),
    ("4.3.16", "state", alter("Assembly.ReplyRecorded", {"proposalId": 7})),
    ("4.3.17", "not_appealed", drop("Assembly.ProposalAppealed")),
    ("4.3.17", "state", drop(QUEUED, proposalId=9)),
    ("4.3.17", "again", alter(FROZEN, {"confirms": 9}, proposalId=11)),
    ("4.3.17", "no_vote", double("Assembly.ProposalAppealed")),
    ("4.3.17", "too_late", all_of(move(CREATED, DAY, 9), move(FROZEN, DAY, 9))),
    ("4.3.17", "other_person", alter(CREATED, {"proposer": NOBODY}, proposalId=10)),
    ("4.3.17", "other_question", alter(FROZEN, {"textHash": bytes(32)}, proposalId=10)),
    ("4.3.17", "unknown", alter(FROZEN, {"confirms": 99}, proposalId=10)),
    ("4.3.18", "other_person", alter("Assembly.RecoveryObjected", {"memberId": 1})),
    ("4.3.18", "class", alter("Assembly.RecoveryObjected", {"proposalId": 9})),
    ("4.3.18", "state", alter("Assembly.RecoveryObjected", {"proposalId": 9})),
    ("4.3.18", "not_canceled", drop(CANCELED, -1)),
]


@pytest.mark.parametrize(
    ("check", "kind", "tamper"),
    GENERAL + BYLAWS + PROPOSALS,
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_falsified_decision_is_found_by_its_check(
    told: History, check: str, kind: str, tamper: Tamper
) -> None:
    assert (check, kind) in found(told, tamper)


def test_events_that_change_places_in_their_block_are_out_of_order(told: History) -> None:
    falsified = spaced(told.events)
    falsified[1], falsified[2] = falsified[2], falsified[1]
    kinds = {(each.check, each.kind) for each in told.replayed(falsified).mismatches}
    assert ("4.0.1", "out_of_order") in kinds


def test_every_check_of_decisions_has_a_falsification() -> None:
    named = {check for check, _, _ in GENERAL + BYLAWS + PROPOSALS}
    groups = ("4.0.", "4.2.", "4.3.")
    assert {each for each in TABLE if each.startswith(groups)} - named == {
        "4.0.1",  # right above
        "4.0.8",  # in the falsifications of people
    }
