# ruff: noqa: N803 -- the parameters bear the names of the ABI
"""Roles, their bounds and rates."""

from indexer.abi import readable
from indexer.handlers.known import Known
from indexer.handlers.row import Row, hexed, row
from indexer.tables import Currency, Rate, RoleChange


def currency_set(_: Known, currency: bytes) -> list[Row]:
    """The currency of all rates, three letters."""
    return [row(Currency, currency=currency.decode("ascii", "backslashreplace"))]


def role_added(_: Known, role: bytes, floor: int, step: int, maxChangeBps: int) -> list[Row]:
    """A role was added."""
    return [_change(role, "added", floor, step, maxChangeBps)]


def role_changed(_: Known, role: bytes, floor: int, step: int, maxChangeBps: int) -> list[Row]:
    """The bounds of a role changed."""
    return [_change(role, "changed", floor, step, maxChangeBps)]


def role_retired(_: Known, role: bytes) -> list[Row]:
    """A role is no longer paid or voted on."""
    return [_change(role, "retired", None, None, None)]


def rate_set(_: Known, role: bytes, rate: int, payVoteId: int) -> list[Row]:
    """A rate is in force from this block's moment."""
    return [row(Rate, role=hexed(role), rate=rate, pay_vote_id=payVoteId)]


def _change(
    role: bytes, change: str, floor: int | None, step: int | None, max_change_bps: int | None
) -> Row:
    return row(
        RoleChange,
        role=hexed(role),
        name=readable(role.rstrip(b"\0")),
        change=change,
        floor=floor,
        step=step,
        max_change_bps=max_change_bps,
    )
