"""What is in storage where the views answer otherwise, or where something is laid only later."""

from collections.abc import Callable

import pytest

from indexer.abi import checksummed
from scripts.mirror_bench.wire import Wire
from tests.contracts import guardianship
from tests.contracts.acts import apply, ballot, deadline, hashed, leave, one_block, rotate
from tests.contracts.coop import DAY, FOR, HOUR, Coop
from tests.contracts.roll import act, open_account, order, order_of, voted_just_now
from tests.indexer.audit.histories import history

WEAVER = b"weaver".ljust(32, b"\0")
LATER = 2 * DAY + 10


def waiting_list(coop: Coop) -> None:
    """A list that came into force while nobody did anything still waits."""
    guardianship.name(coop, coop.ada, guardianship.family(coop))


def waiting_list_used(coop: Coop) -> None:
    """A support writes down that the list is in force, which began a new round."""
    family = guardianship.name(coop, coop.ada, guardianship.family(coop))
    guardianship.support(coop, coop.ida, coop.kim, family)


def key_changed_while_a_list_waits(coop: Coop) -> None:
    """A change of key takes a waiting list away; one that was due is in force, two rounds on."""
    act(coop, coop.ada, "setGuardians", guardianship.family(coop).hash(1))
    rotate(coop, coop.ada, coop.kim)
    guardianship.name(coop, coop.ben, guardianship.listed(1, coop.ida))
    rotate(coop, coop.ben, coop.lea)


def guardians_removed_by_vote(coop: Coop) -> None:
    """A key replaced by vote takes the guardians in force with it."""
    guardianship.name(coop, coop.ada, guardianship.family(coop))
    order(coop, "recover", 1, coop.kim.address)


def suspended_key_and_leaving(coop: Coop) -> None:
    """Who changes keys while suspended is off the roll in the history, and leaves without a trace
    in it."""
    order(coop, "suspend", 5, 9 * DAY)
    coop.warp(coop.now() + 2 * DAY)
    rotate(coop, coop.eve, coop.kim)
    leave(coop, coop.kim)


def suspended_and_expelled(coop: Coop) -> None:
    """An expelled member's suspension is over; who comes back is no longer expelled."""
    order(coop, "suspend", 4, DAY)
    order(coop, "expel", 4)
    order(coop, "suspend", 5, DAY)
    order(coop, "expel", 5)
    apply(coop, coop.eve)
    coop.warp(coop.now() + HOUR)
    order(coop, "admit", coop.eve.address)


def two_changes_in_a_second(coop: Coop) -> None:
    """One checkpoint a second: the later one stands."""
    apply(coop, coop.fay)
    order(coop, "suspend", 5, 60)
    again = [(coop.membership.functions.reinstate(5), coop.tom)]
    gone = [(coop.membership.functions.leaveCooperative(), each) for each in (coop.eve, coop.dan)]
    one_block(coop, [*again, *gone], coop.now() + HOUR)


def the_same_side_by_side(coop: Coop) -> None:
    """Of four alike, the second is withdrawn and drops out of the chain when the last is made; what
    it knew before stays in its own word."""
    people = (coop.ada, coop.ben, coop.cleo)
    numbers = [coop.propose(by, text="Paint it green", opens_in=LATER) for by in people]
    coop.send(coop.assembly.functions.cancel(numbers[1]), coop.ben)
    coop.propose(coop.dan, text="Paint it green", opens_in=LATER)


def two_removals_of_one_person(coop: Coop) -> None:
    """They are alike, for however long the suspension; an expulsion is another act."""
    for by, act_on, args in (
        (coop.ada, "suspend", (5, DAY)),
        (coop.ben, "suspend", (5, 2 * DAY)),
        (coop.cleo, "expel", (5,)),
    ):
        action = coop.action(coop.membership, act_on, *args)
        coop.propose(by, [action], hashed("a person"), opens_in=LATER)


def all_alike_are_decided(coop: Coop) -> None:
    """The last of those that wait knows none before it."""
    first = coop.propose(coop.ada, text="Paint it green", opens_in=LATER)
    coop.propose(coop.ben, text="Paint it green", opens_in=LATER)
    coop.send(coop.assembly.functions.cancel(first), coop.ada)
    coop.propose(coop.cleo, text="Paint it green", opens_in=LATER)


def second_call_that_nobody_opened(coop: Coop) -> None:
    """It runs by the clock, and is in no word until a ballot comes."""
    number = coop.propose(coop.ada, text="Few come", opens_in=5)
    coop.open(number)
    ballot(coop, coop.ada, number, FOR)
    coop.warp(deadline(coop, number) + 1)
    assert coop.state(number) == "active"


def second_call_extended(coop: Coop) -> None:
    """The second call's late swing counts from its own planned end."""
    second_call_that_nobody_opened(coop)
    ballot(coop, coop.ben, 1, 0)
    ballot(coop, coop.cleo, 1, FOR, at=deadline(coop, 1) - 60)


def many_new_keys(coop: Coop) -> None:
    """Lanes keep six bits of the epoch, pay votes' lanes eight."""
    accounts = [checksummed(f"0x{number:040x}") for number in range(1, 257)]
    sent = {"from": coop.assembly.address, "to": coop.membership.address, "gas": hex(1_000_000)}
    calls = [coop.membership.encode_abi("recover", (5, account)) for account in accounts]
    open_account(coop, coop.assembly.address)
    with voted_just_now(coop), Wire(coop.chain.url) as wire:
        for call in calls:
            wire.ask("eth_sendTransaction", {**sent, "data": call})
    order(coop, "recover", 5, coop.kim.address)
    assert coop.membership.functions.memberOf(5).call()[3] == 257
    number = coop.propose(coop.ada, text="Many keys", opens_in=5)
    coop.send(coop.pay_rates.functions.openPayVote(WEAVER, coop.now() + 5), coop.ada)
    coop.warp(coop.now() + 10)
    ballot(coop, coop.kim, number)
    coop.send(coop.pay_rates.functions.castPayBallot(1, 5, 1_500, 1, ""), coop.kim)


def widest_ladder(coop: Coop) -> None:
    """Ballots on the lowest and on the highest of 256 rungs."""
    order_of(coop, coop.pay_rates, "changeRole", WEAVER, 1_000, 1, 1_000)
    functions = coop.pay_rates.functions
    coop.send(functions.openPayVote(WEAVER, coop.now() + 5), coop.ada)
    coop.warp(coop.now() + 10)
    assert functions.payVote(1).call()[6] == 256
    for by, member, rate in ((coop.ada, 1, 1_500 - 127), (coop.ben, 2, 1_500 + 128)):
        coop.send(functions.castPayBallot(1, member, rate, 1, ""), by)


@pytest.mark.parametrize(
    "play",
    [
        waiting_list,
        waiting_list_used,
        key_changed_while_a_list_waits,
        guardians_removed_by_vote,
        suspended_key_and_leaving,
        suspended_and_expelled,
        two_changes_in_a_second,
        the_same_side_by_side,
        two_removals_of_one_person,
        all_alike_are_decided,
        second_call_that_nobody_opened,
        second_call_extended,
        many_new_keys,
        widest_ladder,
    ],
    ids=lambda play: play.__name__,
)
def test_storage_is_as_expected_after(coop: Coop, play: Callable[[Coop], None]) -> None:
    first = int(coop.w3.eth.block_number)
    play(coop)
    assert history(coop, first).misstored() == []
