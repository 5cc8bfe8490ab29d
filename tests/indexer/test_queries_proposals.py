"""Answers from the mirror about proposals and ballots."""

import json

from indexer import queries
from indexer.abi import readable
from indexer.document import document
from indexer.rules.bylaws import DecisionClass, Tally
from tests.contracts.acts import apply, rotate
from tests.contracts.coop import ABSTAIN, AGAINST, FOR, HOUR, STATES
from tests.contracts.signing import entry
from tests.indexer.acts import opened
from tests.indexer.agreement import assert_agrees
from tests.indexer.mirrored import Mirrored
from tests.indexer.season import BROKEN, HASH, WEAVER, cast_broken_text


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
        assert ballot.reason == readable(BROKEN) == "\\xff\\xfe broken \\x00"
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
