"""On the very edge of a moment or a bound nothing is wrong; one second or one unit beyond it is."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.contracts.coop import DAY, HOUR
from tests.indexer.audit.histories import History
from tests.indexer.audit.tampering import Tamper, Told, all_of, alter, double, drop, found, place

CREATED, FROZEN = "Assembly.ProposalCreated", "Assembly.ProposalFrozen"
QUEUED, EXECUTED = "Assembly.ProposalQueued", "Assembly.ProposalExecuted"
CANCELED, APPEALED = "Assembly.ProposalCanceled", "Assembly.ProposalAppealed"
CAST, SEQUENCE = "Assembly.VoteCast", "Assembly.BallotSequence"
SKIPPED = "Assembly.BallotSkipped"
SUPPORTED = "Membership.RecoverySupported"
APPLIED, ADMITTED = "Membership.CandidateApplied", "Membership.MemberAdmitted"
SUSPENDED, REINSTATED = "Membership.MemberSuspended", "Membership.MemberReinstated"
ROTATED, COMPLETED = "Membership.KeyRotated", "Membership.RecoveryCompleted"
OPENED, CLOSED = "PayRates.PayVoteOpened", "PayRates.PayVoteClosed"
PAY_CAST, WITH_REASON = "PayRates.PayBallotCast", "PayRates.PayBallotCastWithReason"
GRACE, PAY_GRACE = 10 * DAY, 5 * DAY
HAL = "0x14dC79964da2C08b23698B3D3cc7Ca32193d9955"
Value = Callable[[Told], int]


def said(key: str, name: str, by: int = 0, nth: int = 0, **where: Any) -> Value:
    """What an event says, and so much more."""
    return lambda told: told[place(told, key, nth, **where)][0].args[name] + by


def when(key: str, by: int = 0, nth: int = 0, **where: Any) -> Value:
    """The second of an event, and so much later."""
    return lambda told: told[place(told, key, nth, **where)][1] + by


def put(key: str, moment: Value, nth: int = 0, **where: Any) -> Tamper:
    """The event happens at that second."""

    def tamper(told: Told) -> Told:
        at = place(told, key, nth, **where)
        return [*told[:at], (told[at][0], moment(told)), *told[at + 1 :]]

    return tamper


def set_to(key: str, name: str, value: Value, nth: int = 0, **where: Any) -> Tamper:
    """The event says that value."""
    return lambda told: alter(key, {name: value(told)}, nth, **where)(told)


def proposed(moment: Value, number: int) -> Tamper:
    """A proposal is made at that second."""
    return lambda told: all_of(
        put(CREATED, lambda _: moment(told), proposalId=number),
        put(FROZEN, lambda _: moment(told), proposalId=number),
    )(told)


def again(key: str, moment: Value, nth: int = 0, **where: Any) -> Tamper:
    """The event happens a second time, at that second."""

    def tamper(told: Told) -> Told:
        at, second = place(told, key, nth, **where), moment(told)
        doubled = double(key, None, nth, **where)(told)
        return [*doubled[: at + 1], (doubled[at + 1][0], second), *doubled[at + 2 :]]

    return tamper


def edges(check: str, kind: str, *cases: tuple[Tamper, bool]) -> list[Any]:
    """One line a case: whether the check finds it."""
    return [(check, kind, tamper, wrong) for tamper, wrong in cases]


def each_side(check: str, kind: str, make: Callable[[int], Tamper], late: bool) -> list[Any]:
    """Right at `make(0)`; wrong a unit later if `late`, otherwise a unit earlier."""
    return edges(check, kind, (make(0), False), (make(1 if late else -1), True))


DECISIONS = [
    *each_side(
        "4.4.4",
        "outside_window",
        lambda by: put(CAST, said(CREATED, "voteStart", 1 + by), proposalId=1),
        late=False,
    ),
    *each_side(
        "4.4.4",
        "outside_window",
        lambda by: put(CAST, said(CREATED, "voteEnd", by), 3, proposalId=1),
        late=True,
    ),
    *each_side(
        "4.4.5",
        "already_voted",
        lambda by: again(CAST, said(CREATED, "voteEnd", by, proposalId=3), 4, proposalId=3),
        late=True,
    ),
    *each_side(
        "4.3.3",
        "busy",
        lambda by: proposed(said(CREATED, "voteEnd", 1 + by, proposalId=5), 6),
        late=False,
    ),
    *each_side(
        "4.3.6",
        "opening",
        lambda by: set_to(CREATED, "voteStart", when(CREATED, DAY + by, proposalId=9), 8),
        late=False,
    ),
    *each_side(
        "4.3.6",
        "opening",
        lambda by: set_to(CREATED, "voteStart", when(CREATED, 90 * DAY + by, proposalId=9), 8),
        late=True,
    ),
    *each_side(
        "4.3.10",
        "cooling_down",
        lambda by: proposed(said(CREATED, "voteEnd", HOUR + by, proposalId=5), 6),
        late=False,
    ),
    *each_side(
        "4.3.13",
        "state",
        lambda by: put(CANCELED, said(CREATED, "voteStart", by, proposalId=7)),
        late=True,
    ),
    *each_side(
        "4.3.14",
        "state",
        lambda by: put(QUEUED, said(CREATED, "voteEnd", 1 + by)),
        late=False,
    ),
    *each_side(
        "4.3.14",
        "state",
        lambda by: put(QUEUED, said(CREATED, "voteEnd", GRACE + by)),
        late=True,
    ),
    *each_side(
        "4.3.15", "not_due", lambda by: put(EXECUTED, said(QUEUED, "etaSeconds", by)), False
    ),
    *each_side(
        "4.3.15", "state", lambda by: put(EXECUTED, said(QUEUED, "etaSeconds", GRACE + by)), True
    ),
    *each_side(
        "4.3.15",
        "not_due",
        lambda by: put(EXECUTED, said(CREATED, "voteEnd", by, proposalId=10), proposalId=9),
        late=False,
    ),
    *each_side(
        "4.3.17",
        "too_late",
        lambda by: proposed(said(QUEUED, "etaSeconds", by - 1, proposalId=9), 10),
        late=True,
    ),
    *each_side("4.4.6", "announced", lambda by: alter(SEQUENCE, {"sequence": 255 + by}), True),
    *edges("4.4.6", "announced", (alter(SEQUENCE, {"sequence": 3}), False)),
    *each_side(
        "4.4.6",
        "sequence",
        lambda by: all_of(
            alter(SEQUENCE, {"sequence": 254 + by}), double(CAST, None, 3, proposalId=2)
        ),
        late=True,
    ),
    *each_side(
        "4.4.9", "reason", lambda by: alter(CAST, {"reason": "x" * (500 + by)}, proposalId=2), True
    ),
    *edges(
        "4.4.11",
        "cause",
        (alter(SKIPPED, {"memberId": 6}, -1), False),  # fay has voted too
        (alter(SKIPPED, {"memberId": 8, "refusal": 4}, -1), False),  # hal has not voted yet
        (alter(SKIPPED, {"memberId": 2, "sequence": 2, "refusal": 6}, 0), True),
    ),
    *each_side(
        "4.4.11",
        "cause",
        lambda by: put(SKIPPED, said(CREATED, "voteEnd", 1 + by, proposalId=3), -1),
        late=False,
    ),
]
PEOPLE = [
    *edges(
        "4.1.13",
        "too_many",
        *(
            (
                all_of(
                    *(double(SUPPORTED, {"guardian": f"0x{each:040x}"}) for each in range(more))
                ),
                wrong,
            )
            for more, wrong in ((8, False), (9, True))  # beside the two of the season
        ),
    ),
    *edges(
        "4.1.1",
        "founder_count",
        (all_of(*[drop(ADMITTED)] * 2), False),
        (all_of(*[drop(ADMITTED)] * 3), True),
    ),
    *each_side(
        "4.0.8",
        "order_outdated",
        lambda by: put(APPLIED, said(CREATED, "voteStart", by, proposalId=14), -1, account=HAL),
        True,
    ),
    *each_side(
        "4.1.4", "probation_runs", lambda by: put(APPLIED, when(ADMITTED, by - HOUR, 5)), True
    ),
    *each_side(
        "4.1.7",
        "duration",
        lambda by: set_to(SUSPENDED, "endsAt", when(SUSPENDED, 60 * DAY + by)),
        True,
    ),
    *each_side(
        "4.1.7", "duration", lambda by: set_to(SUSPENDED, "endsAt", when(SUSPENDED, 1 + by)), False
    ),
    *each_side(
        "4.1.8", "term_runs", lambda by: put(REINSTATED, said(SUSPENDED, "endsAt", by)), False
    ),
    *each_side("4.1.11", "too_soon", lambda by: again(ROTATED, when(ROTATED, 2 * DAY + by)), False),
    *each_side(
        "4.1.14", "too_soon", lambda by: again(COMPLETED, when(COMPLETED, 30 * DAY + by)), False
    ),
    *each_side(
        "4.1.14",
        "not_due",
        lambda by: put(COMPLETED, said("Membership.RecoveryStarted", "dueAt", by, -1)),
        False,
    ),
    *each_side(
        "4.1.15",
        "too_long",
        lambda by: alter("Membership.ProbationSet", {"probation": 365 * DAY + by}),
        True,
    ),
]
PAY = [
    *each_side(
        "4.5.17",
        "earlier_first",
        lambda by: all_of(drop(CLOSED), put(CLOSED, said(OPENED, "deadline", PAY_GRACE + 1 + by))),
        late=False,
    ),
    *each_side(
        "4.5.7",
        "under_way",
        lambda by: put(OPENED, said(OPENED, "deadline", PAY_GRACE + 1 + by, 3), 4),
        False,
    ),
    *each_side("4.5.7", "resting", lambda by: put(OPENED, when(CLOSED, HOUR + by), 2), False),
    *each_side("4.5.8", "opening", lambda by: set_to(OPENED, "opensAt", when(OPENED, by)), False),
    *each_side(
        "4.5.8", "opening", lambda by: set_to(OPENED, "opensAt", when(OPENED, 14 * DAY + by)), True
    ),
    *each_side(
        "4.5.12", "outside_window", lambda by: put(PAY_CAST, said(OPENED, "opensAt", 1 + by)), False
    ),
    *each_side(
        "4.5.12", "outside_window", lambda by: put(PAY_CAST, said(OPENED, "deadline", by)), True
    ),
    *each_side(
        "4.5.15", "reason", lambda by: alter(WITH_REASON, {"reason": "x" * (500 + by)}), True
    ),
    *each_side("4.5.17", "state", lambda by: put(CLOSED, said(OPENED, "deadline", 1 + by)), False),
    *each_side(
        "4.5.17", "state", lambda by: put(CLOSED, said(OPENED, "deadline", PAY_GRACE + by)), True
    ),
]


@pytest.mark.parametrize(
    ("check", "kind", "tamper", "wrong"),
    DECISIONS + PEOPLE + PAY,
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bound_itself_is_within_and_a_unit_beyond_it_is_not(
    told: History, check: str, kind: str, tamper: Tamper, wrong: bool
) -> None:
    assert ((check, kind) in found(told, tamper)) is wrong
