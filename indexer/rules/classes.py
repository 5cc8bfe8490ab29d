"""Which decision class an action belongs to (contracts/modules/ActionClasses)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from indexer.rules.bylaws import DecisionClass

CLASS_OF: Mapping[tuple[str, str], DecisionClass] = {
    ("Membership", "admit"): DecisionClass.ADMISSION,
    ("Membership", "reinstate"): DecisionClass.ADMISSION,
    ("Membership", "suspend"): DecisionClass.REMOVAL,
    ("Membership", "expel"): DecisionClass.REMOVAL,
    ("Membership", "recover"): DecisionClass.RECOVERY,
    ("Membership", "setProbation"): DecisionClass.BYLAWS,
    ("Bylaws", "setRule"): DecisionClass.BYLAWS,
    ("PayRates", "addRole"): DecisionClass.PAY,
    ("PayRates", "changeRole"): DecisionClass.PAY,
    ("PayRates", "retireRole"): DecisionClass.PAY,
    ("PayRates", "setPayRule"): DecisionClass.PAY,
}
"""Contract and function -> class: all that a passed proposal can do to the co-op's contracts."""
CONCERNING_MEMBERS = frozenset({DecisionClass.REMOVAL, DecisionClass.RECOVERY})
"""Classes whose one action begins with the memberId of the person concerned."""
MAX_ACTIONS = 32

_SELECTOR = 4
_WORD = 32
_WORDS: Mapping[str, int] = {
    "admit": 1,
    "reinstate": 1,
    "suspend": 2,
    "expel": 1,
    "recover": 2,
    "setProbation": 1,
    "setRule": 19,
    "addRole": 5,
    "changeRole": 4,
    "retireRole": 1,
    "setPayRule": 9,
}


class Call(NamedTuple):
    """An action as far as its class depends on it."""

    contract: str | None
    """The artifact of the co-op's own contract that is called; None for any other target."""
    function: str | None
    """The function of that contract whose selector the calldata bears; None if it has no such."""
    value: int
    """Wei."""
    data: bytes


def class_of(call: Call) -> DecisionClass | None:
    """Return the class of one action; None if no proposal can contain it."""
    if call.contract is None:
        return DecisionClass.EXTERNAL
    named = CLASS_OF.get((call.contract, call.function or ""))
    if named is None or call.value:
        return None
    size = _SELECTOR + _WORD * _WORDS[call.function or ""]
    return named if len(call.data) == size else None


def decision_class(calls: Sequence[Call]) -> DecisionClass | None:
    """Return the one class of a proposal's actions; None if no proposal can have them."""
    if not calls:
        return DecisionClass.ORDINARY
    classes = {class_of(call) for call in calls}
    if len(classes) != 1 or len(calls) > MAX_ACTIONS:
        return None
    found = classes.pop()
    return None if found in CONCERNING_MEMBERS and len(calls) != 1 else found


def person_concerned(calls: Sequence[Call]) -> int:
    """Return the memberId that a removal or recovery is about; 0 for other actions."""
    found = decision_class(calls)
    if found not in CONCERNING_MEMBERS:
        return 0
    return int.from_bytes(calls[0].data[_SELECTOR : _SELECTOR + _WORD], "big")
