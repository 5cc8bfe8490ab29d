"""Answers from the mirror about members, candidates and their keys."""

import pytest

from indexer import queries
from indexer.errors import NotFound
from tests.contracts.acts import apply, rotate
from tests.contracts.coop import DAY, HOUR
from tests.contracts.roll import order
from tests.indexer.agreement import assert_agrees
from tests.indexer.mirrored import Mirrored


def test_founders_and_candidates_are_listed(mirror: Mirrored) -> None:
    coop = mirror.coop
    apply(coop, coop.fay)
    apply(coop, coop.gus)
    coop.send(coop.membership.functions.withdrawApplication(), coop.gus)
    mirror.sync()
    with mirror.asking() as (session, as_of):
        *founders, candidate = queries.members(session, as_of)
        assert [each.member_id for each in founders] == [1, 2, 3, 4, 5]
        assert (candidate.member_id, candidate.account) == (None, coop.fay.address)
        assert candidate.status == "candidate"
        assert candidate.admissible_at == candidate.since + HOUR
    assert_agrees(mirror)


def test_an_admitted_candidate_is_a_candidate_no_more(mirror: Mirrored) -> None:
    coop = mirror.coop
    apply(coop, coop.fay)
    coop.warp(coop.now() + HOUR)
    order(coop, "admit", coop.fay.address)
    mirror.sync()
    with mirror.asking() as (session, as_of):
        assert queries.candidates(session, as_of) == ()
        assert queries.member(session, as_of, 6).account == coop.fay.address


def test_a_former_member_can_be_a_candidate_again(mirror: Mirrored) -> None:
    coop = mirror.coop
    coop.send(coop.membership.functions.leaveCooperative(), coop.eve)
    apply(coop, coop.eve)
    mirror.sync()
    with mirror.asking() as (session, as_of):
        assert queries.member(session, as_of, 5).status == "left"
        assert [each.account for each in queries.candidates(session, as_of)] == [coop.eve.address]
    coop.warp(coop.now() + HOUR)
    order(coop, "admit", coop.eve.address)
    mirror.sync()
    with mirror.asking() as (session, as_of):
        assert queries.member(session, as_of, 5).status == "active"
        assert queries.candidates(session, as_of) == ()
    assert_agrees(mirror)


def test_suspension_reinstatement_and_expulsion_follow_the_contract(mirror: Mirrored) -> None:
    coop = mirror.coop
    order(coop, "suspend", 5, DAY)
    order(coop, "suspend", 4, DAY)
    mirror.sync()
    with mirror.asking() as (session, as_of):
        suspended = queries.member(session, as_of, 5)
        assert (suspended.status, suspended.until) == ("suspended", suspended.suspended_until - DAY)  # type: ignore[operator]
    assert_agrees(mirror)
    order(coop, "reinstate", 5)
    order(coop, "expel", 4)
    mirror.sync()
    assert_agrees(mirror)


def test_the_present_key_names_the_member_and_old_keys_do_not(mirror: Mirrored) -> None:
    coop = mirror.coop
    rotate(coop, coop.ada, coop.fay)
    mirror.sync()
    with mirror.asking() as (session, as_of):
        now = queries.current_member(session, as_of, coop.fay.address.lower())
        assert now is not None
        assert (now.member_id, now.epoch) == (1, 1)
        assert queries.current_member(session, as_of, coop.ada.address) is None
        past = queries.member_of(session, as_of, coop.ada.address)
        assert past == now
        assert queries.member_of(session, as_of, coop.tom.address) is None
    assert_agrees(mirror)


def test_what_does_not_exist_is_not_found(mirror: Mirrored) -> None:
    mirror.sync()
    with mirror.asking() as (session, as_of):
        for ask, what in (
            (lambda: queries.member(session, as_of, 99), "member 99"),
            (lambda: queries.proposal(session, as_of, 99), "proposal 99"),
            (lambda: queries.pay_vote(session, as_of, 99), "pay vote 99"),
            (lambda: queries.rate(session, as_of, "tailor"), "role tailor"),
            (lambda: queries.rate_history(session, as_of, "tailor"), "role tailor"),
            (lambda: queries.rule_version(session, as_of, "removal", 9), "removal"),
        ):
            with pytest.raises(NotFound, match=what) as caught:
                ask()
            assert caught.value.exit_code == 3
