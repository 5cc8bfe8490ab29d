"""Whoever falsifies the roll, the ballots or the pay is found out: each line falsifies an honest
season in one way, and names the check that must find it and the word for what it finds."""

from collections.abc import Mapping
from typing import Any

import pytest

from indexer.audit.replay.checks import TABLE
from tests.contracts.coop import AGAINST, DAY, HOUR
from tests.indexer.audit.histories import History
from tests.indexer.audit.story import DYER, WEAVER
from tests.indexer.audit.tampering import (
    Tamper,
    all_of,
    alter,
    double,
    drop,
    found,
    invent,
    move,
    swap,
)

ADMITTED, APPLIED = "Membership.MemberAdmitted", "Membership.CandidateApplied"
LEFT, SUSPENDED = "Membership.MemberLeft", "Membership.MemberSuspended"
REINSTATED, EXPELLED = "Membership.MemberReinstated", "Membership.MemberExpelled"
ROTATED, RECOVERED = "Membership.KeyRotated", "Membership.KeyRecovered"
NAMED, SUPPORTED = "Membership.GuardiansNamed", "Membership.RecoverySupported"
STARTED, COMPLETED = "Membership.RecoveryStarted", "Membership.RecoveryCompleted"
VOIDED, PROBATION = "Membership.RecoveryCancelled", "Membership.ProbationSet"
CAST, SKIPPED = "Assembly.VoteCast", "Assembly.BallotSkipped"
SEQUENCE = "Assembly.BallotSequence"
ADDED, CHANGED, RATE = "PayRates.RoleAdded", "PayRates.RoleChanged", "PayRates.RateSet"
OPENED, CLOSED = "PayRates.PayVoteOpened", "PayRates.PayVoteClosed"
PAY_CAST, PAY_SKIPPED = "PayRates.PayBallotCast", "PayRates.PayBallotSkipped"
WITH_REASON = "PayRates.PayBallotCastWithReason"
RETIRED = "PayRates.RoleRetired"
PAY_RULE, CURRENCY = "PayRates.PayRuleSet", "PayRates.CurrencySet"

NOBODY = "0x" + "00" * 20
ADA = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
GUS = "0x976EA74026E726554dB657fA54763abd0C3a0aa9"
HAL = "0x14dC79964da2C08b23698B3D3cc7Ca32193d9955"
FAY = "0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc"
EVE = "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65"
LONG = "x" * 501


def later(name: str, by: int) -> Any:
    """The value of that name is so much more."""
    return lambda args: {name: args[name] + by}


def word(member: int | None = None, rate: int | None = None, vote: int | None = None) -> Any:
    """The word of a pay ballot says another member, rate or pay vote."""

    def change(args: Mapping[str, Any]) -> Mapping[str, Any]:
        ballot = args["ballot"]
        parts = ((member, 56, 32), (rate, 0, 48), (vote, 88, 32))
        for value, shift, width in parts:
            if value is not None:
                ballot = ballot & ~((2**width - 1) << shift) | value << shift
        return {"ballot": ballot}

    return change


ROLL: list[tuple[str, str, Tamper]] = [
    ("4.0.8", "order_outdated", move(APPLIED, 2 * DAY + HOUR, account=HAL, nth=-1)),
    ("4.1.1", "founder_twice", alter(ADMITTED, {"account": ADA}, 1)),
    ("4.1.1", "founder_count", all_of(*[drop(ADMITTED)] * 3)),
    ("4.1.2", "member_id", drop(ADMITTED)),
    ("4.1.2", "member_id", alter(ADMITTED, {"memberId": 9}, 5)),
    ("4.1.3", "account_taken", alter(ADMITTED, {"account": ADA}, 5)),
    ("4.1.3", "account_taken", alter(ROTATED, {"newAccount": ADA})),
    ("4.1.3", "account_taken", alter(APPLIED, {"account": ADA})),
    ("4.1.4", "no_candidate", drop(APPLIED)),
    ("4.1.4", "probation_runs", alter(PROBATION, {"probation": 30 * DAY})),
    ("4.1.5", "applied_twice", double(APPLIED)),
    ("4.1.5", "no_profile", alter(APPLIED, {"profileHash": bytes(32)})),
    ("4.1.5", "not_applied", alter("Membership.CandidateWithdrew", {"account": ADA})),
    ("4.1.6", "standing", alter(LEFT, {"memberId": 99})),
    ("4.1.6", "standing", double(LEFT)),
    ("4.1.7", "duration", alter(SUSPENDED, later("endsAt", 60 * DAY))),
    ("4.1.7", "standing", double(SUSPENDED)),
    ("4.1.8", "term_runs", move(REINSTATED, -60)),
    ("4.1.8", "standing", double(REINSTATED)),
    ("4.1.9", "standing", alter(EXPELLED, {"memberId": 7})),
    ("4.1.10", "epoch", alter(ROTATED, {"epoch": 2})),
    ("4.1.10", "other_key", alter(ROTATED, {"presentAccount": ADA})),
    ("4.1.10", "standing", alter(ROTATED, {"memberId": 7})),
    ("4.1.11", "too_soon", double(ROTATED)),
    ("4.1.12", "in_force_from", alter(NAMED, later("inForceFrom", -DAY))),
    ("4.1.12", "not_removed", drop(NAMED, -1)),
    ("4.1.12", "standing", alter(NAMED, {"memberId": 99})),
    ("4.1.13", "supported_twice", double(SUPPORTED)),
    ("4.1.13", "own_key", alter(SUPPORTED, {"memberId": 1, "guardian": ADA})),
    ("4.1.13", "no_guardians", drop(NAMED)),
    ("4.1.13", "unsupported", drop(SUPPORTED, 1)),
    ("4.1.13", "standing", alter(SUPPORTED, {"memberId": 99})),
    ("4.1.13", "account_taken", alter(SUPPORTED, {"newAccount": ADA})),
    (
        "4.1.13",
        "too_many",
        all_of(*(double(SUPPORTED, {"guardian": f"0x{each:040x}"}) for each in range(10))),
    ),
    ("4.1.13", "due_at", alter(STARTED, later("dueAt", -1))),
    ("4.1.13", "suffices", drop(VOIDED)),
    ("4.1.13", "nothing_begun", double(VOIDED)),
    ("4.1.14", "not_due", all_of(move(COMPLETED, -60), move(RECOVERED, -60))),
    ("4.1.14", "not_started", all_of(drop(STARTED, -1), drop(SUPPORTED, -1))),
    # A new membership voids what guardians began in the one before.
    ("4.1.14", "not_started", invent(ADMITTED, (STARTED, -1), {"memberId": 5, "account": EVE})),
    ("4.1.14", "standing", alter(COMPLETED, {"memberId": 7})),
    ("4.1.14", "too_soon", double(COMPLETED)),
    ("4.1.14", "no_new_key", drop(RECOVERED)),
    ("4.0.6", "not_ordered", drop(COMPLETED)),
    ("4.1.15", "too_long", alter(PROBATION, {"probation": 366 * DAY})),
]
BALLOTS: list[tuple[str, str, Tamper]] = [
    ("4.4.1", "unknown_proposal", alter(CAST, {"proposalId": 99})),
    ("4.4.2", "no_member", alter(CAST, {"voter": NOBODY})),
    ("4.4.2", "no_member", alter(CAST, {"voter": FAY}, 1, proposalId=8)),
    ("4.4.3", "not_eligible", alter(CAST, {"voter": GUS}, proposalId=3)),
    ("4.4.3", "not_eligible", move(ADMITTED, DAY, 7)),
    ("4.4.4", "outside_window", move(CAST, 4 * HOUR)),
    ("4.4.4", "outside_window", move(CAST, -60)),
    ("4.4.4", "outside_window", drop("Assembly.SecondCallOpened")),
    ("4.4.4", "outside_window", alter(CAST, {"proposalId": 1}, proposalId=2)),
    ("4.4.5", "already_voted", double(CAST, {"support": AGAINST}, 6, proposalId=3)),
    ("4.4.6", "announced", alter(SEQUENCE, {"sequence": 1})),
    ("4.4.6", "announced", alter(SEQUENCE, {"sequence": 2})),
    (
        "4.4.6",
        "sequence",
        all_of(alter(SEQUENCE, {"sequence": 255}), double(CAST, None, 3, proposalId=2)),
    ),
    ("4.4.6", "no_ballot", drop(CAST, 3, proposalId=2)),
    ("4.4.7", "choice", alter(CAST, {"support": 3})),
    ("4.4.7", "choice", alter(CAST, {"weight": 2})),
    ("4.4.8", "person_concerned", alter(CAST, {"voter": HAL}, proposalId=9)),
    ("4.4.9", "reason", alter(CAST, {"reason": "I know them"})),
    ("4.4.9", "reason", alter(CAST, {"reason": LONG}, proposalId=2)),
    ("4.4.10", "above_roll", double(CAST, {"voter": GUS}, -1, proposalId=3)),
    ("4.4.11", "cause", alter(SKIPPED, {"refusal": 2})),
    ("4.4.11", "cause", alter(SKIPPED, {"memberId": 2}, 2)),
]
PAY: list[tuple[str, str, Tamper]] = [
    ("4.5.1", "currency", double(CURRENCY)),
    ("4.5.1", "currency", all_of(invent(CURRENCY, (OPENED, 0), {}), drop(CURRENCY))),
    ("4.5.1", "role_name", alter(ADDED, {"role": bytes(32)})),
    ("4.5.1", "role_name", double(ADDED)),
    ("4.5.2", "version", alter(PAY_RULE, {"version": 2})),
    ("4.5.2", "out_of_bounds", alter(PAY_RULE, lambda a: {"rule": {**a["rule"], "ratioCap": 99}})),
    ("4.5.3", "terms", alter(ADDED, {"step": 0})),
    (
        "4.5.3",
        "too_many",
        all_of(*(double(ADDED, {"role": bytes([each + 1]) * 31}) for each in range(255))),
    ),
    ("4.5.3", "no_role", double(RETIRED)),
    ("4.5.4", "first_rate", alter(RATE, {"rate": 9_000}, 1)),
    ("4.5.4", "no_rate", drop(RATE)),
    ("4.5.5", "pay_vote_id", drop(OPENED)),
    ("4.5.5", "unknown", alter(PAY_CAST, word(vote=9))),
    ("4.5.6", "opener", alter(OPENED, {"openerId": 99})),
    ("4.5.7", "no_role", alter(OPENED, {"role": bytes(32)})),
    ("4.5.7", "under_way", alter(OPENED, {"role": WEAVER}, 1)),
    ("4.5.7", "resting", move(OPENED, -HOUR // 2, 2)),
    ("4.5.8", "opening", alter(OPENED, later("opensAt", 15 * DAY))),
    ("4.5.8", "deadline", alter(OPENED, later("deadline", 1))),
    ("4.5.8", "rule_version", alter(OPENED, {"ruleVersion": 1})),
    ("4.5.9", "ladder", alter(OPENED, later("from", 10))),
    ("4.5.9", "ladder", alter(OPENED, {"presentRung": 14})),
    ("4.5.10", "content", alter(OPENED, {"content": bytes(32)})),
    ("4.5.11", "not_eligible", alter(PAY_CAST, word(member=99))),
    ("4.5.12", "outside_window", move(PAY_CAST, 5 * HOUR)),
    ("4.5.12", "outside_window", move(PAY_CAST, -HOUR)),
    ("4.5.13", "rate", alter(PAY_CAST, word(rate=1_601))),
    ("4.5.13", "rate", alter(PAY_CAST, word(rate=1_660))),
    ("4.5.14", "sequence", double(PAY_CAST)),
    ("4.5.15", "reason", alter(WITH_REASON, {"reason": LONG})),
    ("4.5.16", "cause", alter(PAY_SKIPPED, {"refusal": 5})),
    ("4.5.17", "state", move(CLOSED, -60)),
    ("4.5.17", "state", double(CLOSED)),
    ("4.5.17", "earlier_first", all_of(drop(CLOSED), drop(RATE, -2))),
    ("4.5.17", "no_role", invent(RETIRED, (OPENED, 1), {"role": WEAVER})),
    ("4.5.18", "count", drop(PAY_CAST, 1)),
    ("4.5.18", "count", alter(WITH_REASON, word(rate=1_600))),
    ("4.5.18", "count", alter(CLOSED, later("filled", 2))),
    ("4.5.18", "count", alter(CLOSED, {"median": 1_590})),
    ("4.5.19", "result", alter(CLOSED, {"result": 1_590})),
    ("4.5.19", "result", alter(CLOSED, {"result": 1_350}, -1)),
    ("4.5.20", "not_set", drop(RATE, -1)),
    ("4.5.20", "not_set", alter(RATE, {"rate": 1_600}, -1)),
    ("4.5.20", "set_by_nobody", invent(RATE, (OPENED, 1), {"role": DYER, "rate": 1_500})),
    ("4.5.21", "rate", alter(RATE, {"rate": 999})),
]
REORDERED: list[tuple[str, str, Tamper]] = [
    ("4.5.17", "earlier_first", swap((CLOSED, 0), (CLOSED, 1))),
    ("4.1.4", "no_candidate", swap((APPLIED, 0), (ADMITTED, 5))),
]


@pytest.mark.parametrize(
    ("check", "kind", "tamper"),
    ROLL + BALLOTS + PAY + REORDERED,
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_falsified_act_of_a_member_is_found_by_its_check(
    told: History, check: str, kind: str, tamper: Tamper
) -> None:
    assert (check, kind) in found(told, tamper)


def test_every_check_of_people_ballots_and_pay_has_a_falsification() -> None:
    named = {check for check, _, _ in ROLL + BALLOTS + PAY}
    groups = ("4.1.", "4.4.", "4.5.")
    assert {each for each in TABLE if each.startswith(groups)} <= named
