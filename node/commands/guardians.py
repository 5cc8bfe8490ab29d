"""`coop member guardians`: people whom a member named, who together replace a lost key."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from node.commands.acting import print_act
from node.commands.reading import key_account, mirror_of
from node.context import Context
from node.errors import NotAMember, UsageProblem, undone
from node.options import leaf, writes
from node.output import moment, when

if TYPE_CHECKING:
    from indexer.queries import GuardiansInfo
    from node.guardians import Named
    from node.sender import TxReceipt

_NUMBER = click.IntRange(min=1, max=2**32 - 1)
_UNNAMED = "Your guardians are as before."


class Account(click.ParamType[str]):
    """A checksummed account."""

    name = "ACCOUNT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The account, or a fault of usage."""
        from node import action_values

        try:
            return action_values.account(value)
        except ValueError as error:
            self.fail(f"It {error}.", param, ctx)


@click.group()
def guardians() -> None:
    """Who together can give a member another key, when theirs is lost."""


@guardians.command()
@click.argument("number", metavar="ID", type=_NUMBER)
@leaf("coop member guardians show 3")
def show(context: Context, number: int) -> None:
    """Show a member's guardians, by the hash of their list, and what they have begun."""
    from indexer import queries
    from indexer.document import document

    with mirror_of(context) as (session, at):
        found = queries.guardians(session, at, number)
    context.out.result("guardians", document(found), at, lambda: _print(context, found))


def _print(context: Context, found: "GuardiansInfo") -> None:
    change = f"{found.next_hash or 'none'} from {when(found.next_from)}" if found.next_from else ""
    context.out.fields(
        {
            "Member": found.member_id,
            "Guardians": found.list_hash or "none",
            "Change": change,
            "Helped last": when(found.recovered_at),
        }
    )
    for each in found.recoveries:
        due = f"it can take over from {when(each.due_at)}" if each.due_at else "more are needed"
        context.out.line(f"{len(each.supporters)} vouched for {each.account}; {due}.")
        context.out.line(f"That is void from {when(each.expires_at)}.")


@guardians.command("set")
@click.option(
    "--guardian", "accounts", metavar="ACCOUNT", multiple=True, help="A guardian; give each once."
)
@click.option("--needed", type=click.IntRange(1, 10), help="How many of them must agree.")
@click.option("--none", is_flag=True, help="Have no guardians any more.")
@click.option("--keep", is_flag=True, help="Drop a change that is waiting, at once.")
@writes
@leaf(
    "coop member guardians set --guardian 0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
    " --guardian 0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC --needed 2"
)
def set_(
    context: Context, accounts: tuple[str, ...], needed: int | None, none: bool, keep: bool
) -> None:
    """Name your guardians. They are in force a week later, and the chain has only a hash.

    Give the file that this makes to each guardian: without it they cannot help.
    """
    if sum((bool(accounts), none, keep)) != 1 or bool(accounts) != (needed is not None):
        raise UsageProblem(
            "Name guardians and how many are needed, or say --none or --keep.", undone=_UNNAMED
        )
    with undone(_UNNAMED):
        named = _name(context, accounts, needed or 0) if accounts else _again(context, keep)
    done = f"Your guardians will be in force from {when(named.in_force_from)}."
    if none:
        done = f"You will have no guardians from {when(named.in_force_from)}."
    if keep:
        done = "Your guardians stay; no change is waiting."
    if named.kept:
        done += f" Give them their list, and keep it: {named.kept}"
    print_act(
        context,
        "set_guardians",
        named.sent,
        done=done,
        prove=_prove(named.sent),
        list_hash="0x" + named.list_hash.hex(),
        in_force_from=moment(named.in_force_from),
        list_file=str(named.kept) if named.kept else None,
    )


def _name(context: Context, accounts: tuple[str, ...], needed: int) -> "Named":
    from node import guardians as lists

    instance = context.instance()
    listed = lists.made(instance, _own_number(context), accounts, needed)
    if key_account(context) in listed.accounts:
        raise UsageProblem("You cannot be your own guardian.", hint="Name somebody else.")
    context.out.consider(f"Guardians:   {', '.join(listed.accounts)}")
    context.out.consider(f"Needed:      {needed} of {len(accounts)}")
    context.out.confirm("Name these guardians?", _UNNAMED)
    return lists.name(context.sender(), instance, listed, context.settings.home / "guardians")


def _again(context: Context, keep: bool) -> "Named":
    from node import guardians as lists

    instance, known = context.instance(), lists.NOBODY
    if keep:
        args = ("Membership", instance.membership, "guardiansOf", _own_number(context))
        known = context.chain().view(*args)["listHash"]
    return lists.name_again(context.sender(), instance, known)


def _own_number(context: Context) -> int:
    account = key_account(context)
    membership = context.instance().membership
    number = context.chain().view("Membership", membership, "memberIdOf", account)
    if not number:
        raise NotAMember(
            f"Account {account} has no membership.", hint="Use a member's key: --key NAME"
        )
    return int(number)


@guardians.command()
@click.argument("number", metavar="ID", type=_NUMBER)
@click.option("--account", type=Account(), required=True, help="The member's new account.")
@click.option(
    "--list",
    "file",
    metavar="FILE",
    required=True,
    type=click.Path(path_type=Path),
    help="The list that the member gave you.",
)
@writes
@leaf(
    "coop member guardians support 3 --account 0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
    " --list guardians.json"
)
def support(context: Context, number: int, account: str, file: Path) -> None:
    """Vouch, as a guardian, that an account is the member's new one. Ask the member in person."""
    from node import guardians as lists

    with undone("You vouched for nobody."):
        listed = lists.read(file, context.instance())
        if listed.member_id != number:
            raise UsageProblem(f"The list in {file} is of member {listed.member_id}.")
        context.out.consider(f"Member {number} loses the present key and gets {account}.")
        context.out.confirm("Did you speak with the member?", "You vouched for nobody.")
        sent = lists.support(context.sender(), context.instance(), account, listed)
    due = [each.args["dueAt"] for each in sent.events if each.name == "RecoveryStarted"]
    done = f"You vouched for {account}."
    done += f" It can take over from {when(due[0])}." if due else " More guardians are needed."
    print_act(
        context,
        "support_recovery",
        sent,
        done=done,
        prove=f"coop member guardians show {number}",
        member_id=number,
        account=account,
        due_at=moment(due[0]) if due else None,
    )


@guardians.command()
@click.argument("account", type=Account())
@writes
@leaf("coop member guardians cancel 0x70997970C51812dc3A010C7d01b50e0d17dc79C8")
def cancel(context: Context, account: str) -> None:
    """Void all that your guardians began; ACCOUNT is one that they vouched for."""
    with undone("Nothing was cancelled."):
        membership = context.instance().membership
        sent = context.sender().send("Membership", membership, "cancelRecovery", account)
    done = "What your guardians began is void."
    print_act(context, "cancel_recovery", sent, done=done, prove=_prove(sent))


@guardians.command()
@click.argument("number", metavar="ID", type=_NUMBER)
@writes
@leaf("coop member guardians complete 3 --key ada-2027")
def complete(context: Context, number: int) -> None:
    """Take over your membership with the new key that your guardians vouched for."""
    with undone("Nobody's key was changed."):
        membership = context.instance().membership
        sent = context.sender().send("Membership", membership, "completeRecovery", number)
    account = key_account(context)
    print_act(
        context,
        "complete_recovery",
        sent,
        done=f"Member {number} now has the account {account}.",
        prove=f"coop member show {number}",
        member_id=number,
        account=account,
    )


def _prove(sent: "TxReceipt") -> str:
    """The command that shows the guardians of the member whom a transaction was about."""
    number = sent.events[0].args["memberId"] if sent.events else "ID"
    return f"coop member guardians show {number}"
