"""Answers from the mirror about pay votes and rates."""

import json

from indexer import queries
from indexer.document import document
from tests.contracts.coop import DAY
from tests.indexer.agreement import assert_agrees
from tests.indexer.mirrored import Mirrored
from tests.indexer.season import WEAVER


def test_a_pay_vote_from_its_call_to_the_new_rate(mirror: Mirrored) -> None:
    coop = mirror.coop
    pay = coop.pay_rates.functions
    opens_at = coop.now() + 5
    coop.send(pay.openPayVote(WEAVER, opens_at), coop.ada)
    mirror.sync()
    assert_agrees(mirror)
    coop.warp(opens_at + 1)
    voters = {1: (coop.ada, 1_600), 2: (coop.ben, 1_650), 3: (coop.cleo, 1_550)}
    for member_id, (member, wish) in voters.items():
        coop.send(pay.castPayBallot(1, member_id, wish, 1, "fair"), member)
    coop.send(pay.castPayBallot(1, 1, 1_620, 5, ""), coop.ada)
    mirror.sync()
    assert_agrees(mirror)
    with mirror.asking() as (session, as_of):
        found = queries.pay_vote(session, as_of, 1)
        assert (found.role, found.state, found.result) == ("weaver", "open", None)
        assert (found.ladder.from_, found.ladder.to, found.ladder.step) == (1_350, 1_650, 10)
        assert (found.ballots, found.filled, found.median) == (3, 0, 1_620)
        assert found.histogram == ((1_550, 1), (1_620, 1), (1_650, 1))
        cast = queries.pay_ballots(session, as_of, member_id=1)
        assert [(each.rate, each.sequence, each.status) for each in cast] == [
            (1_600, 1, "replaced"),
            (1_620, 5, "counted"),
        ]
    coop.warp(found.closes_at + 1)
    mirror.sync()
    with mirror.asking() as (session, as_of):
        assert queries.pay_vote(session, as_of, 1).state == "counting"
    coop.send(pay.closePayVote(1), coop.tom)
    mirror.sync()
    assert_agrees(mirror)
    with mirror.asking() as (session, as_of):
        closed = queries.pay_vote(session, as_of, 1)
        assert (closed.state, closed.result, closed.median) == ("closed", 1_620, 1_620)
        rate = queries.rate(session, as_of, "weaver")
        assert (rate.rate, rate.pay_vote_id, rate.currency) == (1_620, 1, "GBP")
        assert queries.rate(session, as_of, "weaver", at=rate.since - 1).rate == 1_500
        history = queries.rate_history(session, as_of, "weaver")
        assert [each.rate for each in history] == [1_500, 1_620]
        json.dumps(document((closed, rate, history)))


def test_absences_count_for_the_present_rate(mirror: Mirrored) -> None:
    coop = mirror.coop
    opens_at = coop.now() + 5
    coop.send(coop.pay_rates.functions.openPayVote(WEAVER, opens_at), coop.ada)
    coop.warp(opens_at + 1)
    coop.send(coop.pay_rates.functions.castPayBallot(1, 1, 1_650, 1, ""), coop.ada)
    mirror.sync()
    with mirror.asking() as (session, as_of):
        found = queries.pay_vote(session, as_of, 1)
        expected = (found.filled, found.median)
    coop.warp(found.closes_at + 1)
    receipt = coop.send(coop.pay_rates.functions.closePayVote(1), coop.tom)
    (closed,) = coop.events(receipt, "PayVoteClosed")
    assert (closed["args"]["filled"], closed["args"]["median"]) == expected == (2, 1_500)


def test_a_pay_vote_that_nobody_closed_expires(mirror: Mirrored) -> None:
    coop = mirror.coop
    coop.send(coop.pay_rates.functions.openPayVote(WEAVER, coop.now() + 5), coop.ada)
    coop.warp(coop.now() + 10 * DAY)
    mirror.sync()
    with mirror.asking() as (session, as_of):
        assert queries.pay_vote(session, as_of, 1).state == "expired"
    assert_agrees(mirror)


def test_a_role_is_known_by_its_name_or_else_by_its_bytes() -> None:
    assert queries.role_name("0x" + WEAVER.hex()) == "weaver"
    assert queries.role_name("0xff" + "00" * 31) == "0xff" + "00" * 31
