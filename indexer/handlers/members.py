# ruff: noqa: N803 -- the parameters bear the names of the ABI
"""Members: admission, leaving, suspension, expulsion, keys."""

from typing import Any

from indexer.handlers.known import Known
from indexer.handlers.row import Row, row
from indexer.tables import MemberChange


def member_admitted(known: Known, memberId: int, account: str) -> list[Row]:
    """A founder, candidate or former member is on the roll; who comes back keeps the epoch."""
    known.key_given(memberId, account)
    return [_change(memberId, "admitted", account=account)]


def member_left(_: Known, memberId: int) -> list[Row]:
    """A member left."""
    return [_change(memberId, "left")]


def member_suspended(_: Known, memberId: int, endsAt: int) -> list[Row]:
    """A member is off the roll; anyone may reinstate from `endsAt` on."""
    return [_change(memberId, "suspended", ends_at=endsAt)]


def member_reinstated(_: Known, memberId: int) -> list[Row]:
    """A suspended member is on the roll again."""
    return [_change(memberId, "reinstated")]


def member_expelled(_: Known, memberId: int) -> list[Row]:
    """A member was expelled."""
    return [_change(memberId, "expelled")]


def key_rotated(
    known: Known, memberId: int, presentAccount: str, newAccount: str, epoch: int
) -> list[Row]:
    """A member changed their key."""
    return _key_changed(known, memberId, "rotated", presentAccount, newAccount, epoch)


def key_recovered(
    known: Known, memberId: int, presentAccount: str, newAccount: str, epoch: int
) -> list[Row]:
    """A passed proposal, or guardians, gave a member another key."""
    return _key_changed(known, memberId, "recovered", presentAccount, newAccount, epoch)


def _key_changed(
    known: Known, member_id: int, change: str, former: str, account: str, epoch: int
) -> list[Row]:
    known.key_given(member_id, account, epoch)
    return [_change(member_id, change, account=account, former_account=former, epoch=epoch)]


def _change(member_id: int, change: str, **values: Any) -> Row:
    columns = {"account": None, "former_account": None, "epoch": None, "ends_at": None} | values
    return row(MemberChange, member_id=member_id, change=change, **columns)
