"""Numbers at their ends: memberIds, proposals and pay votes near 2^32, and borders before.

What nobody lives to see is put into storage by the name that the source gives it.
"""

import pytest
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.acts import (
    Action,
    appeal_of,
    deadline,
    eta,
    execute,
    hashed,
    info,
    queued,
    refused,
    voted,
)
from tests.contracts.coop import AGAINST, FOR, Coop
from tests.contracts.founding import found
from tests.contracts.rates import cast_pay, close_pay, driver, opened_pay_vote, pay_vote, rate_of
from tests.contracts.refusals import Reverted
from tests.contracts.roll import act, ask, join, order, skipped
from tests.contracts.signing import entry
from tests.contracts.storage import put

END = 2**32
OVERFLOW = "0x4e487b71" + f"{0x11:064x}"  # Panic(0x11)


@pytest.fixture
def paid(chain: Devnet, factory: Contract) -> Coop:
    """A co-op with drivers."""
    return found(chain, factory, roles=[driver()])


def last_member(coop: Coop, number: int) -> None:
    put(coop, "Membership", coop.membership, "_lastMemberId", number)


@pytest.mark.parametrize("last", [14, 30, 254, 2**16 - 2, 2**31 - 2, END - 4])
def test_three_neighbours_at_every_border_of_numbers_vote_each_in_a_lane_of_their_own(
    paid: Coop, last: int
) -> None:
    coop = paid
    last_member(coop, last)
    people = [coop.fay, coop.gus, coop.hal]
    numbers = [join(coop, newcomer) for newcomer in people]
    assert numbers == [last + 1, last + 2, last + 3]
    vote = coop.propose(coop.ada)
    coop.open(vote)
    packed = b"".join(
        entry(member, choice, coop.sign(who, vote, choice, 200 + choice), 200 + choice)
        for member, who, choice in zip(numbers, people, (0, 1, 2), strict=True)
    )
    assert skipped(coop, coop.cast_batch(coop.tom, vote, packed)) == []
    answers = [coop.assembly.functions.ballotOf(vote, m).call() for m in numbers]
    assert answers == [[0, 0, 200], [1, 0, 201], [2, 0, 202]]
    assert coop.votes(vote) == (1, 1, 1)
    for neighbour in (numbers[0] - 1, (numbers[2] + 1) % END, numbers[0] % 16):
        if neighbour not in numbers:
            assert coop.assembly.functions.ballotOf(vote, neighbour).call()[2] == 0


def test_the_last_number_is_given_and_then_nobody_is_admitted_any_more(paid: Coop) -> None:
    coop = paid
    last_member(coop, END - 2)
    assert join(coop, coop.fay) == END - 1
    with pytest.raises(Reverted) as caught:
        join(coop, coop.gus)
    assert caught.value.name == OVERFLOW
    assert (ask(coop, "rollSize"), ask(coop, "lastMemberId")) == (6, END - 1)
    assert ask(coop, "appliedAt", coop.gus.address) != 0
    assert ask(coop, "memberOf", 0)[0] == "0x" + "00" * 20


def test_the_last_number_is_a_member_like_any_other(paid: Coop) -> None:
    coop = paid
    last_member(coop, END - 2)
    join(coop, coop.fay)
    vote = opened_pay_vote(coop)
    cast_pay(coop, coop.fay, vote, pay_vote(coop, vote)["from"], 255)
    answer = coop.pay_rates.functions.payBallotOf(vote, END - 1).call()
    assert answer == [pay_vote(coop, vote)["from"], 0, 255]
    assert coop.pay_rates.functions.payBallotOf(vote, 7).call() == [0, 0, 0]
    proposal = coop.personal(coop.fay, "suspend", END - 1, 100)
    assert info(coop, proposal)["proposerId"] == info(coop, proposal)["subjectId"] == END - 1
    order(coop, "suspend", END - 1, 100)
    act(coop, coop.tom, "reinstate", END - 1, at=ask(coop, "standingOf", END - 1)[1])
    act(coop, coop.fay, "leaveCooperative")
    assert ask(coop, "rollSize") == 5


def test_a_member_number_does_not_wrap_round_in_an_action(coop: Coop) -> None:
    for number in (END, END + 1, 2**64 + 1, 2**255 + 1):
        data = coop.membership.encode_abi("expel", [1])[:10] + f"{number:064x}"
        action = (coop.membership.address, 0, bytes.fromhex(data[2:]))
        with refused("SafeCastOverflowedUintDowncast", 32, number):
            coop.propose(coop.ada, [action], hashed("x"))


@pytest.mark.parametrize("last", [END - 2, END - 1, END, 2**56 - 2])
def test_proposals_past_the_end_of_thirty_two_bits_are_decided_like_any_other(
    coop: Coop, last: int
) -> None:
    put(coop, "Assembly", coop.assembly, "_proposalCount", last)
    proposal = coop.propose(coop.eve)
    assert proposal == last + 1
    with refused("AssemblyProposerBusy", 5, proposal):
        coop.propose(coop.eve, (), "Another")
    assert voted(coop, proposal, "ada ben", "cleo") == "succeeded"
    coop.send(coop.assembly.functions.queue(proposal), coop.tom)
    execute(coop, proposal, at=eta(coop, proposal))
    assert coop.state(proposal) == "executed"


def test_the_last_proposal_that_can_be_referred_to_is_made_and_then_none_any_more(
    coop: Coop,
) -> None:
    put(coop, "Assembly", coop.assembly, "_proposalCount", 2**56 - 1)
    with refused("SafeCastOverflowedUintDowncast", 56, 2**56):
        coop.propose(coop.eve)


def test_an_appeal_holds_a_removal_up_whatever_the_number_of_its_confirming_vote(
    coop: Coop,
) -> None:
    action: Action = coop.action(coop.membership, "expel", 5)
    removal = queued(coop, coop.propose(coop.ada, [action], hashed("out")))
    due = eta(coop, removal)
    put(coop, "Assembly", coop.assembly, "_proposalCount", END - 1)
    confirmation = appeal_of(coop, removal)
    assert confirmation == END
    coop.warp(due)
    with refused("AssemblyNotDue", removal, deadline(coop, confirmation)):
        execute(coop, removal, [action], hashed("out"))
    assert coop.state(removal) != "executed"


def test_the_last_pay_vote_is_counted_and_then_none_is_called_any_more(paid: Coop) -> None:
    coop = paid
    put(coop, "PayRates", coop.pay_rates, "_payVoteCount", END - 2)
    vote = opened_pay_vote(coop)
    assert vote == END - 1
    top = pay_vote(coop, vote)["from"] + 10 * (pay_vote(coop, vote)["rungs"] - 1)
    for member in (coop.ada, coop.ben, coop.cleo):
        cast_pay(coop, member, vote, top)
    close_pay(coop, vote)
    assert rate_of(coop) == top
    coop.warp(coop.now() + 8 * 86_400)
    with pytest.raises(Reverted) as caught:
        opened_pay_vote(coop)
    assert caught.value.name == OVERFLOW
    assert coop.pay_rates.functions.payVoteCount().call() == END - 1


def test_a_pay_vote_that_was_never_called_takes_no_ballot_whatever_its_number(paid: Coop) -> None:
    coop = paid
    opened_pay_vote(coop)
    for number in (0, 2, END, END + 1, 2**255):
        with refused("PayRatesUnknownPayVote", number):
            coop.send(coop.pay_rates.functions.castPayBallots(number, b""), coop.tom)
        with refused("PayRatesUnknownPayVote", number):
            coop.send(coop.pay_rates.functions.closePayVote(number), coop.tom)


def test_a_proposal_that_was_never_made_takes_no_ballot_whatever_its_number(coop: Coop) -> None:
    vote = coop.propose(coop.ada)
    coop.open(vote)
    signature = coop.sign(coop.ben, vote, AGAINST)
    for number in (0, 2, END + vote, 2**255 + vote):
        with refused("AssemblyUnknownProposal", number):
            coop.cast_batch(coop.tom, number, entry(2, AGAINST, signature))
    coop.vote(coop.ada, vote, FOR)
    assert coop.votes(vote) == (0, 1, 0)
