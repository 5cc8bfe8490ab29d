"""Which class an action belongs to, for every function of our contracts; what no class names."""

from typing import Any

import pytest
from web3 import Web3

from tests.contracts.acts import Action, hashed, info, refused
from tests.contracts.artifacts import CONTRACTS, load
from tests.contracts.coop import CLASSES, DAY, Coop
from tests.contracts.founding import role, rule

# The class of each function that a proposal may call, and how many words its arguments have.
TABLE = {
    ("Membership", "admit"): ("Admission", 1),
    ("Membership", "reinstate"): ("Admission", 1),
    ("Membership", "suspend"): ("Removal", 2),
    ("Membership", "expel"): ("Removal", 1),
    ("Membership", "recover"): ("Recovery", 2),
    ("Membership", "setProbation"): ("Bylaws", 1),
    ("Bylaws", "setRule"): ("Bylaws", 19),
    ("PayRates", "addRole"): ("Pay", 5),
    ("PayRates", "changeRole"): ("Pay", 4),
    ("PayRates", "retireRole"): ("Pay", 1),
    ("PayRates", "setPayRule"): ("Pay", 9),
}


def selectors(contract: str) -> dict[str, bytes]:
    """The selector of each function of a contract, by name."""

    def kind(part: dict[str, Any]) -> str:
        if not part["type"].startswith("tuple"):
            return str(part["type"])
        return f"({','.join(map(kind, part['components']))}){part['type'][5:]}"

    return {
        item["name"]: bytes(
            Web3.keccak(text=f"{item['name']}({','.join(map(kind, item['inputs']))})")[:4]
        )
        for item in load(contract)["abi"]
        if item["type"] == "function"
    }


EVERY = [(contract, name) for contract in CONTRACTS for name in selectors(contract)]


def address_of(coop: Coop, contract: str) -> str:
    own = dict(
        zip(CONTRACTS, (coop.membership, coop.bylaws, coop.assembly, coop.pay_rates), strict=True)
    )
    return own[contract].address


def classify(coop: Coop, *actions: Action) -> tuple[str, int]:
    own = (
        coop.membership.address,
        coop.bylaws.address,
        coop.assembly.address,
        coop.pay_rates.address,
    )
    found, subject, *_ = coop.bylaws.functions.classify(own, list(actions)).call()
    return CLASSES[found], subject


def propose(coop: Coop, *actions: Action) -> None:
    """Proposes with a text that every class accepts."""
    opens_at = coop.now() + 3 * DAY
    coop.send(coop.assembly.functions.propose(list(actions), hashed("why"), opens_at), coop.ada)


def test_the_table_names_functions_that_exist() -> None:
    assert set(TABLE) <= set(EVERY)
    assert len(EVERY) > 80


def call_of(contract: str, name: str) -> bytes:
    """Calldata of exactly the right length whose first argument is 5: eve, where it is a person."""
    words = TABLE[contract, name][1]
    return selectors(contract)[name] + (5).to_bytes(32, "big") + bytes(32 * (words - 1))


def test_each_named_function_belongs_to_its_class(coop: Coop) -> None:
    for (contract, name), (decision_class, _) in TABLE.items():
        about = decision_class in ("Removal", "Recovery")
        expected = (decision_class, 5 if about else 0)
        action = (address_of(coop, contract), 0, call_of(contract, name))
        assert classify(coop, action) == expected


@pytest.mark.parametrize("change", ["a byte more", "a word more", "a byte less", "ether"])
def test_the_same_act_has_one_spelling(coop: Coop, change: str) -> None:
    # With a byte to spare, what was defeated would come back as something else.
    for contract, name in TABLE:
        target, data = address_of(coop, contract), call_of(contract, name)
        spelled = {
            "a byte more": (target, 0, data + b"\0"),
            "a word more": (target, 0, data + bytes(32)),
            "a byte less": (target, 0, data[:-1]),
            "ether": (target, 1, data),
        }[change]
        with refused("BylawsActionRefused", 0, target, selectors(contract)[name]):
            propose(coop, spelled)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_other_function_of_our_contracts_is_refused(coop: Coop, contract: str) -> None:
    target = address_of(coop, contract)
    others = [name for home, name in EVERY if home == contract and (home, name) not in TABLE]
    assert others
    for name in others:
        selector = selectors(contract)[name]
        with refused("BylawsActionRefused", 0, target, selector):
            propose(coop, (target, 0, selector + bytes(700)))


@pytest.mark.parametrize("contract", CONTRACTS)
@pytest.mark.parametrize("data", [b"", b"\x01\x02\x03"], ids=["no data", "three bytes"])
def test_an_action_on_our_contracts_without_a_selector_is_refused(
    coop: Coop, contract: str, data: bytes
) -> None:
    target = address_of(coop, contract)
    with refused("BylawsActionRefused", 0, target, bytes(4)):
        propose(coop, (target, 1, data))


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_selector_of_one_of_our_contracts_means_nothing_on_another(
    coop: Coop, contract: str
) -> None:
    target = address_of(coop, contract)
    for home, name in TABLE:
        if home == contract:
            continue
        selector = selectors(home)[name]
        with refused("BylawsActionRefused", 0, target, selector):
            classify(coop, (target, 0, selector + bytes(64)))


def test_every_other_target_is_external_whatever_the_selector(coop: Coop) -> None:
    expel = selectors("Membership")["expel"] + (5).to_bytes(32, "big")
    implementations = coop.factory.functions.implementations().call()
    for target in (coop.factory.address, coop.tom.address, *implementations):
        assert classify(coop, (target, 0, expel)) == ("External", 0)
        assert classify(coop, (target, 1, b"")) == ("External", 0)


def test_the_class_binds_when_a_proposal_is_made(coop: Coop) -> None:
    actions = [
        ("Pay", coop.action(coop.pay_rates, "addRole", role("driver", 2_000))),
        ("Bylaws", coop.action(coop.bylaws, "setRule", 6, rule(grace=DAY))),
        ("Bylaws", coop.action(coop.membership, "setProbation", DAY)),
        ("Admission", coop.action(coop.membership, "reinstate", 5)),
        ("External", (coop.tom.address, 1, b"")),
    ]
    for name, (expected, action) in zip(coop.people, actions, strict=False):
        proposal = coop.propose(coop.people[name], [action], hashed("why"))
        assert CLASSES[info(coop, proposal)["class"]] == expected


def test_actions_of_different_classes_are_refused_in_one_proposal(coop: Coop) -> None:
    probation = coop.action(coop.membership, "setProbation", DAY)
    to_tom: Action = (coop.tom.address, 1, b"")
    bylaws, external = CLASSES.index("Bylaws"), CLASSES.index("External")
    with refused("BylawsMixedClasses", 2, bylaws, external):
        propose(coop, probation, probation, to_tom)
    with refused("BylawsMixedClasses", 1, external, bylaws):
        propose(coop, to_tom, probation)


def test_a_refused_action_is_named_by_its_place(coop: Coop) -> None:
    probation = coop.action(coop.membership, "setProbation", DAY)
    bad: Action = (coop.assembly.address, 0, selectors("Assembly")["cancel"] + bytes(32))
    with refused("BylawsActionRefused", 1, coop.assembly.address, selectors("Assembly")["cancel"]):
        propose(coop, probation, bad)


def test_two_functions_of_one_class_go_together(coop: Coop) -> None:
    probation = coop.action(coop.membership, "setProbation", DAY)
    change = coop.action(coop.bylaws, "setRule", 0, rule())
    assert classify(coop, probation, change) == ("Bylaws", 0)


def test_thirty_two_actions_are_accepted_and_thirty_three_are_not(coop: Coop) -> None:
    to_tom: Action = (coop.tom.address, 1, b"")
    propose(coop, *[to_tom] * 32)
    with refused("BylawsActionCount", 33):
        coop.send(
            coop.assembly.functions.propose([to_tom] * 33, "x", coop.now() + 3 * DAY), coop.ben
        )


@pytest.mark.parametrize("function", ["expel", "recover"])
def test_a_removal_or_recovery_concerns_one_person(coop: Coop, function: str) -> None:
    rest = [coop.fay.address] if function == "recover" else []
    one = coop.action(coop.membership, function, 5, *rest)
    two = coop.action(coop.membership, function, 4, *rest)
    with refused("BylawsActionCount", 2):
        propose(coop, one, two)
    with refused("BylawsActionCount", 2):
        propose(coop, one, one)


def test_a_suspension_and_an_expulsion_are_not_proposed_together(coop: Coop) -> None:
    suspend = coop.action(coop.membership, "suspend", 5, DAY)
    with refused("BylawsActionCount", 2):
        propose(coop, suspend, coop.action(coop.membership, "expel", 5))


@pytest.mark.parametrize("function", ["expel", "suspend", "recover"])
@pytest.mark.parametrize("length", [4, 5, 35])
def test_calldata_too_short_to_name_a_person_is_refused(
    coop: Coop, function: str, length: int
) -> None:
    selector = selectors("Membership")[function]
    with refused("BylawsActionRefused", 0, coop.membership.address, selector):
        propose(coop, (coop.membership.address, 0, (selector + bytes(32))[:length]))


@pytest.mark.parametrize("function", ["expel", "suspend", "recover"])
def test_a_member_id_above_32_bits_is_refused(coop: Coop, function: str) -> None:
    # Cut to 32 bits it would be 5: eve, while the words of the call say somebody else.
    rest = bytes(32 * (TABLE["Membership", function][1] - 1))
    data = selectors("Membership")[function] + (2**32 + 5).to_bytes(32, "big") + rest
    with refused("SafeCastOverflowedUintDowncast", 32, 2**32 + 5):
        propose(coop, (coop.membership.address, 0, data))
