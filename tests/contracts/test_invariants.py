"""What must always hold, by the numbers of contracts/README.md: one scenario on a real chain each.

The edges of each are tested where they belong; here stands the shortest story that would break.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.acts import (
    Action,
    appeal_of,
    eta,
    execute,
    hashed,
    info,
    leave,
    opening,
    poll,
    queue,
    queued,
    refused,
    rotate,
    voted,
    wrong_state,
)
from tests.contracts.coop import (
    ABSTAIN,
    AGAINST,
    CLASSES,
    CONTRACTS,
    DAY,
    FOR,
    HOUR,
    NAMES,
    PAY_BALLOT,
    PAY_RULE,
    Coop,
    Person,
    Reverted,
    at,
    deploy,
    entry,
    found,
    load,
    role,
    rule,
    sign_typed,
)
from tests.contracts.ledger import fold
from tests.contracts.roll import PROFILE, act, ask, ballot_refused, join, order, order_of, skipped
from tests.contracts.test_chronicle import second_start

DRIVER, COOK = b"driver".ljust(32, b"\0"), b"cook".ljust(32, b"\0")


def own(coop: Coop) -> dict[str, Contract]:
    """The four contracts by name."""
    parts = (coop.membership, coop.bylaws, coop.assembly, coop.pay_rates)
    return dict(zip(CONTRACTS, parts, strict=True))


def opened_pay_vote(coop: Coop, name: bytes = DRIVER) -> int:
    """A pay vote that takes ballots now."""
    notice = PAY_RULE["notice"] + 100
    coop.send(coop.pay_rates.functions.openPayVote(name, coop.now() + notice), coop.ada)
    vote = int(coop.pay_rates.functions.payVoteCount().call())
    coop.warp(pay_vote(coop, vote)["opensAt"] + 1)
    return vote


def pay_vote(coop: Coop, vote: int) -> dict[str, Any]:
    """The terms of a pay vote by the names of its fields."""
    item = next(i for i in load("PayRates")["abi"] if i.get("name") == "payVote")
    names = [str(part["name"]) for part in item["outputs"][0]["components"]]
    return dict(zip(names, coop.pay_rates.functions.payVote(vote).call(), strict=True))


def cast_pay(coop: Coop, by: Person, vote: int, rate: int, sequence: int = 1) -> None:
    """A direct pay ballot."""
    member = coop.id_of(by)
    call = coop.pay_rates.functions.castPayBallot(vote, member, rate, sequence, "")
    coop.send(call, by)


def close_pay(coop: Coop, vote: int) -> None:
    """Counts a pay vote right after its deadline."""
    deadline = pay_vote(coop, vote)["deadline"]
    coop.send(coop.pay_rates.functions.closePayVote(vote), coop.tom, at=deadline + 1)


def rate_of(coop: Coop, name: bytes = DRIVER) -> int:
    """What the role is paid."""
    return int(coop.pay_rates.functions.roleOf(name).call()[0])


@dataclass
class Count:
    """What a teller who reads the accepted ballots has on paper."""

    newest: dict[int, int] = field(default_factory=dict)

    def tally(self) -> tuple[int, int, int]:
        choices = list(self.newest.values())
        return choices.count(AGAINST), choices.count(FOR), choices.count(ABSTAIN)


def test_invariant_01_the_tally_is_the_sum_of_the_newest_ballots_and_at_most_the_roll(
    coop: Coop,
) -> None:
    dice, count, sequences = random.Random(1), Count(), dict.fromkeys(range(1, 6), 0)
    proposal = coop.propose(coop.ada)
    coop.open(proposal)
    for turn in range(30):
        if turn == 20:
            leave(coop, coop.eve)  # her ballot stands
        member, choice = dice.randint(1, 5), dice.choice((AGAINST, FOR, ABSTAIN))
        sequence = sequences[member] + dice.choice((0, 1, 1, 2))
        by = coop.people[NAMES[member - 1]]
        accepted = sequence > sequences[member] and not (member == 5 and turn >= 20)
        if dice.random() < 0.5:
            packed = entry(member, choice, coop.sign(by, proposal, choice, sequence), sequence)
            assert (skipped(coop, coop.cast_batch(coop.tom, proposal, packed)) == []) == accepted
        elif accepted:
            coop.vote(by, proposal, choice, sequence)
        else:
            with pytest.raises(Reverted, match="AssemblyBallotRefused"):
                coop.vote(by, proposal, choice, sequence)
        if accepted:
            count.newest[member], sequences[member] = choice, sequence
        assert coop.votes(proposal) == count.tally()
        assert sum(coop.votes(proposal)) <= coop.assembly.functions.proposalRoll(proposal).call()
    assert len(count.newest) == 5


def test_invariant_02_a_member_has_one_ballot_whatever_keys_it_goes_through(
    chain: Devnet, factory: Contract
) -> None:
    coop = found(chain, factory, rules={"Ordinary": rule(votingPeriod=9 * DAY)}, roles=[driver()])
    proposal = coop.propose(coop.ben)
    coop.open(proposal)
    vote = opened_pay_vote(coop)
    keys = [coop.ada, coop.fay, coop.gus, coop.hal]
    for turn, key in enumerate(keys):
        coop.vote(key, proposal, (FOR, AGAINST)[turn % 2])
        cast_pay(coop, key, vote, 2_000 + 10 * turn)
        assert sum(coop.votes(proposal)) == 1
        if turn == 0:
            rotate(coop, key, keys[1])
        elif turn < 3:
            order(coop, "recover", 1, keys[turn + 1].address)
    assert coop.votes(proposal) == (1, 0, 0)
    counts, terms = coop.pay_rates.functions.histogram(vote).call(), pay_vote(coop, vote)
    assert (sum(counts), terms["ballots"]) == (1, 1)
    assert counts[terms["presentRung"] + 3] == 1
    # The one ballot is the newest key's; the earlier keys have none to add.
    for key in keys[:-1]:
        with ballot_refused(proposal, 1, "BadSignature"):
            coop.vote(key, proposal, FOR, 9)


def driver() -> tuple[Any, ...]:
    """The terms of the drivers' role."""
    return role("driver", 2_000)


def test_invariant_03_a_ballot_counts_only_for_a_member_of_the_roll_with_its_key(
    chain: Devnet, factory: Contract
) -> None:
    coop = found(chain, factory, probation=0)
    twin = found(chain, factory, probation=0, nonce=1)
    proposal, other = coop.propose(coop.ada), coop.propose(coop.ben)
    twin.propose(coop.ada)
    coop.open(other)
    join(coop, coop.fay)
    leave(coop, coop.eve)
    order(coop, "suspend", 4, DAY)

    def cast(member: int, signature: bytes, reason: str = "") -> str:
        packed = entry(member, FOR, signature, reason=reason)
        found_ = skipped(coop, coop.cast_batch(coop.tom, proposal, packed))
        return found_[0][2] if found_ else "counted"

    for who, why in (("fay", "NotEligible"), ("eve", "NotEligible"), ("dan", "NotEligible")):
        by = coop.people[who]
        assert cast(coop.id_of(by), coop.sign(by, proposal, FOR)) == why
    assert cast(9, coop.sign(coop.tom, proposal, FOR, memberId=1)) == "UnknownMember"
    assert cast(1, coop.sign(coop.ben, proposal, FOR, memberId=1)) == "BadSignature"
    others: list[dict[str, Any]] = [
        {"chainId": 1},
        {"verifyingContract": twin.assembly.address},
        {"proposalId": other},
        {"content": info(coop, other)["content"]},
        {"epoch": 1},
        {"sequence": 2},
        {"reason": "Because"},
        {"memberId": 2},
        {"name": "Bakers"},
    ]
    for changed in others:
        assert cast(1, coop.sign(coop.ada, proposal, FOR, **changed)) == "BadSignature", changed
    assert cast(1, coop.sign(coop.ada, proposal, AGAINST)) == "BadSignature"
    assert coop.votes(proposal) == (0, 0, 0)
    before = coop.sign(coop.ada, proposal, FOR)
    rotate(coop, coop.ada, coop.gus)
    assert cast(1, before) == "BadSignature"
    assert cast(1, coop.sign(coop.gus, proposal, FOR)) == "counted"
    assert coop.votes(proposal) == (0, 1, 0)


def test_invariant_04_an_older_ballot_never_replaces_a_newer_one_of_the_same_epoch(
    coop: Coop,
) -> None:
    proposal = coop.propose(coop.ben)
    coop.open(proposal)
    older = {n: entry(1, FOR, coop.sign(coop.ada, proposal, FOR, n), n) for n in (0, 1, 4, 5)}
    coop.vote(coop.ada, proposal, AGAINST, 5)
    for sequence, packed in older.items():
        receipt = coop.cast_batch(coop.tom, proposal, packed)
        assert skipped(coop, receipt) == [(1, sequence, "StaleSequence")]
        with ballot_refused(proposal, 1, "StaleSequence"):
            coop.vote(coop.ada, proposal, FOR, sequence)
    assert coop.votes(proposal) == (1, 0, 0)
    coop.vote(coop.ada, proposal, FOR, 6)
    assert coop.votes(proposal) == (0, 1, 0)
    order(coop, "recover", 1, coop.fay.address)
    coop.vote(coop.fay, proposal, ABSTAIN, 1)  # another epoch counts anew
    assert coop.votes(proposal) == (0, 0, 1)


def test_invariant_05_the_rule_that_decides_is_the_one_in_force_at_the_proposal(
    coop: Coop,
) -> None:
    early = coop.propose(coop.ada)
    harder = rule(notice=HOUR, votingPeriod=HOUR, quorumBps=10_000, executionDelay=9 * DAY)
    order_of(coop, coop.bylaws, "setRule", 0, harder)
    late = coop.propose(coop.ben, (), "Another", opens_in=2 * DAY + 10)
    assert [info(coop, each)["ruleVersion"] for each in (early, late)] == [1, 2]
    coop.open(late)
    for each in (early, late):
        poll(coop, each, "ada ben cleo")
    coop.close(late)
    assert (coop.state(early), coop.state(late)) == ("active", "defeated")
    coop.close(early)
    assert coop.state(early) == "succeeded"
    queue(coop, early)
    assert eta(coop, early) == coop.now() + DAY


def test_invariant_06_the_denominator_is_the_roll_at_the_freeze(
    chain: Devnet, factory: Contract
) -> None:
    most = rule(quorumBps=0, basisRoll=True)
    coop = found(chain, factory, rules={"Ordinary": most}, probation=0)
    shrinking = coop.propose(coop.ada)
    freeze = opening(coop, shrinking)
    coop.open(shrinking)
    poll(coop, shrinking, "ada ben")
    for name in ("cleo", "dan"):
        leave(coop, coop.people[name])
    join(coop, coop.fay)
    join(coop, coop.gus)
    join(coop, coop.hal)
    join(coop, coop.ida)
    assert (ask(coop, "rollSize"), ask(coop, "rollAt", freeze, 0)) == (7, 5)
    assert coop.assembly.functions.proposalRoll(shrinking).call() == 5
    with ballot_refused(shrinking, coop.id_of(coop.fay), "NotEligible"):
        coop.vote(coop.fay, shrinking, FOR)
    coop.close(shrinking)
    assert coop.state(shrinking) == "defeated"  # two of five, whatever became of the others
    growing = coop.propose(coop.ben, (), "Another")
    coop.open(growing)
    join(coop, coop.jon)
    poll(coop, growing, "ada ben fay gus")
    coop.close(growing)
    assert (coop.state(growing), ask(coop, "rollSize")) == ("succeeded", 8)


def named_actions(coop: Coop) -> dict[str, list[Action]]:
    """One proposal of each class."""
    act_on = coop.action
    return {
        "Ordinary": [],
        "Admission": [act_on(coop.membership, "admit", coop.fay.address)],
        "Removal": [act_on(coop.membership, "expel", 5)],
        "Recovery": [act_on(coop.membership, "recover", 5, coop.gus.address)],
        "Pay": [act_on(coop.pay_rates, "addRole", driver())],
        "Bylaws": [act_on(coop.membership, "setProbation", DAY)],
        "External": [(coop.tom.address, 0, b"")],
    }


def ballots_in_each_class(coop: Coop, *sides: str) -> dict[str, str]:
    """Puts one proposal of each class to the vote with the same ballots; how each ends."""
    proposals = {}
    for name, actions in named_actions(coop).items():
        snapshot = coop.chain.rpc("evm_snapshot")
        proposal = coop.propose(coop.ada, actions, hashed(name))
        assert CLASSES[info(coop, proposal)["class"]] == name
        proposals[name] = voted(coop, proposal, *sides)
        coop.chain.rpc("evm_revert", snapshot)
    return proposals


@pytest.mark.parametrize("sides", [("",), ("", "", "ada ben cleo dan"), ("ada ben", "cleo dan")])
def test_invariant_07_silence_never_passes_and_a_tie_is_lost(
    chain: Devnet, factory: Contract, sides: tuple[str, ...]
) -> None:
    easiest = rule(quorumMin=1, quorumBps=0, passNum=1, passDen=100, strict=False)
    coop = found(chain, factory, rules=dict.fromkeys(CLASSES, easiest))
    assert ballots_in_each_class(coop, *sides) == dict.fromkeys(CLASSES, "defeated")
    assert set(ballots_in_each_class(coop, "ada").values()) == {"succeeded"}


def test_invariant_08_nothing_executes_but_what_was_voted(coop: Coop) -> None:
    shop, other = deploy(coop.w3, "Shop"), deploy(coop.w3, "Echo")
    actions = [coop.action(shop, "order", 1), coop.action(shop, "order", 2)]
    proposal = queued(coop, coop.propose(coop.ada, actions, "Two orders"))
    coop.warp(eta(coop, proposal))

    def try_it(acts: list[Action], text: str = "Two orders") -> None:
        with pytest.raises(Reverted, match="AssemblyContentChanged"):
            execute(coop, proposal, acts, text)

    try_it([coop.action(shop, "order", 1), coop.action(shop, "order", 3)])
    try_it(actions[::-1])
    try_it(actions[:1])
    try_it(actions, "Two orders!")
    code = {each.address: coop.w3.eth.get_code(each.address).hex() for each in (shop, other)}
    code = {address: "0x" + found_.removeprefix("0x") for address, found_ in code.items()}
    coop.chain.rpc("anvil_setCode", shop.address, code[other.address])
    try_it(actions)
    coop.chain.rpc("anvil_setCode", shop.address, code[shop.address])
    assert shop.functions.orders().call() == []
    execute(coop, proposal, actions, "Two orders")
    assert shop.functions.orders().call() == [1, 2]
    with wrong_state(proposal, "executed", "queued"):
        execute(coop, proposal, actions, "Two orders")


# What members and strangers may call; each changes only what is the caller's own, or needs a vote.
FREE = {
    "Membership": {"applyToJoin", "withdrawApplication", "leaveCooperative", "rotate", "reinstate"},
    "Bylaws": set(),
    "PayRates": {"openPayVote", "castPayBallot", "castPayBallots", "closePayVote"},
}
ORDERS: dict[str, tuple[Any, ...]] = {
    "admit": ("0x" + "11" * 20,),
    "suspend": (2, DAY),
    "expel": (2,),
    "recover": (2, "0x" + "11" * 20),
    "setProbation": (0,),
    "setRule": (0, rule()),
    "addRole": (role("cook", 2_000),),
    "changeRole": (DRIVER, 1, 1, 1),
    "retireRole": (DRIVER,),
    "setPayRule": (tuple(PAY_RULE.values()),),
}


def test_invariant_09_nobody_but_a_passed_proposal_changes_roll_bylaws_and_bounds(
    chain: Devnet, factory: Contract
) -> None:
    coop = found(chain, factory, roles=[driver()])
    for name, free in FREE.items():
        writing = {
            item["name"]
            for item in load(name)["abi"]
            if item["type"] == "function" and item["stateMutability"] not in ("view", "pure")
        }
        ordered = writing - free - {"initialize"}
        assert ordered == set(ORDERS) & writing, "a function that this test does not know"
        for function in ordered:
            for by in (coop.ada, coop.ben, coop.tom):
                with refused(f"{name}OnlyAssembly", by.address):
                    coop.send(own(coop)[name].functions[function](*ORDERS[function]), by)
    # Before its term a suspension ends by a vote only.
    order(coop, "suspend", 5, DAY)
    for by in (coop.ada, coop.eve, coop.tom):
        with refused("MembershipSuspensionRuns", 5, ask(coop, "standingOf", 5)[1]):
            act(coop, by, "reinstate", 5)
    assert ask(coop, "rollSize") == 4
    # And a rate is changed by no order whatever.
    pay = coop.pay_rates
    order_of(coop, pay, "changeRole", DRIVER, 5_000, 7, 10_000)
    order_of(coop, pay, "setPayRule", tuple({**PAY_RULE, "ratioCap": 100}.values()))
    order_of(coop, pay, "addRole", role("cook", 2_000))
    order_of(coop, pay, "retireRole", DRIVER)
    assert (rate_of(coop), rate_of(coop, COOK)) == (2_000, 2_000)


HARDEST: list[dict[str, Any]] = [
    {"quorumMin": 5},
    {"quorumBps": 10_000, "presence": False},
    {"basisRoll": True, "passNum": 1, "passDen": 1, "strict": False, "maxAgainst": 0},
    {"basisRoll": True, "passNum": 99, "passDen": 100, "quorumMin": 5, "quorumBps": 10_000},
]


@pytest.mark.parametrize("values", HARDEST)
def test_invariant_10_every_class_can_pass_with_the_votes_of_the_whole_roll(
    coop: Coop, values: dict[str, Any]
) -> None:
    for number in range(len(CLASSES)):
        order_of(coop, coop.bylaws, "setRule", number, rule(**values))
        with refused("BylawsRuleUnreachable", number, 5):
            order_of(coop, coop.bylaws, "setRule", number, rule(**{**values, "quorumMin": 6}))
    # Eve, whom removal and recovery concern, has no vote in them.
    ends = {}
    for name, actions in named_actions(coop).items():
        snapshot = coop.chain.rpc("evm_snapshot")
        proposal = coop.propose(coop.ada, actions, hashed(name))
        everybody = "ada ben cleo dan" + ("" if info(coop, proposal)["subjectId"] else " eve")
        ends[name] = voted(coop, proposal, everybody)
        coop.chain.rpc("evm_revert", snapshot)
    assert ends == dict.fromkeys(CLASSES, "succeeded")


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


def sign_pay(coop: Coop, by: Person, vote: int, rate: int, sequence: int) -> bytes:
    """An entry of a batch of pay ballots."""
    terms, member = pay_vote(coop, vote), coop.id_of(by)
    message = {
        "payVoteId": vote,
        "content": terms["content"],
        "rate": rate,
        "memberId": member,
        "epoch": ask(coop, "memberOf", member)[3],
        "sequence": sequence,
        "reason": "",
    }
    domain = coop.domain(coop.pay_rates, {})
    signature = sign_typed(by, domain, "PayBallot", PAY_BALLOT, message, {})
    rung = (rate - terms["from"]) // terms["step"]
    return entry(member, 0, signature, sequence, rung=rung)


def test_invariant_14_the_counts_of_the_rungs_sum_to_the_members_who_cast(
    chain: Devnet, factory: Contract
) -> None:
    coop = found(chain, factory, roles=[driver()], founders=NAMES[:9])
    dice, newest, vote = random.Random(14), dict[int, int](), opened_pay_vote(coop)
    terms = pay_vote(coop, vote)
    for turn in range(1, 13):
        packed = b""
        for member in dice.sample(range(1, 10), dice.randint(1, 6)):
            rate = terms["from"] + terms["step"] * dice.randrange(terms["rungs"])
            packed += sign_pay(coop, coop.people[NAMES[member - 1]], vote, rate, turn)
            if member != 1 or turn <= 6:
                newest[member] = rate
        coop.send(coop.pay_rates.functions.castPayBallots(vote, packed), coop.tom)
        if turn == 6:
            leave(coop, coop.ada)  # her ballot stands, a new one does not count
        counts = coop.pay_rates.functions.histogram(vote).call()
        rates = [terms["from"] + terms["step"] * rung for rung in range(terms["rungs"])]
        assert counts == [list(newest.values()).count(rate) for rate in rates]
        assert sum(counts) == pay_vote(coop, vote)["ballots"] == len(newest)
    assert len(newest) > 5


def test_invariant_15_a_new_rate_is_within_bounds_on_a_ladder_through_the_present_one(
    chain: Devnet, factory: Contract
) -> None:
    roles = [role("driver", 2_000, step=1, change=10_000), role("cook", 3_000, change=5_000)]
    coop = found(chain, factory, roles=roles, pay_rule={"rest": 0})
    pay = coop.pay_rates.functions
    # What was legal when the vote was called may be legal no longer when it is closed.
    for lowest_wish, floor, change, result in (
        (False, 1_000, 10_000, 2_128),
        (True, 2_050, 10_000, 2_050),
        (False, 1_000, 100, 2_020),
    ):
        vote, before = opened_pay_vote(coop), rate_of(coop)
        terms = pay_vote(coop, vote)
        assert terms["rungs"] <= 256
        assert terms["from"] + terms["step"] * terms["presentRung"] == before
        wish = terms["from"] + (0 if lowest_wish else terms["rungs"] - 1)
        for name in ("ada", "ben", "cleo"):
            cast_pay(coop, coop.people[name], vote, wish)
        order_of(coop, coop.pay_rates, "changeRole", DRIVER, floor, 1, change)
        coop.warp(terms["deadline"] + 1)
        lowest, highest = pay.bounds(DRIVER).call()
        coop.send(pay.closePayVote(vote), coop.tom)
        assert lowest <= rate_of(coop) <= highest
        assert rate_of(coop) == result


def heads(coop: Coop) -> dict[str, bytes]:
    """The chronicle heads of the four contracts."""
    return {each.address: each.functions.chronicleHead().call() for each in own(coop).values()}


def test_invariant_16_the_head_of_each_contract_is_the_fold_of_all_its_logs(
    chain: Devnet, factory: Contract
) -> None:
    coop = found(chain, factory, roles=[driver()], probation=0)
    steps: list[Callable[[], object]] = [
        lambda: join(coop, coop.fay),
        lambda: rotate(coop, coop.fay, coop.gus),
        lambda: order(coop, "suspend", 5, DAY),
        lambda: coop.decide(coop.ada, coop.bylaws, "setRule", 0, rule(coolDown=0)),
        lambda: order_of(coop, coop.pay_rates, "addRole", role("cook", 2_000)),
        lambda: close_pay(coop, opened_pay_vote(coop)),
        lambda: leave(coop, coop.dan),
    ]
    for step in steps:
        before = {
            each.address: each.functions.chronicleHead().call() for each in own(coop).values()
        }
        since = coop.w3.eth.block_number + 1
        step()
        for each in own(coop).values():
            head = heads(coop)[each.address]
            assert head == fold(chain, each.address)
            logs = coop.w3.eth.get_logs({"address": each.address, "fromBlock": since})
            assert (head != before[each.address]) == bool(logs)


@pytest.mark.parametrize("name", CONTRACTS)
def test_invariant_17_an_instance_begins_once_and_its_implementations_never(
    coop: Coop, factory: Contract, name: str
) -> None:
    arguments = second_start(coop, name)
    implementation = factory.functions.implementations().call()[CONTRACTS.index(name)]
    for started in (own(coop)[name], at(coop.w3, name, implementation)):
        head = started.functions.chronicleHead().call()
        for by in (coop.tom, coop.ada):
            with refused("ChronicleAlreadyBegun"):
                coop.send(started.functions.initialize(*arguments), by)
        assert started.functions.chronicleHead().call() == head != bytes(32)
