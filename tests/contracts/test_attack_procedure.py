"""Playing by the rules against their purpose: holding up, wearing down, slipping through."""

import pytest
from web3 import Web3
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.acts import (
    appeal_of,
    ballot,
    deadline,
    eta,
    execute,
    hashed,
    info,
    opening,
    poll,
    queued,
    refused,
    rotate,
    voted,
    wrong_state,
)
from tests.contracts.coop import AGAINST, DAY, FOR, HOUR, Coop
from tests.contracts.founding import PAY_RULE, found, role, rule
from tests.contracts.people import NAMES
from tests.contracts.rates import (
    COOK,
    DRIVER,
    cast_pay,
    close_pay,
    driver,
    opened_pay_vote,
    pay_vote,
    rate_of,
)
from tests.contracts.refusals import Reverted
from tests.contracts.roll import act, ballot_refused, order, order_of, skipped, standing
from tests.contracts.signing import entry

SWING = {"swingWindow": DAY, "swingCap": 2 * DAY, "quorumBps": 0, "quorumMin": 1}


@pytest.fixture
def swinging(chain: Devnet, factory: Contract) -> Coop:
    """Ten members under late swing."""
    return found(chain, factory, rules={"Ordinary": rule(**SWING)}, founders=NAMES[:10])


@pytest.fixture
def paid(chain: Devnet, factory: Contract) -> Coop:
    """A co-op with drivers and cooks."""
    return found(chain, factory, roles=[driver(), role("cook", 2_000)])


# Holding proposers up


def test_nobody_takes_another_members_place_to_propose(coop: Coop) -> None:
    removal = queued(coop, coop.personal(coop.ada, "expel", 5), "ada ben cleo")
    coop.propose(coop.dan, (), "Much the same as ben's")
    appeal_of(coop, removal)  # a confirming vote is nobody's proposal
    for name in ("ada", "ben", "cleo", "eve"):
        coop.propose(coop.people[name], (), f"By {name}")
    with pytest.raises(Reverted) as caught:
        coop.propose(coop.dan, (), "A second one by dan")
    assert caught.value.name == "AssemblyProposerBusy"


def test_withdrawing_or_changing_keys_gives_no_second_place(coop: Coop) -> None:
    first = coop.propose(coop.dan)
    coop.send(coop.assembly.functions.cancel(first), coop.dan)
    rotate(coop, coop.dan, coop.fay)
    for by in (coop.fay, coop.dan):
        with pytest.raises(Reverted) as caught:
            coop.propose(by, (), "Once more")
        expected = "AssemblyProposerBusy" if by == coop.fay else "AssemblyNotMember"
        assert caught.value.name == expected


def test_a_few_cannot_start_the_cool_down_of_what_others_want(coop: Coop) -> None:
    early = coop.propose(coop.eve, (), "A new van")
    assert voted(coop, early, "", "eve dan") == "defeated"  # two of three: no quorum
    assert voted(coop, coop.propose(coop.ada, (), "A new van"), "ada ben cleo") == "succeeded"


def test_an_expelled_or_suspended_proposer_leaves_a_proposal_that_goes_on(coop: Coop) -> None:
    proposal = coop.propose(coop.eve)
    order(coop, "suspend", 5, 60 * DAY)
    with wrong_state(proposal, "pending", "active"):
        ballot(coop, coop.ada, proposal)
    assert voted(coop, proposal, "ada ben cleo") == "succeeded"


# Late swing


def test_an_empty_or_worthless_batch_neither_extends_nor_swings(swinging: Coop) -> None:
    coop = swinging
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    poll(coop, proposal, "ada", "")
    end = deadline(coop, proposal)
    worthless = entry(2, AGAINST, bytes(65), long=True) * 3
    for second, packed in ((end - 1, b""), (end, worthless)):
        call = coop.assembly.functions.castBallots(proposal, packed)
        coop.send(call, coop.tom, at=second)
    assert deadline(coop, proposal) == end
    coop.warp(end + 1)
    assert coop.state(proposal) == "succeeded"


def test_swinging_to_and_fro_in_one_batch_hides_no_flip_of_its_end(swinging: Coop) -> None:
    coop = swinging
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    poll(coop, proposal, "ada", "")
    end = deadline(coop, proposal)
    packed = b""
    for sequence, choice in enumerate((AGAINST, FOR, AGAINST), start=1):
        for name in ("ben", "cleo"):
            signature = coop.sign(coop.people[name], proposal, choice, sequence)
            packed += entry(coop.id_of(coop.people[name]), choice, signature, sequence)
    call = coop.assembly.functions.castBallots(proposal, packed)
    receipt = coop.send(call, coop.tom, at=end)
    assert coop.votes(proposal) == (2, 1, 0)
    assert len(coop.events(receipt, "ProposalExtended")) == 1
    assert deadline(coop, proposal) == end + DAY


def test_who_voted_cannot_flip_back_in_the_extension_by_a_new_key(swinging: Coop) -> None:
    coop = swinging
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    poll(coop, proposal, "ada", "")
    end = deadline(coop, proposal)
    ballot(coop, coop.ben, proposal, AGAINST, at=end)
    assert deadline(coop, proposal) == end + DAY
    coop.warp(end + 1)
    rotate(coop, coop.ben, coop.tom)
    with ballot_refused(proposal, 2, "AlreadyVoted"):
        coop.vote(coop.tom, proposal, FOR)
    coop.vote(coop.cleo, proposal, FOR)
    assert coop.votes(proposal) == (1, 2, 0)


def test_the_cap_ends_the_vote_whatever_was_held_back(swinging: Coop) -> None:
    coop = swinging
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    poll(coop, proposal, "ada", "")
    end = deadline(coop, proposal)
    waiting = iter(NAMES[1:10])
    ballot(coop, coop.people[next(waiting)], proposal, AGAINST, at=end)
    while deadline(coop, proposal) < end + 2 * DAY:
        last, tally = deadline(coop, proposal), coop.votes(proposal)
        choice = FOR if tally[0] >= tally[1] else AGAINST
        ballot(coop, coop.people[next(waiting)], proposal, choice, at=last)
        assert deadline(coop, proposal) > last or coop.votes(proposal)[0] == coop.votes(proposal)[1]
    coop.warp(end + 2 * DAY + 1)
    assert coop.state(proposal) in ("succeeded", "defeated")
    with wrong_state(proposal, coop.state(proposal), "active"):
        ballot(coop, coop.jon, proposal)


# The second call


def test_opening_the_second_call_with_nothing_changes_no_outcome(
    chain: Devnet, factory: Contract
) -> None:
    second = rule(secondCallDelay=DAY, secondCallBps=2_000, quorumMin=1, quorumBps=6_000)
    coop = found(chain, factory, rules={"Ordinary": second})
    silent, asked = coop.propose(coop.ada, (), "Silent"), coop.propose(coop.ben, (), "Asked")
    for proposal in (silent, asked):
        coop.warp(max(coop.now() + 1, opening(coop, proposal) + 1))
        poll(coop, proposal, "cleo", "")
    coop.close(asked)
    coop.cast_batch(coop.tom, asked, b"")  # a stranger records the second call
    assert deadline(coop, asked) - opening(coop, asked) == 5 * DAY
    coop.warp(deadline(coop, asked) + 1)
    assert coop.state(silent) == coop.state(asked) == "succeeded"


def test_the_second_call_takes_no_ballot_of_who_joined_after_the_freeze(
    chain: Devnet, factory: Contract
) -> None:
    second = rule(secondCallDelay=2 * DAY, secondCallBps=2_000, quorumBps=6_000)
    coop = found(chain, factory, rules={"Ordinary": second}, probation=0)
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    act(coop, coop.fay, "applyToJoin", b"\1" * 32)
    order(coop, "admit", coop.fay.address)
    coop.close(proposal)
    assert coop.state(proposal) == "active"
    with ballot_refused(proposal, 6, "NotEligible"):
        coop.vote(coop.fay, proposal, FOR)
    assert coop.assembly.functions.proposalRoll(proposal).call() == 5


# The person concerned


def test_appealing_wins_time_once_and_no_more(coop: Coop) -> None:
    action = coop.action(coop.membership, "expel", 5)
    removal = queued(coop, coop.propose(coop.ada, [action], hashed("out")), "ada ben cleo")
    confirmation = appeal_of(coop, removal)
    with refused("AssemblyNoAppeal", removal, info(coop, removal)["eta"]):
        coop.send(coop.assembly.functions.appeal(removal), coop.eve)
    assert voted(coop, confirmation, "ada ben cleo") == "succeeded"
    for name in ("appeal", "cancel", "queue"):
        with pytest.raises(Reverted):
            coop.send(coop.assembly.functions[name](confirmation), coop.eve)
    execute(coop, removal, [action], hashed("out"))
    assert standing(coop, 5) == 4


def test_the_person_concerned_casts_by_no_key_and_no_batch(coop: Coop) -> None:
    removal = coop.personal(coop.ada, "expel", 5)
    rotate(coop, coop.eve, coop.fay)
    coop.open(removal)
    packed = entry(5, AGAINST, coop.sign(coop.fay, removal, AGAINST))
    packed += entry(5, AGAINST, coop.sign(coop.eve, removal, AGAINST))
    refusals = [why for _, _, why in skipped(coop, coop.cast_batch(coop.tom, removal, packed))]
    assert refusals == ["PersonConcerned"] * 2
    with ballot_refused(removal, 5, "PersonConcerned"):
        coop.vote(coop.fay, removal, AGAINST)


def test_an_objection_in_the_block_of_the_execution_decides_by_who_comes_first(coop: Coop) -> None:
    action = coop.action(coop.membership, "recover", 5, coop.fay.address)
    recovery = queued(coop, coop.propose(coop.ada, [action], hashed("lost")), "ada ben cleo")
    coop.send(coop.assembly.functions.object(recovery), coop.eve, at=eta(coop, recovery))
    with wrong_state(recovery, "canceled", "queued"):
        execute(coop, recovery, [action], hashed("lost"))
    assert coop.membership.functions.memberOf(5).call()[0] == coop.eve.address


def test_a_thief_with_the_old_key_objects_to_no_recovery_after_the_owner_rotated(
    coop: Coop,
) -> None:
    rotate(coop, coop.eve, coop.gus)
    recovery = coop.personal(coop.ada, "recover", 5, coop.fay.address)
    with refused("AssemblyNotPersonConcerned", coop.eve.address):
        coop.send(coop.assembly.functions.object(recovery), coop.eve)
    coop.send(coop.assembly.functions.object(recovery), coop.gus)
    assert coop.state(recovery) == "canceled"


def test_the_new_account_of_a_recovery_may_not_be_taken_meanwhile(coop: Coop) -> None:
    action = coop.action(coop.membership, "recover", 5, coop.fay.address)
    recovery = queued(coop, coop.propose(coop.ada, [action], hashed("lost")), "ada ben cleo")
    act(coop, coop.fay, "applyToJoin", b"\1" * 32)
    coop.warp(eta(coop, recovery))
    taken = bytes(Web3.keccak(text="MembershipAccountTaken(address)")[:4])
    with refused(
        "AssemblyActionFailed", 0, taken + bytes(12) + bytes.fromhex(coop.fay.address[2:])
    ):
        execute(coop, recovery, [action], hashed("lost"))
    act(coop, coop.fay, "withdrawApplication")
    execute(coop, recovery, [action], hashed("lost"))
    assert coop.id_of(coop.fay) == 5


# Pay


def test_an_unclosed_vote_holds_a_later_one_up_only_until_anybody_closes_it(paid: Coop) -> None:
    coop = paid
    first = opened_pay_vote(coop)
    second = opened_pay_vote(coop, COOK)
    for voter in (coop.ada, coop.ben, coop.cleo):
        cast_pay(coop, voter, second, 2_100)
    coop.warp(pay_vote(coop, second)["deadline"] + 1)
    with refused("PayRatesEarlierVoteFirst", second, first):
        coop.send(coop.pay_rates.functions.closePayVote(second), coop.ada)
    coop.send(coop.pay_rates.functions.closePayVote(first), coop.tom)  # nobody voted in it
    coop.send(coop.pay_rates.functions.closePayVote(second), coop.tom)
    assert (rate_of(coop), rate_of(coop, COOK)) == (2_000, 2_100)


def test_retiring_a_role_in_the_middle_of_its_vote_voids_it_and_frees_the_next(paid: Coop) -> None:
    coop = paid
    first, second = opened_pay_vote(coop), opened_pay_vote(coop, COOK)
    for voter in (coop.ada, coop.ben, coop.cleo):
        cast_pay(coop, voter, first, 2_100)
        cast_pay(coop, voter, second, 1_900)
    order_of(coop, coop.pay_rates, "retireRole", DRIVER)
    cast_pay(coop, coop.dan, first, 2_000)  # still taken, and still void
    coop.warp(pay_vote(coop, second)["deadline"] + 1)
    with refused("PayRatesUnknownRole", DRIVER):
        coop.send(coop.pay_rates.functions.closePayVote(first), coop.ada)
    coop.send(coop.pay_rates.functions.closePayVote(second), coop.tom)
    assert (rate_of(coop), rate_of(coop, COOK)) == (2_000, 1_900)


def test_calling_votes_without_end_gives_no_more_than_one_per_rest(paid: Coop) -> None:
    coop = paid
    vote = opened_pay_vote(coop)
    with refused("PayRatesVoteUnderWay", DRIVER, vote):
        opened_pay_vote(coop)
    close_pay(coop, vote)
    until = coop.now() + PAY_RULE["rest"]
    with refused("PayRatesResting", DRIVER, until):
        opened_pay_vote(coop)
    call = coop.pay_rates.functions.openPayVote(DRIVER, until + DAY + HOUR)
    with refused("PayRatesResting", DRIVER, until):
        coop.send(call, coop.ben, at=until - 1)
    coop.send(call, coop.ben, at=until)


def test_a_single_extreme_ballot_moves_a_rate_nowhere(paid: Coop) -> None:
    coop = paid
    vote = opened_pay_vote(coop)
    cast_pay(coop, coop.eve, vote, pay_vote(coop, vote)["from"])
    close_pay(coop, vote)
    assert rate_of(coop) == 2_000
