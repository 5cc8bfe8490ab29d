"""`coop status`: where you stand."""

import time
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from node.commands.reading import mirror_of
from node.context import Context
from node.options import leaf
from node.output import rounded, when

if TYPE_CHECKING:
    from sqlmodel import Session

    from indexer.queries import AsOf, GuardiansInfo, MemberInfo
    from node.waiting import Forecast, Waiting

_YOUNG = 120  # seconds within which a chain at work makes a block
_UNDER_WAY = ("pending", "active", "succeeded", "queued")


@click.command()
@leaf("coop status")
def status(context: Context) -> None:
    """Show where you stand: instance, mirror, outbox, who you are, what waits for your vote."""
    from indexer import queries

    with mirror_of(context) as (session, as_of):
        data: dict[str, Any] = {
            "instance": context.instance().name,
            "title": context.instance().title,
            "members": queries.roll(session, as_of).size_at(as_of.timestamp),
            "mirror": queries.mirror_status(session),
            "mirror_at": queries.as_of(session).timestamp,
            "outbox": _outbox(context),
            "you": _you(context, session, as_of),
            "proposals": _proposals(context, session, as_of),
            "pay_votes": [
                each
                for each in queries.pay_votes(session, as_of)
                if each.state in ("pending", "open", "counting")
            ],
        }
        data["waiting"] = _waiting(context, session, as_of, data["proposals"])
        data["quorums"] = _forecasts(session, as_of, data["proposals"])
    context.out.result("status", data, as_of, lambda: _tell(context, data, as_of))


def _you(context: Context, session: "Session", as_of: "AsOf") -> list[dict[str, Any]]:
    """Every key of this machine and whose it is."""
    from indexer import queries
    from node import keys

    found, candidates = [], {each.account: each for each in queries.candidates(session, as_of)}
    for key in keys.listed(context.settings.keys):
        member = queries.member_of(session, as_of, key.account)
        # Who was a member may be a candidate again.
        who = candidates.get(key.account, member)
        found.append(
            {
                "key": key.name,
                "account": key.account,
                "member_id": member.member_id if member else None,
                "status": who.status if who else None,
                "admissible_at": who.admissible_at if who else None,
                "voted_on": _voted_on(session, as_of, member.member_id if member else None),
                "guardians": _guardians(session, as_of, member, key.account),
            }
        )
    return found


def _outbox(context: Context) -> dict[str, int]:
    """How many ballots and other acts of this machine are on their way, by their state."""
    from node.outbox import Outbox, owner

    instance = context.instance()
    path = context.settings.outbox_file(instance.name)
    if not path.exists():  # looking does not make one
        return {}
    found = Counter(each.state for each in Outbox(path, owner(instance)).letters())
    found.update(each.state for each in context.acts().listed())
    return dict(found)


def _waiting(
    context: Context, session: "Session", as_of: "AsOf", proposals: list[Any]
) -> list["Waiting"]:
    """The votes that a key of this machine can cast and has not, by what closes first."""
    from indexer import queries
    from node import keys, waiting

    found: list[Waiting] = []
    for key in keys.listed(context.settings.keys):
        member = queries.member_of(session, as_of, key.account)
        if member and member.account == key.account:
            found += waiting.waiting(session, as_of, proposals, key.name, member)
    return sorted(found, key=lambda each: each.closes_at)


def _forecasts(session: "Session", as_of: "AsOf", proposals: list[Any]) -> list["Forecast"]:
    from indexer import queries
    from node import waiting

    return [
        waiting.forecast(queries.proposal(session, as_of, each.proposal_id))
        for each in proposals
        if each.state == "active"
    ]


def _voted_on(session: "Session", as_of: "AsOf", member_id: int | None) -> list[int]:
    from indexer import queries

    if member_id is None:
        return []
    cast = queries.ballots(session, as_of, member_id=member_id)
    return sorted({each.proposal_id for each in cast})


def _guardians(
    session: "Session", as_of: "AsOf", member: "MemberInfo | None", account: str
) -> "GuardiansInfo | None":
    """What may happen to the key by guardians; None if it is no member's present key."""
    from indexer import queries

    if not (member and member.member_id) or member.account != account:
        return None
    return queries.guardians(session, as_of, member.member_id)


def _proposals(context: Context, session: "Session", as_of: "AsOf") -> list[Any]:
    from indexer import queries
    from node import wording

    texts = context.settings.texts
    found = [
        each
        for each in queries.proposals(session, as_of)
        # A confirming vote that passed has nothing left to do by itself.
        if each.state in _UNDER_WAY and not (each.confirms and each.state == "succeeded")
    ]
    return wording.titled(session, as_of, context.instance(), texts, found)


def _standing(you: dict[str, Any]) -> str:
    """Who a key's owner is, in words."""
    if you["status"] == "candidate":
        before = f"member {you['member_id']} before, " if you["member_id"] else ""
        return f"{before}candidate; can be admitted from {when(you['admissible_at'])}"
    return f"member {you['member_id']}, {you['status']}" if you["member_id"] else "no member"


def _tell(context: Context, data: dict[str, Any], as_of: "AsOf") -> None:
    out, mirror = context.out, data["mirror"]
    out.line(f"{data['title']} ({data['instance']}): {data['members']} members.")
    proof = "proved complete" if mirror.chronicle_ok else "not proved complete"
    age = _age(data["mirror_at"])
    out.line(f"Mirror: through block {mirror.to_block}, {proof}, {age}.")
    if data["outbox"]:
        said = ", ".join(f"{count} {state}" for state, count in sorted(data["outbox"].items()))
        out.line(f"Outbox: {said}. See: coop outbox list")
    for each in data["you"]:
        out.line(f"Key {each['key']}: {_standing(each)}.")
        for warning in _warnings(each["key"], each["guardians"]):
            out.line(f"  {warning}")
    voted = {number for each in data["you"] for number in each["voted_on"]}
    out.table(
        ["No", "Title", "State", "Opens", "Closes", "You"],
        [
            [
                each.proposal_id,
                each.title,
                each.state,
                when(each.opens_at),
                when(each.closes_at),
                "voted" if each.proposal_id in voted else "",
            ]
            for each in data["proposals"]
        ],
        empty="No proposal is under way.",
    )
    for each in data["quorums"]:
        out.line(f"Proposal {each.proposal_id}: {each.sentence(as_of.timestamp)}")
    for each in data["waiting"]:
        out.line(f"Waiting for {each.key}: {each.command} (until {when(each.closes_at)})")
    if data["pay_votes"]:
        out.table(
            ["Pay vote", "Role", "State", "Closes"],
            [
                [each.pay_vote_id, each.role, each.state, when(each.closes_at)]
                for each in data["pay_votes"]
            ],
        )


def _age(moment: int) -> str:
    """How old the newest block is by this machine's clock, against which a test chain may run."""
    seconds = int(time.time()) - moment
    if seconds < 0:
        return "of a chain whose clock is ahead of this machine's"
    return f"{rounded(seconds)} old" if seconds >= _YOUNG else "up to date"


def _warnings(key: str, found: "GuardiansInfo | None") -> Iterator[str]:
    """What the holder of a key should look at while there is time to stop it."""
    stop = f"Not you? coop member guardians {{}} --key {key}"
    if found and found.next_from:
        change = f"Your guardians change {when(found.next_from)}."
        yield f"{change} {stop.format('set --keep')}"
    for each in found.recoveries if found else ():
        due = f", which can take over from {when(each.due_at)}" if each.due_at else ""
        yield f"Guardians vouched for {each.account}{due}. {stop.format(f'cancel {each.account}')}"
