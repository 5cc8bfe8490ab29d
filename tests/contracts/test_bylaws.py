"""The rules: who sets them, their bounds, that they can be met, and that they never look back."""

from collections.abc import Sequence
from typing import Any

import pytest
from web3.contract import Contract

from node.devnet import Devnet
from tests.contracts.acts import apply, hashed, info, leave, poll, refused, voted
from tests.contracts.coop import CLASSES, DAY, HOUR, Coop
from tests.contracts.founding import PLAIN, found, rule
from tests.contracts.people import NAMES

ORDINARY, REMOVAL, RECOVERY, BYLAWS = (
    CLASSES.index(name) for name in ("Ordinary", "Removal", "Recovery", "Bylaws")
)
LAST = 2**24 - 1
ONCE = {"secondCallDelay": 0, "secondCallBps": 0}
TWICE = {"secondCallDelay": DAY, "secondCallBps": 2_500}
SWING = {"swingWindow": DAY, "swingCap": 2 * DAY}
LONG = {"votingPeriod": 60 * DAY, "swingCap": 14 * DAY}

# field, what else the rule says, values inside at the edges, values outside at the edges
BOUNDS: list[tuple[str, dict[str, Any], Sequence[int | bool], Sequence[int | bool]]] = [
    ("notice", {}, [0, 60 * DAY], [60 * DAY + 1, LAST]),
    ("votingPeriod", {}, [HOUR, 60 * DAY], [0, HOUR - 1, 60 * DAY + 1, LAST]),
    ("executionDelay", {}, [0, 60 * DAY], [60 * DAY + 1, LAST]),
    ("grace", {}, [DAY, 180 * DAY], [0, DAY - 1, 180 * DAY + 1, LAST]),
    ("coolDown", {}, [0, 180 * DAY], [180 * DAY + 1, LAST]),
    ("swingWindow", LONG, [1, 7 * DAY], [7 * DAY + 1, LAST]),
    ("swingWindow", {"votingPeriod": DAY, "swingCap": 14 * DAY}, [DAY], [DAY + 1]),
    ("swingCap", SWING, [DAY, 14 * DAY], [0, DAY - 1, 14 * DAY + 1, LAST]),
    ("swingCap", {"swingWindow": 0}, [0], [1, DAY]),
    ("secondCallDelay", TWICE, [HOUR, 30 * DAY], [1, HOUR - 1, 30 * DAY + 1, LAST]),
    ("secondCallBps", TWICE, [0, 5_000], [5_001, 65_535]),
    ("secondCallBps", ONCE, [0], [1, 5_000]),
    ("quorumMin", {}, [1, 4], [0]),
    ("quorumBps", {}, [0, 10_000], [10_001, 65_535]),
    ("passNum", {"passDen": 100}, [1, 99], [0, 101, 255]),
    ("passNum", {"passDen": 100, "strict": False}, [100], [101]),
    ("passDen", {"strict": False}, [1, 100], [101, 255]),
    ("passNum", {"passDen": 0}, [], [0, 1]),
    ("strict", {"passNum": 1, "passDen": 1}, [False], [True]),
    ("strict", {"passNum": 99, "passDen": 100}, [False, True], []),
    ("maxAgainst", {}, [0, 1, 65_535], []),
]


def set_rule(coop: Coop, decision_class: int, values: tuple[Any, ...]) -> None:
    """What setRule answers to the Assembly, without doing it."""
    call = coop.bylaws.functions.setRule(decision_class, values)
    call.call({"from": coop.assembly.address})


def word(field: str) -> bytes:
    return field.encode().ljust(32, b"\0")


# Bounds


@pytest.mark.parametrize(
    ("field", "others", "inside", "outside"),
    [pytest.param(*case, id=f"{case[0]} {case[1]}") for case in BOUNDS],
)
def test_every_value_is_accepted_at_its_edges_and_refused_beyond(
    coop: Coop,
    field: str,
    others: dict[str, Any],
    inside: Sequence[int | bool],
    outside: Sequence[int | bool],
) -> None:
    for decision_class in range(len(CLASSES)):
        for value in inside:
            if decision_class in (REMOVAL, RECOVERY) and field in ("notice", "executionDelay"):
                continue  # these have bounds of their own, tested below
            set_rule(coop, decision_class, rule(**{**others, field: value}))
        for value in outside:
            with refused("BylawsRuleOutOfBounds", decision_class, word(field)):
                set_rule(coop, decision_class, rule(**{**others, field: value}))


def test_every_field_of_a_rule_is_bounded_or_free_on_purpose() -> None:
    free = {"basisRoll", "presence", "subjectVotes"}
    assert {case[0] for case in BOUNDS} | free == set(PLAIN)


@pytest.mark.parametrize("field", ["notice", "executionDelay"])
def test_nobody_is_removed_without_a_day_to_be_heard_and_a_day_to_appeal(
    chain: Devnet, factory: Contract, field: str
) -> None:
    coop = found(chain, factory)
    set_rule(coop, REMOVAL, rule(**{field: DAY}))
    for value in (0, DAY - 1):
        with refused("BylawsRuleOutOfBounds", REMOVAL, word(field)):
            set_rule(coop, REMOVAL, rule(**{field: value}))
        with refused("BylawsRuleOutOfBounds", REMOVAL, word(field)):
            found(chain, factory, rules={"Removal": rule(**{field: value})}, nonce=value + 1)


def test_a_key_is_replaced_with_no_less_notice_than_a_member_is_removed(
    chain: Devnet, factory: Contract
) -> None:
    rules = {"Removal": rule(notice=20 * DAY), "Recovery": rule(notice=20 * DAY)}
    coop = found(chain, factory, rules=rules)
    set_rule(coop, RECOVERY, rule(notice=20 * DAY))
    set_rule(coop, RECOVERY, rule(notice=60 * DAY))
    set_rule(coop, REMOVAL, rule(notice=20 * DAY))
    with refused("BylawsRuleOutOfBounds", RECOVERY, word("notice")):
        set_rule(coop, RECOVERY, rule(notice=20 * DAY - 1))
    with refused("BylawsRuleOutOfBounds", RECOVERY, word("notice")):
        set_rule(coop, REMOVAL, rule(notice=20 * DAY + 1))
    rules["Recovery"] = rule(notice=20 * DAY - 1)
    with refused("BylawsRuleOutOfBounds", RECOVERY, word("notice")):
        found(chain, factory, rules=rules, nonce=1)


@pytest.mark.parametrize("name", CLASSES)
def test_a_co_op_is_not_founded_with_a_rule_out_of_bounds(
    chain: Devnet, factory: Contract, name: str
) -> None:
    with refused("BylawsRuleOutOfBounds", CLASSES.index(name), word("grace")):
        found(chain, factory, rules={name: rule(grace=DAY - 1)})


def test_there_are_seven_classes(coop: Coop) -> None:
    selector = coop.bylaws.encode_abi("setRule", [0, rule()])[:10]
    body = coop.bylaws.encode_abi("setRule", [6, rule()])[10:]
    seventh = "0" * 63 + "7" + body[64:]
    with pytest.raises(Exception, match="revert"):
        coop.w3.eth.call(
            {
                "from": coop.w3.to_checksum_address(coop.assembly.address),
                "to": coop.w3.to_checksum_address(coop.bylaws.address),
                "data": coop.w3.to_hex(hexstr=selector + seventh),
            }
        )
    set_rule(coop, 6, rule())


# Rules that nobody could meet

REACH: list[tuple[str, dict[str, Any]]] = [
    ("as many as there are", {"quorumMin": 3}),
    ("all of the roll", {"quorumBps": 10_000}),
    ("unanimity of the roll", {"basisRoll": True, "passDen": 1, "strict": False}),
    ("above 99/100 of a roll", {"basisRoll": True, "passNum": 99, "passDen": 100}),
]


@pytest.mark.parametrize("values", [pytest.param(case[1], id=case[0]) for case in REACH])
@pytest.mark.parametrize("name", CLASSES)
def test_a_rule_that_all_together_can_meet_is_accepted(
    chain: Devnet, factory: Contract, values: dict[str, Any], name: str
) -> None:
    coop = found(chain, factory, rules={name: rule(**values)}, founders=NAMES[:3])
    assert coop.bylaws.functions.inForce(CLASSES.index(name)).call() == [1, rule(**values)]


@pytest.mark.parametrize("subject_votes", [False, True])
@pytest.mark.parametrize("name", CLASSES)
def test_a_least_quorum_above_the_roll_is_refused(
    chain: Devnet, factory: Contract, name: str, subject_votes: bool
) -> None:
    number = CLASSES.index(name)
    four = rule(quorumMin=4, subjectVotes=subject_votes)
    with refused("BylawsRuleUnreachable", number, 3):
        found(chain, factory, rules={name: four}, founders=NAMES[:3])
    coop = found(chain, factory, rules={name: four}, founders=NAMES[:4])
    for least in (5, 16_383):
        with refused("BylawsRuleUnreachable", number, 4):
            set_rule(coop, number, rule(quorumMin=least, subjectVotes=subject_votes))


@pytest.mark.parametrize("name", CLASSES)
def test_the_last_member_can_set_a_rule_and_for_nobody_none_can_be_set(
    coop: Coop, name: str
) -> None:
    number, alone = CLASSES.index(name), rule(quorumMin=1)
    for who in ("ben", "cleo", "dan"):
        leave(coop, coop.people[who])
    set_rule(coop, number, rule())
    leave(coop, coop.eve)
    with refused("BylawsRuleUnreachable", number, 1):
        set_rule(coop, number, rule())  # two, and there is one
    set_rule(coop, number, alone)
    set_rule(coop, number, rule(quorumMin=1, subjectVotes=True))
    leave(coop, coop.ada)
    with refused("BylawsRuleUnreachable", number, 0):
        set_rule(coop, number, alone)


def test_the_last_member_lowers_the_quorum_and_admits_somebody_by_vote(coop: Coop) -> None:
    for who in ("ben", "cleo", "dan", "eve"):
        leave(coop, coop.people[who])
    change = [coop.action(coop.bylaws, "setRule", BYLAWS, rule(quorumMin=1))]
    coop.carry(coop.propose(coop.ada, change, "One"), change, "One", [coop.ada])
    assert coop.bylaws.functions.inForce(BYLAWS).call() == [2, rule(quorumMin=1)]
    apply(coop, coop.fay)
    admit, text = [coop.action(coop.membership, "admit", coop.fay.address)], hashed("Fay")
    coop.warp(coop.now() + 5 * DAY)
    coop.carry(coop.propose(coop.ada, admit, text), admit, text, [coop.ada])
    assert coop.membership.functions.rollSize().call() == 2


def test_reachable_is_judged_by_the_roll_of_the_moment_of_execution(coop: Coop) -> None:
    actions = [coop.action(coop.bylaws, "setRule", 0, rule(quorumMin=4))]
    proposal = coop.propose(coop.ada, actions, "Four")
    voted(coop, proposal, "ada ben cleo dan")
    coop.send(coop.assembly.functions.queue(proposal), coop.ada)
    for who in ("ben", "cleo", "dan", "eve"):
        leave(coop, coop.people[who])
    coop.warp(coop.now() + DAY)
    selector = bytes(coop.w3.keccak(text="BylawsRuleUnreachable(uint8,uint256)")[:4])
    with refused("AssemblyActionFailed", 0, selector + bytes(32) + (1).to_bytes(32, "big")):
        coop.execute(proposal, actions, "Four", coop.ada)
    assert coop.bylaws.functions.ruleVersion(0).call() == 1


# Who sets a rule, and what follows


@pytest.mark.parametrize("who", ["ada", "tom"])
def test_nobody_but_the_assembly_sets_a_rule(coop: Coop, who: str) -> None:
    somebody = coop.people[who]
    with refused("BylawsOnlyAssembly", somebody.address):
        coop.send(coop.bylaws.functions.setRule(0, rule()), somebody)


def test_a_passed_proposal_sets_a_rule_as_the_next_version(coop: Coop) -> None:
    new = rule(notice=5 * DAY, quorumBps=6_000)
    receipt = coop.decide(coop.ada, coop.bylaws, "setRule", 0, new)
    (event,) = coop.events(receipt, "RuleSet")
    args = dict(event["args"])
    assert (args["class"], args["version"]) == (0, 2)
    assert tuple(args["rule"].values()) == new
    assert tuple(coop.bylaws.functions.ruleOf(0, 2).call()) == new
    assert coop.bylaws.functions.ruleOf(0, 1).call() == rule()
    assert coop.bylaws.functions.inForce(0).call() == [2, new]
    versions = [coop.bylaws.functions.ruleVersion(n).call() for n in range(7)]
    assert versions == [2, 1, 1, 1, 1, 1, 1]


def test_founding_sets_and_tells_version_one_of_every_class(
    chain: Devnet, factory: Contract
) -> None:
    rules = {name: rule(coolDown=number * DAY) for number, name in enumerate(CLASSES)}
    coop = found(chain, factory, rules=rules)
    (transaction,) = coop.w3.eth.get_block("latest")["transactions"]
    assert isinstance(transaction, bytes)
    events = coop.events(coop.w3.eth.get_transaction_receipt(transaction), "RuleSet")
    args = [event["args"] for event in events]
    told = [(each["class"], each["version"], each["rule"]["coolDown"]) for each in args]
    assert told == [(number, 1, number * DAY) for number in range(7)]
    for number in range(7):
        assert coop.bylaws.functions.inForce(number).call() == [1, rule(coolDown=number * DAY)]


@pytest.mark.parametrize("version", [0, 2, 2**32 - 1])
def test_an_unknown_version_of_a_rule_is_refused(coop: Coop, version: int) -> None:
    with refused("BylawsUnknownRule", 3, version):
        coop.bylaws.functions.ruleOf(3, version).call()


def test_a_new_rule_binds_new_proposals_only(coop: Coop) -> None:
    change = [coop.action(coop.bylaws, "setRule", 0, rule(notice=3 * DAY, votingPeriod=HOUR))]
    bylaw = coop.propose(coop.ada, change, "Short votes")
    old = coop.propose(coop.ben, opens_in=10 * DAY)
    coop.carry(bylaw, change, "Short votes", [coop.ada, coop.ben, coop.cleo])
    new = coop.propose(coop.cleo, (), "Another", opens_in=3 * DAY + 10)
    assert [info(coop, p)["ruleVersion"] for p in (old, new)] == [1, 2]
    periods = [info(coop, p)["deadline"] - info(coop, p)["opensAt"] for p in (old, new)]
    assert periods == [4 * DAY, HOUR]


def test_lowering_the_quorum_later_leaves_the_defeated_defeated(coop: Coop) -> None:
    # GHSA-xrc4-737v-9q75: a lower quorum made old proposals pass.
    beaten = coop.propose(coop.ben)
    assert voted(coop, beaten, "ada ben") == "defeated"
    coop.decide(coop.ada, coop.bylaws, "setRule", 0, rule(quorumBps=0, quorumMin=1))
    assert coop.state(beaten) == "defeated"
    assert coop.assembly.functions.proposalQuorum(beaten).call() == 3
    fresh = coop.propose(coop.ben, (), "Again")
    assert voted(coop, fresh, "ada ben") == "succeeded"


def test_raising_the_quorum_during_a_vote_does_not_touch_it(coop: Coop) -> None:
    change = [coop.action(coop.bylaws, "setRule", 0, rule(quorumBps=10_000, maxAgainst=0))]
    bylaw = coop.propose(coop.ada, change, "All")
    running = coop.propose(coop.ben, opens_in=6 * DAY)
    coop.open(bylaw)
    poll(coop, bylaw, "ada ben cleo")
    coop.close(bylaw)
    coop.send(coop.assembly.functions.queue(bylaw), coop.ada)
    coop.warp(coop.now() + DAY)
    assert coop.state(running) == "active"
    poll(coop, running, "ada ben")
    coop.execute(bylaw, change, "All", coop.ada)
    poll(coop, running, "", "cleo")
    assert coop.assembly.functions.proposalQuorum(running).call() == 3
    coop.close(running)
    assert coop.state(running) == "succeeded"
