"""What changed in proposals between two looks: opened, voted on, closed, decided."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from indexer.queries import AsOf, ProposalSummary
from node.errors import ConfigurationProblem
from node.files import write_private
from node.instance import Instance
from node.output import one_line, when

SCHEMA = "coop/watched/v1"
FINAL = ("canceled", "defeated", "expired", "executed")
_STAGES = {"pending": 0, "active": 1, "succeeded": 2, "queued": 3}  # whatever is final: 4


@dataclass(frozen=True)
class Seen:
    """A proposal at one look; times in seconds."""

    state: str
    votes: tuple[int, int, int]
    """For, against, abstain."""
    closes_at: int
    second_call: bool


@dataclass(frozen=True)
class Change:
    """One thing that happened to a proposal between two looks."""

    what: str
    """proposed, opened, votes, extended, second_call, closed, queued, decided or taken_back."""
    proposal: ProposalSummary

    def data(self) -> dict[str, Any]:
        """The change for scripts."""
        return {"what": self.what, **vars(self.proposal)}

    def sentence(self) -> str:
        """The change for people."""
        found = self.proposal
        tally = found.tally
        until = when(found.closes_at)
        votes = f"{tally.for_} for, {tally.against} against, {tally.abstain} abstain"
        said = {
            "proposed": f"was proposed; its vote opens {when(found.opens_at)}",
            "opened": f"is open for votes until {until}",
            "votes": f"has {votes}; quorum {found.quorum} of {found.roll}",
            "extended": f"stays open until {until}: its outcome turned late",
            "second_call": f"missed its quorum; a second call is open until {until}",
            "closed": f"is closed: {votes}",
            "queued": f"is queued, to be executed from {when(found.execute_after)}",
            "decided": f"is {found.state}",
            "taken_back": f"is {found.state} again: the chain took back what was seen",
        }[self.what]
        return f"Proposal {found.proposal_id} ({one_line(found.title)}) {said}."


def seen(found: ProposalSummary) -> Seen:
    """Return what to remember of a proposal."""
    tally = found.tally
    votes = (tally.for_, tally.against, tally.abstain)
    return Seen(found.state, votes, int(found.closes_at), found.second_call)


def is_over(found: ProposalSummary) -> bool:
    """Return whether nothing more can happen to it; a confirming vote has nothing to execute."""
    return found.state in FINAL or (found.state == "succeeded" and found.confirms is not None)


def changes(before: Mapping[int, Seen], found: Iterable[ProposalSummary]) -> Iterator[Change]:
    """Give what happened since, each proposal's in the order in which it must have happened."""
    for each in found:
        old = before.get(each.proposal_id)
        if old is None:
            yield Change("proposed", each)
            old = Seen("pending", (0, 0, 0), int(each.closes_at), False)
        for what in _between(old, each):
            yield Change(what, each)


def _between(old: Seen, found: ProposalSummary) -> Iterator[str]:
    new = seen(found)
    before, after = _STAGES.get(old.state, 4), _STAGES.get(new.state, 4)
    if after < before or (before == 4 and old.state != new.state):
        yield "taken_back"
        return
    if before < 1 <= after and new.state != "canceled":
        yield "opened"
    if old.votes != new.votes:
        yield "votes"
    if new.second_call and not old.second_call:
        yield "second_call"
    elif new.closes_at != old.closes_at:
        yield "extended"
    if before < 2 <= after and new.state != "canceled":
        yield "closed"
    if new.state == "queued" and old.state != "queued":
        yield "queued"
    if is_over(found) and old.state != new.state:
        yield "decided"


# What `--once` remembers


def remember(path: Path, instance: Instance, at: AsOf, looked: Mapping[int, Seen]) -> None:
    """Keep what was seen for the next look."""
    known = {str(number): asdict(each) for number, each in sorted(looked.items())}
    document = {"schema": SCHEMA, **_mark(instance), "block": at.block, "proposals": known}
    write_private(path, json.dumps(document, indent=1) + "\n")


def recall(path: Path, instance: Instance) -> dict[int, Seen] | None:
    """Return what was seen at the last look; None if there was none."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if {name: kept[name] for name in _mark(instance)} != _mark(instance):
            raise _senseless(path, "is of another co-op")
        return {int(number): _seen(each) for number, each in kept["proposals"].items()}
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _senseless(path, "cannot be understood") from error


def _seen(kept: Mapping[str, Any]) -> Seen:
    for_, against, abstain = (int(each) for each in kept["votes"])
    return Seen(
        str(kept["state"]),
        (for_, against, abstain),
        int(kept["closes_at"]),
        bool(kept["second_call"]),
    )


def _mark(instance: Instance) -> dict[str, Any]:
    return {"chain_id": instance.chain_id, "assembly": instance.assembly}


def _senseless(path: Path, why: str) -> ConfigurationProblem:
    return ConfigurationProblem(
        f"What the last look saw ({path}) {why}.",
        undone="Nothing was compared.",
        hint="Remove the file: the next look then begins anew.",
    )
