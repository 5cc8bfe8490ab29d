"""Pay votes on a real chain: ballots cast and carried like those on proposals."""

import pytest

from node import casting, voting
from node.ballot import Ballot, PayBallot, SignedBallot, sign_ballot
from node.errors import VotingClosed
from node.typed_data import Malformed
from tests.node.test_vote import signed_by
from tests.node.village import DAY, Village


def open_pay_vote(village: Village) -> int:
    now = village.chain.head().timestamp
    sent = village.sender("ada").send(
        "PayRates",
        village.instance.pay_rates,
        "openPayVote",
        b"courier".ljust(32, b"\0"),
        now + 2 * DAY,
    )
    village.coop.warp(now + 2 * DAY + 1)
    return int(sent.event("PayVoteOpened").args["payVoteId"])


def pay_ballot_by(
    village: Village, name: str, number: int, rate: int, reason: str = ""
) -> SignedBallot:
    parts = voting.pay_vote_parts(village.chain, village.instance, number)
    poll = voting.poll_on_rate(village.chain, village.instance, parts)
    who = voting.voter(village.chain, village.instance, village.key(name).address)
    ballot = voting.draft_pay_ballot(poll, who, parts.ladder, rate, reason)
    return sign_ballot(ballot, poll.domain, village.key(name))


def test_pay_ballots_are_cast_and_carried_like_others(village: Village) -> None:
    number = open_pay_vote(village)
    direct = pay_ballot_by(village, "ada", number, 2_050, reason="rent")
    carried = pay_ballot_by(village, "ben", number, 2_000)

    assert casting.cast(village.sender("ada"), village.instance, direct).status == "counted"
    (receipt,) = casting.submit(village.sender("gus"), village.instance, [carried])

    assert receipt.status == "counted"
    for member_id, rate in ((1, 2_050), (2, 2_000)):
        counted = village.coop.pay_rates.functions.payBallotOf(number, member_id).call()
        assert counted == [rate, 0, 1]


def test_a_rate_off_the_ladder_is_refused_before_signing(village: Village) -> None:
    number = open_pay_vote(village)

    with pytest.raises(Malformed, match="no rung"):
        pay_ballot_by(village, "ada", number, 2_025)


def test_a_pay_vote_that_is_over_takes_no_ballot(village: Village) -> None:
    number = open_pay_vote(village)
    village.coop.warp(village.chain.head().timestamp + 4 * DAY)

    with pytest.raises(VotingClosed, match="over: it is counting"):
        pay_ballot_by(village, "ada", number, 2_000)


def test_pay_ballots_and_ballots_go_together_in_one_submission(village: Village) -> None:
    parts = village.propose()
    number = open_pay_vote(village)
    village.open(parts)
    ballots = [pay_ballot_by(village, "ada", number, 2_000), signed_by(village, "ada", parts)]

    receipts = casting.submit(village.sender("gus"), village.instance, ballots)

    assert {type(each.ballot) for each in receipts} == {Ballot, PayBallot}
    assert {each.status for each in receipts} == {"counted"}
    assert len({each.tx for each in receipts}) == 2
