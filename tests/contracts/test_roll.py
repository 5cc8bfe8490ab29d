"""What the roll says of now and of every past moment."""

import random
from dataclasses import dataclass, field

import pytest
from eth_abi.abi import decode, encode

from tests.contracts.acts import refused, rotate
from tests.contracts.coop import DAY, FOR, HOUR, Coop
from tests.contracts.people import NAMES, Person
from tests.contracts.roll import (
    ACTIVE,
    EXPELLED,
    LEFT,
    PROFILE,
    SUSPENDED,
    ZERO,
    act,
    ask,
    join,
    order,
    standing,
)


def test_only_the_past_can_be_asked_for(coop: Coop) -> None:
    now = coop.now()
    for moment in (now, now + 1, 2**255):
        for function, args in (
            ("accountAt", (1, moment)),
            ("getPastVotes", (coop.ada.address, moment)),
            ("getPastTotalSupply", (moment,)),
        ):
            with refused("MembershipFutureLookup", moment, now):
                coop.send(coop.membership.functions[function](*args), coop.tom, at=now)
        assert ask(coop, "rollAt", moment, 0) == 5
        assert ask(coop, "rollAt", moment, 1) == 4
        assert ask(coop, "rollAt", moment, 6) == 5


def test_before_the_founding_there_is_nobody(coop: Coop) -> None:
    founded = ask(coop, "memberOf", 1)[1]
    coop.warp(founded + 10)
    for moment, there in ((founded - 1, 0), (founded, 1)):
        assert ask(coop, "getPastTotalSupply", moment) == 5 * there
        assert ask(coop, "getPastVotes", coop.ada.address, moment) == there
        assert ask(coop, "accountAt", 1, moment) == (coop.ada.address if there else ZERO)
        assert ask(coop, "rollAt", moment, 1) == 4 * there


def test_the_zero_account_and_number_zero_are_nobody(coop: Coop) -> None:
    past = coop.now() - 1
    assert ask(coop, "getVotes", ZERO) == 0
    assert ask(coop, "getPastVotes", ZERO, past) == 0
    assert ask(coop, "accountAt", 0, past) == ZERO
    assert ask(coop, "activeMemberIdOf", ZERO) == 0


def test_numbers_are_kept_for_given_up_keys_and_leavers(coop: Coop) -> None:
    rotate(coop, coop.ada, coop.fay)
    act(coop, coop.ben, "leaveCooperative")
    numbers = {"ada": (1, 0), "fay": (1, 1), "ben": (2, 0), "cleo": (3, 3), "tom": (0, 0)}
    for name, (kept, active) in numbers.items():
        account = coop.people[name].address
        assert ask(coop, "memberIdOf", account) == kept
        assert ask(coop, "activeMemberIdOf", account) == active
        assert ask(coop, "getVotes", account) == bool(active)


def test_the_record_is_one_word_of_account_since_until_epoch(coop: Coop) -> None:
    rotate(coop, coop.ada, coop.fay)
    order(coop, "suspend", 1, DAY)
    coop.warp(coop.now() + 2 * DAY)
    act(coop, coop.tom, "reinstate", 1)
    act(coop, coop.fay, "leaveCooperative", at=coop.now() + HOUR)
    first, second, unknown, again = slots(coop, 1, 2, 9, 1)
    account, since, until, epoch = ask(coop, "memberOf", 1)
    assert (since, until, epoch) == (coop.now() - HOUR, coop.now(), 1)
    assert first == int(coop.fay.address, 16) | since << 160 | until << 200 | epoch << 240
    assert account == coop.fay.address
    assert second == int(coop.ben.address, 16) | ask(coop, "memberOf", 2)[1] << 160
    assert (unknown, again) == (0, first)
    assert ask(coop, "slotOf", 1) == first
    assert slots(coop) == ()


def slots(coop: Coop, *member_ids: int) -> tuple[int, ...]:
    """The records, asked for as Assembly and PayRates do: a word for each number."""
    words = ask(coop, "slotsOf", encode(["uint256"] * len(member_ids), member_ids))
    return decode(["uint256"] * len(member_ids), words)


def test_the_clock_is_the_block_timestamp(coop: Coop) -> None:
    assert ask(coop, "clock") == coop.now()
    assert ask(coop, "CLOCK_MODE") == "mode=timestamp"


def test_who_joins_in_the_freezing_second_is_in_roll_and_vote(coop: Coop) -> None:
    for name in ("fay", "gus"):
        act(coop, coop.people[name], "applyToJoin", PROFILE)
    coop.warp(coop.now() + 5 * DAY)
    proposal = coop.propose(coop.ada)
    freeze = coop.assembly.functions.proposalSnapshot(proposal).call()
    order(coop, "admit", coop.fay.address, at=freeze)
    order(coop, "admit", coop.gus.address, at=freeze + 1)
    assert coop.assembly.functions.proposalRoll(proposal).call() == 6
    coop.vote(coop.fay, proposal, FOR)
    with refused("AssemblyBallotRefused", proposal, 7, 2):
        coop.vote(coop.gus, proposal, FOR)


def test_several_changes_in_one_second_count_as_the_last(coop: Coop) -> None:
    moment = coop.now() + 100
    for function, args in (
        ("suspend", (2, DAY)),
        ("recover", (2, coop.fay.address)),
        ("reinstate", (2,)),
        ("recover", (2, coop.gus.address)),
        ("expel", (3,)),
    ):
        order(coop, function, *args, at=moment)
        assert coop.now() == moment
    coop.warp(moment + 1)
    assert ask(coop, "accountAt", 2, moment) == coop.gus.address
    assert ask(coop, "accountAt", 2, moment - 1) == coop.ben.address
    assert ask(coop, "getPastVotes", coop.fay.address, moment) == 0
    assert (ask(coop, "rollAt", moment - 1, 3), ask(coop, "rollAt", moment, 3)) == (4, 4)
    assert ask(coop, "getPastTotalSupply", moment) == 4


@dataclass
class Diary:
    """What a bystander wrote down: who was on the roll with which key, second by second."""

    coop: Coop
    keys: dict[int, Person]
    spare: list[Person]
    pages: list[tuple[int, dict[int, str]]] = field(default_factory=list)

    def write(self) -> None:
        """A page for this second."""
        roll = {
            member: key.address
            for member, key in self.keys.items()
            if standing(self.coop, member) == ACTIVE
        }
        self.pages.append((self.coop.now(), roll))

    def do_something(self, dice: random.Random, at: int) -> None:
        """One change of a random member that the member's standing allows."""
        coop, member = self.coop, dice.choice(list(self.keys))
        key, now = self.keys[member], standing(self.coop, member)
        if now in (LEFT, EXPELLED):
            act(coop, key, "applyToJoin", PROFILE)
            order(coop, "admit", key.address, at=max(at, coop.now()))
        elif self.spare and dice.random() < 0.35:
            self.keys[member] = self.spare.pop()
            if dice.random() < 0.5:
                coop.warp(coop.now() + 2 * DAY)  # the pause after any earlier change
                rotate(coop, key, self.keys[member])
            else:
                order(coop, "recover", member, self.keys[member].address, at=at)
        elif now == SUSPENDED and dice.random() < 0.6:
            order(coop, "reinstate", member, at=at)
        elif now == SUSPENDED or dice.random() < 0.5:
            order(coop, "expel", member, at=at)
        elif dice.random() < 0.5:
            order(coop, "suspend", member, DAY, at=at)
        else:
            act(coop, key, "leaveCooperative", at=at)


@pytest.mark.parametrize("seed", range(3))
def test_the_past_is_what_a_bystander_wrote_down(coop: Coop, seed: int) -> None:
    dice = random.Random(seed)
    order(coop, "setProbation", 0)
    keys = {number: coop.people[name] for number, name in enumerate(NAMES[:5], 1)}
    diary = Diary(coop, keys, [coop.people[name] for name in NAMES[6:]])
    diary.keys[join(coop, coop.fay)] = coop.fay
    diary.write()
    for _ in range(20):
        diary.do_something(dice, at=coop.now() + dice.choice((0, 0, 1, 7)))
        diary.write()
    coop.warp(coop.now() + 10)

    last_pages = dict(diary.pages)  # of several pages for one second the last holds
    moments = sorted(last_pages)
    for moment, following in zip(moments, [*moments[1:], coop.now()], strict=True):
        for second in {moment, following - 1}:
            _compare(diary, last_pages[moment], second)


def _compare(diary: Diary, roll: dict[int, str], second: int) -> None:
    """Every view of the past tells the same as the page."""
    coop = diary.coop
    assert ask(coop, "getPastTotalSupply", second) == len(roll)
    for member in range(1, 8):
        assert ask(coop, "accountAt", member, second) == roll.get(member, ZERO)
        assert ask(coop, "rollAt", second, member) == len(roll) - (member in roll)
    for somebody in coop.people.values():
        if somebody not in diary.spare:
            votes = ask(coop, "getPastVotes", somebody.address, second)
            assert votes == (somebody.address in roll.values())
