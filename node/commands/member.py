"""`coop member`: the roll, and how one comes on it, off it, and to another key."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from node import completion
from node.commands.acting import (
    call_assembly,
    draft_for,
    opens_option,
    print_act,
    propose,
    text_option,
)
from node.commands.guardians import guardians
from node.commands.label import label
from node.commands.reading import key_account, mirror_of, names_of
from node.context import Context
from node.errors import undone
from node.options import NUMBER, confirm_option, leaf, writes
from node.output import day, when

if TYPE_CHECKING:
    from indexer.queries import MemberInfo
    from node.labels import Names

_NUMBER = click.IntRange(min=1, max=2**32 - 1)
_STATUS = ("candidate", "active", "suspended", "left", "expelled")
_SUSPENDED = 2  # the contract's Standing


@click.group()
def member() -> None:
    """The roll: candidates, members, keys."""


member.add_command(guardians)
member.add_command(label)


@member.command("list")
@click.option("--status", type=click.Choice(_STATUS), help="Only those of this status.")
@leaf("coop member list --status active")
def list_(context: Context, status: str | None) -> None:
    """List members and candidates."""
    from indexer import queries
    from indexer.document import document

    with mirror_of(context) as (session, at):
        found = [each for each in queries.members(session, at) if status in (None, each.status)]
        names = names_of(context, session, at)
    data: Any = document(found)
    for each in data:
        each["label"] = names.label(each["member_id"])

    def human() -> None:
        context.out.table(
            ["No.", "Account", "Since", "Status"],
            [
                [names.shown(each.member_id), each.account, day(each.since), _status(each)]
                for each in found
            ],
            empty="There is nobody.",
        )

    context.out.result("members", data, at, human)


def _status(found: "MemberInfo") -> str:
    """The status word, with the day on which membership or suspension ends or ended."""
    return f"{found.status} {day(found.until)}" if found.until else found.status


@member.command()
@click.argument("number", metavar="ID", type=_NUMBER)
@leaf("coop member show 3")
def show(context: Context, number: int) -> None:
    """Show one member."""
    from indexer import queries
    from indexer.document import document

    with mirror_of(context) as (session, at):
        found = queries.member(session, at, number)
        names = names_of(context, session, at)
    data: Any = document(found)
    data["label"] = names.label(number)
    context.out.result("member", data, at, lambda: _print(context, found, names))


def _print(context: Context, found: "MemberInfo", names: "Names") -> None:
    context.out.fields(
        {
            "Member": names.shown(found.member_id),
            "Account": found.account,
            "Status": found.status,
            "Since": when(found.since),
            "Until": when(found.until),
            "Suspended until": when(found.suspended_until),
            "Keys changed": found.epoch,
        }
    )


@member.command()
@click.option(
    "--profile",
    metavar="FILE",
    required=True,
    type=click.Path(path_type=Path),
    help="Who you are, as you will tell the members. It stays on this machine.",
)
@writes
@leaf("coop member apply --profile me.md")
def apply(context: Context, profile: Path) -> None:
    """Ask to join. The chain gets a hash that cannot be guessed; the profile stays with you."""
    from node import profiles

    with undone("You did not apply."):
        folder = context.settings.home / "profiles"
        made = profiles.apply(context.sender(), context.instance(), profile, folder)
    print_act(
        context,
        "apply",
        made.sent,
        done=f"You applied. Keep {made.kept} and give it to the members: it proves your profile.",
        prove="coop member list --status candidate",
        profile_hash="0x" + made.profile_hash.hex(),
        profile_file=str(made.kept) if made.kept else None,
    )


@member.command()
@click.argument("account")
@text_option
@opens_option
@writes
@leaf("coop member admit 0x70997970C51812dc3A010C7d01b50e0d17dc79C8")
def admit(context: Context, account: str, text: Path | None, opens_at: int | None) -> None:
    """Propose to admit a candidate."""
    with undone("Nothing was proposed."):
        draft = draft_for(context, "admit", text, account=account)
    propose(context, draft, opens_at)


@member.command()
@click.argument("number", metavar="ID", type=_NUMBER)
@click.option("--days", type=click.IntRange(1, 60), required=True, help="For how long.")
@text_option
@opens_option
@writes
@leaf("coop member suspend 3 --days 14 --text why.md")
def suspend(
    context: Context, number: int, days: int, text: Path | None, opens_at: int | None
) -> None:
    """Propose to suspend a member. The text stays off the chain."""
    with undone("Nothing was proposed."):
        draft = draft_for(context, "suspend", text, member=number, days=days)
    propose(context, draft, opens_at)


@member.command()
@click.argument("number", metavar="ID", type=_NUMBER)
@text_option
@opens_option
@confirm_option
@writes
@leaf("coop member expel 3 --text why.md --confirm 3")
def expel(
    context: Context, number: int, text: Path | None, opens_at: int | None, confirm: str | None
) -> None:
    """Propose to expel a member. The text stays off the chain."""
    with undone("Nothing was proposed."):
        draft = draft_for(context, "expel", text, member=number)
        act = f"This proposes to expel member {number} for good."
        context.out.type_the_name(str(number), act, confirm, "Nothing was proposed.")
    propose(context, draft, opens_at)


@member.command()
@click.argument("number", metavar="ID", type=_NUMBER)
@click.option("--account", required=True, metavar="ACCOUNT", help="The member's new account.")
@text_option
@opens_option
@writes
@leaf("coop member recover 3 --account 0x70997970C51812dc3A010C7d01b50e0d17dc79C8")
def recover(
    context: Context, number: int, account: str, text: Path | None, opens_at: int | None
) -> None:
    """Propose to give a member who lost their key another one."""
    with undone("Nothing was proposed."):
        draft = draft_for(context, "recover", text, member=number, account=account)
    propose(context, draft, opens_at)


@member.command()
@click.argument("number", metavar="ID", type=_NUMBER)
@text_option
@opens_option
@writes
@leaf("coop member reinstate 3")
def reinstate(context: Context, number: int, text: Path | None, opens_at: int | None) -> None:
    """End a suspension: at once if its time is over, else propose to."""
    with undone("Nobody was reinstated."):
        chain, instance = context.chain(), context.instance()
        found: Any = chain.view("Membership", instance.membership, "standingOf", number)
        ends_at = found["suspendedUntil"]
        if found["standing"] == _SUSPENDED and chain.head().timestamp < ends_at:
            context.out.note(
                f"The suspension runs until {when(ends_at)}; only a vote ends it before."
            )
            propose(context, draft_for(context, "reinstate", text, member=number), opens_at)
            return
        sent = context.sender().send("Membership", instance.membership, "reinstate", number)
    print_act(
        context,
        "reinstate",
        sent,
        done=f"Member {number} is on the roll again.",
        prove=f"coop member show {number}",
        member_id=number,
    )


@member.command()
@confirm_option
@writes
@leaf("coop member leave --confirm weavers")
def leave(context: Context, confirm: str | None) -> None:
    """Leave the co-op, at once. Your number stays yours; ballots already cast stand.

    A candidate takes the application back.
    """
    with undone("You did not leave."):
        chain, instance = context.chain(), context.instance()
        roll = ("Membership", instance.membership)
        candidate = bool(chain.view(*roll, "appliedAt", key_account(context)))
        act = f"You leave {instance.title} at once; only a vote can admit you again."
        context.out.type_the_name(instance.name, act, confirm, "You did not leave.")
        function = "withdrawApplication" if candidate else "leaveCooperative"
        sent = context.sender().send(*roll, function)
    number = None if candidate or not sent.sent else sent.event("MemberLeft").args["memberId"]
    print_act(
        context,
        "leave",
        sent,
        done="You took your application back." if candidate else "You have left.",
        prove="coop member list" if number is None else f"coop member show {number}",
        member_id=number,
    )


@member.command()
@click.option(
    "--new-key",
    metavar="NAME",
    required=True,
    help="The key that takes over.",
    shell_complete=completion.keys,
)
@click.option(
    "--new-password-file", metavar="FILE", help="Read the new key's password from a file."
)
@writes
@leaf("coop member rotate --new-key ada-2027")
def rotate(context: Context, new_key: str, new_password_file: str | None) -> None:
    """Change your key. Both keys sign; ballots signed before and not yet counted become void."""
    from node import keys, rotation

    with undone("Your key was not changed."):
        question = f"Replace key {context.key_name()} by {new_key}?"
        keys.show(context.settings.keys, new_key)
        context.out.confirm(question, "Your key was not changed.")
        sender = context.sender()
        password = keys.read_password(context.out, new_password_file, f"Password of key {new_key}")
        new = keys.unlock(context.settings.keys, new_key, password)
        made = rotation.rotate(sender, context.instance(), new)
    print_act(
        context,
        "rotate",
        made.sent,
        done=f"Member {made.member_id} now has the account {made.new_account}.",
        prove=f"coop member show {made.member_id}",
        member_id=made.member_id,
        account=made.new_account,
        epoch=made.epoch,
    )


@member.command("object")
@click.argument("proposal", type=NUMBER)
@writes
@leaf("coop member object 7")
def object_(context: Context, proposal: int) -> None:
    """Stop a proposal that would give your membership another key: yours is not lost."""
    with undone("Nothing was stopped."):
        call_assembly(
            context,
            "object",
            proposal,
            done=f"Proposal {proposal} is stopped.",
            prove=f"coop proposal show {proposal}",
        )
