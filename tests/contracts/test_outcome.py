"""What a tally means: quorum and threshold, on whose roll, and who is left out of both."""

from fractions import Fraction
from itertools import product
from math import ceil
from typing import Any

import pytest
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.acts import (
    CONCERNED,
    NOT_ELIGIBLE,
    admit,
    apply,
    ballot,
    deadline,
    eta,
    execute,
    hashed,
    leave,
    opening,
    poll,
    refused,
    voted,
)
from tests.contracts.artifacts import deploy
from tests.contracts.coop import AGAINST, CLASSES, DAY, Coop
from tests.contracts.founding import NO_LIMIT, PLAIN, found, rule
from tests.contracts.people import NAMES

MAJORITY: dict[str, Any] = {"quorumMin": 1, "quorumBps": 0}
THREE_QUARTERS = {**MAJORITY, "passNum": 3, "passDen": 4, "strict": False}
TWO_THIRDS = {**MAJORITY, "passNum": 2, "passDen": 3, "strict": False}
ABOVE_TWO_THIRDS = {**TWO_THIRDS, "strict": True}
MOST_OF_ROLL = {**MAJORITY, "basisRoll": True}
ALL_OF_ROLL = {**MAJORITY, "basisRoll": True, "passNum": 1, "passDen": 1, "strict": False}
UNANIMITY = {**MAJORITY, "maxAgainst": 0}
ALL_BUT_ONE = {**MAJORITY, "maxAgainst": 1}
HALF_PRESENT = {**MAJORITY, "quorumBps": 5_000}
HALF_FOR = {**HALF_PRESENT, "presence": False}
AT_LEAST_FOUR = {**MAJORITY, "quorumMin": 4}

# rule, roll, votes for, against, abstaining, whether it passes
CASES: list[tuple[str, dict[str, Any], int, int, int, int, bool]] = [
    ("more for than against", MAJORITY, 5, 2, 1, 0, True),
    ("a tie is lost", MAJORITY, 6, 2, 2, 0, False),
    ("silence never passes", MAJORITY, 5, 0, 0, 0, False),
    ("abstentions alone never pass", MAJORITY, 5, 0, 0, 5, False),
    ("abstentions don't count in the threshold", MAJORITY, 8, 2, 1, 5, True),
    ("three quarters exactly", THREE_QUARTERS, 8, 6, 2, 0, True),
    ("less than three quarters", THREE_QUARTERS, 8, 5, 2, 0, False),
    ("three quarters beside abstentions", THREE_QUARTERS, 8, 3, 1, 4, True),
    ("two thirds exactly", TWO_THIRDS, 9, 6, 3, 0, True),
    ("less than two thirds", TWO_THIRDS, 9, 5, 3, 0, False),
    ("above two thirds means above", ABOVE_TWO_THIRDS, 9, 6, 3, 0, False),
    ("above two thirds", ABOVE_TWO_THIRDS, 9, 7, 3 - 1, 0, True),
    ("half of the roll is not most of it", MOST_OF_ROLL, 6, 3, 0, 0, False),
    ("most of the roll", MOST_OF_ROLL, 6, 4, 0, 0, True),
    ("most of an odd roll", MOST_OF_ROLL, 7, 4, 3, 0, True),
    ("all of the roll", ALL_OF_ROLL, 5, 5, 0, 0, True),
    ("all but one who is away", ALL_OF_ROLL, 5, 4, 0, 0, False),
    ("all but one who abstains", ALL_OF_ROLL, 5, 4, 0, 1, False),
    ("one against breaks unanimity", UNANIMITY, 5, 4, 1, 0, False),
    ("abstaining doesn't break unanimity", UNANIMITY, 5, 1, 0, 4, True),
    ("consensus minus one bears one", ALL_BUT_ONE, 6, 4, 1, 0, True),
    ("consensus minus one doesn't bear two", ALL_BUT_ONE, 6, 4, 2, 0, False),
    ("half present, rounded up", HALF_PRESENT, 5, 3, 0, 0, True),
    ("half present, not rounded down", HALF_PRESENT, 5, 2, 0, 0, False),
    ("those against and abstaining are present", HALF_PRESENT, 6, 2, 0, 1, True),
    ("present are also those against", HALF_PRESENT, 7, 3, 1, 0, True),
    ("a quorum of votes for", HALF_FOR, 6, 3, 1, 2, True),
    ("others don't fill a quorum of votes for", HALF_FOR, 6, 2, 1, 3, False),
    ("the least number of voters", AT_LEAST_FOUR, 6, 3, 0, 1, True),
    ("one less than the least number", AT_LEAST_FOUR, 6, 3, 0, 0, False),
]


@pytest.mark.parametrize(
    ("values", "roll", "in_favour", "against", "abstain", "passes"),
    [pytest.param(*case[1:], id=case[0]) for case in CASES],
)
def test_a_vote_ends_as_its_rule_says(
    chain: Devnet,
    factory: Contract,
    values: dict[str, Any],
    roll: int,
    in_favour: int,
    against: int,
    abstain: int,
    passes: bool,
) -> None:
    coop = found(chain, factory, rules={"Ordinary": rule(**values)}, founders=NAMES[:roll])
    proposal = coop.propose(coop.ada)
    names = iter(NAMES[:roll])
    yes, no, neither = (
        " ".join(next(names) for _ in range(count)) for count in (in_favour, against, abstain)
    )
    assert voted(coop, proposal, yes, no, neither) == ("succeeded" if passes else "defeated")
    assert coop.votes(proposal) == (against, in_favour, abstain)


# The same for every tally of a small roll, compared with fractions


def expected(values: dict[str, Any], tally: tuple[int, ...], roll: int, second: bool) -> bool:
    """The bylaws in plain fractions: a second way to the same answer."""
    no, yes, neither = tally
    share = Fraction(values["secondCallBps" if second else "quorumBps"], 10_000)
    present = no + yes + neither if values["presence"] else yes
    if present < values["quorumMin"] or present < share * roll:
        return False
    if yes <= no or (values["maxAgainst"] != NO_LIMIT and no > values["maxAgainst"]):
        return False
    reached = Fraction(yes, roll if values["basisRoll"] else yes + no)
    needed = Fraction(values["passNum"], values["passDen"])
    return reached > needed if values["strict"] else reached >= needed


GRID = [
    {
        **PLAIN,
        **{"quorumMin": least, "quorumBps": bps, "maxAgainst": limit},
        **{"secondCallDelay": DAY, "secondCallBps": bps // 2},
        **{"passNum": top, "passDen": bottom, "strict": strict},
        **{"basisRoll": basis, "presence": presence},
    }
    for least, bps in ((1, 0), (2, 3_334), (3, 5_000), (1, 10_000))
    for top, bottom in ((1, 2), (2, 3), (3, 4), (1, 1), (1, 100))
    for strict, basis, presence in product((False, True), repeat=3)
    for limit in (NO_LIMIT, 0, 1)
]


def test_every_tally_of_a_small_roll_means_what_fractions_say(
    chain: Devnet, factory: Contract
) -> None:
    probe = deploy(factory.w3, "OutcomeProbe")
    passed = 0
    for number, values in enumerate(GRID):
        roll, second = (7, 6, 3)[number % 3], number % 2 == 1
        tallies = [t for t in product(range(roll + 1), repeat=3) if sum(t) <= roll]
        answers = probe.functions.passes(rule(**values), tallies, roll, second).call()
        assert answers == [expected(values, tally, roll, second) for tally in tallies], values
        passed += sum(answers)
    assert passed > 1_000


@pytest.mark.parametrize("bps", [0, 1, 3_333, 3_334, 5_000, 6_667, 9_999, 10_000])
def test_a_quorum_is_rounded_up(chain: Devnet, factory: Contract, bps: int) -> None:
    probe = deploy(factory.w3, "OutcomeProbe")
    rolls = list(range(60))
    values = rule(quorumMin=2, quorumBps=10_000, secondCallDelay=DAY, secondCallBps=bps)
    found_ = probe.functions.quorums(values, rolls, True).call()
    assert found_[2:] == [max(2, ceil(Fraction(bps, 10_000) * roll)) for roll in rolls[2:]]
    assert probe.functions.quorums(values, rolls, False).call()[2:] == rolls[2:]


def test_a_quorum_is_never_more_than_the_roll_and_never_nothing(
    chain: Devnet, factory: Contract
) -> None:
    probe = deploy(factory.w3, "OutcomeProbe")
    found_ = probe.functions.quorums(rule(quorumMin=4, quorumBps=0), [0, 1, 2, 3, 4, 5], False)
    assert found_.call() == [1, 1, 2, 3, 4, 4]


def test_a_co_op_that_shrank_below_its_least_number_still_decides(
    chain: Devnet, factory: Contract
) -> None:
    coop = found(chain, factory, rules={"Ordinary": rule(quorumMin=4, quorumBps=0)})
    for name in ("cleo", "dan", "eve"):
        leave(coop, coop.people[name])
    proposal = coop.propose(coop.ada)
    assert coop.assembly.functions.proposalQuorum(proposal).call() == 2
    assert voted(coop, proposal, "ada") == "defeated"
    again = coop.propose(coop.ada, (), "Again")
    assert voted(coop, again, "ada ben") == "succeeded"


def test_a_co_op_that_shrank_below_its_least_number_admits_and_lowers_it(
    chain: Devnet, factory: Contract
) -> None:
    coop = found(chain, factory, rules={name: rule(quorumMin=4) for name in CLASSES})
    for name in ("dan", "eve"):
        leave(coop, coop.people[name])
    apply(coop, coop.fay)
    rest = [coop.ada, coop.ben, coop.cleo]
    lower = [coop.action(coop.bylaws, "setRule", CLASSES.index("Bylaws"), rule())]
    coop.carry(coop.propose(coop.ada, lower, "Two"), lower, "Two", rest)
    admit, text = [coop.action(coop.membership, "admit", coop.fay.address)], hashed("Fay")
    too_few = coop.propose(coop.ben, admit, text)
    assert voted(coop, too_few, "ada ben") == "defeated"
    coop.carry(coop.propose(coop.ada, admit, text), admit, text, rest)
    assert coop.membership.functions.rollSize().call() == 4


# On whose roll


def test_members_who_leave_after_the_freeze_stay_in_the_denominator(
    chain: Devnet, factory: Contract
) -> None:
    # 1Hive/gardens-v2#369: leaving lowered the threshold and passed a proposal.
    rules = {"Ordinary": rule(**MOST_OF_ROLL)}
    coop = found(chain, factory, rules=rules, founders=NAMES[:10])
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    poll(coop, proposal, "ada ben cleo dan eve")
    for name in ("gus", "hal", "ida", "jon"):
        leave(coop, coop.people[name])
    assert coop.membership.functions.rollSize().call() == 6
    assert coop.assembly.functions.proposalRoll(proposal).call() == 10
    coop.close(proposal)
    assert coop.state(proposal) == "defeated"


def test_members_who_leave_before_the_freeze_are_not_in_the_denominator(
    chain: Devnet, factory: Contract
) -> None:
    rules = {"Ordinary": rule(**MOST_OF_ROLL)}
    coop = found(chain, factory, rules=rules, founders=NAMES[:10])
    proposal = coop.propose(coop.ada)
    for name in ("gus", "hal", "ida", "jon"):
        leave(coop, coop.people[name])
    assert coop.assembly.functions.proposalRoll(proposal).call() == 6
    assert voted(coop, proposal, "ada ben cleo dan eve") == "succeeded"
    assert coop.assembly.functions.proposalRoll(proposal).call() == 6


def test_the_ballot_of_a_member_who_leaves_stands_and_a_new_one_is_refused(coop: Coop) -> None:
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    poll(coop, proposal, "ada ben eve")
    leave(coop, coop.eve)
    leave(coop, coop.dan)
    with refused("AssemblyBallotRefused", proposal, 5, NOT_ELIGIBLE):
        ballot(coop, coop.eve, proposal, AGAINST, 2)
    with refused("AssemblyBallotRefused", proposal, 4, NOT_ELIGIBLE):
        ballot(coop, coop.dan, proposal)
    coop.close(proposal)
    assert (coop.votes(proposal), coop.state(proposal)) == ((0, 3, 0), "succeeded")


def test_a_member_admitted_after_the_freeze_has_no_vote_and_is_not_counted(coop: Coop) -> None:
    apply(coop, coop.fay)
    action = coop.action(coop.membership, "admit", coop.fay.address)
    admission = coop.propose(coop.ada, [action], hashed("fay"))
    proposal = coop.propose(coop.ben, opens_in=9 * DAY)
    voted(coop, admission, "ada ben cleo")
    coop.send(coop.assembly.functions.queue(admission), coop.ada)
    assert eta(coop, admission) < opening(coop, proposal)
    execute(coop, admission, [action], hashed("fay"), at=opening(coop, proposal) + 1)
    with refused("AssemblyBallotRefused", proposal, 6, NOT_ELIGIBLE):
        ballot(coop, coop.fay, proposal)
    assert coop.assembly.functions.proposalRoll(proposal).call() == 5
    assert coop.membership.functions.rollSize().call() == 6


def test_a_member_admitted_in_the_second_of_the_freeze_votes_and_is_counted(coop: Coop) -> None:
    apply(coop, coop.fay)
    action = coop.action(coop.membership, "admit", coop.fay.address)
    admission = coop.propose(coop.ada, [action], hashed("fay"))
    proposal = coop.propose(coop.ben, opens_in=9 * DAY)
    voted(coop, admission, "ada ben cleo")
    coop.send(coop.assembly.functions.queue(admission), coop.ada)
    execute(coop, admission, [action], hashed("fay"), at=opening(coop, proposal))
    coop.open(proposal)
    ballot(coop, coop.fay, proposal)
    assert coop.assembly.functions.proposalRoll(proposal).call() == 6


def test_a_member_who_leaves_in_the_second_of_the_freeze_is_neither_voter_nor_counted(
    coop: Coop,
) -> None:
    proposal = coop.propose(coop.ada)
    leave(coop, coop.eve, at=opening(coop, proposal))
    coop.open(proposal)
    with refused("AssemblyBallotRefused", proposal, 5, NOT_ELIGIBLE):
        ballot(coop, coop.eve, proposal)
    assert coop.assembly.functions.proposalRoll(proposal).call() == 4


def test_somebody_who_comes_back_during_a_vote_has_no_vote_in_it(coop: Coop) -> None:
    admit(coop, coop.fay)
    coop.decide(coop.ada, coop.membership, "suspend", 6, 10 * DAY)
    proposal = coop.propose(coop.ada, opens_in=8 * DAY)
    end = deadline(coop, proposal)
    coop.warp(coop.now() + 10 * DAY)
    assert coop.state(proposal) == "active"
    coop.send(coop.membership.functions.reinstate(6), coop.tom)
    with refused("AssemblyBallotRefused", proposal, 6, NOT_ELIGIBLE):
        ballot(coop, coop.fay, proposal)
    assert coop.assembly.functions.proposalRoll(proposal).call() == 5
    assert deadline(coop, proposal) == end


# The person concerned


def test_the_person_concerned_is_out_of_vote_and_denominator(
    chain: Devnet, factory: Contract
) -> None:
    coop = found(chain, factory, rules={"Removal": rule(**ALL_OF_ROLL)})
    proposal = coop.personal(coop.ada, "expel", 5)
    assert coop.assembly.functions.proposalRoll(proposal).call() == 4
    coop.open(proposal)
    with refused("AssemblyBallotRefused", proposal, 5, CONCERNED):
        ballot(coop, coop.eve, proposal, AGAINST)
    poll(coop, proposal, "ada ben cleo dan")
    coop.close(proposal)
    assert coop.assembly.functions.proposalRoll(proposal).call() == 4
    assert coop.state(proposal) == "succeeded"


def test_the_bylaws_can_give_the_person_concerned_a_vote(chain: Devnet, factory: Contract) -> None:
    values = rule(**ALL_OF_ROLL, subjectVotes=True)
    coop = found(chain, factory, rules={"Removal": values})
    proposal = coop.personal(coop.ada, "expel", 5)
    coop.open(proposal)
    assert coop.assembly.functions.proposalRoll(proposal).call() == 5
    poll(coop, proposal, "ada ben cleo dan", "eve")
    coop.close(proposal)
    assert (coop.votes(proposal), coop.state(proposal)) == ((1, 4, 0), "defeated")


@pytest.mark.parametrize(("before", "roll"), [(True, 4), (False, 4)])
def test_a_person_concerned_who_leaves_is_never_taken_out_twice(
    coop: Coop, before: bool, roll: int
) -> None:
    proposal = coop.personal(coop.ada, "expel", 5)
    if before:
        leave(coop, coop.eve)
    coop.open(proposal)
    if not before:
        leave(coop, coop.eve)
    coop.warp(coop.now() + 10)
    assert coop.assembly.functions.proposalRoll(proposal).call() == roll
