"""What must always hold of a member's standing, key and number.

One scenario on a real chain each, by the numbers of contracts/README.md: the shortest story that
would break. The edges of each are tested where they belong.
"""

import pytest
from web3 import Web3
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.acts import (
    appeal_of,
    eta,
    execute,
    hashed,
    opening,
    poll,
    queue,
    queued,
    refused,
    rotate,
    voted,
    wrong_state,
)
from tests.contracts.coop import DAY, Coop
from tests.contracts.founding import found, rule
from tests.contracts.guardianship import (
    DELAY,
    PAUSE,
    account_of,
    complete,
    family,
    listed,
    name,
    started,
    support,
)
from tests.contracts.refusals import Reverted
from tests.contracts.roll import PROFILE, act, ask, join, order, order_of


def test_invariant_11_who_is_removed_was_heard_could_appeal_and_had_a_second_vote(
    coop: Coop,
) -> None:
    for field_ in ("notice", "executionDelay"):
        word = field_.encode().ljust(32, b"\0")
        with refused("BylawsRuleOutOfBounds", 2, word):
            order_of(coop, coop.bylaws, "setRule", 2, rule(**{field_: DAY - 1}))
    actions, text = [coop.action(coop.membership, "expel", 5)], hashed("why")
    now, soon = coop.now(), coop.now() + DAY
    with pytest.raises(Reverted, match="AssemblyOpeningOutOfBounds"):
        coop.send(coop.assembly.functions.propose(actions, text, soon), coop.ada)
    removal = coop.propose(coop.ada, actions, text)
    assert opening(coop, removal) >= now + 2 * DAY
    coop.send(coop.assembly.functions.reply(removal, b"\x22" * 32), coop.eve)
    queued(coop, removal)
    with refused("AssemblyNotDue", removal, eta(coop, removal)):
        execute(coop, removal, actions, text)
    second = appeal_of(coop, removal)
    coop.warp(coop.now() + 2 * DAY)  # the delay alone is over
    with pytest.raises(Reverted, match="AssemblyNotDue"):
        execute(coop, removal, actions, text)
    assert voted(coop, second, "ada", "ben cleo") == "defeated"
    with pytest.raises(Reverted, match="AssemblyUnexpectedState"):
        execute(coop, removal, actions, text)
    assert (coop.state(removal), ask(coop, "rollSize")) == ("defeated", 5)


@pytest.mark.parametrize("stage", ["pending", "active", "succeeded", "queued"])
def test_invariant_12_no_recovery_succeeds_against_the_objection_of_the_present_key(
    coop: Coop, stage: str
) -> None:
    actions = [coop.action(coop.membership, "recover", 5, coop.tom.address)]
    recovery = coop.propose(coop.ada, actions, hashed("lost"))
    if stage != "pending":
        coop.open(recovery)
        poll(coop, recovery, "ada ben cleo dan")
    if stage in ("succeeded", "queued"):
        coop.close(recovery)
    if stage == "queued":
        queue(coop, recovery)
        coop.warp(eta(coop, recovery))
    assert coop.state(recovery) == stage
    coop.send(coop.assembly.functions.object(recovery), coop.eve)
    assert coop.state(recovery) == "canceled"
    coop.warp(coop.now() + 9 * DAY)
    with wrong_state(recovery, "canceled", "queued"):
        execute(coop, recovery, actions, hashed("lost"))
    assert ask(coop, "memberOf", 5)[0] == coop.eve.address


def test_invariant_13_a_number_is_one_persons_and_an_account_one_numbers_for_ever(
    chain: Devnet, factory: Contract
) -> None:
    coop = found(chain, factory, probation=0)
    rotate(coop, coop.ada, coop.fay)
    order(coop, "recover", 1, coop.gus.address)
    act(coop, coop.gus, "leaveCooperative")
    order(coop, "expel", 2)
    once_ada = (coop.ada, coop.fay, coop.gus)
    for account in (*once_ada, coop.ben, coop.cleo):
        with refused("MembershipAccountTaken", account.address):
            order(coop, "recover", 3, account.address)
        with refused("MembershipAccountTaken", account.address):
            rotate(coop, coop.cleo, account)
    for given_up in (coop.ada, coop.fay):
        with refused("MembershipAccountTaken", given_up.address):
            act(coop, given_up, "applyToJoin", PROFILE)
    assert join(coop, coop.hal) == 6  # neither 1 nor 2, which are free and yet somebody's
    assert join(coop, coop.gus) == 1
    assert join(coop, coop.ben) == 2
    assert [ask(coop, "memberIdOf", who.address) for who in once_ada] == [1, 1, 1]
    assert ask(coop, "lastMemberId") == 6


def test_invariant_18_guardians_replace_a_key_only_together_after_the_delay_and_unhindered(
    coop: Coop,
) -> None:
    mine = name(coop, coop.ada, family(coop))
    support(coop, coop.ida, coop.fay, mine)
    coop.warp(coop.now() + DELAY)
    with refused("MembershipNoRecovery", 1, coop.fay.address):  # one of two
        complete(coop, coop.fay)
    due = started(coop, coop.fay, mine, [coop.jon])
    with refused("MembershipRecoveryNotDue", 1, due):
        complete(coop, coop.fay, at=due - 1)
    act(coop, coop.ada, "cancelRecovery", coop.fay.address, at=due)
    with refused("MembershipNoRecovery", 1, coop.fay.address):  # the present key said no
        complete(coop, coop.fay)
    due = started(coop, coop.fay, mine)
    rotate(coop, coop.ada, coop.gus)
    with refused("MembershipNoRecovery", 1, coop.fay.address):  # it was about another key
        complete(coop, coop.fay, at=due)
    due = started(coop, coop.fay, mine)
    others = listed(1, coop.tom)
    act(coop, coop.gus, "setGuardians", others.hash(1), at=due - DELAY + 1)
    complete(coop, coop.fay, at=due)  # new guardians are not in force a second before
    assert account_of(coop) == coop.fay.address
    again = started(coop, coop.hal, mine)
    with refused("MembershipRecoveryTooSoon", 1, due + PAUSE):
        complete(coop, coop.hal, at=again)
    assert account_of(coop) == coop.fay.address


def test_invariant_19_an_order_about_a_person_takes_effect_only_on_what_was_voted_on(
    coop: Coop,
) -> None:
    act(coop, coop.fay, "applyToJoin", PROFILE)
    admit = coop.action(coop.membership, "admit", coop.fay.address)
    admission = queued(coop, coop.propose(coop.ada, [admit], hashed("fay")), "ada ben cleo")
    act(coop, coop.fay, "withdrawApplication")
    act(coop, coop.fay, "applyToJoin", b"\x22" * 32)
    order(coop, "setProbation", 0)
    applied = ask(coop, "appliedAt", coop.fay.address)
    selector = bytes(Web3.keccak(text="MembershipOrderOutdated(uint256,uint256)")[:4])
    inner = selector + b"".join(
        moment.to_bytes(32, "big") for moment in (applied, opening(coop, admission))
    )
    with refused("AssemblyActionFailed", 0, inner):
        execute(coop, admission, [admit], hashed("fay"), at=eta(coop, admission))
    again = queued(coop, coop.propose(coop.ben, [admit], hashed("fay again")), "ada ben cleo")
    execute(coop, again, [admit], hashed("fay again"), at=eta(coop, again))
    assert coop.id_of(coop.fay) == 6
