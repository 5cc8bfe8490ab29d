# ruff: noqa: N803 -- the parameters bear the names of the ABI
"""Guardians: whom a member named, and what they did for a lost key."""

from typing import Any

from indexer.handlers.known import Known
from indexer.handlers.row import Row, hexed, row
from indexer.tables import GuardianNaming, RecoveryStep


def guardians_named(_: Known, memberId: int, listHash: bytes, inForceFrom: int) -> list[Row]:
    """A member named guardians, or a passed proposal removed them."""
    values = {"list_hash": hexed(listHash), "in_force_from": inForceFrom}
    return [row(GuardianNaming, member_id=memberId, **values)]


def recovery_supported(_: Known, memberId: int, newAccount: str, guardian: str) -> list[Row]:
    """A guardian vouched for an account."""
    return [_step(memberId, "supported", account=newAccount, guardian=guardian)]


def recovery_started(_: Known, memberId: int, newAccount: str, dueAt: int) -> list[Row]:
    """Enough guardians vouched; the delay runs."""
    return [_step(memberId, "started", account=newAccount, due_at=dueAt)]


def recovery_cancelled(_: Known, memberId: int) -> list[Row]:
    """The present key voided all that guardians had begun."""
    return [_step(memberId, "cancelled")]


def recovery_completed(_: Known, memberId: int, newAccount: str) -> list[Row]:
    """The new account took over; the change of key follows as its own event."""
    return [_step(memberId, "completed", account=newAccount)]


def _step(member_id: int, step: str, **values: Any) -> Row:
    columns = {"account": None, "guardian": None, "due_at": None} | values
    return row(RecoveryStep, member_id=member_id, step=step, **columns)
