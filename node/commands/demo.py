"""`coop demo`: a whole season of a co-op on a local chain of its own."""

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.context import Context
from node.options import leaf

if TYPE_CHECKING:
    from node.demo.season import Season
    from node.devnet import Devnet

_FEWEST, _MOST = 11, 500
_MARK = "made-by-coop-demo"
_KEPT, _PASSWORD = "ada", "of a throwaway key on a local chain"


@click.command()
@click.option(
    "--members",
    type=click.IntRange(_FEWEST, _MOST),
    default=_FEWEST,
    show_default=True,
    help="How many members the co-op has once all have joined.",
)
@click.option("--fast", is_flag=True, help="Do not tell what happens; the work is the same.")
@leaf("coop demo --fast")
def demo(context: Context, members: int, fast: bool) -> None:
    """Play a whole season of a worker co-op on a local chain of its own.

    Starts a chain, founds a co-op, lets candidates join and members decide, vote on pay, leave,
    change keys and appeal, mirrors it all and compares the mirror with the chain. Everything is
    kept in the folder demo of COOP_HOME, replacing that of an earlier run.
    """
    from node import devnet
    from node.demo.season import play
    from node.errors import ConfigurationProblem

    if context.dry_run:
        context.out.note("Would play a season on a local chain of its own. Nothing was started.")
        return
    home = _fresh(context.settings.home / "demo")
    say = (lambda text: None) if fast else context.out.note
    state = home / "chain.json" if devnet.anvil_binary() else None
    try:
        running = devnet.start(state=state)
    except devnet.DevnetUnavailable as error:
        raise ConfigurationProblem(str(error), undone="No season was played.") from error
    with running:
        context.out.note(f"A local chain ({running.kind}) runs at {running.url}.")
        season = play(running, members, home, say)
        _keep_key(season, home)
        if not context.out.json:
            _tables(home, running.url)
    _summary(context, season, home, running)


def _fresh(home: Path) -> Path:
    """An empty folder for the season; one that something else made is never emptied."""
    from node.errors import ConfigurationProblem

    if home.exists() and not (home / _MARK).exists():
        raise ConfigurationProblem(
            f"The folder {home} is in the way: it was not made by a demo.",
            undone="Nothing was changed.",
            hint="Choose another COOP_HOME.",
        )
    if home.exists():
        shutil.rmtree(home)
    home.mkdir(parents=True, mode=0o700)
    (home / _MARK).touch()
    return home


def _keep_key(season: "Season", home: Path) -> None:
    """Leave one member's key, so that whoever looks around can act; it is worth nothing."""
    from node import keys
    from node.files import write_private

    write_private(home / "password", _PASSWORD + "\n")
    secret = season.stage.people[_KEPT].account.key.hex()
    keys.import_secret(home / "keys", _KEPT, secret, _PASSWORD)


def _tables(home: Path, url: str) -> None:
    """What a member would see: the same commands, on the season's own folder."""
    from node.commands.member import member
    from node.commands.pay import pay
    from node.commands.proposal import proposal
    from node.commands.status import status

    before = os.environ.get("COOP_HOME")
    os.environ["COOP_HOME"] = str(home)
    try:
        for command, words in (
            (status, []),
            (member, ["list"]),
            (proposal, ["list"]),
            (pay, ["show"]),
        ):
            print(f"\n$ coop {' '.join([str(command.name), *words])}")
            arguments = [*words, "--rpc", url, "--quiet"]
            command.main(arguments, prog_name=f"coop {command.name}", standalone_mode=False)
    finally:
        if before is None:
            del os.environ["COOP_HOME"]
        else:
            os.environ["COOP_HOME"] = before


def _summary(context: Context, season: "Season", home: Path, chain: "Devnet") -> None:
    counted = season.stage.counted
    data = {
        "instance": season.stage.instance.name,
        "members": season.members,
        "candidates": season.candidates,
        "proposals": season.proposals,
        "pay_votes": season.pay_votes,
        "ballots": counted.ballots,
        "transactions": counted.transactions,
        "events": season.events,
        "chronicle_ok": season.chronicle_ok,
        "seconds": round(season.seconds, 1),
        "home": str(home),
        "chain": chain.kind,
    }
    context.out.result("demo", data, human=lambda: _told(context, season, home, chain))


def _told(context: Context, season: "Season", home: Path, chain: "Devnet") -> None:
    line, counted = context.out.line, season.stage.counted
    shown = str(home).replace(str(Path.home()), "~", 1)
    ended = ", ".join(f"{count} {state}" for state, count in season.proposals.items())
    line()
    line(
        f"{season.stage.instance.title} has {season.members} members and {season.candidates} "
        f"candidate. {counted.ballots} ballots decided {sum(season.proposals.values())} proposals "
        f"({ended}) and {season.pay_votes} pay votes, in {counted.transactions} transactions."
    )
    line(
        f"The mirror's {season.events} events fold to the chronicle heads of all four contracts: "
        "none is missing, added, changed or moved."
    )
    audited = season.audited
    checks = sum(each.counted for each in audited.checks)
    line(
        f"The audit replayed them by the rules alone: {checks} checks, "
        f"{len(audited.mismatches)} mismatches."
    )
    line(f"Played and checked in {season.seconds:.0f} seconds. The files are in {shown}:")
    line("  instances/weavers.toml  the co-op's addresses; weavers.db  the mirror (safe to delete)")
    line("  texts/  what was said about people, off the chain; kims-ballot.json  a carried ballot")
    line(f"  keys/{_KEPT}.json  the key of one member, its password in the file password")
    if chain.kind == "anvil":
        port = chain.url.rsplit(":", 1)[1]
        line("Look around: run the chain again in one shell, and ask in another:")
        line(f"  coop devnet --port {port} --state {shown}/chain.json")
        line(f"  export COOP_HOME={shown}")
        line(f"  coop proposal show {season.agenda.removal}")
        line(f"  coop vote {season.party} for --password-file {shown}/password")
