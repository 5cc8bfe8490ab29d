"""Roles and their rates, now and at any past moment. Rates are integer minor units per hour."""

from dataclasses import dataclass

from sqlmodel import Session

from indexer.errors import NotFound
from indexer.moment import Moment
from indexer.queries.as_of import AsOf
from indexer.queries.bylaws import pay_rules
from indexer.queries.facts import facts
from indexer.rules import pay as rules
from indexer.tables import Currency, Rate, RoleChange


@dataclass(frozen=True)
class RateInfo:
    """A role's rate at a moment; `lowest` and `highest` bound the result of a vote closed then."""

    role: str
    rate: int
    currency: str
    since: Moment
    pay_vote_id: int | None
    floor: int
    step: int
    max_change_bps: int
    lowest: int
    highest: int
    retired: bool


@dataclass(frozen=True)
class PastRate:
    """A rate and the moment from which it was in force."""

    role: str
    rate: int
    since: Moment
    pay_vote_id: int | None
    block: int


def role_name(word: str) -> str:
    """Return a role's name from its bytes32 as 0x-hex; the hex itself where it is no text."""
    name = bytes.fromhex(word.removeprefix("0x")).rstrip(b"\0")
    try:
        return name.decode()
    except UnicodeDecodeError:
        return word


def currency(session: Session, as_of: AsOf) -> str:
    """Return the currency of all rates, three letters."""
    return [row.currency for _, row in facts(session, as_of, Currency)][-1]


def rates(session: Session, as_of: AsOf, *, at: int | None = None) -> tuple[RateInfo, ...]:
    """Return each role's rate at a moment (None = the block's), in the order of their adding.

    A role appears from its first rate on, and is `retired` from its retirement on.
    """
    moment = as_of.timestamp if at is None else Moment(at)
    terms, retired = _terms(session, as_of, moment)
    history: dict[str, list[tuple[Moment, Rate]]] = {}
    for since, rate in facts(session, as_of, Rate):
        if since <= moment:
            history.setdefault(rate.role, []).append((since, rate))

    word = currency(session, as_of)
    pay = [each.rule for each in pay_rules(session, as_of) if each.since <= moment]
    found = []
    for role, change in terms.items():
        paid = {
            other: rate_rows[-1][1].rate
            for other, rate_rows in history.items()
            if other != role and other not in retired
        }
        legal = rules.bounds(
            rules.reference([(s, r.rate) for s, r in history[role]], moment, pay[-1].period),
            change.floor or 0,
            change.max_change_bps or 0,
            pay[-1].ratio_cap,
            paid.values(),
        )
        since, newest = history[role][-1]
        found.append(
            RateInfo(
                role=role_name(role),
                rate=newest.rate,
                currency=word,
                since=since,
                pay_vote_id=newest.pay_vote_id or None,
                floor=change.floor or 0,
                step=change.step or 0,
                max_change_bps=change.max_change_bps or 0,
                lowest=legal.lowest,
                highest=legal.highest,
                retired=role in retired,
            )
        )
    return tuple(found)


def _terms(session: Session, as_of: AsOf, moment: Moment) -> tuple[dict[str, RoleChange], set[str]]:
    """Return the newest terms of each role until a moment, and the roles that are retired."""
    terms: dict[str, RoleChange] = {}
    retired: set[str] = set()
    for since, change in facts(session, as_of, RoleChange):
        if since > moment:
            continue
        if change.change == "retired":
            retired.add(change.role)
        else:
            terms[change.role] = change
    return terms, retired


def rate(session: Session, as_of: AsOf, role: str, *, at: int | None = None) -> RateInfo:
    """Return one role's rate at a moment, by its name; NotFound if it had none then."""
    for each in rates(session, as_of, at=at):
        if each.role == role:
            return each
    raise NotFound("role", role, as_of.block)


def rate_history(session: Session, as_of: AsOf, role: str | None = None) -> tuple[PastRate, ...]:
    """Return all rates in the order in which they came into force, of one role or of all."""
    found = tuple(
        PastRate(role_name(row.role), row.rate, since, row.pay_vote_id or None, row.block)
        for since, row in facts(session, as_of, Rate)
    )
    if role is None:
        return found
    of_role = tuple(each for each in found if each.role == role)
    if not of_role:
        raise NotFound("role", role, as_of.block)
    return of_role
