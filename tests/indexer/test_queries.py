"""Answers from the mirror: what members, candidates and auditors ask."""

import json
from typing import Any

import pytest

from indexer import queries
from indexer.document import document
from indexer.errors import BlockNotMirrored, NotFound
from indexer.rules.bylaws import DecisionClass, Tally
from indexer.store import read_mirror
from tests.contracts.acts import apply, rotate
from tests.contracts.coop import ABSTAIN, AGAINST, DAY, FOR, HOUR, STATES, Coop, entry
from tests.contracts.roll import order
from tests.indexer.agreement import assert_agrees
from tests.indexer.mirrored import Mirrored
from tests.indexer.season import BROKEN, HASH, WEAVER, cast_broken_text


def opened(coop: Coop, text: str = "A resolution", **more: Any) -> int:
    more.setdefault("opens_in", 5)
    number = coop.propose(coop.ada, text=text, **more)
    coop.open(number)
    return number


# As of


def test_an_answer_says_as_of_which_block_it_holds(mirror: Mirrored) -> None:
    mirror.coop.chain.mine()
    mirror.sync()
    head = mirror.chain.head()
    with mirror.asking() as (_, as_of):
        assert as_of == (31337, head.number, head.hash, head.timestamp, "latest")
    with mirror.asking("safe") as (_, as_of):
        assert (as_of.block, as_of.finality) == (mirror.chain.head("safe").number, "safe")


def test_before_anything_is_final_there_is_no_final_answer(mirror: Mirrored) -> None:
    mirror.sync()
    assert mirror.chain.head("finalized").number < mirror.identity.first_block
    with pytest.raises(BlockNotMirrored, match="finalized"), mirror.asking("finalized"):
        pytest.fail("answered")


def test_a_mirror_that_read_nothing_answers_nothing(mirror: Mirrored) -> None:
    with pytest.raises(BlockNotMirrored, match="latest"), mirror.asking():
        pytest.fail("answered")


def test_any_past_block_gives_the_answers_of_that_moment(mirror: Mirrored) -> None:
    coop = mirror.coop
    number = opened(coop)
    moments: list[tuple[int, Any, str]] = []
    for member, choice in ((coop.ada, FOR), (coop.ben, FOR), (coop.cleo, AGAINST)):
        coop.vote(member, number, choice)
        votes = mirror.view("Assembly", "proposalVotes", number)
        moments.append((mirror.chain.head().number, votes, coop.state(number)))
    coop.close(number)
    coop.chain.mine()
    mirror.sync()
    for block, votes, state in moments:
        with mirror.asking(block) as (session, as_of):
            (summary,) = queries.proposals(session, as_of)
            assert summary.tally == Tally(
                votes["forVotes"], votes["againstVotes"], votes["abstainVotes"]
            )
            assert summary.state == state == "active"
    with mirror.asking() as (session, as_of):
        assert queries.proposal(session, as_of, number).state == "succeeded"


def test_a_block_between_takes_its_header_from_the_chain(mirror: Mirrored) -> None:
    for _ in range(5):
        mirror.coop.chain.mine()
    mirror.sync()
    between = mirror.identity.first_block + 1
    with mirror.store.reading() as session:
        with pytest.raises(BlockNotMirrored, match=str(between)) as caught:
            queries.as_of(session, between)
        assert caught.value.details["nearest"] == between - 1
        found = queries.as_of(session, between, mirror.chain)
        assert found.block_hash == mirror.chain.block(between).hash


@pytest.mark.parametrize("beyond", [-1, 1])
def test_blocks_outside_of_the_mirror_are_refused(mirror: Mirrored, beyond: int) -> None:
    mirror.sync()
    edge = mirror.identity.first_block if beyond < 0 else mirror.chain.head().number
    with mirror.store.reading() as session, pytest.raises(BlockNotMirrored):
        queries.as_of(session, edge + beyond, mirror.chain)


def test_a_reader_needs_neither_chain_nor_identity(mirror: Mirrored) -> None:
    mirror.sync()
    with read_mirror(mirror.path).reading() as session:
        as_of = queries.as_of(session)
        assert len(queries.members(session, as_of)) == 5


# Members


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


# Proposals and ballots


def test_a_proposal_shows_text_actions_rule_and_standing_ballots(mirror: Mirrored) -> None:
    coop = mirror.coop
    target = coop.action(coop.pay_rates, "changeRole", WEAVER, 1_000, 5, 2_000)
    number = coop.propose(coop.ada, [target], "# Weavers\n\nFiner steps.", opens_in=5)
    coop.open(number)
    coop.vote(coop.ada, number, FOR, 1, "yes")
    coop.vote(coop.ada, number, AGAINST, 4, "no")
    coop.vote(coop.ben, number, ABSTAIN)
    mirror.sync()
    with mirror.asking() as (session, as_of):
        found = queries.proposal(session, as_of, number)
        (action,) = found.actions
        assert (found.class_, found.title, found.text) == (
            "pay",
            "Weavers",
            "# Weavers\n\nFiner steps.",
        )
        assert (action.contract, action.function) == ("PayRates", "changeRole")
        assert action.args == {"role_": WEAVER, "floor": 1_000, "step": 5, "maxChangeBps": 2_000}
        assert (action.target, action.value) == (coop.pay_rates.address, "0")
        assert bytes.fromhex(action.calldata[2:]) == target[2]
        assert action.code_hash == "0x" + mirror.chain.code_hash(action.target).hex()
        assert found.rule == queries.rule_in_force(session, as_of, DecisionClass.PAY).rule
        assert [(each.member_id, each.choice, each.sequence) for each in found.ballots] == [
            (1, "against", 4),
            (2, "abstain", 1),
        ]
        assert [each.status for each in queries.ballots(session, as_of, member_id=1)] == [
            "replaced",
            "counted",
        ]
        json.dumps(document(found))
    assert_agrees(mirror)


def test_an_action_on_a_foreign_account_is_shown_undecoded(mirror: Mirrored) -> None:
    coop = mirror.coop
    number = coop.propose(coop.ada, [(coop.tom.address, 2**200, b"\x01")], "Pay Tom", opens_in=5)
    mirror.sync()
    with mirror.asking() as (session, as_of):
        (action,) = queries.actions(session, as_of, number)
        assert (action.contract, action.function, action.args) == (None, None, None)
        assert (action.value, action.calldata) == (str(2**200), "0x01")
        assert action.code_hash == "0x" + "00" * 32


def test_a_reason_that_is_no_text_is_shown_as_what_it_is(mirror: Mirrored) -> None:
    number = opened(mirror.coop)
    cast_broken_text(mirror.coop, mirror.coop.ada, number, 1, FOR, 1)
    mirror.sync()
    with mirror.asking() as (session, as_of):
        (ballot,) = queries.ballots(session, as_of, proposal_id=number)
        assert ballot.reason == BROKEN.decode("utf-8", "backslashreplace")
    assert_agrees(mirror)


def test_a_batch_shows_who_was_counted_and_who_was_skipped_and_why(mirror: Mirrored) -> None:
    coop = mirror.coop
    number = opened(coop)
    good = coop.sign(coop.ada, number, FOR)
    forged = coop.sign(coop.tom, number, FOR, memberId=2)
    late = coop.sign(coop.cleo, number, AGAINST, 9)
    packed = entry(1, FOR, good) + entry(2, FOR, forged) + entry(3, AGAINST, late, 9)
    receipt = coop.cast_batch(coop.tom, number, packed)
    mirror.sync()
    with mirror.asking() as (session, as_of):
        cast = queries.ballots(session, as_of, proposal_id=number)
        assert [(each.member_id, each.choice, each.sequence) for each in cast] == [
            (1, "for", 1),
            (3, "against", 9),
        ]
        (skipped,) = queries.skipped_ballots(session, as_of, member_id=2)
        assert (skipped.proposal_id, skipped.refusal) == (number, "bad_signature")
        assert {*(each.tx for each in cast), skipped.tx} == {receipt["transactionHash"].to_0x_hex()}
    assert_agrees(mirror)


def test_a_new_key_starts_its_ballots_anew(mirror: Mirrored) -> None:
    coop = mirror.coop
    number = opened(coop)
    coop.vote(coop.ada, number, FOR, 7)
    rotate(coop, coop.ada, coop.fay)
    coop.vote(coop.fay, number, AGAINST, 1)
    mirror.sync()
    with mirror.asking() as (session, as_of):
        cast = queries.ballots(session, as_of, member_id=1)
        assert [(each.epoch, each.sequence) for each in cast] == [(0, 7), (1, 1)]
        assert queries.proposal(session, as_of, number).tally == Tally(0, 1, 0)
    assert_agrees(mirror)


def test_a_proposal_is_followed_through_its_whole_life(mirror: Mirrored) -> None:
    coop = mirror.coop
    number = coop.propose(coop.ada, opens_in=HOUR)
    states = []

    def look() -> None:
        mirror.sync()
        with mirror.asking() as (session, as_of):
            (found,) = queries.proposals(session, as_of)
            states.append(found.state)
            assert STATES[mirror.view("Assembly", "state", number)] == found.state
        assert_agrees(mirror)

    look()
    coop.open(number)
    for member in (coop.ada, coop.ben, coop.cleo):
        coop.vote(member, number, FOR)
    look()
    coop.close(number)
    look()
    coop.send(coop.assembly.functions.queue(number), coop.tom)
    look()
    coop.warp(int(mirror.view("Assembly", "proposalEta", number)))
    coop.execute(number, [], "A resolution", coop.tom)
    look()
    assert states == ["pending", "active", "succeeded", "queued", "executed"]
    with mirror.asking() as (session, as_of):
        steps = queries.proposal(session, as_of, number).steps
        assert [step.step for step in steps] == ["queued", "executed"]
        assert queries.proposals(session, as_of, state="active") == ()
        assert len(queries.proposals(session, as_of, state="executed")) == 1


def test_a_missed_quorum_and_a_late_swing_move_the_end_as_in_the_contract(
    mirror: Mirrored,
) -> None:
    coop = mirror.coop
    number = opened(coop)
    coop.vote(coop.ada, number, FOR)
    deadline = int(mirror.view("Assembly", "proposalDeadline", number))
    coop.warp(deadline + 1)
    mirror.sync()
    assert_agrees(mirror)
    with mirror.asking() as (session, as_of):
        found = queries.proposal(session, as_of, number)
        assert (found.state, found.second_call) == ("active", True)
        assert found.closes_at == deadline + 2 * HOUR
    coop.vote(coop.ben, number, FOR)
    coop.warp(found.closes_at - HOUR // 2)
    coop.vote(coop.cleo, number, AGAINST)
    coop.vote(coop.dan, number, AGAINST)
    mirror.sync()
    with mirror.asking() as (session, as_of):
        assert queries.proposal(session, as_of, number).closes_at > found.closes_at
    assert_agrees(mirror)


def test_a_removal_its_reply_its_appeal_and_its_confirmation(mirror: Mirrored) -> None:
    coop = mirror.coop
    number = coop.personal(coop.ada, "expel", 5)
    coop.open(number)
    for member in (coop.ada, coop.ben, coop.cleo):
        coop.vote(member, number, FOR)
    coop.send(coop.assembly.functions.reply(number, b"\x22" * 32), coop.eve)
    coop.close(number)
    coop.send(coop.assembly.functions.queue(number), coop.tom)
    coop.send(coop.assembly.functions.appeal(number), coop.eve)
    mirror.sync()
    assert_agrees(mirror)
    with mirror.asking() as (session, as_of):
        removal, confirming = queries.proposals(session, as_of)
        assert (removal.subject_id, removal.roll, removal.state) == (5, 4, "queued")
        assert (removal.confirmation, confirming.confirms) == (2, 1)
        assert (confirming.proposer_id, confirming.title) == (None, "Confirmation of proposal 1")
        steps = queries.proposal(session, as_of, number).steps
        assert [step.step for step in steps] == ["replied", "queued"]
        assert steps[0].reply_hash == "0x" + "22" * 32
    coop.close(2)
    mirror.sync()
    with mirror.asking() as (session, as_of):
        assert [each.state for each in queries.proposals(session, as_of)] == ["queued", "active"]
    coop.close(2)  # the second call
    mirror.sync()
    with mirror.asking() as (session, as_of):
        states = [each.state for each in queries.proposals(session, as_of)]
        assert states == ["defeated", "defeated"]
    assert_agrees(mirror)


def test_an_objection_cancels_a_recovery(mirror: Mirrored) -> None:
    coop = mirror.coop
    number = coop.personal(coop.ada, "recover", 5, coop.fay.address)
    coop.send(coop.assembly.functions.object(number), coop.eve)
    mirror.sync()
    with mirror.asking() as (session, as_of):
        found = queries.proposal(session, as_of, number)
        assert (found.state, found.subject_id) == ("canceled", 5)
        assert [step.step for step in found.steps] == ["objected", "canceled"]
    assert_agrees(mirror)


def test_a_proposal_about_a_person_shows_only_the_hash_of_its_text(mirror: Mirrored) -> None:
    apply(mirror.coop, mirror.coop.fay)
    action = mirror.coop.action(mirror.coop.membership, "admit", mirror.coop.fay.address)
    number = mirror.coop.propose(mirror.coop.ada, [action], HASH, opens_in=5)
    mirror.sync()
    with mirror.asking() as (session, as_of):
        found = queries.proposal(session, as_of, number)
        assert (found.class_, found.text) == ("admission", HASH)


# Pay


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


# Export


def test_an_export_holds_every_event_once_in_order(mirror: Mirrored) -> None:
    number = opened(mirror.coop)
    mirror.coop.vote(mirror.coop.ada, number, FOR, 1, "yes")
    mirror.sync()
    with mirror.asking() as (session, as_of):
        events = list(queries.events(session, as_of))
        places = [(each.block, each.log_index) for each in events]
        assert places == sorted(set(places))
        assert len(events) == queries.mirror_status(session).events
        assert events[-1].event == "VoteCast"
        assert events[-1].args["reason"] == "yes"
        assert events[-1].at == mirror.chain.head().timestamp
        newer = queries.events(session, as_of, after=mirror.identity.first_block)
        assert [each.event for each in newer] == ["ProposalCreated", "ProposalFrozen", "VoteCast"]
        json.dumps(document(events))


def test_the_status_counts_what_the_mirror_holds(mirror: Mirrored) -> None:
    mirror.coop.chain.mine()
    head = mirror.chain.head().number
    mirror.sync(to=head - 1)
    with mirror.asking() as (session, _):
        status = queries.mirror_status(session)
    assert (status.from_block, status.to_block) == (mirror.identity.first_block, head - 1)
    assert (status.chain_head, status.lag_blocks, status.chronicle_ok) == (head, 1, True)
