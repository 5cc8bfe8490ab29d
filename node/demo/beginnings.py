"""The first scenes: five founders make a co-op, candidates apply and are admitted by vote."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from indexer.chain import Chain
from node import bylaws, instance, proposals
from node.ballot import Choice
from node.bylaws import Bylaws, RoleTerms
from node.demo.people import CANDIDATES, FOUNDERS, REFUSED, Person
from node.demo.stage import DAY, Stage, fill_purses, profile_hash
from node.devnet import Devnet
from node.errors import BylawsProblem
from node.founding.plan import Plan, checked_founders
from node.founding.run import found
from node.sender import Sender

PRESET = "uk-worker-coop"
NAME, TITLE = "weavers", "Calder Valley Weavers"
ROLES = (
    RoleTerms("courier", rate=1_320, floor=1_221, step=10, max_change_bps=1_000),
    RoleTerms("cook", rate=1_400, floor=1_221, step=10, max_change_bps=1_000),
    RoleTerms("coordinator", rate=1_560, floor=1_221, step=20, max_change_bps=1_000),
)
"""In pence an hour; the floor is the National Living Wage of April 2025."""
_AT_ONCE = 32  # actions in one proposal


def found_coop(
    devnet: Devnet, people: Mapping[str, Person], home: Path, say: Callable[[str], None]
) -> Stage:
    """Deploy the factory, create the co-op from a preset, and keep its instance file."""
    chain = Chain(devnet.url)
    fill_purses(devnet, people.values())
    founders = checked_founders([people[name].address for name in FOUNDERS])
    plan = Plan(NAME, TITLE, founders, the_bylaws())
    made = found(
        Sender(chain, people[FOUNDERS[0]].account), plan, home / "instances", say=lambda _: None
    )
    instance.use(home / "instances", home / "config.toml", NAME)
    own = proposals.own_contracts(chain, made)
    stage = Stage(devnet, chain, made, own, people, home, say)
    stage.counted.transactions = made.first_block  # a new chain, one transaction a block
    say(
        f"{', '.join(FOUNDERS)} found {TITLE} by the bylaws {PRESET}: one transaction makes roll, "
        f"bylaws, assembly and pay rates (block {made.first_block})."
    )
    return stage


def the_bylaws() -> Bylaws:
    """The preset, with the roles of this co-op."""
    read, problems = bylaws.read(bylaws.preset_text(PRESET))
    if read is None:
        raise BylawsProblem(f"The preset {PRESET} cannot be read: {problems}.")
    return replace(read, roles=ROLES)


def candidates_apply(stage: Stage) -> None:
    """Everybody who is no founder applies and waits out probation."""
    joining = [name for name in stage.people if name not in FOUNDERS]
    for name in joining:
        stage.act(name, "Membership", "applyToJoin", profile_hash(name))
    probation = stage.chain.view("Membership", stage.instance.membership, "probation")
    stage.warp(stage.now() + probation)
    stage.say(
        f"{', '.join(CANDIDATES)}{f' and {len(joining) - 7} more' if len(joining) > 7 else ''} "
        f"apply; on chain is only the hash of a salted profile. {probation // DAY} days of "
        "probation pass (the chain's clock is moved)."
    )


def members_decide_on_candidates(stage: Stage) -> None:
    """One proposal a named candidate, one for each 32 of the rest; the founders propose."""
    jobs = list(_jobs(stage))
    while jobs:
        now, jobs = jobs[: len(FOUNDERS)], jobs[len(FOUNDERS) :]
        _round(stage, dict(zip(FOUNDERS, now, strict=False)))
    stage.say(
        f"{', '.join(name for name in CANDIDATES if name != REFUSED)} are admitted by vote; "
        f"{REFUSED} has only eve's vote and stays a candidate."
    )


def _jobs(stage: Stage) -> Iterator[tuple[str, ...]]:
    rest = [name for name in stage.people if name not in (*FOUNDERS, *CANDIDATES)]
    yield from ((name,) for name in CANDIDATES)
    yield from (tuple(rest[i : i + _AT_ONCE]) for i in range(0, len(rest), _AT_ONCE))


def _round(stage: Stage, jobs: Mapping[str, tuple[str, ...]]) -> None:
    """Proposals side by side: opened together, voted on together, carried out one after another."""
    made = {}
    for proposer, names in jobs.items():
        acts = [stage.action("admit", account=stage.people[name].address) for name in names]
        text = f"# Admit {', '.join(names)}\n\nThey worked with us through probation."
        made[stage.propose(proposer, text, acts)] = names
    stage.open(max(made))
    for proposal, names in made.items():
        choices: dict[str, Choice] = dict.fromkeys((*FOUNDERS, *_joined(stage)), "for")
        if REFUSED in names:
            choices = {name: "for" if name == "eve" else "against" for name in choices}
        stage.vote_together("ada", proposal, choices)
    stage.close(max(made))
    for proposal, names in made.items():
        if REFUSED not in names:
            stage.carry_out(proposal, "ada")


def _joined(stage: Stage) -> list[str]:
    """Members who were admitted in an earlier round and so have a vote now."""
    return [
        name
        for name, who in stage.voters(name for name in stage.people if name not in FOUNDERS).items()
        if who.member_id
    ]
