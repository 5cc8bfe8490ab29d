"""Actions: from a draft to calldata and back into a sentence; what their targets may hide."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from indexer.rules.bylaws import Rule
from indexer.rules.pay import PayRule
from node import actions, targets
from node.actions import KINDS, Own, UnreadableAction
from node.content import Action

OWN = Own(
    membership="0x5FbDB2315678afecb367f032d93F642f64180aa3",
    bylaws="0xDc64a140Aa3E981100a9becA4E685f962f0cF6C9",
    assembly="0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512",
    pay_rates="0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0",
    currency="EUR",
)
ADA = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
SHOP = "0xCf7Ed3AccA5a467e9e704C703E8D87F634fB0Fc9"
RULE = {
    "notice": "7 days",
    "voting_period": "1 week",
    "execution_delay": "1 day",
    "grace": "30 days",
    "cool_down": "90 days",
    "quorum_members": 3,
    "quorum": "50 %",
    "threshold": "at least 2/3",
    "basis": "cast",
    "subject_votes": False,
}
PAY_RULE = {
    "notice": "7 days",
    "voting_period": "7 days",
    "grace": "30 days",
    "rest": "30 days",
    "period": "365 days",
    "ratio_cap": "3:1",
    "quorum_members": 3,
    "quorum": "50 %",
    "fill": "roll",
}

SAMPLES: dict[str, tuple[dict[str, Any], str]] = {
    "admit": ({"account": ADA}, f"Admit the candidate {ADA} as a member."),
    "suspend": ({"member": 7, "days": 14}, "Suspend member 7 for 14 days."),
    "expel": ({"member": 7}, "Expel member 7."),
    "recover": (
        {"member": 7, "account": ADA},
        f"Give member 7 the account {ADA} as their new key.",
    ),
    "reinstate": ({"member": 7}, "Reinstate the suspended member 7."),
    "set-probation": ({"probation": "90 days"}, "Set the probation of candidates to 90 days."),
    "set-rule": (
        {"class": "removal", "rule": RULE},
        "Set the rule of class removal: The vote opens 7 days after the proposal and lasts "
        "7 days. Quorum: 50 % of the roll, at least 3 members, counting everybody who votes. "
        "It passes with at least 2/3 of the votes for and against in favour. A tie is lost. "
        "The person concerned has no vote and is not counted. It takes effect 1 day after "
        "queueing; it expires if that is not done within 30 days. After a defeat the same waits "
        "90 days.",
    ),
    "add-role": (
        {"role": "courier", "rate": 2150, "floor": 1300, "step": 25, "max_change": "10 %"},
        "Add the role courier at 2150 minor units of EUR an hour, never below 1300 minor units "
        "of EUR an hour, in steps of 25, changing by at most 10 % a period.",
    ),
    "change-role": (
        {"role": "courier", "floor": 1400, "step": 50, "max_change": "5.5 %"},
        "Bound the role courier: never below 1400 minor units of EUR an hour, in steps of 50, "
        "changing by at most 5.5 % a period.",
    ),
    "retire-role": ({"role": "courier"}, "Retire the role courier."),
    "set-pay-rule": (
        {"rule": PAY_RULE},
        "Set the rule of pay votes: The vote opens 7 days after the call and lasts 7 days. "
        "Absences count for the present rate, up to the whole roll; the middle ballot wins. "
        "Quorum: 50 % of the roll, at least 3 members. Largest changes count from the rate "
        "365 days before. A role rests 30 days between two votes; an uncounted vote expires "
        "after 30 days. No role earns more than 3 times another.",
    ),
}


def test_there_is_a_sample_of_every_kind() -> None:
    assert set(SAMPLES) == set(KINDS)


@pytest.mark.parametrize("name", SAMPLES)
def test_an_action_reads_back_as_one_plain_sentence(name: str) -> None:
    fields, sentence = SAMPLES[name]

    action = actions.build(name, OWN, fields)

    assert actions.decode(action, OWN).sentence == sentence
    assert actions.decode(action, OWN).name == name


def test_calldata_is_selector_and_arguments() -> None:
    action = actions.build("suspend", OWN, {"member": 7, "days": 14})

    assert action == Action(
        OWN.membership,
        0,
        keccak(b"suspend(uint32,uint40)")[:4] + encode(["uint256", "uint256"], [7, 14 * 86_400]),
    )


ARTIFACTS = Path(__file__).parents[2] / "indexer" / "artifacts"
NAMES = {"membership": "Membership", "bylaws": "Bylaws", "pay_rates": "PayRates"}


def _type_of(item: dict[str, Any]) -> str:
    if item["type"] != "tuple":
        return str(item["type"])
    return f"({','.join(_type_of(part) for part in item['components'])})"


def _function(contract: str, name: str) -> dict[str, Any]:
    abi = json.loads((ARTIFACTS / f"{NAMES[contract]}.json").read_text())["abi"]
    return next(entry for entry in abi if entry["type"] == "function" and entry["name"] == name)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_a_function_of_the_compiled_contract(name: str) -> None:
    kind = KINDS[name]
    function = _function(kind.contract, kind.signature.split("(")[0])

    types = ",".join(_type_of(item) for item in function["inputs"])
    assert kind.signature == f"{function['name']}({types})"


@pytest.mark.parametrize(
    ("contract", "function", "rule"),
    [("bylaws", "setRule", Rule), ("pay_rates", "setPayRule", PayRule)],
)
def test_the_fields_of_a_rule_are_the_contracts_in_its_order(
    contract: str, function: str, rule: type
) -> None:
    struct = _function(contract, function)["inputs"][-1]["components"]
    camel = [
        first + "".join(word.title() for word in rest)
        for first, *rest in (field.name.split("_") for field in dataclasses.fields(rule))
    ]

    assert camel == [item["name"] for item in struct]


# Calls elsewhere


def test_a_call_elsewhere_is_shown_as_what_cannot_be_read() -> None:
    action = actions.build("call", OWN, {"target": SHOP, "value": 3, "data": "0xdeadbeef00"})

    assert action == Action(SHOP, 3, bytes.fromhex("deadbeef00"))
    assert actions.decode(action, OWN).sentence == (
        f"Call {SHOP} with 5 bytes that this node cannot read (function 0xdeadbeef). "
        "Sends 3 wei along."
    )
    assert actions.class_of([action], OWN) == "external"


def test_money_alone_is_shown_as_such() -> None:
    action = actions.build("call", OWN, {"target": SHOP, "value": str(10**20)})

    assert actions.decode(action, OWN).sentence == f"Send {10**20} wei to {SHOP}."


def test_bytes_hidden_behind_the_arguments_make_an_action_unreadable() -> None:
    plain = actions.build("expel", OWN, {"member": 7})
    longer = Action(plain.target, 0, plain.data + b"\x01")
    dirty = Action(plain.target, 0, plain.data[:4] + b"\xff" * 28 + plain.data[32:])

    for hidden in (longer, dirty, Action(plain.target, 0, plain.data[:20])):
        assert actions.decode(hidden, OWN).name == "call"


def test_money_sent_along_with_a_known_call_is_told() -> None:
    plain = actions.build("expel", OWN, {"member": 7})

    sentence = actions.decode(Action(plain.target, 9, plain.data), OWN).sentence

    assert sentence == "Expel member 7. Sends 9 wei along."


# Classes


@pytest.mark.parametrize(
    ("name", "decision_class"),
    [
        ("admit", "admission"),
        ("suspend", "removal"),
        ("expel", "removal"),
        ("recover", "recovery"),
        ("reinstate", "admission"),
        ("set-probation", "bylaws"),
        ("set-rule", "bylaws"),
        ("add-role", "pay"),
        ("set-pay-rule", "pay"),
    ],
)
def test_the_class_follows_from_what_is_called(name: str, decision_class: str) -> None:
    action = actions.build(name, OWN, SAMPLES[name][0])

    assert actions.class_of([action], OWN) == decision_class


def test_a_resolution_in_words_is_ordinary() -> None:
    assert actions.class_of([], OWN) == "ordinary"


def test_actions_of_two_classes_are_refused() -> None:
    both = [actions.build(name, OWN, SAMPLES[name][0]) for name in ("admit", "expel")]

    with pytest.raises(UnreadableAction, match="different classes: admission, removal"):
        actions.class_of(both, OWN)


def test_another_call_to_our_own_contracts_is_refused() -> None:
    for target in OWN.addresses:
        with pytest.raises(UnreadableAction, match="own contracts"):
            actions.class_of([Action(target, 0, keccak(b"leave()")[:4])], OWN)


@pytest.mark.parametrize("name", ["suspend", "expel", "recover", "reinstate"])
def test_the_person_concerned_is_named_by_the_action(name: str) -> None:
    assert actions.subject_of(actions.build(name, OWN, SAMPLES[name][0]), OWN) == 7


def test_an_action_on_no_person_concerns_nobody() -> None:
    assert actions.subject_of(actions.build("admit", OWN, {"account": ADA}), OWN) is None


# Bad drafts


@pytest.mark.parametrize(
    ("name", "fields", "complaint"),
    [
        ("promote", {}, "There is no action 'promote'"),
        ("expel", {}, "lacks 'member'"),
        ("expel", {"member": 7, "why": "x"}, "no field 'why'"),
        ("expel", {"member": 0}, "whole number from 1"),
        ("expel", {"member": "7"}, "whole number"),
        ("expel", {"member": True}, "whole number"),
        ("expel", {"member": 1 << 32}, "whole number"),
        ("suspend", {"member": 7, "days": -1}, "whole number"),
        ("admit", {"account": "ada"}, "must be an account"),
        ("admit", {"account": ADA[:-1]}, "must be an account"),
        ("admit", {"account": ADA.replace("F", "f")}, "mistyped"),
        ("retire-role", {"role": "x" * 32}, "role's name"),
        ("retire-role", {"role": ""}, "role's name"),
        ("add-role", {"role": "courier"}, "lacks 'rate'"),
        ("change-role", {"role": "x", "floor": 1, "step": 1, "max_change": "0 %"}, "0.01 %"),
        ("set-rule", {"class": "pensions", "rule": RULE}, "must be one of ordinary"),
        ("set-rule", {"class": "pay", "rule": {**RULE, "veto": True}}, "veto is no key"),
        ("set-rule", {"class": "pay", "rule": {**RULE, "notice": "soon"}}, "notice must be a time"),
        ("set-rule", {"class": "pay", "rule": {**RULE, "presence": 1}}, "true or false"),
        ("set-rule", {"class": "pay", "rule": {"notice": "1 day"}}, "grace is missing"),
        ("set-rule", {"class": "pay", "rule": {**RULE, "notice": "200 days"}}, "notice"),
        ("set-rule", {"class": "removal", "rule": {**RULE, "notice": "0"}}, "notice"),
        ("set-rule", {"class": "pay", "rule": 3}, "must be a table"),
        ("call", {"target": SHOP, "data": "beef"}, "hex digits"),
        ("call", {"target": SHOP, "value": -1}, "whole number"),
        ("call", {}, "lacks 'target'"),
    ],
)
def test_a_draft_that_cannot_be_understood_is_refused_with_its_fault(
    name: str, fields: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(UnreadableAction, match=complaint):
        actions.build(name, OWN, fields)


def test_an_address_in_small_letters_is_taken() -> None:
    action = actions.build("admit", OWN, {"account": ADA.lower()})

    assert action == actions.build("admit", OWN, {"account": ADA})


# Targets

DELEGATE = bytes.fromhex("11" * 20)
SLOT = keccak(b"eip1967.proxy.implementation")
IMPLEMENTATION_SLOT = (int.from_bytes(SLOT) - 1).to_bytes(32)


@pytest.mark.parametrize(
    ("code", "warning"),
    [
        (b"", "has no code"),
        (bytes.fromhex("ef0100") + DELEGATE, "0x" + "11" * 20 + " (EIP-7702)"),
        (
            bytes.fromhex("363d3d373d3d3d363d73")
            + DELEGATE
            + bytes.fromhex("5af43d82803e903d91602b57fd5bf3"),
            "ERC-1167",
        ),
        (b"\x60\x80\x7f" + IMPLEMENTATION_SLOT + b"\x54", "ERC-1967"),
        (b"\x7f" + keccak(b"PROXIABLE") + b"\x54", "can be upgraded"),
    ],
    ids=["no code", "EIP-7702", "clone", "ERC-1967", "ERC-1822"],
)
def test_a_target_that_may_act_otherwise_later_is_warned_of(code: bytes, warning: str) -> None:
    assert warning in targets.warning(SHOP, code)


def test_plain_code_is_not_warned_of() -> None:
    assert targets.warning(SHOP, bytes.fromhex("6080604052")) == ""


def test_each_target_is_warned_of_once_and_our_own_contracts_never() -> None:
    send = Action(SHOP, 1, b"")
    expel = actions.build("expel", OWN, {"member": 7})

    found = targets.warnings([send, expel, send], {SHOP: b"", OWN.membership: b""}, OWN)

    assert found == (targets.warning(SHOP, b""),)
