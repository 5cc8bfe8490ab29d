"""Late swing: an outcome that flips shortly before the deadline moves it out, up to a cap."""

import random
from typing import Any

import pytest
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.acts import (
    ALREADY_VOTED,
    ballot,
    deadline,
    opening,
    poll,
    queue,
    refused,
    wrong_state,
)
from tests.contracts.coop import AGAINST, DAY, FOR, HOUR, Coop
from tests.contracts.founding import NO_LIMIT, found, rule
from tests.contracts.people import NAMES
from tests.contracts.signing import entry

WINDOW, CAP = DAY, 3 * DAY
SWING = {"quorumBps": 0, "quorumMin": 1, "swingWindow": WINDOW, "swingCap": CAP}


def ten(chain: Devnet, factory: Contract, **changed: Any) -> Coop:
    """Ten founders; the outcome may flip with every ballot."""
    rules = {"Ordinary": rule(**{**SWING, **changed})}
    return found(chain, factory, rules=rules, founders=NAMES[:10])


@pytest.fixture
def weavers(chain: Devnet, factory: Contract) -> Coop:
    return ten(chain, factory)


def extension(coop: Coop, receipt: Any) -> int | None:
    """The deadline that a receipt's ProposalExtended names; None if there is none."""
    events = coop.events(receipt, "ProposalExtended")
    return int(events[0]["args"]["extendedDeadline"]) if events else None


def test_a_flip_inside_the_window_moves_the_deadline(weavers: Coop) -> None:
    proposal = weavers.propose(weavers.ada)
    weavers.open(proposal)
    poll(weavers, proposal, "", "ada")
    end = deadline(weavers, proposal)
    at = end - HOUR
    assert extension(weavers, ballot(weavers, weavers.ben, proposal, at=at)) is None  # 1 : 1
    receipt = ballot(weavers, weavers.cleo, proposal, at=at + 1)
    (event,) = weavers.events(receipt, "ProposalExtended")
    assert dict(event["args"]) == {"proposalId": proposal, "extendedDeadline": at + 1 + WINDOW}
    assert deadline(weavers, proposal) == at + 1 + WINDOW
    weavers.warp(at + 1 + WINDOW)
    assert weavers.state(proposal) == "active"
    weavers.warp(at + 2 + WINDOW)
    assert weavers.state(proposal) == "succeeded"
    queue(weavers, proposal)


def test_a_flip_before_the_window_moves_nothing(weavers: Coop) -> None:
    proposal = weavers.propose(weavers.ada)
    end = deadline(weavers, proposal)
    receipt = ballot(weavers, weavers.ada, proposal, at=end - WINDOW - 1)
    assert extension(weavers, receipt) is None
    assert deadline(weavers, proposal) == end


def test_a_flip_in_the_first_second_of_the_window_already_reaches_the_deadline(
    weavers: Coop,
) -> None:
    proposal = weavers.propose(weavers.ada)
    end = deadline(weavers, proposal)
    assert extension(weavers, ballot(weavers, weavers.ada, proposal, at=end - WINDOW)) is None
    against = ballot(weavers, weavers.ben, proposal, AGAINST, at=end - WINDOW + 1)
    assert extension(weavers, against) == end + 1


def test_a_flip_in_the_last_second_moves_the_deadline(weavers: Coop) -> None:
    proposal = weavers.propose(weavers.ada)
    end = deadline(weavers, proposal)
    assert extension(weavers, ballot(weavers, weavers.ada, proposal, at=end)) == end + WINDOW
    assert weavers.state(proposal) == "active"


def test_a_flip_to_defeat_moves_the_deadline_as_well(weavers: Coop) -> None:
    proposal = weavers.propose(weavers.ada)
    weavers.open(proposal)
    poll(weavers, proposal, "ada")
    end = deadline(weavers, proposal)
    receipt = ballot(weavers, weavers.ada, proposal, AGAINST, 2, at=end - 5)
    assert extension(weavers, receipt) == end - 5 + WINDOW


def test_a_late_ballot_that_changes_no_outcome_moves_nothing(weavers: Coop) -> None:
    proposal = weavers.propose(weavers.ada)
    weavers.open(proposal)
    poll(weavers, proposal, "ada ben cleo")
    end = deadline(weavers, proposal)
    assert extension(weavers, ballot(weavers, weavers.dan, proposal, AGAINST, at=end - 5)) is None
    assert extension(weavers, ballot(weavers, weavers.eve, proposal, at=end - 4)) is None
    assert deadline(weavers, proposal) == end


def test_without_a_window_no_flip_moves_the_deadline(chain: Devnet, factory: Contract) -> None:
    coop = ten(chain, factory, swingWindow=0, swingCap=0)
    proposal = coop.propose(coop.ada)
    end = deadline(coop, proposal)
    assert extension(coop, ballot(coop, coop.ada, proposal, at=end)) is None
    coop.warp(end + 1)
    assert coop.state(proposal) == "succeeded"


def test_the_extension_is_capped_however_often_the_outcome_flips(weavers: Coop) -> None:
    proposal = weavers.propose(weavers.ada)
    end = deadline(weavers, proposal)
    moved = end
    choices = [FOR, AGAINST, FOR, AGAINST]  # 1:0 passes, 1:1 fails, 2:1 passes, 2:2 fails
    for name, choice in zip(NAMES, choices, strict=False):
        receipt = ballot(weavers, weavers.people[name], proposal, choice, at=moved)
        expected = min(moved + WINDOW, end + CAP)
        assert extension(weavers, receipt) == (expected if expected > moved else None)
        moved = expected
    assert deadline(weavers, proposal) == moved == end + CAP
    with wrong_state(proposal, "defeated", "active"):
        ballot(weavers, weavers.eve, proposal, at=end + CAP + 1)


def test_in_the_extension_only_those_who_have_not_voted_cast(weavers: Coop) -> None:
    proposal = weavers.propose(weavers.ada)
    weavers.open(proposal)
    poll(weavers, proposal, "ada", "ben")
    end = deadline(weavers, proposal)
    ballot(weavers, weavers.cleo, proposal, at=end - 10)  # extends
    with refused("AssemblyBallotRefused", proposal, 1, ALREADY_VOTED):
        ballot(weavers, weavers.ada, proposal, AGAINST, 2, at=end + 1)
    with refused("AssemblyBallotRefused", proposal, 3, ALREADY_VOTED):
        ballot(weavers, weavers.cleo, proposal, AGAINST, 2)
    ballot(weavers, weavers.dan, proposal, AGAINST)
    with refused("AssemblyBallotRefused", proposal, 4, ALREADY_VOTED):
        ballot(weavers, weavers.dan, proposal, FOR, 2)
    assert weavers.votes(proposal) == (2, 2, 0)


def test_a_ballot_is_still_changed_through_the_first_deadline_after_it_moved(
    weavers: Coop,
) -> None:
    proposal = weavers.propose(weavers.ada)
    end = deadline(weavers, proposal)
    ballot(weavers, weavers.ada, proposal, at=end - 10)  # extends
    receipt = ballot(weavers, weavers.ada, proposal, AGAINST, 2, at=end)
    assert weavers.votes(proposal) == (1, 0, 0)
    assert extension(weavers, receipt) == end + WINDOW


def test_a_signed_ballot_of_somebody_who_voted_is_skipped_in_the_extension(
    weavers: Coop,
) -> None:
    proposal = weavers.propose(weavers.ada)
    end = deadline(weavers, proposal)
    ballot(weavers, weavers.ada, proposal, at=end - 10)
    weavers.warp(end + 1)
    packed = entry(1, AGAINST, weavers.sign(weavers.ada, proposal, AGAINST, 2), 2)
    packed += entry(2, FOR, weavers.sign(weavers.ben, proposal, FOR))
    receipt = weavers.cast_batch(weavers.tom, proposal, packed)
    (skipped,) = weavers.events(receipt, "BallotSkipped")
    assert (skipped["args"]["memberId"], skipped["args"]["refusal"]) == (1, ALREADY_VOTED)
    assert weavers.votes(proposal) == (0, 2, 0)


def batch(coop: Coop, proposal: int, *votes: tuple[str, int]) -> bytes:
    """Signed first ballots of the people named, packed."""
    packed = b""
    for name, choice in votes:
        who = coop.people[name]
        packed += entry(coop.id_of(who), choice, coop.sign(who, proposal, choice))
    return packed


def test_a_batch_is_judged_once_by_its_end(weavers: Coop) -> None:
    proposal = weavers.propose(weavers.ada)
    weavers.open(proposal)
    poll(weavers, proposal, "ada")
    end = deadline(weavers, proposal)
    there_and_back = batch(weavers, proposal, ("ben", AGAINST), ("cleo", FOR))
    over = batch(weavers, proposal, ("dan", AGAINST), ("eve", FOR), ("fay", AGAINST))
    weavers.next_at(end - 100)
    first = weavers.cast_batch(weavers.tom, proposal, there_and_back)
    assert extension(weavers, first) is None
    weavers.next_at(end - 90)
    second = weavers.cast_batch(weavers.tom, proposal, over)
    assert weavers.votes(proposal) == (3, 3, 0)
    assert len(weavers.events(second, "ProposalExtended")) == 1
    assert extension(weavers, second) == end - 90 + WINDOW


def test_reaching_the_quorum_late_is_a_flip(chain: Devnet, factory: Contract) -> None:
    coop = ten(chain, factory, quorumMin=3)
    proposal = coop.propose(coop.ada)
    end = deadline(coop, proposal)
    for name, expected in (("ada", None), ("ben", None), ("cleo", end - 10 + WINDOW)):
        receipt = ballot(coop, coop.people[name], proposal, at=end - 12 + NAMES.index(name))
        assert extension(coop, receipt) == expected


def test_one_vote_against_too_many_is_a_flip(chain: Devnet, factory: Contract) -> None:
    coop = ten(chain, factory, maxAgainst=1)
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    poll(coop, proposal, "ada ben cleo dan")
    end = deadline(coop, proposal)
    assert extension(coop, ballot(coop, coop.eve, proposal, AGAINST, at=end - 9)) is None
    assert (
        extension(coop, ballot(coop, coop.fay, proposal, AGAINST, at=end - 8)) == end - 8 + WINDOW
    )


def legal_rule(dice: random.Random) -> dict[str, Any]:
    """A rule within the bounds, mostly at their edges."""
    period = dice.choice([HOUR, 2 * HOUR, DAY, 7 * DAY, 60 * DAY])
    window = dice.choice([0, 1, min(period, HOUR), min(period, 7 * DAY)])
    second = dice.choice([0, HOUR, DAY, 30 * DAY])
    quorum = dice.choice([0, 1, 5_000, 10_000])
    top = dice.choice([1, 2, 3, 50, 100])
    bottom = dice.choice([top, min(100, top + 1), 100])
    return {
        "notice": dice.choice([0, DAY, 60 * DAY]),
        "votingPeriod": period,
        "grace": dice.choice([DAY, 180 * DAY]),
        "secondCallDelay": second,
        "coolDown": dice.choice([0, 180 * DAY]),
        "swingWindow": window,
        "swingCap": dice.choice([window, 14 * DAY]) if window else 0,
        "quorumMin": dice.choice([1, 3]),
        "quorumBps": quorum,
        "secondCallBps": dice.choice([0, quorum]) if second else 0,
        "maxAgainst": dice.choice([0, 1, NO_LIMIT]),
        "passNum": top,
        "passDen": bottom,
        "strict": top < bottom and dice.random() < 0.5,
        "basisRoll": dice.random() < 0.5,
        "presence": dice.random() < 0.5,
        "subjectVotes": True,
    }


@pytest.mark.parametrize("seed", range(30))
def test_no_legal_rule_ever_refuses_a_valid_ballot(
    chain: Devnet, factory: Contract, seed: int
) -> None:
    # OpenZeppelin #6644: a parameter within its bounds made the extension revert every vote.
    dice = random.Random(seed)
    values = legal_rule(dice)
    coop = found(chain, factory, rules={"Ordinary": rule(**values)}, founders=NAMES[:8])
    proposal = coop.propose(coop.ada, opens_in=values["notice"] + 10)
    start, end = opening(coop, proposal), deadline(coop, proposal)
    voters = iter(NAMES[:8])
    cast = 0
    for moment in sorted({start + 1, min(end - values["swingWindow"] + 1, end), end - 1, end}):
        ballot(coop, coop.people[next(voters)], proposal, dice.choice([FOR, AGAINST]), at=moment)
        cast += 1
    for _ in range(3):
        end = deadline(coop, proposal)
        moment = end if coop.now() < end else None  # None: after it, if there is a second call
        if moment is None:
            coop.warp(end + 1)
            if coop.state(proposal) != "active":
                break
        ballot(coop, coop.people[next(voters)], proposal, dice.choice([FOR, AGAINST]), at=moment)
        cast += 1
    assert sum(coop.votes(proposal)) == cast
    limit = start + values["votingPeriod"] + values["secondCallDelay"] + 2 * values["swingCap"]
    assert deadline(coop, proposal) <= limit
    coop.warp(limit + 1)
    assert coop.state(proposal) in ("succeeded", "defeated", "expired")
