"""Which class actions belong to, and which no proposal can have."""

import pytest

from indexer import abi
from indexer.powers import ORDERS
from indexer.rules.bylaws import DecisionClass
from indexer.rules.classes import CLASS_OF, Call, class_of, decision_class, person_concerned


def call(contract: str, function: str, person: int = 7, value: int = 0, more: bytes = b"") -> Call:
    """A call as the contracts take it, its first argument a number."""
    signature = abi.function(contract, function)
    words = sum(max(1, len(each.components)) for each in signature.inputs)
    arguments = person.to_bytes(32, "big") + bytes(32 * (words - 1))
    return Call(contract, function, value, signature.selector + arguments + more)


def foreign(data: bytes = b"\x01") -> Call:
    """A call of somebody else's contract."""
    return Call(None, None, 5, data)


def test_every_order_that_the_assembly_can_give_has_a_class() -> None:
    orders = {(contract, name) for contract, names in ORDERS.items() for name in names}
    assert set(CLASS_OF) - orders == {("Membership", "reinstate")}  # anybody's, after the term
    assert orders <= set(CLASS_OF)


@pytest.mark.parametrize(("contract", "function"), CLASS_OF)
def test_an_order_has_its_class_in_one_spelling_only(contract: str, function: str) -> None:
    assert class_of(call(contract, function)) is CLASS_OF[contract, function]
    assert class_of(call(contract, function, value=1)) is None
    assert class_of(call(contract, function, more=b"\0")) is None


@pytest.mark.parametrize(
    ("calls", "found"),
    [
        ([], DecisionClass.ORDINARY),
        ([foreign(), foreign(b"")], DecisionClass.EXTERNAL),
        ([foreign()] * 32, DecisionClass.EXTERNAL),
        ([foreign()] * 33, None),
        ([call("Membership", "admit")] * 2, DecisionClass.ADMISSION),
        ([call("Membership", "expel")] * 2, None),
        ([call("Membership", "recover")], DecisionClass.RECOVERY),
        ([call("Membership", "admit"), foreign()], None),
        (
            [call("Bylaws", "setRule"), call("Membership", "setProbation")],
            DecisionClass.BYLAWS,
        ),
        ([Call("Assembly", "queue", 0, b"\0" * 36)], None),
        ([Call("Membership", None, 0, b"")], None),
    ],
)
def test_all_actions_of_a_proposal_have_one_class(
    calls: list[Call], found: DecisionClass | None
) -> None:
    assert decision_class(calls) is found


@pytest.mark.parametrize(
    ("function", "person"), [("suspend", 7), ("expel", 7), ("recover", 7), ("admit", 0)]
)
def test_removal_and_recovery_are_about_the_member_they_name(function: str, person: int) -> None:
    assert person_concerned([call("Membership", function)]) == person
