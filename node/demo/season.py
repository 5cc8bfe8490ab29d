"""The season in order, and whether it went as written."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from indexer import queries
from indexer.audit.judge import Audit
from indexer.audit.run import run
from indexer.reader import SyncResult
from indexer.store import Store, open_mirror
from indexer.sync import sync
from node.demo import beginnings, decisions, pay
from node.demo.decisions import Agenda
from node.demo.people import everybody
from node.demo.stage import SeasonDiverged, Stage
from node.devnet import Devnet


@dataclass(frozen=True)
class Season:
    """What came of it; `seconds` is how long it took to play and to mirror."""

    stage: Stage
    agenda: Agenda
    party: int
    """The proposal whose vote is still open."""
    members: int
    candidates: int
    proposals: dict[str, int]
    """How many proposals ended in each state."""
    pay_votes: int
    events: int
    chronicle_ok: bool
    audited: Audit
    seconds: float


def play(devnet: Devnet, members: int, home: Path, say: Callable[[str], None]) -> Season:
    """Play all scenes on a fresh chain, mirror them, and compare the mirror with the script."""
    begun = time.monotonic()
    people = everybody(members)
    stage = beginnings.found_coop(devnet, people, home, say)
    beginnings.candidates_apply(stage)
    beginnings.members_decide_on_candidates(stage)
    others = [name for name in people if name.startswith("member ")]
    core = ["ada", "ben", "cleo", "dan", "eve", "fay"]
    pay.members_set_pay(stage, [*core, "hal", *others])
    agenda = decisions.members_propose(stage)
    decisions.members_vote(stage, agenda, ["fay", "ida", *others])
    # More than half of the roll, less than three quarters of it.
    decisions.bylaws_change_under_an_open_vote(stage, agenda, [*core, *others[: len(others) // 2]])
    decisions.a_removal_is_appealed(stage, agenda, [*core, "hal", *others])
    decisions.a_passed_proposal_expires(stage)
    party = decisions.one_vote_stays_open(stage)
    store = open_mirror(home / f"{beginnings.NAME}.db", stage.instance.identity())
    synced = sync(stage.chain, store)
    say(f"The mirror read {synced.events} events and folds them to the chain's chronicle.")
    chosen = stage.instance
    audited = run([stage.chain], chosen.identity(), chosen.subject()).audit
    say("The audit replayed them by the rules, without the mirror.")
    return _told(stage, agenda, party, store, synced, audited, begun)


def _told(
    stage: Stage,
    agenda: Agenda,
    party: int,
    store: Store,
    synced: SyncResult,
    audited: Audit,
    begun: float,
) -> Season:
    with store.reading() as session:
        at = queries.as_of(session)
        members = queries.members(session, at)
        summaries = queries.proposals(session, at)
        pay_votes = queries.pay_votes(session, at)
    states: dict[int, str] = {each.proposal_id: each.state for each in summaries}
    _compare(agenda, party, states, synced.chronicle_ok, audited)
    counts = {state: list(states.values()).count(state) for state in sorted(set(states.values()))}
    return Season(
        stage=stage,
        agenda=agenda,
        party=party,
        members=sum(each.status == "active" for each in members),
        candidates=sum(each.status == "candidate" for each in members),
        proposals=counts,
        pay_votes=len(pay_votes),
        events=synced.events,
        chronicle_ok=synced.chronicle_ok,
        audited=audited,
        seconds=time.monotonic() - begun,
    )


def _compare(
    agenda: Agenda, party: int, states: dict[int, str], chronicle_ok: bool, audited: Audit
) -> None:
    """Refuse a season that did not end as it is written."""
    written = {
        agenda.bicycles: "executed",
        agenda.evening: "defeated",
        agenda.cars: "defeated",
        agenda.website: "expired",
        agenda.quorum: "executed",
        agenda.kitchen: "executed",
        agenda.removal: "executed",
        party: "active",
    }
    wrong = {number: states[number] for number in written if states[number] != written[number]}
    if wrong or not chronicle_ok:
        raise SeasonDiverged(
            f"The season ended otherwise than written: {wrong or 'the chronicle differs'}.",
            hint="This is a fault of the software: report it.",
        )
    if not audited.ok:
        raise SeasonDiverged(
            f"The audit found {len(audited.mismatches)} mismatches: {audited.mismatches[0]}.",
            hint="This is a fault of the software: report it.",
        )
