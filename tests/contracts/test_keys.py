"""A member's key in the course of time: the pause between changes, ballots, and recovery."""

import pytest
from eth_account import Account
from web3 import Web3
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.acts import deadline, opening, refused, rotate
from tests.contracts.coop import AGAINST, DAY, FOR, Coop
from tests.contracts.founding import found, rule
from tests.contracts.people import Person
from tests.contracts.roll import (
    SUSPENDED,
    act,
    ask,
    ballot_refused,
    join,
    order,
    skipped,
    standing,
)
from tests.contracts.rotation import PAUSE, signed, submit
from tests.contracts.signing import entry

# The pause between two rotations


def test_a_key_is_changed_once_in_two_days_to_the_second(coop: Coop) -> None:
    rotate(coop, coop.ada, coop.fay)
    earliest = coop.now() + PAUSE
    second = signed(coop, coop.fay, coop.gus, earliest + DAY)
    with refused("MembershipRotationTooSoon", 1, earliest):
        submit(coop, *second)
    with refused("MembershipRotationTooSoon", 1, earliest):
        submit(coop, *second, at=earliest - 1)
    assert ask(coop, "memberOf", 1)[0] == coop.fay.address
    submit(coop, *second, at=earliest)
    assert ask(coop, "memberOf", 1)[0] == coop.gus.address


def test_the_pause_of_one_member_holds_up_nobody_else(coop: Coop) -> None:
    rotate(coop, coop.ada, coop.fay)
    rotate(coop, coop.ben, coop.gus)
    assert ask(coop, "memberOf", 2)[0] == coop.gus.address


@pytest.mark.parametrize("changes", ["recover", "suspend", "reinstate", "readmit"])
def test_the_pause_runs_from_every_change_of_the_members_history(coop: Coop, changes: str) -> None:
    order(coop, "setProbation", 0)
    if changes == "recover":
        order(coop, "recover", 1, coop.hal.address)
    elif changes == "readmit":
        act(coop, coop.ada, "leaveCooperative")
        coop.warp(coop.now() + PAUSE)
        join(coop, coop.ada)
    else:
        order(coop, "suspend", 1, 9 * DAY)
        if changes == "reinstate":
            coop.warp(coop.now() + PAUSE)
            order(coop, "reinstate", 1)
    present = coop.hal if changes == "recover" else coop.ada
    earliest = coop.now() + PAUSE
    held = signed(coop, present, coop.fay, earliest + DAY)
    with refused("MembershipRotationTooSoon", 1, earliest):
        submit(coop, *held, at=earliest - 1)
    submit(coop, *held, at=earliest)


def test_who_was_just_admitted_may_rotate_at_once(coop: Coop) -> None:
    order(coop, "setProbation", 0)
    assert join(coop, coop.fay) == 6
    rotate(coop, coop.fay, coop.gus)
    assert ask(coop, "memberOf", 6)[0] == coop.gus.address


def test_a_recovery_does_not_wait_for_the_pause(coop: Coop) -> None:
    rotate(coop, coop.ada, coop.fay)
    order(coop, "recover", 1, coop.gus.address, at=coop.now() + 1)
    order(coop, "recover", 1, coop.hal.address, at=coop.now())
    assert ask(coop, "memberOf", 1)[::3] == (coop.hal.address, 3)


def test_a_suspended_member_too_changes_the_key_once_in_two_days(coop: Coop) -> None:
    # Without a pause a thief can use up the 65,535 epochs, and the key is never recovered.
    order(coop, "suspend", 1, 60 * DAY)
    coop.warp(coop.now() + PAUSE)
    rotate(coop, coop.ada, coop.fay)
    with refused("MembershipRotationTooSoon", 1, coop.now() + PAUSE):
        rotate(coop, coop.fay, coop.gus)


def test_a_thief_cannot_turn_the_epoch_round_within_the_longest_vote(
    factory: Contract, chain: Devnet
) -> None:
    longest = rule(votingPeriod=60 * DAY, secondCallDelay=30 * DAY, quorumBps=10_000)
    coop = found(chain, factory, rules={"Ordinary": longest})
    proposal = coop.propose(coop.ben)
    coop.open(proposal)
    coop.vote(coop.ada, proposal, FOR, 255)
    thief, turns = coop.ada, 0
    end = opening(coop, proposal) + 90 * DAY
    while end - coop.now() > PAUSE:
        stolen = Person("thief", Account.from_key(Web3.keccak(text=f"stolen {turns}")))
        rotate(coop, thief, stolen)
        thief, turns = stolen, turns + 1
        again = Person("thief", Account.from_key(Web3.keccak(text="once more")))
        with refused("MembershipRotationTooSoon", 1, coop.now() + PAUSE):
            rotate(coop, thief, again)
        coop.warp(coop.now() + PAUSE)
    # 63 turns and the recovery would bring the epoch round, 62 pauses after the theft; the longest
    # vote of all, with two extensions of 14 days, lasts 118 days.
    assert 40 < turns <= 45
    assert (coop.state(proposal), deadline(coop, proposal)) == ("active", end)
    order(coop, "recover", 1, coop.fay.address)
    coop.vote(coop.fay, proposal, AGAINST, 1)
    assert coop.votes(proposal) == (1, 0, 0)


# Keys and ballots


def test_a_new_key_votes_for_the_same_member_and_doubles_no_vote(coop: Coop) -> None:
    proposal = coop.propose(coop.ben)
    coop.open(proposal)
    coop.vote(coop.ada, proposal, FOR, 200)
    rotate(coop, coop.ada, coop.fay)
    for account in (coop.ada.address, coop.fay.address):
        assert coop.assembly.functions.hasVoted(proposal, account).call()

    receipt = coop.vote(coop.fay, proposal, AGAINST, 1)
    assert coop.votes(proposal) == (1, 0, 0)
    assert coop.assembly.functions.ballotOf(proposal, 1).call() == [AGAINST, 1, 1]
    assert coop.events(receipt, "BallotSequence") == []
    [event] = coop.events(receipt, "VoteCast")
    assert event["args"]["voter"] == coop.fay.address


def test_the_old_key_is_dead_for_ballots_signed_before_and_after(coop: Coop) -> None:
    proposal = coop.propose(coop.ben)
    coop.open(proposal)
    before = coop.sign(coop.ada, proposal, FOR)
    rotate(coop, coop.ada, coop.fay)
    after = coop.sign(coop.ada, proposal, FOR)
    stale_epoch = coop.sign(coop.fay, proposal, FOR, epoch=0)
    packed = b"".join(entry(1, FOR, signature) for signature in (before, after, stale_epoch))
    receipt = coop.cast_batch(coop.tom, proposal, packed)
    assert skipped(coop, receipt) == [(1, 1, "BadSignature")] * 3
    with ballot_refused(proposal, 1, "BadSignature"):
        coop.vote(coop.ada, proposal, FOR)
    coop.cast_batch(coop.tom, proposal, entry(1, FOR, coop.sign(coop.fay, proposal, FOR)))
    assert coop.votes(proposal) == (0, 1, 0)


def test_a_thiefs_highest_ballot_is_undone_after_recovery(coop: Coop) -> None:
    proposal = coop.propose(coop.ben)
    coop.open(proposal)
    coop.vote(coop.ada, proposal, FOR, 255)
    with ballot_refused(proposal, 1, "StaleSequence"):
        coop.vote(coop.ada, proposal, AGAINST, 255)
    order(coop, "recover", 1, coop.fay.address)
    signature = coop.sign(coop.fay, proposal, AGAINST)
    coop.cast_batch(coop.tom, proposal, entry(1, AGAINST, signature))
    assert coop.votes(proposal) == (1, 0, 0)


# Recovery


def test_a_passed_recovery_gives_the_member_another_key(coop: Coop) -> None:
    actions = [coop.action(coop.membership, "recover", 1, coop.fay.address)]
    text = "0x" + "ab" * 32
    proposal = coop.propose(coop.ben, actions, text)
    receipt = coop.carry(proposal, actions, text, [coop.ben, coop.cleo, coop.dan])
    [event] = coop.events(receipt, "KeyRecovered")
    assert event["args"] == {
        "memberId": 1,
        "presentAccount": coop.ada.address,
        "newAccount": coop.fay.address,
        "epoch": 1,
    }
    assert ask(coop, "activeMemberIdOf", coop.fay.address) == 1
    with refused("MembershipNotMember", coop.ada.address):
        act(coop, coop.ada, "leaveCooperative")


def test_a_suspended_members_key_is_recovered(coop: Coop) -> None:
    order(coop, "suspend", 1, DAY)
    order(coop, "recover", 1, coop.fay.address)
    assert ask(coop, "memberOf", 1)[0] == coop.fay.address
    assert standing(coop, 1) == SUSPENDED
