"""Guardians against everything else that changes a key, and against doubling a vote."""

import pytest
from eth_account import Account
from web3 import Web3

from tests.contracts.acts import one_block, refused, rotate
from tests.contracts.coop import AGAINST, DAY, FOR, Coop
from tests.contracts.guardianship import (
    DELAY,
    NONE,
    account_of,
    complete,
    family,
    listed,
    name,
    started,
    support,
)
from tests.contracts.people import Person
from tests.contracts.roll import PROFILE, act, ask, ballot_refused, order
from tests.contracts.rotation import signed, submit
from tests.contracts.signing import entry


def begun(coop: Coop) -> int:
    """Ada's guardians have begun to give her key to fay; when the delay is over."""
    return started(coop, coop.fay, name(coop, coop.ada, family(coop)))


# What voids a recovery that was begun


@pytest.mark.parametrize("change", ["rotation", "vote"])
def test_what_guardians_began_is_void_after_any_change_of_key(coop: Coop, change: str) -> None:
    due = begun(coop)
    if change == "rotation":
        rotate(coop, coop.ada, coop.gus)
    else:
        order(coop, "recover", 1, coop.gus.address)
    with refused("MembershipNoRecovery", 1, coop.fay.address):
        complete(coop, coop.fay, at=due)
    assert ask(coop, "memberOf", 1)[::3] == (coop.gus.address, 1)


def test_half_the_support_for_a_former_key_is_no_support_for_the_present_one(coop: Coop) -> None:
    mine = name(coop, coop.ada, family(coop))
    support(coop, coop.ida, coop.fay, mine)
    rotate(coop, coop.ada, coop.gus)
    support(coop, coop.jon, coop.fay, mine)
    assert ask(coop, "recoveryOf", 1, coop.fay.address)[1] == 0
    support(coop, coop.ida, coop.fay, mine)
    assert ask(coop, "recoveryOf", 1, coop.fay.address)[1] == coop.now() + DELAY


def test_new_guardians_in_force_void_what_the_old_ones_began_to_the_second(coop: Coop) -> None:
    mine = name(coop, coop.ada, family(coop))
    act(coop, coop.ada, "setGuardians", listed(1, coop.tom).hash(1))
    in_force = coop.now() + DELAY
    coop.warp(coop.now() + DAY)
    due = started(coop, coop.fay, mine)
    coop.warp(in_force - 1)
    assert ask(coop, "recoveryOf", 1, coop.fay.address)[1] == due
    coop.warp(in_force)
    assert ask(coop, "recoveryOf", 1, coop.fay.address) == [0, 0, 0]
    with refused("MembershipNoRecovery", 1, coop.fay.address):
        complete(coop, coop.fay, at=due)


def test_old_guardians_are_not_back_when_their_list_is_named_again(coop: Coop) -> None:
    mine = name(coop, coop.ada, family(coop))
    support(coop, coop.ida, coop.fay, mine)
    name(coop, coop.ada, listed(1, coop.tom))
    name(coop, coop.ada, mine)
    support(coop, coop.jon, coop.fay, mine)
    assert ask(coop, "recoveryOf", 1, coop.fay.address)[1] == 0


def test_a_recovery_that_succeeded_is_not_completed_again_after_the_key_moved_on(
    coop: Coop,
) -> None:
    due = begun(coop)
    complete(coop, coop.fay, at=due)
    with refused("MembershipNoRecovery", 1, coop.fay.address):
        complete(coop, coop.fay)
    coop.warp(coop.now() + 2 * DAY)
    rotate(coop, coop.fay, coop.gus)
    with refused("MembershipNoRecovery", 1, coop.fay.address):
        complete(coop, coop.fay)
    assert account_of(coop) == coop.gus.address


def test_of_two_recoveries_for_one_member_the_first_completed_voids_the_other(coop: Coop) -> None:
    mine = name(coop, coop.ada, family(coop))
    started(coop, coop.fay, mine, [coop.ida, coop.jon])
    due = started(coop, coop.gus, mine, [coop.ida, coop.ben])
    complete(coop, coop.fay, at=due)
    with refused("MembershipNoRecovery", 1, coop.gus.address):
        complete(coop, coop.gus, at=due + 1)


# Races in one block


def accounts_after(coop: Coop, *calls: object, at: int) -> tuple[list[int], str]:
    """Which of the calls in one block succeeded, and ada's account afterwards."""
    receipts = one_block(coop, list(calls), at)  # type: ignore[arg-type]  # pairs of call and sender
    return [receipt["status"] for receipt in receipts], account_of(coop)


@pytest.mark.parametrize("first", ["cancel", "complete"])
def test_of_cancellation_and_completion_in_one_block_the_first_counts(
    coop: Coop, first: str
) -> None:
    due = begun(coop)
    cancel = (coop.membership.functions.cancelRecovery(coop.fay.address), coop.ada)
    take_over = (coop.membership.functions.completeRecovery(1), coop.fay)
    calls = [cancel, take_over] if first == "cancel" else [take_over, cancel]
    winner = coop.ada if first == "cancel" else coop.fay
    assert accounts_after(coop, *calls, at=due) == ([1, 0], winner.address)


@pytest.mark.parametrize("first", ["rotate", "complete"])
def test_of_rotation_and_completion_in_one_block_the_first_counts(coop: Coop, first: str) -> None:
    due = begun(coop)
    message, present, new = signed(coop, coop.ada, coop.gus, due)
    fields = (message["memberId"], message["newAccount"], message["deadline"])
    move = (coop.membership.functions.rotate(*fields, present, new), coop.tom)
    take_over = (coop.membership.functions.completeRecovery(1), coop.fay)
    calls = [move, take_over] if first == "rotate" else [take_over, move]
    winner = coop.gus if first == "rotate" else coop.fay
    assert accounts_after(coop, *calls, at=due) == ([1, 0], winner.address)
    assert ask(coop, "memberOf", 1)[3] == 1


def test_a_rotation_signed_before_the_recovery_is_void_after_it(coop: Coop) -> None:
    due = begun(coop)
    held = signed(coop, coop.ada, coop.gus, due + 90 * DAY)
    complete(coop, coop.fay, at=due)
    coop.warp(coop.now() + 2 * DAY)
    with refused("MembershipBadSignature", coop.fay.address):
        submit(coop, *held)


# Recovery by vote


def test_a_vote_replaces_the_key_while_guardians_do_and_removes_them(coop: Coop) -> None:
    due = begun(coop)
    assert due > coop.now() + DAY
    receipt = order(coop, "recover", 1, coop.gus.address)
    [event] = coop.events(receipt, "GuardiansNamed")
    assert event["args"] == {"memberId": 1, "listHash": NONE, "inForceFrom": coop.now()}
    assert ask(coop, "guardiansOf", 1)[:3] == (NONE, NONE, 0)
    with refused("MembershipBadGuardianList", 1):
        support(coop, coop.ida, coop.fay, family(coop))


def test_a_vote_drops_guardians_that_a_thief_announced_and_logs_none_that_were_not(
    coop: Coop,
) -> None:
    act(coop, coop.ada, "setGuardians", listed(1, coop.tom).hash(1))
    in_force = coop.now() + DELAY
    receipt = order(coop, "recover", 1, coop.gus.address, at=in_force - 1)
    assert coop.events(receipt, "GuardiansNamed") == []
    coop.warp(in_force)
    assert ask(coop, "guardiansOf", 1)[:3] == (NONE, NONE, 0)


def test_a_whole_vote_of_class_recovery_passes_while_guardians_wait(coop: Coop) -> None:
    mine = name(coop, coop.ada, family(coop))
    actions = [coop.action(coop.membership, "recover", 1, coop.gus.address)]
    text = "0x" + "ab" * 32
    recovery = coop.propose(coop.ben, actions, text)
    coop.warp(coop.now() + DAY)
    due = started(coop, coop.fay, mine)
    coop.carry(recovery, actions, text, [coop.ben, coop.cleo, coop.dan])
    assert (account_of(coop), coop.now() < due) == (coop.gus.address, True)
    with refused("MembershipNoRecovery", 1, coop.fay.address):
        complete(coop, coop.fay, at=due)


def test_whom_guardians_helped_first_objects_to_a_vote_that_would_do_it_again(coop: Coop) -> None:
    due = begun(coop)
    opens_in = due - coop.now() - DAY
    recovery = coop.personal(coop.ben, "recover", 1, coop.gus.address, opens_in=opens_in)
    coop.open(recovery)
    complete(coop, coop.fay, at=due)
    with refused("AssemblyNotPersonConcerned", coop.ada.address):
        coop.send(coop.assembly.functions.object(recovery), coop.ada)
    coop.send(coop.assembly.functions.object(recovery), coop.fay)
    assert coop.state(recovery) == "canceled"


# Votes


def test_a_recovery_by_guardians_doubles_no_vote(coop: Coop) -> None:
    mine = name(coop, coop.ada, family(coop))
    due = started(coop, coop.fay, mine)
    proposal = coop.propose(coop.ben, opens_in=due - coop.now() - 3 * DAY)
    coop.open(proposal)
    coop.vote(coop.ada, proposal, FOR, 255)
    old = coop.sign(coop.ada, proposal, FOR, 255)
    complete(coop, coop.fay, at=due)
    assert coop.state(proposal) == "active"
    with ballot_refused(proposal, 1, "BadSignature"):
        coop.vote(coop.ada, proposal, FOR, 255)
    coop.cast_batch(coop.tom, proposal, entry(1, FOR, old, 255))
    assert coop.votes(proposal) == (0, 1, 0)
    coop.vote(coop.fay, proposal, AGAINST, 1)
    assert coop.votes(proposal) == (1, 0, 0)
    assert ask(coop, "rollSize") == 5


def test_a_guardian_who_is_a_member_has_one_vote_still(coop: Coop) -> None:
    mine = name(coop, coop.ada, family(coop))
    due = started(coop, coop.fay, mine, [coop.ben, coop.ida])
    proposal = coop.propose(coop.cleo, opens_in=due - coop.now() - DAY)
    complete(coop, coop.fay, at=due)
    for voter in (coop.ben, coop.fay):
        coop.vote(voter, proposal, FOR)
    with ballot_refused(proposal, 1, "BadSignature"):
        coop.vote(coop.ada, proposal, FOR, 2)
    assert coop.votes(proposal) == (0, 2, 0)
    assert ask(coop, "getVotes", coop.ben.address) == 1
    coop.warp(due + 9)
    past = [ask(coop, "getPastVotes", who.address, due) for who in (coop.ada, coop.fay, coop.ben)]
    assert past == [0, 1, 1]


def test_after_a_change_of_key_guardians_need_more_time_than_the_next_rotation(coop: Coop) -> None:
    # So they cannot help to bring the epoch round modulo 64 within the longest vote.
    mine = name(coop, coop.ada, family(coop))
    holder = coop.ada
    for turn in range(3):
        rotated_at = coop.now()
        new = coop.people[("fay", "gus", "hal")[turn]]
        due = started(coop, new, mine)
        stolen = Person("thief", Account.from_key(Web3.keccak(text=f"stolen {turn}")))
        coop.warp(due - 1)
        rotate(coop, holder, stolen)
        holder = stolen
        with refused("MembershipNoRecovery", 1, new.address):
            complete(coop, new)
        assert coop.now() - rotated_at >= DELAY - 1
    assert ask(coop, "memberOf", 1)[3] == 3


def test_who_applied_with_the_new_account_takes_the_application_back_first(coop: Coop) -> None:
    due = begun(coop)
    act(coop, coop.fay, "applyToJoin", PROFILE)
    with refused("MembershipAccountTaken", coop.fay.address):
        complete(coop, coop.fay, at=due)
    act(coop, coop.fay, "withdrawApplication")
    complete(coop, coop.fay)
    assert account_of(coop) == coop.fay.address
